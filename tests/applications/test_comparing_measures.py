"""Two measures beside each other: clause by clause, number by number, article by article (第二十五条)."""

from random import Random

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.measures import aligned
from core import clock
from policy.articles import ArticleText
from policy.models import Article, MeasureCondition
from tests.applications.test_measures import AUTUMN, signed_in, the_measure
from tests.factories import make_measure

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def autumn():
    with clock.stopped_at(AUTUMN):
        yield


def test_two_measures_are_compared_clause_by_clause_and_number_by_number() -> None:
    bureau, old = signed_in(Role.MUNICIPAL_HANDLER), make_measure(bar_years=2)
    Article.objects.filter(measure=old, number=4).update(text="认定工作每三年开展一次。")
    MeasureCondition.objects.filter(measure=old, rule="service_revenue_share").update(
        numbers={"percent": "12.5"}
    )
    page = bureau.get(reverse("measure-compare"), {"old": old.pk, "new": the_measure().pk})
    told = {
        title: [
            (one.label, "".join(text for text, _ in one.old), "".join(text for text, _ in one.new))
            for one in changes
        ]
        for title, changes in page.context["comparison"].parts
    }
    assert told == {
        "文号和日期": [
            ("文号", "威工信发〔2016〕30号", "威工信发〔2021〕34号"),
            ("印发日期", "2016年7月20日", "2021年7月20日"),
            ("施行日期", "2016年9月1日", "2021年9月1日"),
            ("有效期至", "2021年8月31日", "2026年8月31日"),
        ],
        "条件和参数": [
            ("第二十条 不得重新申请：限制", "2年", "3年"),
            ("第十二条第3项（1） 服务性收入占主营业务收入比重：不低于", "12.5%", "15%"),
        ],
        "条文": [("第四条", "认定工作每三年开展一次。", the_measure().articles.get(number=4).text)],
    }
    assert page.context["comparison"].same_articles == 24
    unasked = bureau.get(reverse("measure-compare"))
    assert (unasked.context["old"], unasked.context["new"]) == (old, the_measure())


def test_an_article_that_is_added_moves_the_others_without_changing_them() -> None:
    def text(number: int, words: str) -> ArticleText:
        return ArticleText(number, "第一章 总则", words)

    old = [text(1, "为促进发展，制定本办法。"), text(2, "每年开展一次认定。"), text(3, "由市局解释。")]
    new = [
        text(1, "为促进发展，制定本办法。"),
        text(2, "本办法所称企业，是指制造业企业。"),
        text(3, "每两年开展一次认定。"),
        text(4, "由市局解释。"),
    ]
    assert aligned(old, new) == [(old[0], new[0]), (None, new[1]), (old[1], new[2]), (old[2], new[3])]


def test_an_article_about_something_else_is_not_taken_for_the_one_that_went() -> None:
    old = [
        ArticleText(1, "第一章 总则", "为促进发展，制定本办法。"),
        ArticleText(2, "第一章 总则", "每年一次。"),
    ]
    new = [old[0], ArticleText(5, "第二章 管理", "异议由监督人员核实。")]
    assert aligned(old, new) == [(old[0], new[0]), (old[1], None), (None, new[1])]


def test_of_two_long_measures_nothing_is_lost_and_the_order_stays() -> None:
    draw = Random(25)

    def articles() -> list[ArticleText]:
        texts = ["".join(draw.choices("服务型制造示范企业认定管理办法由市局解释", k=600)) for _ in range(99)]
        return [ArticleText(number, "第一章 总则", text) for number, text in enumerate(texts, start=1)]

    old, new = articles(), articles()
    found = aligned(old, new)
    assert [one for one, _ in found if one] == old
    assert [one for _, one in found if one] == new

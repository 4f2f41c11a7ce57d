import re
from datetime import date

import pytest

from core import clock
from policy.articles import article_label, chinese_number
from policy.models import Article, Measure
from policy.sanctions import Ground
from tests.policy.cases import conditions, rows


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (25, "二十五"), (99, "九十九")],
)
def test_numerals(number, text):
    assert chinese_number(number) == text
    assert article_label(number) == f"第{text}条"


@pytest.mark.parametrize("number", [0, 100, -1])
def test_numbers_no_article_has(number):
    with pytest.raises(ValueError, match="no article"):
        chinese_number(number)


def test_every_clause_the_measure_cites_names_its_article():
    for spec in conditions():
        assert spec.clause.startswith(article_label(spec.article))
    assert all(ground.clause.startswith(article_label(19)) for ground in Ground)


@pytest.mark.django_db
def test_an_article_is_read_in_the_measure_in_force_and_beside_it_in_those_before(client):
    older = Measure.objects.get()
    newer = Measure.objects.create(
        document_number="威工信发〔2031〕8号",
        title="认定管理办法",
        issued_on=date(2031, 8, 1),
        effective_from=date(2031, 9, 1),
        effective_until=date(2036, 8, 31),
        title_awarded=older.title_awarded,
        awarding_body=older.awarding_body,
    )
    article = Article.objects.create(measure=newer, number=12, chapter="第三章", text="新的条件。")
    with clock.stopped_at(clock.instant(date(2031, 8, 31), 12)):
        shown = client.get("/measure/articles/12/").context["shown"]
        assert [(one.measure, its.word) for one, its in shown] == [(older, "已到期")]
        assert client.get(f"/measure/?version={newer.pk}").status_code == 404  # perhaps still being prepared
    with clock.stopped_at(clock.instant(date(2031, 9, 1), 0)):
        page = client.get("/measure/articles/12/")
        assert [(one, its.word) for one, its in page.context["shown"]] == [
            (article, "有效"),
            (older.articles.get(number=12), "已到期"),
        ]
        assert "威工信发〔2021〕34号的第十二条（已到期）" in page.content.decode()
        alone = client.get("/measure/articles/25/").context["shown"]  # the present one has no such article
        assert [(one.measure, its.word) for one, its in alone] == [(older, "已到期")]
        assert client.get("/measure/articles/26/").status_code == 404
        assert client.get("/measure/").context["measure"] == newer
        assert client.get(f"/measure/?version={older.pk}").context["measure"] == older


def test_all_twenty_five_articles_are_shipped_in_six_chapters():
    articles = rows("10_measure.json", "policy.article")
    assert [article["number"] for article in articles] == list(range(1, 26))
    assert list(dict.fromkeys(article["chapter"] for article in articles)) == [
        "第一章 总则",
        "第二章 认定管理范围",
        "第三章 申报条件",
        "第四章 认定程序",
        "第五章 监督与管理",
        "第六章 附则",
    ]
    assert articles[24]["text"] == "本办法自 2021 年 9 月 1 日起施行，有效期至2026 年 8 月 31 日。"


@pytest.mark.django_db
def test_the_contents_of_the_measure_lead_to_every_chapter_and_article(client):
    page = client.get("/measure/").content.decode()
    wanted = re.findall(r'href="#((?:chapter|article)-\d+|conditions)"', page)
    assert len(wanted) == 32
    assert [one for one in wanted if page.count(f'id="{one}"') != 1] == []

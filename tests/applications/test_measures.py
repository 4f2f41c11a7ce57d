"""The bureau and the administrator keep the measures: renewals, successors, changes before use, two versions compared (第二十五条)."""

from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications.measures import compare
from applications.models import Round
from core import clock
from core.models import Event
from core.workflow import perform
from policy.eligibility import RULES
from policy.models import Measure, MeasureRenewal
from policy.parameters import RULE_PARAMETERS, RULE_TEXTS
from policy.validity import document_in_force
from tests.factories import make_officer, make_round

pytestmark = pytest.mark.django_db
AUTUMN = clock.instant(date(2026, 9, 7), 10)
SUCCESSOR = {
    "document_number": "威工信发〔2026〕30号",
    "title": "威海市服务型制造示范企业认定管理办法",
    "issued_on": "2026-09-01",
    "effective_from": "2026-10-01",
    "effective_until": "2031-09-30",
    "source_url": "https://gxj.example.org/zc/30.html",
    "reason": "原办法到期，按新印发的办法执行。",
}
RENEWAL = {
    "document_number": "威工信发〔2026〕21号",
    "title": "延续通知",
    "issued_on": "2026-08-28",
    "valid_until": "2031-08-31",
}
WHY = "与印发的原文核对后更正。"


@pytest.fixture(autouse=True)
def autumn():
    with clock.stopped_at(AUTUMN):
        yield


@pytest.fixture
def bureau() -> Client:
    return signed_in(Role.MUNICIPAL_HANDLER)


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make_officer(role), backend="accounts.backends.PortalBackend")
    return client


def the_measure() -> Measure:
    return Measure.objects.get(document_number="威工信发〔2021〕34号")


def address(name: str, measure: Measure, *more: str) -> str:
    return reverse(name, args=[measure.pk, *more])


def followed(client: Client, **changes: str):
    return client.post(address("measure-successor", the_measure()), SUCCESSOR | changes)


def the_successor(client: Client) -> Measure:
    assert followed(client).status_code == 302
    return Measure.objects.get(document_number=SUCCESSOR["document_number"])


def typed(client: Client, measure: Measure, part: str, **changes) -> dict:
    """What the form of a part sends when these fields are typed into it."""
    page = client.get(address("measure-edit", measure, part)).context
    shown = {name: page["form"][name].value() for name in page["form"].fields}
    kept = {name: value for name, value in shown.items() if value not in (None, False, "")}
    return kept | {"revision": page["revision"], "reason": WHY} | changes


def change(client: Client, measure: Measure, part: str, **changes):
    return client.post(
        address("measure-edit", measure, part), typed(client, measure, part, **changes), follow=True
    )


# Reading


def test_every_rule_is_told_and_its_numbers_are_known() -> None:
    assert set(RULE_TEXTS) == set(RULES)
    assert {one.rule: set(one.numbers) for one in the_measure().conditions.all() if one.numbers} == {
        rule: {one.key for one in parameters} for rule, parameters in RULE_PARAMETERS.items()
    }


def test_each_article_stands_beside_the_rules_that_carry_it_out_with_their_numbers(bureau) -> None:
    shown = bureau.get(address("measure-detail", the_measure())).context["articles"]
    assert len(shown) == 25
    told = {
        article.number: [(one.title, one.note, one.parameters) for one in rules] for article, rules in shown
    }
    assert told[22] == []
    assert told[18] == [("复核", "", [("复核间隔", "2年")])]
    assert told[20] == [
        ("不得重新申请", "", [("限制", "3年"), ("适用情形", "（一）、（四）、（五）")]),
        ("不在三年限制期内", "不符合不能提交", []),
    ]
    assert told[21] == [("变更备案", "", [("期限", "30个工作日")])]
    assert told[12][5:7] + told[12][9:11] == [
        ("近两年无重大事故", "不符合不能提交", [("回溯", "2年"), ("不得有的事故等级", "重大、特别重大")]),
        ("没有违法行为", "不符合不能提交", [("回溯", "2年")]),
        ("近三年服务型制造项目", "不符合不能提交", [("回溯", "3年"), ("不少于", "2个")]),
        ("服务性收入占主营业务收入比重", "满足其一即可", [("不低于", "15%")]),
    ]


@pytest.mark.parametrize(
    ("day", "word", "sentence"),
    [
        (date(2021, 8, 31), "尚未施行", "2021年9月1日起施行，有效期至2031年8月31日"),
        (date(2026, 8, 31), "有效", "有效期至2026年8月31日；已登记延续至2031年8月31日"),
        (date(2026, 9, 1), "已延续", "由威工信发〔2026〕21号延续，有效期至2031年8月31日"),
        (date(2031, 9, 1), "已到期", "已于2031年8月31日到期"),
    ],
)
def test_the_list_tells_by_the_clock_how_a_measure_stands(bureau, day, word, sentence) -> None:
    measure = the_measure()
    MeasureRenewal.objects.create(measure=measure, **RENEWAL)
    with clock.stopped_at(clock.instant(day, 9)):
        page = bureau.get(reverse("measure-list"))
        ((shown, its),) = page.context["rows"]
    assert (shown, its.word, its.sentence) == (measure, word, sentence)
    assert sentence in page.content.decode()


# Renewal


def renew(client: Client, **changes: str):
    return client.post(address("measure-renewal", the_measure()), RENEWAL | changes)


def test_a_renewal_is_recorded_once_with_its_link(bureau) -> None:
    link = "https://gxj.example.org/zc/21.html"
    assert renew(bureau, source_url=link).url == address("measure-detail", the_measure())
    again = renew(bureau)
    assert again.status_code == 422
    assert "这个文号已经登记为延续文件，不必重复登记；请核对文号。" in again.content.decode()
    assert MeasureRenewal.objects.get().source_url == link
    event = Event.objects.get(action="record_renewal")
    assert (event.note, event.subject_id) == (
        "威工信发〔2026〕21号，有效期至2031-08-31",
        the_measure().pk,
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"document_number": "威工信发〔2021〕34号"},
            "这个文号已经登记为“威海市服务型制造示范企业认定管理办法”",
        ),
        (
            {"valid_until": "2026-09-03"},
            "延续后的有效期至2026年9月3日，已经过去，登记后仍不能据此办理（第二十五条）。",
        ),
        (
            {"valid_until": "9999-12-31"},
            "有效期最多登记 10 年，最晚至2036年12月31日。请核对日期；"
            "文件写明长期有效的，先登记到这一天，到期前再登记延续（第二十五条）。",
        ),
        ({"source_url": "javascript:alert(1)"}, "原文链接应为完整的网址，以 https:// 开头"),
        ({"issued_on": "20260828"}, "印发日期应为日期，例如 2026-06-30。"),
        ({"title": "长" * 201}, "文件名称最多 200 字，现为 201 字"),
    ],
)
def test_a_renewal_that_cannot_be_is_refused_and_nothing_typed_is_lost(bureau, changes, sentence) -> None:
    page = renew(bureau, **changes)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    shown = page.context["form"]
    assert {name: shown[name].value() for name in RENEWAL} == RENEWAL | {
        name: value for name, value in changes.items() if name in RENEWAL
    }
    assert not MeasureRenewal.objects.exists()


def test_a_renewal_ends_before_the_measure_that_follows_begins(bureau) -> None:
    the_successor(bureau)
    page = renew(bureau)
    assert page.status_code == 422
    assert (
        "接替的办法自2026年10月1日起施行（第二十五条），有效期不能重叠。"
        "延续的有效期最晚至2026年9月30日，请核对。" in page.content.decode()
    )
    assert renew(bureau, valid_until="2026-09-30").status_code == 302


# Successor


def test_a_successor_takes_over_clauses_and_numbers_and_waits_for_its_day(bureau) -> None:
    old, new = the_measure(), the_successor(bureau)

    def told(measure: Measure) -> tuple:
        return (
            list(measure.articles.values_list("number", "chapter", "text")),
            list(
                measure.conditions.values_list("clause", "rule", "numbers", "blocking", "group", "position")
            ),
            measure.title_awarded,
            measure.awarding_body,
            measure.re_review_interval_years,
            measure.bar_years,
            measure.barring_grounds,
            measure.change_filing_working_days,
        )

    assert told(new) == told(old)
    assert (new.effective_from, new.effective_until) == (date(2026, 10, 1), date(2031, 9, 30))
    event = Event.objects.get(action="record_successor")
    assert (event.subject_id, event.note, event.details) == (
        new.pk,
        SUCCESSOR["reason"],
        {"follows": "威工信发〔2021〕34号"},
    )
    visitor = Client()
    assert visitor.get(reverse("measure")).context["measure"] == old
    with clock.stopped_at(clock.instant(date(2026, 10, 1), 0)):
        assert visitor.get(reverse("measure")).context["measure"] == new
        bureau_page = bureau.get(reverse("round-create"))
        assert bureau_page.context["form"]["measure"].value() == new.pk


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"document_number": "威工信发〔2021〕34号"}, "这个文号已经登记为"),
        ({"issued_on": "2026-09-08"}, "印发日期不能晚于今天，请在文件印发后登记。"),
        ({"effective_from": "2026-08-31"}, "施行日期不能早于印发日期2026年9月1日，请核对。"),
        ({"effective_until": "9999-12-31"}, "有效期最多登记 10 年，最晚至2036年12月31日。"),
        ({"effective_from": "9999-12-30", "effective_until": "9999-12-31"}, "有效期最多登记 10 年"),
        (
            {"issued_on": "2021-07-01", "effective_from": "2021-08-01"},
            "威工信发〔2021〕34号自2021年9月1日起施行，接替的办法须在它之后施行，请核对日期。",
        ),
        ({"effective_until": "2026-09-30"}, "有效期至不能早于施行日期，请核对。"),
        ({"reason": ""}, "请填写原因。"),
        ({"reason": "到期"}, "原因至少写 10 个字，现为 2 个字"),
    ],
)
def test_a_successor_that_cannot_be_is_refused_and_nothing_typed_is_lost(bureau, changes, sentence) -> None:
    page = followed(bureau, **changes)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    form = page.context["form"]
    assert {name: form[name].value() for name in SUCCESSOR} == SUCCESSOR | changes
    assert Measure.objects.count() == 1


def test_a_successor_that_begins_earlier_repeals_the_measure_before_it_from_that_day(bureau) -> None:
    renew(bureau)
    old, new = the_measure(), the_successor(bureau)
    old.refresh_from_db()
    assert (old.repealed_from, old.validity().last_day) == (date(2026, 10, 1), date(2026, 9, 30))
    event = Event.objects.get(action="repeal_measure")
    assert (event.subject_id, event.note) == (
        old.pk,
        "威工信发〔2026〕30号自2026年10月1日起施行，威工信发〔2021〕34号同时废止",
    )
    page = bureau.get(address("measure-detail", old)).content.decode()
    assert "提前废止</dt><dd>2026年10月1日起" in page
    for day, measure in ((date(2026, 9, 30), old), (date(2026, 10, 1), new)):
        with clock.stopped_at(clock.instant(day, 9)):
            assert Client().get(reverse("measure")).context["measure"] == measure
            assert sum(bool(document_in_force(one.validity(), on=day)) for one in (old, new)) == 1
    change(bureau, new, "basics", effective_from="2026-11-01")
    old.refresh_from_db()
    assert old.repealed_from == date(2026, 11, 1)


def test_a_measure_is_not_repealed_while_a_round_needs_it(bureau) -> None:
    renew(bureau)
    measure, round_ = the_measure(), make_round()
    refusal = (
        "2026年度认定按威工信发〔2021〕34号办理，2026年10月1日还要依据它，不能从这一天起废止（第二十五条）。"
        "请把施行日期改到它到期（2031年8月31日）以后；批次办结后确需提前施行的，届时再登记。"
    )
    assert followed(bureau).context["form"].errors["effective_from"] == [refusal]
    Round.objects.filter(pk=round_.pk).update(publicity_starts_on=date(2026, 9, 20))
    assert followed(bureau).context["form"].errors["effective_from"] == [refusal]  # it runs still
    assert not Measure.objects.exclude(pk=measure.pk).exists()


def test_the_day_after_the_predecessor_ends_is_the_first_possible(bureau) -> None:
    first = the_measure().effective_until + timedelta(days=1)
    assert followed(bureau, effective_from=first.isoformat()).status_code == 302


def test_only_the_newest_measure_is_followed_and_only_once_it_has_begun(bureau) -> None:
    new = the_successor(bureau)
    for measure, sentence in (
        (the_measure(), "已登记接替的办法威工信发〔2026〕30号，请在它的页面上修改，或登记再下一个办法。"),
        (new, "威工信发〔2026〕30号尚未施行，可以直接修改，不必登记接替的办法。"),
    ):
        said = SUCCESSOR | {"document_number": "威工信发〔2026〕31号"}
        page = bureau.post(address("measure-successor", measure), said)
        assert (page.status_code, page.context["told"]) == (409, sentence)
        assert page.context["typed"] == [text for text in said.values() if not text.isascii()]
        page = bureau.get(address("measure-successor", measure), follow=True)
        assert str(list(page.context["messages"])[-1]) == sentence
    assert Measure.objects.count() == 2


# Changes


def test_numbers_are_changed_before_use_with_the_reason_and_what_they_were(bureau) -> None:
    new = the_successor(bureau)
    change(
        bureau,
        new,
        "conditions",
        service_revenue_share__percent="20",
        projects_in_window__projects="3",
        profit_growth__used="",
        service_unit__any_one="",
    )
    change(bureau, new, "basics", bar_years="5", barring_grounds=["一", "五"])
    new.refresh_from_db()
    assert (new.bar_years, new.barring_grounds) == (5, ["一", "五"])
    numbers = {one.rule: one.numbers for one in new.conditions.all()}
    assert (numbers["service_revenue_share"], numbers["projects_in_window"]) == (
        {"percent": "20"},
        {"years": 3, "projects": 3},
    )
    assert "profit_growth" not in numbers
    assert [one.position for one in new.conditions.all()] == list(range(1, 14))
    events = Event.objects.filter(action="change_measure").order_by("id")
    assert [(one.action_label, one.note, one.details["changes"]) for one in events] == [
        (
            "修改管理办法：条件和参数",
            WHY,
            [
                ["近三年服务型制造项目：不少于", "2", "3"],
                ["服务性收入占主营业务收入比重：不低于", "15", "20"],
                ["利润比上年增长：采用", "是", "否"],
            ],
        ),
        (
            "修改管理办法：文号、日期和程序",
            WHY,
            [
                ["不得重新申请（年）", "3", "5"],
                [
                    "不得重新申请的情形（第十九条各项）",
                    "（一）无正当理由不按规定参加复核的、（四）所在企业被依法终止的、（五）弄虚作假、违反相关规定或有违法行为的",
                    "（一）无正当理由不按规定参加复核的、（五）弄虚作假、违反相关规定或有违法行为的",
                ],
            ],
        ),
    ]
    assert {
        "service_revenue_share": {"percent": "15"},
        "projects_in_window": {"years": 3, "projects": 2},
    }.items() <= {one.rule: one.numbers for one in the_measure().conditions.all()}.items()


def test_the_text_is_pasted_whole_and_taken_apart(bureau) -> None:
    new = the_successor(bureau)
    text = typed(bureau, new, "articles")["text"]
    text = text.replace("认定的工作遵循", "认定工作遵循").replace("每年开展一次。", "每两年开展一次。")
    change(bureau, new, "articles", text=text)
    fourth = new.articles.get(number=4)
    assert fourth.text.endswith("每两年开展一次。")
    (event,) = Event.objects.filter(action="change_measure")
    assert [one[0] for one in event.details["changes"]] == ["第四条"]
    assert new.articles.count() == 25


@pytest.mark.parametrize(
    ("part", "changes", "sentence"),
    [
        ("articles", {"text": "第一条 没有章。"}, "第一条之前没有章名。请先写一行“第一章 总则”的样子。"),
        (
            "articles",
            {"text": "第一章 总则\n第一条 甲。\n第三条 乙。"},
            "第一条之后应为第二条，现为第三条。请核对条号，不要漏条或重复。",
        ),
        ("articles", {"text": "第一章 总则\n第一条\n第二条 乙。"}, "第一条没有内容，请补全条文。"),
        ("articles", {"text": "甲。"}, "“甲。”不属于任何一条。"),
        (
            "articles",
            {"text": "第一章 总则\n第一条 甲。"},
            "条件引用的条文不在全文中：第十二条第1项 在威海市依法注册、",
        ),
        (
            "conditions",
            {"years_in_operation__years": "0"},
            "应在 1 至 20 年之间，请核对。",
        ),
        ("conditions", {"years_in_operation__years": "两"}, "满应为整数，例如 46。"),
        ("conditions", {"profit_growth__percent": "101"}, "应在 1 至 100 %之间，请核对。"),
        ("conditions", {"profit_growth__clause": "12条"}, "条款应以条号开头，例如 第十二条第3项（1）。"),
        (
            "conditions",
            {"profit_growth__clause": "第二十六条"},
            "条文中没有第二十六条，请核对条款，或先补全条文。",
        ),
        ("conditions", {"no_violation__title": ""}, "请填写条件的名称，企业据此看到核验结果。"),
        (
            "conditions",
            {"no_major_accident__levels": []},
            "不得有的事故等级至少选一项，否则这条规则不起作用。",
        ),
        ("conditions", {"manufacturing__first_division": "44"}, "末个大类不能小于首个大类，请核对。"),
        (
            "conditions",
            {"profit_growth__any_one": "", "main_revenue_growth__any_one": ""},
            "满足其一即可的至少要有两项；只有一项的，请不要勾选，它就是必须满足的。",
        ),
        (
            "conditions",
            {f"{rule}__used": "" for rule in RULES},
            "至少要采用一个条件，否则任何企业都能提交（第十二条）。",
        ),
        ("basics", {"bar_years": "0"}, "应在 1 至 20 年之间，请核对。"),
        ("basics", {"effective_from": "2021-09-01", "issued_on": "2021-09-01"}, "须在它之后施行"),
        ("basics", {"reason": ""}, "请填写原因。"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_words(bureau, part, changes, sentence) -> None:
    new = the_successor(bureau)
    page = change(bureau, new, part, **changes)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Event.objects.filter(action="change_measure").exists()
    assert compare(the_measure(), new).count == 4  # number and dates alone, as recorded


def test_the_later_writer_sees_both_texts_and_nothing_is_overwritten(bureau) -> None:
    new = the_successor(bureau)
    colleague = signed_in(Role.ADMINISTRATOR)
    late = typed(colleague, new, "conditions", service_revenue_share__percent="25")
    change(bureau, new, "conditions", service_revenue_share__percent="20")
    page = colleague.post(address("measure-edit", new, "conditions"), late)
    assert page.status_code == 409
    assert [tuple(one) for one in page.context["differences"]] == [
        ("服务性收入占主营业务收入比重：不低于", "20", "25")
    ]
    assert new.conditions.get(rule="service_revenue_share").numbers == {"percent": "20"}


def test_what_an_opened_round_uses_is_frozen(bureau) -> None:
    measure = the_measure()
    parts = ("basics", "articles", "conditions")
    posted = {part: typed(bureau, measure, part) for part in parts}
    posted["conditions"]["service_revenue_share__percent"] = "20"
    make_round()
    told = (
        "2026年度认定已按威工信发〔2021〕34号发布申报通知，条文、条件和数字不能再改："
        "一个批次自始至终按同一办法办理（第四条、第十二条）。需要改变的，请登记接替的办法。"
    )
    for part in parts:
        page = bureau.post(address("measure-edit", measure, part), posted[part])
        assert (page.status_code, page.context["told"]) == (409, told)
        assert posted[part]["reason"] in page.context["typed"]
        page = bureau.get(address("measure-edit", measure, part), follow=True)
        assert [str(one) for one in page.context["messages"]] == [told]
    page = bureau.post(address("measure-edit", measure, "articles"), posted["articles"]).content.decode()
    assert posted["articles"]["text"] in page
    assert measure.conditions.get(rule="service_revenue_share").numbers == {"percent": "15"}
    page = bureau.get(address("measure-detail", measure)).content.decode()
    assert "条文、条件和数字不能再改" in page
    assert address("measure-edit", measure, "basics") not in page


def test_an_auditor_reads_and_changes_nothing() -> None:
    auditor, measure = signed_in(Role.AUDITOR), the_measure()
    page = auditor.get(address("measure-detail", measure))
    assert page.status_code == 200
    assert address("measure-renewal", measure) not in page.content.decode()
    for name in ("measure-renewal", "measure-successor"):
        assert auditor.post(address(name, measure), SUCCESSOR | RENEWAL).status_code == 404
    assert not MeasureRenewal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_record_a_successor_at_once_record_one(bureau) -> None:
    colleague, answers = signed_in(Role.ADMINISTRATOR), []

    def post(client: Client, number: str) -> None:
        try:
            with clock.stopped_at(AUTUMN):
                answers.append(followed(client, document_number=number).status_code)
        finally:
            connection.close()

    threads = [
        Thread(target=post, args=(client, f"威工信发〔2026〕{number}号"))
        for number, client in enumerate((bureau, colleague), start=30)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [302, 409]
    assert Measure.objects.count() == 2
    assert Event.objects.filter(action="record_successor").count() == 1


def test_no_round_opens_while_its_measure_is_being_changed(django_assert_num_queries) -> None:
    measure = the_measure()
    with clock.stopped_at(clock.instant(date(2026, 4, 20), 9)):
        round_ = make_round(state=Round.State.PREPARING)
        with connection.execute_wrapper(seen := Queries()):
            perform(round_, "open", by=make_officer(Role.MUNICIPAL_HANDLER))
    locked = [sql for sql in seen.texts if "FOR UPDATE" in sql]
    assert [Measure._meta.db_table in locked[0], Round._meta.db_table in locked[1]] == [True, True]
    assert round_.measure_id == measure.pk


class Queries:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, execute, sql, *rest):
        self.texts.append(sql)
        return execute(sql, *rest)

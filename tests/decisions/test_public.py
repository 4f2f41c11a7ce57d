"""The public pages: home, notices, directory with open data, the check of a plaque."""

import csv
import io
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from accounts.models import Agency
from applications.models import Application
from core import clock, events
from core.workflow import perform
from decisions.models import Meeting, Plaque, PublicNotice, Recognition
from decisions.views.public import normalise_serial
from policy.sanctions import Ground
from supervision.conclusions import revoke_title
from tests.decisions.cases import (
    ANNOUNCEMENT_DAY,
    PUBLICITY_DAY,
    Case,
    a_case_in,
    announce,
    at,
    open_case,
    publicise,
)
from tests.decisions.test_desk import client_of
from tests.factories import JUNE, make_application, make_enterprise, make_member, make_round

pytestmark = pytest.mark.django_db
PAGES = ["public-home", "notice-list", "directory", "directory-csv", "directory-json", "open-data", "verify"]
PAGES += ["objection-start"]


def two_holders() -> tuple[Case, PublicNotice]:
    case = open_case(2)
    return case, announce(case, publicise(case))


def test_home_shows_the_open_round_with_its_dates_as_a_line() -> None:
    make_round()
    with clock.stopped_at(JUNE):
        page = Client().get(reverse("public-home"))
    assert [(one["label"], one["date"], one["state"]) for one in page.context["dates"]] == [
        ("申报开始", "5月18日（周一）", "done"),
        ("申报截止", "6月30日（周二）17:00", "current"),
        ("区市审核截止", "7月17日（周五）17:00", "todo"),
        ("专家评审", "7月27日—8月14日", "todo"),
        ("公示", "8月24日—8月28日", "todo"),
        ("公布", "8月29日起", "todo"),
    ]
    assert page.context["dates"][1]["left"] == "剩 18 天"
    assert "2026年度威海市服务型制造示范企业认定，正在接受申报" in page.content.decode()


def test_the_open_round_stays_in_front_of_one_called_for_next_year() -> None:
    now_open = make_round()
    next_year = make_round(
        year=2027,
        title="2027年度认定",
        opens_at=clock.instant(date(2027, 5, 11), 9),
        enterprise_deadline=clock.instant(date(2027, 6, 30), 17),
        district_deadline=clock.instant(date(2027, 7, 16), 17),
        review_starts_on=date(2027, 7, 26),
        review_ends_on=date(2027, 8, 13),
        publicity_starts_on=date(2027, 8, 23),
        latest_year=2026,
    )
    badges = {}
    for day, heading, said in (
        (JUNE, "2026年度威海市服务型制造示范企业认定，正在接受申报", "登录并申报"),
        (at(date(2026, 9, 1)), "2026年度威海市服务型制造示范企业认定", "申报已于 6月30日（周二）17:00 截止"),
    ):
        with clock.stopped_at(day):
            home = Client().get(reverse("public-home"))
            badges[day] = [row[2][0] for row in Client().get(reverse("call-list")).context["rows"]]
        text = home.content.decode()
        assert (home.context["round"], home.context["later"]) == (now_open, [next_year])
        assert f"<h1>{heading}</h1>" in text
        assert said in text
        assert "2027年度认定，2027年5月11日（周二）09:00 开始接受申报。" in text
        assert reverse("call-questions", args=[now_open.pk]) in text
    assert list(badges.values()) == [["未开始", "进行中"]] * 2
    with clock.stopped_at(at(date(2027, 5, 20))):
        home = Client().get(reverse("public-home"))
    assert (home.context["round"], home.context["later"]) == (next_year, [])


def test_home_with_nothing_but_a_round_of_next_spring_says_when_it_begins() -> None:
    make_round()
    with clock.stopped_at(at(date(2026, 3, 2))):
        text = Client().get(reverse("public-home")).content.decode()
    assert "未开始" in text
    assert "5月18日（周一）09:00 开始接受申报。" in text
    assert "办理中" not in text


def test_home_without_a_round_says_so() -> None:
    assert "目前没有正在进行的认定批次" in Client().get(reverse("public-home")).content.decode()


def test_a_running_publicity_counts_down_and_offers_to_object() -> None:
    case = open_case(1)
    notice = publicise(case)
    with clock.stopped_at(at(date(2026, 10, 8))):
        home = Client().get(reverse("public-home")).content.decode()
        page = Client().get(reverse("notice", args=[notice.pk])).content.decode()
    assert "异议期至10月9日，剩 1 天" in home
    assert reverse("objection-new", args=[notice.pk, case.applications[0].pk]) in page
    with clock.stopped_at(at(ANNOUNCEMENT_DAY)):
        page = Client().get(reverse("notice", args=[notice.pk])).content.decode()
    assert "公示已于2026年10月9日届满，不再受理异议（第十七条）" in page
    assert reverse("objection-new", args=[notice.pk, case.applications[0].pk]) not in page


def test_a_draft_is_nobodys_business() -> None:
    case = open_case(1)
    PublicNotice.objects.create(
        kind="CALL", round=case.round, title="未发布", body="正文", drafted_by=case.handler
    )
    draft = PublicNotice.objects.get()
    assert Client().get(reverse("notice", args=[draft.pk])).status_code == 404
    assert "未发布" not in Client().get(reverse("notice-list")).content.decode()


def test_the_directory_is_searched_and_filtered() -> None:
    case, _ = two_holders()
    other = Agency.objects.get(code="371002")
    first, second = (one.enterprise for one in case.applications)
    type(second).objects.filter(pk=second.pk).update(
        district=other, former_names=[{"name": "旧名渔具有限公司"}]
    )
    url = reverse("directory")

    def found(**query: str) -> set[str]:
        return {one.enterprise.name for one in Client().get(url, query).context["page"]}

    assert found() == {first.name, second.name}
    assert found(q=first.credit_code.lower()) == {first.name}
    assert found(q="旧名渔具") == {second.name}
    assert found(q="whfwzz 2026 001") == {
        Plaque.objects.get(serial="WHFWZZ-2026-001").recognition.enterprise.name
    }
    assert found(district="371002") == {second.name}
    assert found(year="2026") == {first.name, second.name}
    assert found(year="2025") == set()
    assert found(mode="no-such-mode") == set()


def test_open_data_gives_the_same_list_as_csv_and_json_without_personal_data() -> None:
    case, _ = two_holders()
    enterprise = case.applications[0].enterprise
    type(enterprise).objects.filter(pk=enterprise.pk).update(
        name="=HYPERLINK(1)", contact_name="林晓雯", contact_mobile="13100002046"
    )
    as_json = Client().get(reverse("directory-json")).json()
    assert as_json["count"] == 2
    assert as_json["enterprises"][0] == {
        "name": "=HYPERLINK(1)",
        "credit_code": enterprise.credit_code,
        "district": "荣成市",
        "mode": case.applications[0].main_mode.name,
        "year": 2026,
        "announced_on": "2026-10-10",
        "serial": "WHFWZZ-2026-001",
    }
    text = Client().get(reverse("directory-csv")).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["企业名称", "统一社会信用代码", "区市", "主要模式", "认定年度", "公布日期", "牌匾编号"]
    assert rows[1][0] == "'=HYPERLINK(1)"
    assert len(rows) == 3


@pytest.mark.parametrize(
    "typed",
    [
        "WHFWZZ-2026-001",
        "whfwzz-2026-001",
        " WHFWZZ 2026 001 ",
        "ＷＨＦＷＺＺ－２０２６－００１",
        "whfwzz2026001",
    ],
)
def test_a_serial_is_understood_however_it_is_typed(typed: str) -> None:
    assert normalise_serial(typed) == "WHFWZZ-2026-001"


def test_a_plaque_is_valid_then_revoked_and_an_unknown_serial_is_told_plainly() -> None:
    case, announcement = two_holders()
    answered = Client().get(reverse("verify"), {"serial": " whfwzz 2026 001"}, follow=True)
    assert answered.redirect_chain == [(reverse("verify-serial", args=["WHFWZZ-2026-001"]), 302)]
    page = answered.content.decode()
    assert "牌匾有效" in page
    title = Recognition.objects.get(plaque__serial="WHFWZZ-2026-001")
    assert [one.enterprise.name in page for one in case.applications] == [
        one.enterprise == title.enterprise for one in case.applications
    ]
    assert reverse("notice", args=[announcement.pk]) in page
    with clock.stopped_at(at(date(2026, 12, 10))):
        revoke_title(title, ground=Ground.FAILED_RE_REVIEW, reason="复核不合格", by=case.leader)
    page = Client().get(reverse("verify-serial", args=["WHFWZZ-2026-001"])).content.decode()
    assert "称号已撤销，牌匾无效" in page
    assert "2026年12月10日" in page
    for serial in ("WHFWZZ-2026-999", "胡写的编号", "<script>", "?"):
        unknown = Client().get(reverse("verify-serial", args=[serial]))
        assert unknown.status_code == 200
        assert "查无此编号" in unknown.content.decode()
        assert "<script>" not in unknown.content.decode().split("</head>")[1]


def test_public_pages_carry_no_phone_number_of_a_person() -> None:
    case = open_case(2)
    for one in case.applications:
        Application.objects.filter(pk=one.pk).update(contact_mobile="13100002046")
        type(one.enterprise).objects.filter(pk=one.enterprise_id).update(contact_mobile="13100002046")
    publicity = publicise(case)
    announcement = announce(case, publicity)
    pages = [reverse(name) for name in PAGES]
    pages += [reverse("notice", args=[one.pk]) for one in (publicity, announcement)]
    pages.append(reverse("verify-serial", args=["WHFWZZ-2026-001"]))
    for page in pages:
        text = Client().get(page).content.decode()
        assert "13100002046" not in text, page
        assert "131****2046" not in text, page


def test_public_pages_work_for_visitors_and_for_the_signed_in() -> None:
    case, _ = two_holders()
    member = make_member(case.applications[0].enterprise)
    for name in PAGES:
        for client in (Client(), client_of(member), client_of(case.handler)):
            assert client.get(reverse(name)).status_code == 200, name


def test_a_page_that_has_not_changed_is_not_sent_again() -> None:
    two_holders()
    client = Client()
    with clock.stopped_at(at(date(2026, 11, 2))):
        for name in PAGES[:6]:
            first = client.get(reverse(name))
            again = client.get(reverse(name), headers={"if-none-match": first["ETag"]})
            assert (again.status_code, again.content) == (304, b""), name
        old = client.get(reverse("directory"))["ETag"]
        Recognition.objects.all()[0].enterprise.__class__.objects.update(address="新址")
        enterprise = Recognition.objects.first().enterprise
        type(enterprise).objects.filter(pk=enterprise.pk).update(name="改名后的公司")
        events.record(enterprise, "rename", by=None)
        fresh = client.get(reverse("directory"), headers={"if-none-match": old})
    assert fresh.status_code == 200
    assert "改名后的公司" in fresh.content.decode()


def test_a_holder_sees_plaque_serial_and_the_day_of_the_re_review() -> None:
    case, _ = two_holders()
    member = make_member(case.applications[0].enterprise)
    with clock.stopped_at(at(date(2026, 11, 2))):
        page = client_of(member).get(reverse("enterprise-titles"))
    text = page.content.decode()
    assert [one.plaque.serial for one, _ in page.context["titles"]] == ["WHFWZZ-2026-001"]
    assert "2028年10月10日" in text
    assert "WHFWZZ-2026-002" not in text
    stranger = client_of(make_member(make_enterprise()))
    assert stranger.get(reverse("enterprise-titles")).context["titles"] == []
    title = Recognition.objects.get(plaque__serial="WHFWZZ-2026-001")
    assert stranger.post(reverse("plaque-document", args=[title.pk])).status_code == 404
    with clock.stopped_at(at(date(2028, 6, 12))):
        round_ = make_round(
            kind="RE_REVIEW", year=2028, title="2028年度复核", opens_at=at(date(2028, 6, 1)),
            enterprise_deadline=at(date(2028, 6, 26), 17), district_deadline=at(date(2028, 7, 3), 17),
        )  # fmt: skip
        text = client_of(member).get(reverse("enterprise-titles")).content.decode()
        assert f"/applications/start/{round_.pk}/?enterprise={title.enterprise_id}" in text


def test_the_home_of_a_holder_says_when_the_re_review_is_due_and_counts_down_until_it_is_filed() -> None:
    case, _ = two_holders()
    enterprise = case.applications[0].enterprise
    member = make_member(enterprise)
    due = "应于 2028年10月10日前进行"

    def panel(on: date) -> str:
        with clock.stopped_at(at(on)):
            page = html.fromstring(client_of(member).get(reverse("enterprise-home")).content.decode())
        (cell,) = page.xpath("//dt[contains(., '复核')]/following-sibling::dd[1]")
        return " ".join(" ".join(cell.itertext()).split())

    waiting = "复核批次接收材料期间列在“要办的事”。"
    assert panel(date(2026, 11, 2)) == f"{due} 剩 708 天 {waiting}"
    assert panel(date(2028, 10, 12)) == f"{due} 已过 2 天 {waiting}"
    make_application(
        enterprise=enterprise, round=make_round(kind="RE_REVIEW", year=2027), state="RE_REVIEW_PASSED"
    )
    draft_round = make_round(kind="RE_REVIEW", year=2028)
    draft = make_application(enterprise=enterprise, round=draft_round)
    assert panel(date(2028, 10, 1)) == f"{due} 剩 9 天 {waiting}"
    draft.delete()
    make_application(enterprise=enterprise, round=draft_round, state="SUBMITTED")
    assert panel(date(2028, 10, 1)) == f"{due} 材料已提交，正在复核，见“正在办理”。"
    with clock.stopped_at(at(date(2028, 10, 2))):
        title = Recognition.objects.get(enterprise=enterprise)
        revoke_title(title, ground=Ground.FAILED_RE_REVIEW, reason="复核不合格", by=case.leader)
    assert panel(date(2028, 10, 3)) == "获得称号后每两年一次，还没有到"


def holders(count: int, case: Case) -> None:
    """Notices and titles as rows."""
    for index in range(count):
        round_ = make_round(year=1900 + index, title=f"{1900 + index}年度认定")
        meeting = Meeting.objects.create(round=round_, number="第1次", state=Meeting.State.CONFIRMED)
        released = {"state": "RELEASED", "released_by": case.leader, "released_at": at(PUBLICITY_DAY)}
        publicity = PublicNotice.objects.create(
            kind="PUBLICITY", round=round_, meeting=meeting, title=f"公示{index}", body="正文",
            starts_on=PUBLICITY_DAY, ends_on=date(2026, 10, 9), drafted_by=case.handler, **released,
        )  # fmt: skip
        announcement = PublicNotice.objects.create(
            kind="ANNOUNCEMENT", round=round_, publicity=publicity, title=f"公布{index}", body="正文",
            drafted_by=case.handler, **released,
        )  # fmt: skip
        application = a_case_in(round_, Application.State.RECOGNIZED)
        title = Recognition.objects.create(
            enterprise=application.enterprise, application=application, announcement=announcement,
            announced_on=PUBLICITY_DAY, re_review_due_on=date(2028, 9, 28),
        )  # fmt: skip
        Plaque.objects.create(
            recognition=title,
            serial=f"WHFWZZ-{1900 + index}-001",
            title="称号",
            awarding_body="局",
            dated=PUBLICITY_DAY,
        )


@pytest.mark.parametrize(("name", "queries"), [("notice-list", 2), ("directory", 7), ("public-home", 4)])
def test_a_public_page_is_kept_and_takes_two_queries_from_then_on(
    name: str, queries: int, django_assert_num_queries
) -> None:
    holders(3, open_case(0))
    client = Client()
    with clock.stopped_at(at(date(2026, 11, 2))):
        with django_assert_num_queries(2 + queries):
            fresh = client.get(reverse(name))
        with django_assert_num_queries(2):
            again = client.get(reverse(name))
    assert (again.status_code, again.content) == (200, fresh.content)


def test_a_kept_page_changes_with_the_act_that_changes_it() -> None:
    """Released, announced, revoked: the same reader, in the same minute, sees each at once."""
    case = open_case(2)
    client = Client()

    def said(name: str) -> str:
        return client.get(reverse(name)).content.decode()

    with clock.stopped_at(at(PUBLICITY_DAY)):
        before = said("notice-list")
        publicity = publicise(case)
        assert publicity.title not in before
        assert publicity.title in said("notice-list")
    announcement = announce(case, publicity)
    with clock.stopped_at(at(date(2026, 11, 2))):
        title = Recognition.objects.order_by("pk")[0]
        page = reverse("notice", args=[announcement.pk])
        assert title.enterprise.name in said("directory")
        assert client.get(page).status_code == 200
        perform(title, "award", by=case.handler)
        events.seal()
        assert title.enterprise.name in said("directory")
        revoke_title(title, ground=Ground.FAILED_RE_REVIEW, reason="复核不合格", by=case.leader)
        assert title.enterprise.name not in said("directory")


def test_pages_of_people_and_searches_are_not_kept() -> None:
    case, _ = two_holders()
    name = Recognition.objects.order_by("pk")[0].enterprise.name
    with clock.stopped_at(at(date(2026, 11, 2))):
        assert case.handler.name in client_of(case.handler).get(reverse("directory")).content.decode()
        assert case.handler.name not in Client().get(reverse("directory")).content.decode()
        assert name in Client().get(reverse("directory"), {"q": name}).content.decode()
        assert name not in Client().get(reverse("directory"), {"q": "没有这家"}).content.decode()

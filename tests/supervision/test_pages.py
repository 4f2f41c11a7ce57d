"""The supervision board and the page of one title."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.models import Application
from core import clock, events
from core.workflow import perform
from decisions.drafts import draft_re_review_result
from decisions.models import Recognition
from policy.models import Measure
from policy.sanctions import Ground
from supervision.conclusions import conclude_re_review, revoke_title
from tests.factories import make_officer
from tests.supervision.scenes import (
    JUNE,
    announcement,
    handler,
    leader,
    make_title,
    re_review_round,
    reviewed_case,
)

pytestmark = pytest.mark.django_db
BOARD = "/supervision/"


@pytest.fixture(autouse=True)
def june():
    with clock.stopped_at(JUNE):
        yield


@pytest.fixture
def officer():
    return handler()


@pytest.fixture
def notice(officer):
    return announcement(officer)


@pytest.fixture
def bureau(client, officer):
    client.force_login(officer)
    return client


def rows_due(response) -> list[tuple]:
    return [
        (str(row.title.enterprise), row.title.re_review_due_on, row.is_overdue, row.badge[0], row.holder)
        for row in response.context["due"]
    ]


def test_due_titles_stand_most_urgent_first_with_their_progress(bureau, notice):
    later = make_title(notice, due=date(2026, 7, 10))
    overdue = make_title(notice, due=date(2026, 6, 5))
    make_title(notice, due=date(2026, 9, 11))
    round_ = re_review_round()
    reviewed_case(later, round_)
    Application.objects.create(
        round=round_, enterprise=overdue.enterprise, channel=overdue.enterprise.district, state="DRAFT"
    )
    response = bureau.get(BOARD)
    assert rows_due(response) == [
        (str(overdue.enterprise), date(2026, 6, 5), True, "材料未提交", "企业"),
        (str(later.enterprise), date(2026, 7, 10), False, "已评审", "市局"),
    ]
    html = response.content.decode()
    assert "逾期 7 天" in html
    assert "剩 28 天" in html
    assert reverse("re-review", args=[overdue.pk]) in html


def test_strip_counts_titles_due_revoked_and_barred(bureau, notice):
    for due in (date(2026, 6, 5), date(2026, 7, 12), date(2026, 9, 10), date(2026, 9, 11)):
        make_title(notice, due=due)
    for ground in (Ground.OWN_REQUEST, Ground.FRAUD_OR_VIOLATION):
        revoke_title(make_title(notice, due=date(2026, 6, 8)), ground=ground, reason="事实。", by=leader())
    counts = bureau.get(BOARD).context["counts"]
    assert (
        counts.holders,
        counts.overdue,
        counts.soon,
        counts.due,
        counts.revoked,
        counts.barred,
        counts.next_release,
    ) == (4, 1, 2, 3, 2, 1, date(2029, 6, 13))


def test_barred_box_shows_code_ground_and_the_day_of_release(bureau, notice):
    title = make_title(notice, due=date(2026, 6, 8))
    revoke_title(title, ground=Ground.MISSED_RE_REVIEW, reason="未参加复核。", by=leader())
    response = bureau.get(BOARD, {"box": "barred"})
    (row,) = response.context["barred"]
    assert (row.until, row.free_from, row.drawn_from, row.drawn_until) == (
        date(2029, 6, 12),
        date(2029, 6, 13),
        date(2026, 1, 1),
        date(2030, 1, 1),
    )
    assert title.enterprise.credit_code in response.content.decode()


def test_a_box_alone_comes_in_pages(bureau, notice):
    for _ in range(27):
        make_title(notice, due=date(2026, 7, 10))
    page = bureau.get(BOARD, {"box": "due", "page": "2"}).context["due_page"]
    assert (page.number, page.paginator.num_pages, len(page.object_list)) == (2, 2, 2)


@pytest.mark.parametrize("query", [{"box": "nonsense"}, {"page": "-1"}, {"box": "due", "page": "x"}])
def test_bad_addresses_show_the_board_all_the_same(bureau, notice, query):
    make_title(notice, due=date(2026, 7, 10))
    assert bureau.get(BOARD, query).status_code == 200


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.MUNICIPAL_LEADER, 200),
        (Role.AUDITOR, 200),
        (Role.CHANNEL_HANDLER, 404),
        (Role.ADMINISTRATOR, 404),
    ],
)
def test_board_is_for_the_bureau_and_the_auditor(client, role, status):
    client.force_login(make_officer(role))
    assert client.get(BOARD).status_code == status


def test_handler_concludes_a_pass_and_is_told_what_is_next(bureau, notice):
    title = make_title(notice, due=date(2026, 7, 10))
    case = reviewed_case(title, re_review_round())
    page = bureau.get(reverse("re-review", args=[title.pk]))
    assert page.context["options"]["pass_re_review"].allowed
    response = bureau.post(
        reverse("re-review-conclude", args=[title.pk]), {"action": "pass_re_review"}, follow=True
    )
    assert response.redirect_chain == [(reverse("re-review", args=[title.pk]), 302)]
    assert [str(one) for one in response.context["messages"]] == [
        f"已记录：{title.enterprise}复核合格，下次复核应于2028年6月12日前进行。请发布复核结果通报（第十八条）。"
    ]
    assert Application.objects.get(pk=case.pk).state == "RE_REVIEW_PASSED"
    assert [(one.due_on, one.state) for one in response.context["past"]] == [(date(2026, 7, 10), "PASSED")]


def test_failure_without_a_reason_is_refused_and_changes_nothing(bureau, notice):
    title = make_title(notice, due=date(2026, 7, 10))
    case = reviewed_case(title, re_review_round())
    response = bureau.post(
        reverse("re-review-conclude", args=[title.pk]), {"action": "fail_re_review", "note": " "}
    )
    assert response.context["form"].errors["note"] == [
        "复核不合格须写明事实和依据（第十九条第（二）项），请补充后再提交。"
    ]
    assert Application.objects.get(pk=case.pk).state == "REVIEWED"


def test_second_press_is_told_that_it_is_done_and_keeps_what_was_typed(bureau, notice):
    title = make_title(notice, due=date(2026, 7, 10))
    reviewed_case(title, re_review_round())
    address = reverse("re-review-conclude", args=[title.pk])
    bureau.post(address, {"action": "pass_re_review"})
    response = bureau.post(address, {"action": "fail_re_review", "note": "另一个窗口的理由"})
    assert [str(one) for one in response.context["messages"]][-1] == (
        "当前状态为“复核合格”，不能复核不合格。请刷新页面查看最新进展。"
    )
    assert response.context["form"]["note"].value() == "另一个窗口的理由"
    assert Recognition.objects.get(pk=title.pk).re_review_due_on == date(2028, 6, 12)


def test_nothing_can_be_concluded_before_the_enterprise_has_filed(bureau, notice):
    title = make_title(notice, due=date(2026, 7, 10))
    response = bureau.post(reverse("re-review-conclude", args=[title.pk]), {"action": "pass_re_review"})
    assert [str(one) for one in response.context["messages"]] == [
        "企业还没有提交复核材料，不能作结论（第十八条）。请先等企业提交并完成评审。"
    ]
    assert Recognition.objects.get(pk=title.pk).re_review_due_on == date(2026, 7, 10)


def test_unknown_action_changes_nothing(bureau, notice):
    title = make_title(notice, due=date(2026, 7, 10))
    case = reviewed_case(title, re_review_round())
    bureau.post(reverse("re-review-conclude", args=[title.pk]), {"action": "award"})
    assert Application.objects.get(pk=case.pk).state == "REVIEWED"


def test_leader_reads_but_does_not_conclude(client, notice):
    title = make_title(notice, due=date(2026, 7, 10))
    case = reviewed_case(title, re_review_round())
    client.force_login(leader())
    page = client.get(reverse("re-review", args=[title.pk]))
    assert not page.context["options"]["pass_re_review"].shown
    answer = client.post(reverse("re-review-conclude", args=[title.pk]), {"action": "pass_re_review"})
    assert answer.status_code == 403
    assert [(one.action, one.outcome) for one in events.about(case)] == [("pass_re_review", "REFUSED")]
    assert Application.objects.get(pk=case.pk).state == "REVIEWED"


def test_unknown_title_is_not_found(bureau):
    assert bureau.get(reverse("re-review", args=[999_999])).status_code == 404


def test_page_of_a_title_takes_a_fixed_number_of_queries(bureau, notice, django_assert_max_num_queries):
    title = make_title(notice, due=date(2026, 7, 10))
    reviewed_case(title, re_review_round())
    address = reverse("re-review", args=[title.pk])
    bureau.get(address)
    with django_assert_max_num_queries(15):
        bureau.get(address)


def test_a_result_counts_as_published_when_its_notice_is_released(bureau, officer, notice):
    title = make_title(notice, due=date(2026, 7, 10))
    case = reviewed_case(title, re_review_round())
    address = reverse("re-review", args=[title.pk])
    conclude_re_review(case, passed=True, by=officer)
    page = bureau.get(address)
    assert [(one.concluded_on, one.published_at) for one in page.context["past"]] == [(JUNE.date(), None)]
    assert "尚未公布" in page.content.decode()
    released = clock.instant(date(2026, 6, 20), 9)
    with clock.stopped_at(released):
        result = draft_re_review_result(case.round, by=officer)
        signer = leader()
        perform(result, "send_for_signature", by=officer)
        perform(result, "release", by=signer, released_by=signer)
        page = bureau.get(address)
    assert [one.published_at for one in page.context["past"]] == [released]
    assert "2026-06-20" in page.content.decode()


def test_a_case_that_passed_answers_no_more_when_the_title_falls_due_again(bureau, officer, notice):
    title = make_title(notice, due=date(2026, 7, 10))
    case = reviewed_case(title, re_review_round())
    conclude_re_review(case, passed=True, by=officer)
    assert bureau.get(reverse("re-review", args=[title.pk])).context["case"] == case
    with clock.stopped_at(clock.instant(date(2028, 5, 1), 9)):
        bureau.force_login(officer)
        assert rows_due(bureau.get(BOARD)) == [
            (str(title.enterprise), date(2028, 6, 12), False, "材料未提交", "企业")
        ]
        assert bureau.get(reverse("re-review", args=[title.pk])).context["case"] is None


def test_a_bar_follows_the_grounds_and_years_of_the_measure(bureau, notice):
    Measure.objects.update(barring_grounds=["二"], bar_years=2)
    for ground in (Ground.FAILED_RE_REVIEW, Ground.MISSED_RE_REVIEW):
        title = Recognition.objects.get(pk=make_title(notice, due=date(2026, 6, 8)).pk)
        revoke_title(title, ground=ground, reason="事实。", by=leader())
    (row,) = bureau.get(BOARD, {"box": "barred"}).context["barred"]
    assert (row.revocation.ground, row.until) == ("二", date(2028, 6, 12))

"""How a re-review ends (第十八条), and what a revocation brings (第十九条, 第二十条)."""

from datetime import date

import pytest

from accounts.models import Enterprise
from accounts.roles import Role
from applications.models import Application
from core import clock, events
from core.workflow import NotPermitted, NotPossible, perform
from decisions.models import Recognition
from policy.sanctions import Ground
from supervision.conclusions import conclude_re_review, revoke_title
from supervision.models import ReReview, Revocation
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


@pytest.fixture
def officer():
    return handler()


@pytest.fixture
def title(officer):
    return make_title(announcement(officer), due=date(2026, 7, 10))


def test_pass_closes_the_case_and_sets_the_next_due_date_two_years_after_today(officer, title):
    case = reviewed_case(title, re_review_round())
    with clock.stopped_at(JUNE):
        done = conclude_re_review(case, passed=True, by=officer)
    case, title = Application.objects.get(pk=case.pk), Recognition.objects.get(pk=title.pk)
    assert (case.state, done.state, done.application_id, done.due_on, done.concluded_on) == (
        "RE_REVIEW_PASSED",
        "PASSED",
        case.pk,
        date(2026, 7, 10),
        date(2026, 6, 12),
    )
    assert (title.state, title.re_review_due_on) == ("AWARDED", date(2028, 6, 12))
    assert [one.action for one in events.about(case)] == ["pass_re_review"]
    assert [one.action for one in events.about(done)] == ["record_pass"]


def test_failure_leaves_the_due_date_and_the_title_to_the_revocation(officer, title):
    case = reviewed_case(title, re_review_round())
    with clock.stopped_at(JUNE):
        done = conclude_re_review(case, passed=False, by=officer, note="服务部门已撤销。")
    title = Recognition.objects.get(pk=title.pk)
    assert (Application.objects.get(pk=case.pk).state, done.state) == ("RE_REVIEW_FAILED", "FAILED")
    assert (title.state, title.re_review_due_on) == ("AWARDED", date(2026, 7, 10))
    assert [one.note for one in events.about(case)] == ["服务部门已撤销。"]


def test_the_enterprise_reads_why_it_failed(client, officer, title):
    case = reviewed_case(title, re_review_round())
    with clock.stopped_at(JUNE):
        conclude_re_review(case, passed=False, by=officer, note="服务部门已撤销")
    member = title.enterprise.memberships.first().user
    assert [one.body for one in member.notifications.all()] == [
        "复核结论：不合格（第十九条第（二）项），原因：服务部门已撤销。"
    ]
    client.force_login(member, backend="accounts.backends.PortalBackend")
    shown = client.get(f"/applications/{case.pk}/").context["events"]
    assert [(one.title, one.note) for one in shown] == [
        ("复核不合格（第十九条第（二）项）", "服务部门已撤销")
    ]


def test_conclusion_is_made_once(officer, title):
    case = reviewed_case(title, re_review_round())
    with clock.stopped_at(JUNE):
        conclude_re_review(case, passed=True, by=officer)
        with pytest.raises(NotPossible) as refusal:
            conclude_re_review(case, passed=False, by=officer)
    assert refusal.value.reasons == ["当前状态为“复核合格”，不能复核不合格。请刷新页面查看最新进展。"]
    assert list(ReReview.objects.values_list("state", flat=True)) == ["PASSED"]
    assert Recognition.objects.get(pk=title.pk).re_review_due_on == date(2028, 6, 12)


@pytest.mark.parametrize("role", [Role.MUNICIPAL_LEADER, Role.AUDITOR, Role.CHANNEL_HANDLER])
def test_only_a_handler_of_the_bureau_concludes(title, role):
    case = reviewed_case(title, re_review_round())
    with clock.stopped_at(JUNE), pytest.raises(NotPermitted):
        conclude_re_review(case, passed=True, by=make_officer(role))
    assert Application.objects.get(pk=case.pk).state == "REVIEWED"
    assert not ReReview.objects.exists()


def test_case_of_a_recognition_round_is_no_re_review(officer, title):
    case = reviewed_case(title, announcement_round := re_review_round())
    type(announcement_round).objects.filter(pk=announcement_round.pk).update(kind="RECOGNITION")
    with clock.stopped_at(JUNE), pytest.raises(NotPossible) as refusal:
        conclude_re_review(case, passed=True, by=officer)
    assert refusal.value.reasons == ["只有复核批次才作复核结论（第十八条）。"]


def test_enterprise_without_a_title_has_nothing_to_conclude(officer, title):
    case = reviewed_case(title, re_review_round())
    with clock.stopped_at(JUNE):
        revoke_title(title, ground=Ground.OWN_REQUEST, reason="自行申请。", by=leader())
        with pytest.raises(NotPossible) as refusal:
            conclude_re_review(case, passed=True, by=officer)
    assert refusal.value.reasons == [f"{case.enterprise}没有有效的称号，不需要复核结论。请核对是否已撤销。"]


@pytest.mark.parametrize(
    ("ground", "until"),
    [
        (Ground.MISSED_RE_REVIEW, date(2029, 12, 10)),
        (Ground.FAILED_RE_REVIEW, None),
        (Ground.OWN_REQUEST, None),
        (Ground.TERMINATED, date(2029, 12, 10)),
        (Ground.FRAUD_OR_VIOLATION, date(2029, 12, 10)),
        (Ground.OTHER, None),
    ],
)
def test_revocation_is_written_down_to_the_enterprise(title, ground, until):
    """Scenario 15: decided on 2026-12-10, barred through 2029-12-10 under (一)(四)(五) only."""
    by = leader()
    with clock.stopped_at(clock.instant(date(2026, 12, 10), 9)):
        revocation = revoke_title(title, ground=ground, reason="事实清楚。", by=by)
    enterprise = Enterprise.objects.get(pk=title.enterprise_id)
    assert (enterprise.standing, enterprise.barred_until) == ("REVOKED", until)
    assert (revocation.ground, revocation.decided_on, revocation.decided_by) == (
        ground.value,
        date(2026, 12, 10),
        by,
    )
    assert Recognition.objects.get(pk=title.pk).state == "REVOKED"
    (event,) = events.about(title)
    assert (event.action, event.note) == ("revoke", f"{ground.clause}：事实清楚。")


def test_title_is_not_revoked_without_a_recorded_ground(title):
    with pytest.raises(NotPossible) as refusal:
        perform(title, "revoke", by=leader())
    assert refusal.value.reasons == ["请先记录撤销的情形和事实（第十九条）。"]


def test_handler_cannot_revoke_and_leaves_no_trace_of_a_ground(officer, title):
    with pytest.raises(NotPermitted):
        revoke_title(title, ground=Ground.OTHER, reason="事实。", by=officer)
    assert not Revocation.objects.exists()
    assert Recognition.objects.get(pk=title.pk).state == "AWARDED"

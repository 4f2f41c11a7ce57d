"""Reminders of due re-reviews reach inbox and mail once for each occasion."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from accounts.roles import Role
from core import clock
from core.models import DemoMail, Notification
from core.tasks import deliver_pending_notifications
from supervision.models import ReReview
from supervision.reminders import occasion_of
from supervision.tasks import remind_due_re_reviews
from tests.factories import make_application, make_officer
from tests.supervision.scenes import JUNE, announcement, handler, make_title, re_review_round

DUE = date(2026, 7, 10)
MAIL_BACKEND = "core.demo_mail.DemoMailBackend"


@pytest.mark.parametrize(
    ("days", "occasion"),
    [
        (90, "90-days"),
        (31, "90-days"),
        (30, "30-days"),
        (8, "30-days"),
        (7, "7-days"),
        (0, "7-days"),
        (-1, "overdue"),
    ],
)
def test_occasion_follows_from_the_days_left(days, occasion):
    assert occasion_of(DUE, today=DUE - timedelta(days=days)) == occasion


@pytest.fixture
def title():
    return make_title(announcement(handler()), due=DUE)


def remind_on(day: date) -> int:
    with clock.stopped_at(clock.instant(day, 9)):
        return remind_due_re_reviews()


@pytest.mark.django_db
def test_nobody_is_reminded_91_days_ahead(title):
    assert remind_on(DUE - timedelta(days=91)) == 0
    assert not Notification.objects.exists()
    assert not ReReview.objects.exists()


@pytest.mark.django_db
def test_holder_and_district_are_told_and_the_re_review_is_opened(title):
    district = make_officer(Role.CHANNEL_HANDLER, agency=title.enterprise.district)
    assert remind_on(date(2026, 6, 12)) == 1
    holder = User.objects.get(memberships__enterprise=title.enterprise)
    told = Notification.objects.order_by("recipient_id").values_list("recipient", "subject", "body", "url")
    subject = f"{title.enterprise}的复核即将到期：2026年7月10日"
    body = "牌匾 WHFWZZ-2024-001 应于2026年7月10日前复核（第十八条）。请留意复核批次的通知，按期提交材料。"
    assert sorted(told) == sorted(
        [
            (holder.pk, subject, body, "/enterprise/titles/"),
            (
                district.pk,
                subject,
                f"{body}同样的提醒已发给企业，请贵单位督促其按期参加。",
                "/district/enterprises/",
            ),
        ]
    )
    assert list(ReReview.objects.values_list("recognition", "due_on", "state")) == [(title.pk, DUE, "DUE")]


@pytest.mark.django_db
def test_the_same_occasion_reminds_once_and_the_next_one_again(title):
    for day in (date(2026, 6, 12), date(2026, 6, 12), date(2026, 6, 30), date(2026, 7, 4), date(2026, 7, 11)):
        remind_on(day)
    assert list(Notification.objects.order_by("id").values_list("subject", flat=True)) == [
        f"{title.enterprise}的复核即将到期：2026年7月10日",
        f"{title.enterprise}的复核即将到期：2026年7月10日",
        f"{title.enterprise}的复核已逾期：2026年7月10日",
    ]


@pytest.mark.django_db
def test_mail_goes_out_once_to_who_wants_it(title, settings):
    settings.EMAIL_BACKEND = MAIL_BACKEND
    User.objects.filter(memberships__enterprise=title.enterprise).update(email="holder@example.com")
    remind_on(date(2026, 6, 12))
    deliver_pending_notifications()
    remind_on(date(2026, 6, 13))
    deliver_pending_notifications()
    assert list(DemoMail.objects.values_list("recipients", "subject")) == [
        ("holder@example.com", f"{title.enterprise}的复核即将到期：2026年7月10日")
    ]


@pytest.mark.django_db
def test_beat_runs_the_reminders(settings):
    task = settings.CELERY_BEAT_SCHEDULE["remind-due-re-reviews"]["task"]
    assert task == remind_due_re_reviews.name


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "subject", "body"),
    [
        (
            "RETURNED",
            "{name}的复核已逾期：2026年7月10日",
            "牌匾 WHFWZZ-2024-001 应于2026年7月10日前复核（第十八条）。无正当理由不按规定参加复核的，"
            "撤销称号（第十九条第（一）项），3年内不得重新申请（第二十条）。",
        ),
        (
            "RE_REVIEW_FAILED",
            "{name}的复核结论为不合格",
            "牌匾 WHFWZZ-2024-001 的复核结论为不合格，按第十九条第（二）项办理撤销。"
            "这一情形不在第二十条所列之内，撤销后可以重新申请。",
        ),
        (
            "DECLINED",
            "{name}的复核尚无结论",
            "牌匾 WHFWZZ-2024-001 应于2026年7月10日前复核（第十八条）。"
            "本次复核申报不予受理，尚无复核结论，请与荣成市工业和信息化局联系。",
        ),
    ],
)
def test_an_overdue_holder_is_told_what_its_case_makes_of_it(title, state, subject, body):
    with clock.stopped_at(JUNE):
        make_application(round=re_review_round(), enterprise=title.enterprise, state=state, complete=False)
    for day in (date(2026, 7, 11), date(2026, 7, 12)):
        remind_on(day)
    assert list(Notification.objects.values_list("subject", "body")) == [
        (subject.format(name=title.enterprise), body)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["SUBMITTED", "FORWARDED", "UNDER_REVIEW", "REVIEWED"])
def test_whoever_has_filed_and_waits_is_not_reminded(title, state):
    with clock.stopped_at(JUNE):
        make_application(round=re_review_round(), enterprise=title.enterprise, state=state, complete=False)
    assert remind_on(date(2026, 7, 11)) == 1
    assert not Notification.objects.exists()

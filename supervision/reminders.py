"""Reminders of re-reviews that fall due (Art. 18): to the holder's people and to its district, once for each occasion."""

from datetime import date

from accounts.people import members_of_agency, members_of_enterprise
from accounts.roles import Role
from applications.models import Application
from core import clock, notify
from decisions.models import Recognition
from policy.dates import date_text
from policy.sanctions import Ground
from supervision.cases import DAYS_AHEAD, LONGEST_NOTICE, answering
from supervision.models import ReReview

TO_DISTRICT = "同样的提醒已发给企业，请贵单位督促其按期参加。"
ENDED_WITHOUT_RESULT = (Application.State.NOT_RECOMMENDED, Application.State.DECLINED)


def remind_due_re_reviews() -> int:
    """Open the re-review of every title that falls due within the longest notice; tell those concerned.

    Returns how many titles are due or nearly so. A reminder that somebody already has is not sent again.
    """
    today = clock.today()
    soon = Recognition.objects.in_force().filter(re_review_due_on__lte=today + LONGEST_NOTICE)
    titles = soon.select_related("enterprise__district", "plaque", "application__round__measure")
    cases = answering(titles, Application.objects.all(), today=today)
    for title in titles:
        ReReview.objects.get_or_create(recognition=title, due_on=title.re_review_due_on)
        notify.enqueue(_told(title, cases.get(title.pk), today=today))
    return len(titles)


def occasion_of(due_on: date, *, today: date) -> str:
    """Which of the reminders a day falls under: 90, 30 or 7 days ahead, or overdue."""
    if today > due_on:
        return "overdue"
    left = (due_on - today).days
    return f"{min(days for days in DAYS_AHEAD if left <= days)}-days"


def _told(title: Recognition, case: Application | None, *, today: date) -> list[notify.Message]:
    """What the case makes of the due date: whoever has filed and waits for others is not reminded."""
    if case is None or case.state in Application.WITH_ENTERPRISE:
        occasion = occasion_of(title.re_review_due_on, today=today)
        return _messages(
            title, occasion, *_call_to_file(title, overdue=occasion == "overdue"), district=TO_DISTRICT
        )
    if case.state == Application.State.RE_REVIEW_FAILED:
        ground = Ground.FAILED_RE_REVIEW
        barred = ground in title.application.round.measure.barring_grounds
        bar = (
            "撤销后不得重新申请的期限按第二十条"
            if barred
            else "这一情形不在第二十条所列之内，撤销后可以重新申请"
        )
        body = f"牌匾 {title.plaque.serial} 的复核结论为不合格，按{ground.clause}办理撤销。{bar}。"
        return _messages(title, "failed", f"{title.enterprise}的复核结论为不合格", body)
    if case.state in ENDED_WITHOUT_RESULT:
        body = (
            f"牌匾 {title.plaque.serial} 应于{date_text(title.re_review_due_on)}前复核（第十八条）。"
            f"本次复核申报{case.get_state_display()}，尚无复核结论，请与{case.channel}联系。"
        )
        return _messages(title, f"ended-{case.pk}", f"{title.enterprise}的复核尚无结论", body)
    return []


def _call_to_file(title: Recognition, *, overdue: bool) -> tuple[str, str]:
    due, measure, ground = (
        date_text(title.re_review_due_on),
        title.application.round.measure,
        Ground.MISSED_RE_REVIEW,
    )
    bar = f"，{measure.bar_years}年内不得重新申请（第二十条）" if ground in measure.barring_grounds else ""
    body = f"牌匾 {title.plaque.serial} 应于{due}前复核（第十八条）。" + (
        f"{ground.text}，撤销称号（{ground.clause}）{bar}。"
        if overdue
        else "请留意复核批次的通知，按期提交材料。"
    )
    return f"{title.enterprise}的复核{'已逾期' if overdue else '即将到期'}：{due}", body


def _messages(
    title: Recognition, occasion: str, subject: str, body: str, *, district: str = ""
) -> list[notify.Message]:
    """To the holder's people and, with a page of their own and what is asked of them, to the district's."""
    key = f"re-review-{title.pk}-{title.re_review_due_on}-{occasion}"
    holder = members_of_enterprise(title.enterprise)
    officers = members_of_agency(title.enterprise.district, Role.CHANNEL_HANDLER)
    return [
        notify.Message(holder, key, subject, body, "/enterprise/titles/"),
        notify.Message(officers, key, subject, f"{body}{district}", "/district/enterprises/"),
    ]

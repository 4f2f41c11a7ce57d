"""The rounds that are over: recognition from 2022 to 2024, re-review in 2024 and 2025.

Numbers are places in ``demo.enterprises.FIRMS``.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from core import clock
from demo import calendar, deciding, reviewing, vetting
from demo.calendar import Plan, morning
from demo.history import History
from policy.sanctions import Ground


def recognition_2022(history: History) -> None:
    recognition(
        history,
        calendar.RECOGNITION_2022,
        chosen=(2, 12, 21, 38, 47, 30),
        left_out=(49,),
        announced=date(2022, 6, 10),
        with_recusal=True,
    )


def recognition_2023(history: History) -> None:
    recognition(
        history,
        calendar.RECOGNITION_2023,
        chosen=(14, 22, 39, 48, 31, 56, 60),
        left_out=(50,),
        refused=(9,),
        announced=date(2023, 7, 5),
    )


def recognition_2024(history: History) -> None:
    recognition(
        history,
        calendar.RECOGNITION_2024,
        chosen=(5, 13, 23, 40, 51, 32, 63, 57),
        left_out=(24,),
        withdrawn=(61,),
        announced=date(2024, 7, 10),
        channels={5: "WH-DJXH", 40: "WH-ZBZZ"},
    )


def re_review_2024(history: History) -> None:
    """Those of 2022: one fails and loses the title (第十九条第（二）项)."""
    plan = calendar.RE_REVIEW_2024
    round_ = history.begin(plan)
    history.remind(date(2024, 3, 25))
    applications = history.file(round_, (12, 2, 21, 38, 47, 30), plan.opens + timedelta(days=7))
    history.onward(applications, plan.opens + timedelta(days=22))
    history.review(round_, plan, applications, (88, 86, 84, 83, 79, 58))
    history.conclude(applications[:1], date(2024, 6, 5))
    history.conclude(applications[1:], date(2024, 6, 14), failed=(30,))
    number = "威工信复〔2024〕9号（演示）"
    deciding.publish_re_reviews(history.cast, round_, morning(date(2024, 6, 17)), number)
    history.revoke(30, date(2024, 7, 2), Ground.FAILED_RE_REVIEW, "复核结果为不合格（演示）。")
    calendar.close_round(history.cast, round_, date(2024, 7, 5))


def re_review_2025(history: History) -> None:
    """Those of 2023: one does not take part, one is found to have given false figures later on."""
    plan = calendar.RE_REVIEW_2025
    round_ = history.begin(plan)
    history.remind(date(2025, 4, 10))
    applications = history.file(round_, (14, 22, 39, 48, 31, 56), plan.opens + timedelta(days=7))
    history.onward(applications, plan.opens + timedelta(days=22))
    history.review(round_, plan, applications, (90, 87, 85, 82, 80, 77))
    history.conclude(applications, date(2025, 6, 27))
    number = "威工信复〔2025〕8号（演示）"
    deciding.publish_re_reviews(history.cast, round_, morning(date(2025, 6, 30)), number)
    history.revoke(60, date(2025, 9, 15), Ground.MISSED_RE_REVIEW, "无正当理由未参加2025年度复核（演示）。")
    calendar.close_round(history.cast, round_, date(2025, 9, 30))


def fraud_found(history: History) -> None:
    history.revoke(48, date(2026, 3, 16), Ground.FRAUD_OR_VIOLATION, "申报材料弄虚作假，经核查属实（演示）。")


def recognition(
    history: History,
    plan: Plan,
    *,
    chosen: Sequence[int],
    left_out: Sequence[int],
    announced: date,
    refused: Sequence[int] = (),
    withdrawn: Sequence[int] = (),
    channels: dict[int, str] | None = None,
    with_recusal: bool = False,
) -> None:
    """A round from call to plaque: those in ``chosen`` are awarded, the others end on the way."""
    cast = history.cast
    round_ = history.begin(plan)
    begun = plan.opens + timedelta(days=6)
    applications = history.file(round_, (*chosen, *left_out), begun, channels)
    for application in history.file(round_, refused, begun + timedelta(days=1)):
        reason = "第十五条：专项说明与审计报告不一致，企业未能说明，不予推荐（演示）。"
        vetting.refuse(cast, application, morning(begun + timedelta(days=12)), reason)
    for application in history.file(round_, withdrawn, begun + timedelta(days=1)):
        vetting.withdraw(cast, application, morning(begun + timedelta(days=9)), "拟明年再申报（演示）。")
    history.onward(applications, begun + timedelta(days=14))
    qualities = range(92, 92 - 3 * len(applications), -3)
    history.review(round_, plan, applications, qualities, with_recusal=with_recusal)
    last = plan.review[1]
    reviewing.rank_and_propose(cast, round_, morning(last + timedelta(days=3)))
    winners = applications[: len(chosen)]
    at = morning(last + timedelta(days=6))
    meeting = deciding.hold_meeting(cast, round_, f"{plan.year}年第11次局党组会议", at)
    number = f"威工信公示〔{plan.year}〕3号（演示）"
    publicity = deciding.publicize(cast, meeting, morning(plan.publicity), number)
    deciding.announce(cast, publicity, morning(announced), f"威工信发〔{plan.year}〕21号（演示）")
    deciding.award(cast, winners, clock.instant(announced + timedelta(days=14), 15))
    calendar.close_round(cast, round_, announced + timedelta(days=20))

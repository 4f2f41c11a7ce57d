"""What is under way on 2026-06-12: the end of the 2025 round, the re-review of 2026, the applications of 2026.

Numbers are places in ``demo.enterprises.FIRMS``. Together with the earlier rounds every state of an application occurs.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from accounts import profile
from applications.models import Application
from core import clock
from decisions.models import AgendaItem
from demo import calendar, deciding, pages, reviewing, vetting
from demo.calendar import morning
from demo.deciding import Decided
from demo.history import History, fresh

Decision = AgendaItem.Decision
DEFERRED = "佐证材料待补充核实，暂缓，下次会议再议（演示）。"


def recognition_2025(history: History) -> None:
    """Three meetings; two lists publicised; objections upheld, dismissed and still open; plaques half handed over."""
    cast, plan = history.cast, calendar.RECOGNITION_2025
    round_ = history.begin(plan)
    announced = (6, 16, 25, 41, 42)
    contested, upheld, rejected, deferred = 52, 33, 58, (64, 15, 43, 49)
    on_the_list = (*announced, contested, upheld, rejected, *deferred)
    confirm_what_has_changed_since(history)
    applications = history.file(
        round_, (*on_the_list, 50, 26), date(2025, 11, 24), {6: "WH-DJXH", 42: "WH-YLQX"}
    )
    for application in history.file(round_, (62,), date(2025, 11, 25)):
        reason = "注册地址与实际经营地不一致，未能说明，不予推荐（演示）。"
        vetting.refuse(cast, application, morning(date(2025, 12, 19)), reason)
    history.onward(applications, date(2025, 12, 15))
    history.review(round_, plan, applications, (93, 91, 90, 88, 87, 85, 84, 83, 82, 81, 80, 79, 71, 66))
    reviewing.rank_and_propose(cast, round_, morning(date(2026, 4, 13)))
    case = dict(zip((*on_the_list, 50, 26), applications, strict=True))

    later = {case[one].pk: Decided(Decision.DEFERRED, DEFERRED) for one in deferred}
    refused = {case[rejected].pk: Decided(Decision.REJECTED, "近期有未办结的环保整改事项（演示）。")}
    at = morning(date(2026, 5, 14))
    meeting = deciding.hold_meeting(cast, round_, "2026年第12次局党组会议", at, later | refused)
    notice = deciding.publicize(cast, meeting, morning(date(2026, 5, 18)), "威工信公示〔2026〕2号（演示）")
    dismissed = deciding.object_to(
        cast, notice, case[announced[0]], clock.instant(date(2026, 5, 20), 14), "反映服务部门没有实际人员。"
    )
    holds = deciding.object_to(
        cast, notice, case[upheld], clock.instant(date(2026, 5, 20), 16), "反映项目合同已于申报前解除。"
    )
    deciding.object_to(
        cast, notice, case[contested], clock.instant(date(2026, 5, 22), 10), "反映服务性收入含产品销售收入。"
    )
    deciding.settle_objection(
        cast,
        dismissed,
        "dismiss",
        morning(date(2026, 5, 26)),
        "经查社保记录和现场核实，人员真实，异议不成立。",
    )
    deciding.settle_objection(
        cast, holds, "uphold", morning(date(2026, 5, 27)), "经核实合同确已解除，项目数不足，异议成立。"
    )
    winners = [case[one] for one in announced]
    deciding.announce(cast, notice, morning(date(2026, 5, 29)), "威工信发〔2026〕18号（演示）")
    deciding.award(cast, winners[:3], clock.instant(date(2026, 6, 5), 15))

    still_later = {case[one].pk: Decided(Decision.DEFERRED, DEFERRED) for one in deferred[2:]}
    at = morning(date(2026, 6, 4))
    meeting = deciding.hold_meeting(cast, round_, "2026年第14次局党组会议", at, still_later)
    deciding.publicize(cast, meeting, morning(date(2026, 6, 8)), "威工信公示〔2026〕4号（演示）")
    last = {case[deferred[3]].pk: Decided(Decision.DEFERRED, DEFERRED)}
    deciding.hold_meeting(cast, round_, "2026年第15次局党组会议", morning(date(2026, 6, 11)), last)


def confirm_what_has_changed_since(history: History) -> None:
    """The first enterprise of the sign-in table confirmed its facts in 2025; what changed is to be confirmed in 2026."""
    enterprise = history.cast.enterprises[0]
    person = history.cast.person_of(enterprise)
    with clock.stopped_at(morning(date(2025, 11, 20))):
        profile.confirm(enterprise, seen=profile.digest_of(profile.facts_of(enterprise)), by=person)
    before = profile.facts_of(enterprise)
    enterprise.employees = (enterprise.employees or 0) + 26
    enterprise.production_address = "荣成市演示路 88 号鲸湾二期厂区（虚构）"
    with clock.stopped_at(morning(date(2025, 12, 15))):
        profile.save_changes(enterprise, before, by=person)


def re_review_2026(history: History) -> None:
    """Those due in 2026: some concluded, some being scored, some yet to file; the holder of the sign-in table not begun."""
    cast, plan = history.cast, calendar.RE_REVIEW_2026
    round_ = history.begin(plan)
    history.remind(date(2026, 4, 10))
    applications = history.file(round_, (21, 38, 47, 5, 13, 23, 40, 51, 32), date(2026, 4, 8))
    history.onward(applications, date(2026, 4, 24))
    early, late = applications[:5], applications[5:]
    panel = reviewing.form_panel(
        cast, round_, "专家一组", early, morning(date(2026, 5, 18)), clock.instant(date(2026, 5, 29), 17)
    )
    reviewing.declare(cast, panel, early, morning(date(2026, 5, 19)))
    reviewing.start(cast, early, morning(date(2026, 5, 20)))
    quality = dict(zip((one.pk for one in early), (88, 84, 57, 86, 81), strict=True))
    reviewing.score(cast, panel, morning(date(2026, 5, 21)), quality)
    reviewing.settle_visits(cast, panel, date(2026, 5, 27))
    reviewing.discuss(cast, panel.cases.get(application=early[2]), clock.instant(date(2026, 5, 28), 9))
    reviewing.give_opinions(cast, panel, clock.instant(date(2026, 5, 28), 14))
    reviewing.conclude(cast, panel, morning(date(2026, 5, 29)))
    history.conclude(early[:3], date(2026, 6, 10), failed=(47,))

    expert = next(iter(cast.experts.values()))
    panel = reviewing.form_panel(
        cast,
        round_,
        "专家二组",
        late,
        morning(date(2026, 6, 8)),
        clock.instant(date(2026, 6, 24), 17),
        must_sit=expert,
    )
    reviewing.declare(cast, panel, late[:2], morning(date(2026, 6, 9)))
    reviewing.start(cast, late[:2], clock.instant(date(2026, 6, 9), 15))
    quality = {late[0].pk: 85, late[1].pk: 78}
    reviewing.score(cast, panel, morning(date(2026, 6, 10)), quality, all_but=expert)
    reviewing.begin_sheet(cast, late[0], expert, morning(date(2026, 6, 11)))
    reviewing.settle_visits(cast, panel, date(2026, 6, 11))

    history.file(round_, (63,), date(2026, 6, 2))
    drafts = (
        history.filing(12, date(2026, 6, 8), is_committed=False),
        history.filing(57, date(2026, 6, 9), is_committed=False, is_sketch=True),
    )
    history.office.fill(round_, drafts)


def recognition_2026(history: History) -> None:
    """The round open for applications."""
    cast, plan = history.cast, calendar.RECOGNITION_2026
    round_ = history.begin(plan)
    pages.furnish(cast, round_, plan.opens)
    history.office.fill(
        round_,
        [
            history.filing(0, date(2026, 6, 3), is_committed=False, leaves_out=frozenset({"CREDIT_REPORT"})),
            history.filing(10, date(2026, 6, 4), is_committed=False, misses_share=True),
            history.filing(27, date(2026, 6, 9), is_committed=False, is_sketch=True),
            history.filing(44, date(2026, 6, 10), is_committed=False, is_sketch=True),
        ],
    )
    to_the_bureau_2026(history, round_)
    through_the_district_2026(history, round_)


def to_the_bureau_2026(history: History, round_) -> None:
    """Early files that have reached the bureau: accepted, declined, sent back, waiting at its desk."""
    cast = history.cast
    early = history.file(round_, (46, 65, 59, 37, 24, 19, 20, 29), date(2026, 5, 12))
    vetting.pass_vetting(cast, fresh(early), morning(date(2026, 5, 25)))
    vetting.recommend_all(cast, fresh(early), morning(date(2026, 5, 29)), 6)
    accepted, (sent_back, declined, _waiting) = fresh(early)[:5], fresh(early)[5:]
    vetting.accept(cast, accepted, morning(date(2026, 6, 2)))
    reason = "推荐函附表与申报书的服务性收入不一致，请区市核对后重新报送（演示）。"
    vetting.send_back(cast, sent_back, morning(date(2026, 6, 3)), reason)
    reason = "主营业务为批发，不属于制造业，不符合第十二条第1项（演示）。"
    vetting.decline(cast, declined, morning(date(2026, 6, 3)), reason)


def through_the_district_2026(history: History, round_) -> None:
    """What lies with the districts and associations, most of it in 荣成."""
    cast = history.cast
    passed = history.file(round_, (4, 9, 11, 36, 54), date(2026, 5, 20), {11: "WH-DJXH", 36: "WH-ZBZZ"})
    vetting.pass_vetting(cast, fresh(passed), morning(date(2026, 6, 4)))
    returned = history.file(round_, (1, 45), date(2026, 5, 22))
    return_two(history, returned[0], date(2026, 6, 8))
    return_two(history, returned[1], date(2026, 6, 9))
    (again,) = history.file(round_, (7,), date(2026, 5, 21))
    again = return_two(history, again, date(2026, 6, 2))
    answer = "已补盖公章并更正，见新附件说明（演示）。"
    vetting.correct(cast, fresh([again])[0], morning(date(2026, 6, 9)), answer)
    history.file(round_, (3, 8, 18, 35, 17), date(2026, 6, 1), {17: "WH-DJXH"})
    (gone,) = history.file(round_, (28,), date(2026, 5, 25))
    vetting.withdraw(cast, gone, morning(date(2026, 6, 5)), "拟调整申报模式后重新申报（演示）。")
    (refused,) = history.file(round_, (53,), date(2026, 5, 25))
    reason = "专职服务人员已转岗，服务部门名存实亡，不予推荐（演示）。"
    vetting.refuse(cast, refused, morning(date(2026, 6, 10)), reason)


def return_two(history: History, application: Application, day: date) -> Application:
    items: Sequence[tuple[str, str, str]] = (
        (
            "FIGURES",
            "三年指标",
            f"{application.round.latest_year} 年服务性收入与专项说明不一致，请核对后更正。",
        ),
        (
            "ATTACHMENTS:SERVICE_REVENUE_AUDIT",
            "服务性收入专项审计或说明",
            "最后一页未盖章，请重新上传盖章的扫描件。",
        ),
    )
    due = clock.instant(day + timedelta(days=10), 17)
    return vetting.return_items(history.cast, fresh([application])[0], morning(day), items, due=due)

"""Named guards of meetings, notices, objections and titles, and those that decisions adds to applications."""

import re

from core import clock
from core.reasons import too_short
from core.workflow import Condition
from policy.dates import date_text
from policy.validity import why_not_valid


@Condition
def meeting_record_complete(meeting) -> str:
    facts = {
        "会议日期": meeting.held_on,
        "主持人": meeting.chaired_by,
        "出席情况": meeting.attendance,
        "会议纪要": meeting.minutes,
    }
    missing = [label for label, value in facts.items() if not value]
    items = list(meeting.items.all())
    undecided = sum(not one.decision for one in items)
    unexplained = [
        one.enterprise_name
        for one in items
        if one.decision and one.decision != one.Decision.APPROVED and not one.reason.strip()
    ]
    lacking = {
        f"会议记录还缺：{'、'.join(missing)}（第十六条）。": missing,
        "会议日期在今天之后，会后再记录决定。": meeting.held_on and meeting.held_on > clock.today(),
        "没有议题。请先提出拟认定名单。": not items,
        f"还有 {undecided} 家没有记录决定。": undecided,
        f"不通过、暂缓须写明理由：{'、'.join(unexplained)}。": unexplained,
    }
    return "".join(sentence for sentence, lacks in lacking.items() if lacks)


@Condition
def approved_in_meeting(application) -> str:
    return _decided(application, "APPROVED", "通过")


@Condition
def rejected_in_meeting(application) -> str:
    return _decided(application, "REJECTED", "不通过")


def _decided(application, decision: str, label: str) -> str:
    decided = application.agenda_items.filter(meeting__state="CONFIRMED", decision=decision)
    return "" if decided.exists() else f"没有党组会议“{label}”的记录（第十六条）。"


@Condition
def listed_in_released_publicity(application) -> str:
    return _listed(application, "PUBLICITY", "公示经发布后才能转为公示中（第十六条）。")


@Condition
def listed_in_released_announcement(application) -> str:
    return _listed(application, "ANNOUNCEMENT", "公布通知经发布后才能认定（第十七条）。")


def _listed(application, kind: str, sentence: str) -> str:
    listed = application.notice_entries.filter(notice__kind=kind, notice__state="RELEASED")
    return "" if listed.exists() else sentence


@Condition
def no_objection_open(application) -> str:
    from decisions.models import Objection

    count = Objection.objects.open().filter(application=application).count()
    return f"还有 {count} 件异议未办结（第十七条）。" if count else ""


@Condition
def no_title_in_force(application) -> str:
    from decisions.models import Recognition

    held = (
        Recognition.objects.in_force().filter(enterprise=application.enterprise_id).select_related("plaque")
    )
    titles = [f"已是示范企业（{one.plaque.serial}）" for one in held]
    return f"{application.enterprise}{titles[0]}，称号有效期间不重复认定。" if titles else ""


@Condition
def plaque_handed_over(application) -> str:
    recognition = getattr(application, "recognition", None)
    awarded = recognition is not None and recognition.state == recognition.State.AWARDED
    return "" if awarded else "须先在称号上记录授牌（第十七条）。"


@Condition
def notice_complete(notice) -> str:
    if not notice.body.strip():
        return "公告正文是空的。"
    if notice.kind != notice.Kind.CALL and not notice.entries.exists():
        return "公告名单是空的。"
    if notice.kind == notice.Kind.PUBLICITY:
        if notice.starts_on is None:
            return "请填写公示开始日期。"
        if notice.starts_on < clock.today():
            return f"公示开始日期{date_text(notice.starts_on)}已过，请改为今天或以后。"
    return ""


@Condition
def text_names_its_days(notice) -> str:
    """第十六条: the public reads the period in the text; the portal counts it from the dates."""
    from decisions.drafts import planned_window

    if notice.kind != notice.Kind.PUBLICITY or notice.starts_on is None:
        return ""
    window = planned_window(notice)
    days = [day for day in (window.first_day, window.last_day) if day]
    missing = [day for day in days if not re.search(rf"(?<!\d){day.month}月{day.day}日", notice.body)]
    if not missing:
        return ""
    named = "、".join(date_text(day) for day in missing)
    return f"正文与公示日期不符：正文里没有{named}。请改正文，或按最新情况重新起草（第十六条）。"


@Condition
def sent_for_signature(subject) -> str:
    return "" if subject.sent_at else "拟稿人还没有送签。"


@Condition
def measure_in_force_on_release(notice) -> str:
    """第二十五条: an announcement outside the measure's validity is refused until a renewal is recorded."""
    day = clock.today()
    if notice.kind == notice.Kind.PUBLICITY and notice.starts_on:
        day = notice.starts_on
    return why_not_valid(notice.round.measure.validity(), on=day, act="发布公告")


@Condition
def list_agrees_with_its_source(notice) -> str:
    """第十六、十七条: approved, then publicised, then announced; the same list, or the difference explained."""
    from decisions.lists import why_not_listed

    return "".join(why_not_listed(notice, on=clock.today()))


@Condition
def facts_answered(objection) -> str:
    answer = objection.answer.strip()
    problem = too_short(answer)
    if not answer:
        return "请先写明核实情况和处理结果。"
    return f"核实情况和处理结果{problem}" if problem else ""


@Condition
def under_real_name(objection) -> str:
    if objection.kind == objection.Kind.LEAD:
        return "未署名的来信作为线索登记，不作为异议受理。"
    return ""


@Condition
def bears_no_name(objection) -> str:
    if objection.kind == objection.Kind.LEAD:
        return ""
    return (
        "实名异议须受理、核实并答复，不能登记为线索（第十七条）。身份不实的，受理后写明核实情况，认定不成立。"
    )


@Condition
def plaque_ready(recognition) -> str:
    return "" if hasattr(recognition, "plaque") else "牌匾编号尚未生成。"

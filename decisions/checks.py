"""What is checked before a notice goes out, as a list that people read; the door's guards decide."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.wording import grouped_short
from decisions.conditions import text_names_its_days
from decisions.lists import approval_of, entries_of, why_not_listed
from decisions.models import NoticeEntry, PublicNotice
from policy.dates import date_text
from policy.procedure import list_digest
from policy.validity import document_in_force, why_not_valid

Check = dict[str, Any]


def _check(tone: str, word: str, label: str, clause: str = "", article: int | str = "") -> Check:
    return {"tone": tone, "word": word, "label": label, "clause": clause, "article": article}


def checks_before_release(
    notice: PublicNotice, entries: Sequence[NoticeEntry], *, today: date
) -> list[Check]:
    """The list against the one before, the measure's validity, the text."""
    checks = []
    day = notice.starts_on if notice.kind == PublicNotice.Kind.PUBLICITY and notice.starts_on else today
    if notice.kind == PublicNotice.Kind.PUBLICITY:
        checks.append(_meeting_check(notice))
    if notice.kind in (PublicNotice.Kind.PUBLICITY, PublicNotice.Kind.ANNOUNCEMENT):
        reasons = why_not_listed(notice, on=today)
        digest = grouped_short(list_digest(entries_of(notice)))
        article, clause = (16, "第十六条") if notice.kind == PublicNotice.Kind.PUBLICITY else (17, "第十七条")
        if reasons:
            checks += [_check("unmet", "未满足", reason, clause, article) for reason in reasons]
        else:
            left_out = notice.omissions.count()
            words = f"，另 {left_out} 家未列入已逐家说明" if left_out else ""
            checks.append(
                _check(
                    "met", "已满足", f"{len(entries)} 家，名单摘要 {digest} 核对相符{words}", clause, article
                )
            )
    if notice.kind == PublicNotice.Kind.PUBLICITY:
        reason = text_names_its_days.reason(notice)
        met = ("met", "已满足", "正文写明的公示期与日期一致")
        checks.append(_check(*(("unmet", "不符", reason) if reason else met), "第十六条", 16))
    checks.append(_validity_check(notice, on=day))
    return checks


def checks_before_announcement(
    notice: PublicNotice, entries: Sequence[NoticeEntry], ready: Sequence[NoticeEntry], *, today: date
) -> list[Check]:
    """The five checks beside a running or ended publicity."""
    checks = [_meeting_check(notice)]
    meeting = notice.meeting
    if meeting and notice.digest == meeting.approved_digest:
        label = f"公示名单与审议通过名单摘要相符 {grouped_short(notice.digest)}"
        checks.append(_check("met", "已满足", label, "第十六条", 16))
    else:
        checks.append(_check("unmet", "不符", "公示名单与审议通过名单摘要不符", "第十六条", 16))
    checks.append(_validity_check(notice, on=today))
    checks.append(_window_check(notice, today=today))
    held = [
        one for one in entries if one not in ready and one.application.state in ("PUBLICIZED", "CONTESTED")
    ]
    if held:
        label = f"有异议的 {len(held)} 家办结后另行公布，其余 {len(ready)} 家不等"
        checks.append(_check("attention", f"{len(held)} 家暂缓", label, "第十七条", 17))
    else:
        checks.append(_check("met", "已满足", "没有未办结的实名异议", "第十七条", 17))
    return checks


def _meeting_check(notice: PublicNotice) -> Check:
    approval = approval_of(notice.meeting)
    if approval is None:
        return _check("unmet", "未满足", "尚无已确认的党组会议记录", "第十六条", 16)
    label = f"党组会议{date_text(approval.held_on)}审议通过 {len(approval.entries)} 家，纪要已存"
    return _check("met", "已满足", label, "第十六条", 16)


def _validity_check(notice: PublicNotice, *, on: date) -> Check:
    validity = notice.round.measure.validity()
    if refusal := why_not_valid(validity, on=on, act="发布公告"):
        return _check("unmet", "未满足", refusal, "第二十五条", 25)
    document = document_in_force(validity, on=on)
    return _check("met", "已满足", f"管理办法在有效期内，依据{document}", "第二十五条", 25)


def _window_check(notice: PublicNotice, *, today: date) -> Check:
    days, window = notice.round.publicity_working_days, notice.window
    if window.last_day is None:
        label = f"公示期 {days} 个工作日，截止日待定：工作日历尚无所涉年度的安排"
        return _check("attention", "待定", label)
    if window.has_ended(on=today):
        return _check(
            "met", "已满足", f"公示期 {days} 个工作日，已于{date_text(window.last_day)}届满", "第十七条", 17
        )
    label = f"公示期 {days} 个工作日，{date_text(window.last_day)}届满"
    return _check("info", "进行中", label, "第十七条", 17)

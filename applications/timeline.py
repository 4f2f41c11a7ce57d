"""What has happened to a case: in words for its enterprise, without internal names, notes or scores; with them for officers.

What the experts do among themselves is told whole to the bureau and the auditor alone: a channel knows the enterprises it forwarded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from accounts.models import User
from accounts.roles import reads_everything
from applications.models import Application
from core import events
from core.models import Event

ENTERPRISE, CHANNEL, BUREAU, EXPERTS = "enterprise", "channel", "bureau", "experts"
# action → (title, who acts, tone, whether its note is meant for the enterprise)
WORDS: dict[str, tuple[str, str, str, bool]] = {
    "begin": ("开始填写申报书", ENTERPRISE, "info", False),
    "move_channel": ("更换申报渠道", ENTERPRISE, "info", True),
    "submit": ("提交申报书", ENTERPRISE, "met", False),
    "withdraw": ("撤回申报", ENTERPRISE, "neutral", True),
    "return_for_correction": ("退回补正", CHANNEL, "attention", False),
    "extend_correction": ("延长补正截止", CHANNEL, "info", True),
    "extend": ("延长补正截止", BUREAU, "info", True),
    "refuse_recommendation": ("不予推荐", CHANNEL, "unmet", True),
    "pass_vetting": ("审核通过", CHANNEL, "met", False),
    "take_back_pass": ("撤回审核通过，重新审核", CHANNEL, "attention", True),
    "forward": ("推荐报送市局", CHANNEL, "met", False),
    "accept": ("受理", BUREAU, "met", False),
    "send_back": ("退回区市（协会）重新审核", BUREAU, "attention", True),
    "decline": ("不予受理", BUREAU, "unmet", True),
    "start_review": ("开始专家评审", BUREAU, "info", False),
    "conclude_review": ("专家评审结束", EXPERTS, "info", False),
    "reopen_review": ("重开评审", BUREAU, "info", False),
    "propose": ("列入拟认定名单，报局党组会议审议", BUREAU, "info", False),
    "leave_out": ("未列入本批拟认定名单", BUREAU, "neutral", False),
    "approve": ("局党组会议审议通过", BUREAU, "met", False),
    "reject": ("局党组会议审议未通过", BUREAU, "unmet", False),
    "publicize": ("开始公示", BUREAU, "info", False),
    "contest": ("收到实名异议，正在核实", BUREAU, "attention", False),
    "dismiss_objection": ("异议经核实不成立", BUREAU, "met", False),
    "uphold_objection": ("异议经核实成立，认定终止", BUREAU, "unmet", True),
    "recognize": ("公布认定", BUREAU, "met", False),
    "award": ("授予牌匾", BUREAU, "met", False),
    "pass_re_review": ("复核合格", BUREAU, "met", False),
    "fail_re_review": ("复核不合格（第十九条第（二）项）", BUREAU, "unmet", True),
}


@dataclass(frozen=True)
class Entry:
    at: datetime
    title: str
    who: str
    note: str
    tone: str


def timeline_of(application: Application, log: Iterable[Event]) -> list[Entry]:
    """Newest first. An act that is in no table, or was refused, is not the enterprise's to see."""
    names = {
        ENTERPRISE: "本企业",
        CHANNEL: str(application.channel),
        BUREAU: "威海市工业和信息化局",
        EXPERTS: "专家组",
    }
    entries = []
    for event in log:
        if event.outcome == Event.Outcome.DONE and event.action in WORDS:
            title, who, tone, note_is_shown = WORDS[event.action]
            entries.append(Entry(event.at, title, names[who], event.note if note_is_shown else "", tone))
    return entries[::-1]


AMONG_EXPERTS = frozenset(
    [
        "open_discussion",
        "write_opinion",
        "sign_opinion",
        "record_site_visit",
        "sign_visit",
        "add_site_photo",
        "remove_site_photo",
    ]
)
NOTED_IN_THE_BUREAU = frozenset(["conclude_review", "reopen_review", "propose", "leave_out"])


def history_of(subject: Model, *, reader: User) -> list[dict[str, Any]]:
    """What was done to a case, a letter, a policy, for those who work on it or look into it: every act with who and why, oldest first (one query)."""
    is_whole = reads_everything(reader)
    return [
        {
            "at": event.at,
            "action": event.action,
            "title": event.action_label,
            "who": event.actor_label,
            "note": event.note if is_whole or event.action not in NOTED_IN_THE_BUREAU else "",
            "tone": "attention" if event.to_state in ("RETURNED", "SENT_BACK") else "info",
        }
        for event in events.about(subject).filter(outcome=Event.Outcome.DONE)
        if is_whole or event.action not in AMONG_EXPERTS
    ]

"""Drawing experts at random (第十六条), so that anyone can replay it.

The eligible are frozen with their digest before the seed is taken from the system's randomness; list, seed and outcome are written in one
transaction. The order is that of SHA-256 over seed, digest and expert id: no library's generator has to be kept alive to
get the same names in ten years.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Expert, Membership, User
from accounts.permissions import require_municipal_handler
from accounts.roles import Role
from applications.models import Application
from applications.versions import digest_of
from core import clock, events, notify
from core.workflow import NotPossible
from policy.dates import date_text
from review.conflicts import Screening, applications_of, by_case, experts_to_screen, sentences
from review.models import Assignment, Draw, Panel, PanelCase, PanelMember
from review.notifications import told_of_replacement


@dataclass(frozen=True)
class Candidates:
    """Who can be drawn and who cannot, each of those with the reason; both by ascending id."""

    eligible: list[dict[str, Any]]
    excluded: list[dict[str, Any]]

    @property
    def units(self) -> int:
        """Different units among the eligible: no two experts of one unit sit together."""
        return len({one["unit"] for one in self.eligible})


def candidates(
    applications: Sequence[Application],
    *,
    on: date,
    taken: Mapping[int, str] | None = None,
    seated_units: Iterable[str] = (),
) -> Candidates:
    """The whole pool, sorted into eligible and excluded (six queries whatever its size).

    ``taken``: expert id → why this one is out already; ``seated_units``: units that already have a seat.
    """
    taken, units = taken or {}, set(seated_units)
    eligible, excluded = [], []
    screening = Screening(applications, on=on)
    for expert in experts_to_screen():
        reason = taken.get(expert.pk) or _why_excluded(expert, on)
        if not reason:
            reason = sentences(*by_case(expert, applications, screening).values())
        if not reason and expert.unit in units:
            reason = f"同单位（{expert.unit}）已有专家在组"
        row = {"id": expert.pk, "name": expert.user.name, "unit": expert.unit}
        if reason:
            excluded.append(row | {"reason": reason})
        else:
            eligible.append(row)
    return Candidates(eligible, excluded)


def panel_candidates(panel: Panel) -> Candidates:
    return candidates(applications_of(panel.cases.all()), on=clock.today())


def case_candidates(case: PanelCase) -> Candidates:
    """Who can step in for one case: never anyone who has been assigned to it before."""
    taken, units = {}, set()
    for one in case.assignments.select_related("expert"):
        taken[one.expert_id] = f"已指派过这一件（{one.get_state_display()}）"
        if one.state in (Assignment.State.AWAITING, Assignment.State.CLEAR):
            units.add(one.expert.unit)
    applications = applications_of(PanelCase.objects.filter(pk=case.pk))
    return candidates(applications, on=clock.today(), taken=taken, seated_units=units)


def drawn(eligible: Sequence[Mapping[str, Any]], *, digest: str, seed: str, wanted: int) -> list[int]:
    """Expert ids in drawn order. At most one of each unit; the order in which the eligible are given does not matter."""

    def lot(row: Mapping[str, Any]) -> str:
        return hashlib.sha256(f"{seed}:{digest}:{row['id']}".encode()).hexdigest()

    outcome: list[int] = []
    units: set[str] = set()
    for row in sorted(eligible, key=lot):
        if len(outcome) < wanted and row["unit"] not in units:
            outcome.append(row["id"])
            units.add(row["unit"])
    return outcome


def draw_digest(
    *,
    panel_id: int,
    case_id: int | None,
    wanted: int,
    eligible: Sequence[Mapping[str, Any]],
    excluded: Sequence[Mapping[str, Any]],
) -> str:
    """SHA-256 over everything that stood before the seed was taken."""
    return digest_of(
        {"panel": panel_id, "case": case_id, "wanted": wanted, "eligible": eligible, "excluded": excluded}
    )


def draw_panel(panel: Panel, *, by: User, seed: str = "") -> Draw:
    """Fill an empty panel. Raises NotPermitted, or NotPossible with how many experts are missing and why.

    Only the demonstration, which must come out the same each time, brings a seed of its own.
    """
    require_municipal_handler(by, panel, "draw", "抽取专家")
    with transaction.atomic():
        locked = Panel.objects.select_for_update(of=("self",)).select_related("round").get(pk=panel.pk)
        if locked.state != Panel.State.FORMING or locked.members.exists():
            raise NotPossible(
                [f"{locked.name}已经抽取过专家，抽取结果不能重来。个别专家不能参加的，组成后逐件补抽。"]
            )
        if not locked.cases.exists():
            raise NotPossible(["专家组还没有申报，请先把受理的申报分到这一组，再抽取专家。"])
        record = _record(locked, None, panel_candidates(locked), locked.round.panel_size, "", by, seed)
        PanelMember.objects.bulk_create(
            [PanelMember(panel=locked, expert_id=expert_id) for expert_id in record.outcome]
        )
        events.record(
            locked,
            "draw",
            by=by,
            label="抽取专家",
            draw=record.pk,
            digest=record.digest,
            drawn=record.outcome,
        )
    return record


def draw_replacement(case: PanelCase, *, by: User, reason: str = "", seed: str = "") -> Draw:
    """Draw further experts for one case until it has its number again; each is told."""
    require_municipal_handler(by, case.panel, "draw_replacement", "补抽专家")
    with transaction.atomic():
        locked = (
            PanelCase.objects.select_for_update(of=("self",))
            .select_related("panel__round", "application__enterprise")
            .get(pk=case.pk)
        )
        short = seats_short(locked)
        if locked.panel.state != Panel.State.SEATED or short <= 0:
            raise NotPossible([f"{locked.application.enterprise}的评审专家没有缺额，不需要补抽。"])
        record = _record(
            locked.panel, locked, case_candidates(locked), short, reason.strip() or "专家回避", by, seed
        )
        for expert_id in record.outcome:
            assignment = Assignment.objects.create(case=locked, expert_id=expert_id)
            notify.enqueue([told_of_replacement(assignment)])
        events.record(
            locked.panel,
            "draw_replacement",
            by=by,
            label="补抽专家",
            note=record.reason,
            draw=record.pk,
            case=locked,
            digest=record.digest,
            drawn=record.outcome,
        )
    return record


def seats_short(case: PanelCase) -> int:
    return case.panel.round.panel_size - case.assignments.standing().count()


@dataclass(frozen=True)
class Replay:
    """A recorded draw done again: whether list and names come out the same."""

    digest_matches: bool
    outcome_matches: bool
    outcome: list[int]

    @property
    def is_same(self) -> bool:
        return self.digest_matches and self.outcome_matches


def replay(record: Draw) -> Replay:
    digest = draw_digest(
        panel_id=record.panel_id,
        case_id=record.case_id,
        wanted=record.wanted,
        eligible=record.eligible,
        excluded=record.excluded,
    )
    outcome = drawn(record.eligible, digest=digest, seed=record.seed, wanted=record.wanted)
    return Replay(digest == record.digest, outcome == record.outcome, outcome)


def _record(
    panel: Panel, case: PanelCase | None, found: Candidates, wanted: int, reason: str, by: User, seed: str
) -> Draw:
    if found.units < wanted:
        raise NotPossible([_too_few(found, wanted)])
    digest = draw_digest(
        panel_id=panel.pk,
        case_id=case.pk if case else None,
        wanted=wanted,
        eligible=found.eligible,
        excluded=found.excluded,
    )
    if seed and not settings.DEMO_MODE:
        raise ValueError("A seed is brought along in the demonstration only.")
    seed = seed or secrets.token_hex(32)
    return Draw.objects.create(
        panel=panel,
        case=case,
        reason=reason,
        eligible=found.eligible,
        excluded=found.excluded,
        digest=digest,
        seed=seed,
        outcome=drawn(found.eligible, digest=digest, seed=seed, wanted=wanted),
        wanted=wanted,
        drawn_by=by,
    )


def _too_few(found: Candidates, wanted: int) -> str:
    reasons = "；".join(f"{one['name']}：{one['reason']}" for one in found.excluded)
    text = f"要抽 {wanted} 人（每单位最多 1 人），可抽的只有 {found.units} 个单位的专家，还缺 {wanted - found.units} 人。"
    return f"{text}已排除 {len(found.excluded)} 人：{reasons}。" if reasons else f"{text}请先充实专家库。"


def _why_excluded(expert: Expert, on: date) -> str:
    """Why this one cannot be drawn for anything, before any case is looked at."""
    own = {hat.state for hat in expert.user.memberships.all() if hat.is_active and hat.role == Role.EXPERT}
    if Membership.State.PENDING in own:
        return "还没有接受邀请"
    if expert.is_suspended_on(on) and expert.suspended_from:
        return f"自{date_text(expert.suspended_from)}起暂停抽取：{expert.suspension_reason.rstrip('。；')}"
    if not expert.user.is_active or Membership.State.CONFIRMED not in own:
        return "账号停用或不在专家库"
    return ""

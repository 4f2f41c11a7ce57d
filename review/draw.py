"""Drawing experts at random (第十六条), so that anyone can replay it.

The eligible are frozen with their digest before the seed is taken from the system's randomness; list, seed and outcome are written in one
transaction. The order is that of SHA-256 over seed, digest and expert id: no library's generator has to be kept alive to
get the same names in ten years.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
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
from core.reasons import too_short
from core.workflow import NotPossible
from policy.dates import date_text
from policy.models import ServiceMode
from review.conflicts import Screening, applications_of, by_case, experts_to_screen, sentences
from review.models import Assignment, Draw, Panel, PanelCase, PanelMember, PlannedPair
from review.notifications import told_of_replacement
from review.pool import times_drawn


@dataclass(frozen=True)
class Terms:
    """The conditions of a draw: at most this many draws of one expert in a calendar year (None: no bound), fields that each
    need somebody who knows them, how many reserves are drawn along.
    """

    most_a_year: int | None = None
    fields: tuple[str, ...] = ()
    reserves: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As it is kept and goes into the digest; empty when nothing is asked."""
        return {
            name: list(value) if name == "fields" else value for name, value in asdict(self).items() if value
        }

    @classmethod
    def kept(cls, stored: Mapping[str, Any]) -> "Terms":
        return cls(stored.get("most_a_year"), tuple(stored.get("fields", ())), stored.get("reserves", 0))


ANYTHING = Terms()


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
    terms: Terms = ANYTHING,
    is_divided: bool = False,
) -> Candidates:
    """The whole pool, sorted into eligible and excluded (eight queries at most, whatever its size).

    ``taken``: expert id → why this one is out already; ``seated_units``: units that already have a seat. A divided panel can
    use who is kept out of some of its cases only.
    """
    taken, units = taken or {}, set(seated_units)
    eligible, excluded = [], []
    screening = Screening(applications, on=on)
    pool = experts_to_screen()
    if terms.fields:
        pool = pool.prefetch_related("modes")
    for expert in pool:
        reason = taken.get(expert.pk) or _why_excluded(expert, on)
        if not reason:
            kept_out = by_case(expert, applications, screening)
            if not is_divided or len(kept_out) == len(applications):
                reason = sentences(*kept_out.values())
        if not reason and expert.unit in units:
            reason = f"同单位（{expert.unit}）已有专家在组"
        row = {"id": expert.pk, "name": expert.user.name, "unit": expert.unit}
        if reason:
            excluded.append(row | {"reason": reason})
        else:
            eligible.append(
                row | ({"modes": [str(one) for one in expert.modes.all()]} if terms.fields else {})
            )
    return Candidates(eligible, excluded)


def panel_candidates(panel: Panel, terms: Terms = ANYTHING) -> Candidates:
    return candidates(
        applications_of(panel.cases.all()),
        on=clock.today(),
        taken=_drawn_enough(terms, panel),
        terms=terms,
        is_divided=panel.is_divided,
    )


def fields_of(panel: Panel) -> tuple[str, ...]:
    """The main modes of the panel's cases, each of which an expert should know."""
    modes = ServiceMode.objects.filter(pk__in=panel.cases.values("application__main_mode"))
    return tuple(modes.order_by("position", "pk").values_list("name", flat=True))


def _drawn_enough(terms: Terms, panel: Panel) -> dict[int, str]:
    if terms.most_a_year is None:
        return {}
    begin = clock.instant(date(clock.today().year, 1, 1), 0)
    recent, _ = times_drawn(begin, but=panel)
    return {
        expert: f"今年已抽中 {count} 次，满 {terms.most_a_year} 次"
        for expert, count in recent.items()
        if count >= terms.most_a_year
    }


def case_candidates(case: PanelCase) -> Candidates:
    """Who can step in for one case: never anyone who has been assigned to it before."""
    taken, units = {}, set()
    for one in case.assignments.select_related("expert"):
        taken[one.expert_id] = f"已指派过这一件（{one.get_state_display()}）"
        if one.state in (Assignment.State.AWAITING, Assignment.State.CLEAR):
            units.add(one.expert.unit)
    applications = applications_of(PanelCase.objects.filter(pk=case.pk))
    return candidates(applications, on=clock.today(), taken=taken, seated_units=units)


def drawn(
    eligible: Sequence[Mapping[str, Any]], *, digest: str, seed: str, wanted: int, terms: Terms = ANYTHING
) -> tuple[list[int], list[int]]:
    """Ids of the experts and of the reserves in drawn order; the order in which the eligible are given does not matter.

    Lots decide. For each field in turn the first who knows it takes a seat, unless somebody seated knows it; then seats and
    reserves go by lot. Nobody is taken of whose unit somebody is in already.
    """

    def lot(row: Mapping[str, Any]) -> str:
        return hashlib.sha256(f"{seed}:{digest}:{row['id']}".encode()).hexdigest()

    lots = sorted(eligible, key=lot)
    taken: list[Mapping[str, Any]] = []

    def is_free(row: Mapping[str, Any]) -> bool:
        return all(row["unit"] != one["unit"] for one in taken)

    for field in terms.fields:
        if len(taken) < wanted and not any(field in one["modes"] for one in taken):
            taken += [row for row in lots if field in row["modes"] and is_free(row)][:1]
    for row in lots:
        if len(taken) < wanted + terms.reserves and is_free(row):
            taken.append(row)
    every = [row["id"] for row in taken]
    return every[:wanted], every[wanted:]


def draw_digest(
    *,
    panel_id: int,
    case_id: int | None,
    wanted: int,
    eligible: Sequence[Mapping[str, Any]],
    excluded: Sequence[Mapping[str, Any]],
    terms: Terms = ANYTHING,
) -> str:
    """SHA-256 over everything that stood before the seed was taken."""
    asked = {"terms": terms.as_dict()} if terms.as_dict() else {}
    return digest_of(
        {"panel": panel_id, "case": case_id, "wanted": wanted, "eligible": eligible, "excluded": excluded}
        | asked
    )


def draw_panel(
    panel: Panel, *, by: User, witness: str, terms: Terms = ANYTHING, reason: str = "", seed: str = ""
) -> Draw:
    """Draw the members of a panel; again with a reason, as long as nobody has been invited: the draw before stays on record.

    Raises NotPermitted, or NotPossible with how many experts are missing and why. Only the demonstration, which must come out
    the same each time, brings a seed of its own.
    """
    require_municipal_handler(by, panel, "draw", "抽取专家")
    with transaction.atomic():
        locked = Panel.objects.select_for_update(of=("self",)).select_related("round").get(pk=panel.pk)
        again = locked.draws.filter(case=None).exists()
        if locked.state != Panel.State.FORMING:
            raise NotPossible(
                [f"{locked.name}已经组成，抽取结果不能重来。个别专家不能参加的，逐件递补或补抽。"]
            )
        if not locked.cases.exists():
            raise NotPossible(["专家组还没有申报，请先把受理的申报分到这一组，再抽取专家。"])
        if again and too_short(reason):
            raise NotPossible(
                [
                    f"{locked.name}已经抽取过专家。重新抽取须写明原因（不少于 10 个字），原记录保留，两次都可核对。"
                ]
            )
        found = panel_candidates(locked, terms)
        if problem := _uncovered(found, terms, locked.wanted):
            raise NotPossible([problem])
        record = _record(
            locked, None, found, locked.wanted, reason if again else "", witness, terms, by, seed
        )
        locked.members.all().delete()
        PlannedPair.objects.filter(case__panel=locked).delete()
        PanelMember.objects.bulk_create(
            [PanelMember(panel=locked, expert_id=expert_id) for expert_id in record.outcome]
        )
        events.record(
            locked,
            "draw",
            by=by,
            label="重新抽取专家" if again else "抽取专家",
            note=_result_words(record),
            draw=record.pk,
            digest=record.digest,
            drawn=record.outcome,
            reserves=record.reserves,
            witness=witness,
        )
    return record


def draw_replacement(case: PanelCase, *, by: User, witness: str, reason: str = "", seed: str = "") -> Draw:
    """Draw further experts for one case until it has its number again; each is told."""
    require_municipal_handler(by, case.panel, "draw_replacement", "补抽专家")
    with transaction.atomic():
        locked, short = _short_case(case)
        record = _record(
            locked.panel,
            locked,
            case_candidates(locked),
            short,
            reason.strip() or "专家回避",
            witness,
            ANYTHING,
            by,
            seed,
        )
        for expert_id in record.outcome:
            _assign(locked, expert_id)
        events.record(
            locked.panel,
            "draw_replacement",
            by=by,
            label="补抽专家",
            note=f"{locked.application.enterprise}：{_result_words(record)}",
            draw=record.pk,
            case=locked,
            digest=record.digest,
            drawn=record.outcome,
            witness=witness,
        )
    return record


def call_reserve(case: PanelCase, *, by: User) -> Assignment:
    """The first reserve of the panel's draw who can sit on this case takes a seat that a recusal left empty; is told."""
    require_municipal_handler(by, case.panel, "call_reserve", "递补专家")
    with transaction.atomic():
        locked, _ = _short_case(case)
        record = locked.panel.draws.filter(case=None).order_by("-id").first()
        found = case_candidates(locked)
        free = {one["id"] for one in found.eligible}
        reserves = record.reserves if record else []
        called = next((one for one in reserves if one in free), None)
        passed_over = {one["id"]: f"{one['name']}：{one['reason']}" for one in found.excluded}
        waiting = [one for one in reserves if one != called]
        if record is None or called is None:
            words = "；".join(passed_over[one] for one in waiting if one in passed_over)
            why = f"候补都不能递补这一件（{words}）" if words else "这一组没有抽取候补"
            raise NotPossible([f"{why}，请补抽专家。"])
        assignment = _assign(locked, called)
        before = "；".join(passed_over[one] for one in reserves[: reserves.index(called)])
        words = f"{locked.application.enterprise}：候补{assignment.expert}递补"
        events.record(
            locked.panel,
            "call_reserve",
            by=by,
            label="递补专家",
            note=f"{words}。在前的候补不能递补：{before}" if before else words,
            draw=record.pk,
            case=locked,
            expert=called,
        )
    return assignment


def _result_words(record: Draw) -> str:
    """抽出甲、乙；候补丙。原因：…"""
    names = {one["id"]: one["name"] for one in record.eligible}
    words = f"抽出{'、'.join(names[one] for one in record.outcome)}"
    if record.reserves:
        words += f"；候补{'、'.join(names[one] for one in record.reserves)}"
    if record.witness:
        words += f"；监督人{record.witness}"
    return f"{words}。原因：{record.reason}" if record.reason else words


def _short_case(case: PanelCase) -> tuple[PanelCase, int]:
    """The case, locked, and how many experts it lacks. Raises NotPossible when it lacks none."""
    locked = (
        PanelCase.objects.select_for_update(of=("self",))
        .select_related("panel__round", "application__enterprise")
        .get(pk=case.pk)
    )
    short = seats_short(locked)
    if locked.panel.state != Panel.State.SEATED or short <= 0:
        raise NotPossible([f"{locked.application.enterprise}的评审专家没有缺额，不需要补抽。"])
    return locked, short


def _assign(case: PanelCase, expert_id: int) -> Assignment:
    assignment = Assignment.objects.create(case=case, expert_id=expert_id)
    notify.enqueue([told_of_replacement(assignment)])
    return assignment


def seats_short(case: PanelCase) -> int:
    return case.panel.round.panel_size - case.assignments.standing().count()


@dataclass(frozen=True)
class Replay:
    """A recorded draw done again: whether list and names come out the same."""

    digest_matches: bool
    outcome_matches: bool
    outcome: list[int]
    reserves: list[int]

    @property
    def is_same(self) -> bool:
        return self.digest_matches and self.outcome_matches


def replay(record: Draw) -> Replay:
    terms = Terms.kept(record.terms)
    digest = draw_digest(
        panel_id=record.panel_id,
        case_id=record.case_id,
        wanted=record.wanted,
        eligible=record.eligible,
        excluded=record.excluded,
        terms=terms,
    )
    outcome, reserves = drawn(
        record.eligible, digest=digest, seed=record.seed, wanted=record.wanted, terms=terms
    )
    same = (outcome, reserves) == (record.outcome, record.reserves)
    return Replay(digest == record.digest, same, outcome, reserves)


def _record(
    panel: Panel,
    case: PanelCase | None,
    found: Candidates,
    wanted: int,
    reason: str,
    witness: str,
    terms: Terms,
    by: User,
    seed: str,
) -> Draw:
    if not witness.strip():
        raise NotPossible(["请写明监督人的姓名和单位，抽取须有监督人在场。"])
    if found.units < wanted:
        raise NotPossible([_too_few(found, wanted)])
    digest = draw_digest(
        panel_id=panel.pk,
        case_id=case.pk if case else None,
        wanted=wanted,
        eligible=found.eligible,
        excluded=found.excluded,
        terms=terms,
    )
    if seed and not settings.DEMO_MODE:
        raise ValueError("A seed is brought along in the demonstration only.")
    seed = seed or secrets.token_hex(32)
    outcome, reserves = drawn(found.eligible, digest=digest, seed=seed, wanted=wanted, terms=terms)
    return Draw.objects.create(
        panel=panel,
        case=case,
        reason=reason,
        witness=witness.strip(),
        terms=terms.as_dict(),
        eligible=found.eligible,
        excluded=found.excluded,
        digest=digest,
        seed=seed,
        outcome=outcome,
        reserves=reserves,
        wanted=wanted,
        drawn_by=by,
    )


def _uncovered(found: Candidates, terms: Terms, wanted: int) -> str:
    """Why the fields cannot be covered, told before any seed is taken; empty when they can."""
    nobody = [field for field in terms.fields if not any(field in one["modes"] for one in found.eligible)]
    if nobody:
        return f"可抽的专家中没有人熟悉{'、'.join(nobody)}，不能按模式覆盖抽取。请充实专家库，或不要求覆盖。"
    if len(terms.fields) > wanted:
        return f"本组有 {len(terms.fields)} 种主要模式，专家只有 {wanted} 人，不能逐一覆盖。请分组，或不要求覆盖。"
    return ""


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

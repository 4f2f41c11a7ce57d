"""The order of a round's reviewed cases: worked out, frozen with a digest over every input, worked out again to verify it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count

from accounts.models import Agency, User
from accounts.permissions import require_municipal_handler
from applications.facts import efficiency_categories
from applications.models import Application, Round
from applications.versions import digest_of
from core import clock, events, workflow
from core.workflow import NotPossible
from policy import ranking as rule
from policy.ranking import trimmed_mean
from review.models import Assignment, Panel, Ranking, RankingEntry, ScoreSheet, TieDecision, Unfreezing

State = Application.State
OpenCases = list[tuple[str, str, int]]
BEFORE_REVIEW_ENDS = (
    State.SUBMITTED,
    State.RETURNED,
    State.VETTED,
    State.FORWARDED,
    State.SENT_BACK,
    State.ACCEPTED,
    State.UNDER_REVIEW,
)


def reviewed(round_: Round) -> list[Application]:
    """The cases that an order is worked out from, those of a frozen one included."""
    return list(
        Application.objects.in_round(round_)
        .filter(score__isnull=False)
        .select_related("enterprise__district", "channel", "current_version", "main_mode")
        .order_by("enterprise__credit_code")
    )


def inputs_of(round_: Round, applications: list[Application]) -> dict[str, Any]:
    """Everything the order rests on, as plain values: who, which version, each counted total, the rating, the numbers."""
    sheets = (
        ScoreSheet.objects.filter(
            assignment__case__application__in=applications,
            assignment__state=Assignment.State.CLEAR,
            state=ScoreSheet.State.SUBMITTED,
        )
        .order_by("assignment__expert_id")
        .values_list("assignment__case__application_id", "assignment__expert_id", "total")
    )
    totals: dict[int, list[tuple[int, Decimal]]] = {}
    for application_id, expert_id, total in sheets:
        totals.setdefault(application_id, []).append((expert_id, total or Decimal(0)))
    categories = efficiency_categories(
        [one.enterprise.credit_code for one in applications], round_.latest_year
    )
    shares = dict(round_.channel_quotas.values_list("agency__code", "number"))
    channels = {one.pk: one.channel.code for one in applications} if shares else {}
    inputs = {
        "round": round_.pk,
        "measure": round_.measure.document_number,
        "quota": round_.quota,
        "minimum": f"{round_.minimum_score:.2f}",
        "dropped_each_end": round_.scheme.dropped_each_end,
        "entries": [
            {
                "code": one.enterprise.credit_code,
                "version": one.current_version.digest if one.current_version else "",
                "scores": [[expert_id, f"{total:.2f}"] for expert_id, total in totals.get(one.pk, [])],
                "mean": f"{one.score:.2f}",
                "efficiency": categories.get(one.enterprise.credit_code, ""),
            }
            | ({"channel": channels[one.pk]} if shares else {})
            for one in sorted(applications, key=lambda one: one.enterprise.credit_code)
        ],
    }
    return inputs | ({"shares": shares} if shares else {})


def placed(inputs: dict[str, Any]) -> rule.Ranking:
    """The order that follows from the inputs alone; entries are known by their credit code."""
    return rule.rank(
        (
            rule.Entry(one["code"], Decimal(one["mean"]), one["efficiency"] or None, one.get("channel", ""))
            for one in inputs["entries"]
        ),
        quota=inputs["quota"],
        minimum=Decimal(inputs["minimum"]),
        shares=inputs.get("shares"),
    )


def still_open(round_: Round) -> OpenCases:
    """The cases whose review has not ended: state, its word, how many of them."""
    cases = Application.objects.in_round(round_).filter(state__in=BEFORE_REVIEW_ENDS).order_by()
    counts = dict(cases.values_list("state").annotate(Count("pk")))
    return [(one.value, str(one.label), counts[one]) for one in BEFORE_REVIEW_ENDS if one in counts]


def why_not_freeze(round_: Round, waiting: OpenCases | None = None) -> list[str]:
    """What keeps the order from being frozen, in sentences; ``waiting``: what ``still_open`` has given, if it was asked."""
    if Ranking.objects.standing().filter(round=round_).exists():
        return ["排序已经冻结，不能再次冻结。"]
    if round_.kind != Round.Kind.RECOGNITION:
        return ["复核批次只有合格、不合格两种结论（第十八条），不排序。"]
    waiting = still_open(round_) if waiting is None else waiting
    if open_ones := sum(count for _, _, count in waiting):
        return [f"还有 {open_ones} 件未评审结束，全部结束后才能冻结排序（第十六条）。"]
    open_panels = Panel.objects.filter(round=round_, cases__application__state=State.REVIEWED)
    names = open_panels.exclude(state=Panel.State.CONCLUDED).distinct().values_list("name", flat=True)
    if names:
        return [f"{'、'.join(names)}还没有结束评审，请先在专家组页面结束（第十六条）。"]
    cases = Application.objects.in_round(round_)
    return [] if cases.filter(state=State.REVIEWED).exists() else ["本批次还没有评审结束的申报，无从排序。"]


def freeze(round_: Round, *, by: User) -> Ranking:
    """Freeze the order of a round. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, round_, "freeze_ranking", "冻结排序")
    with transaction.atomic():
        locked = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
        if reasons := why_not_freeze(locked):
            raise NotPossible(reasons)
        applications = reviewed(locked)
        inputs = inputs_of(locked, applications)
        order = placed(inputs)
        ranking = Ranking.objects.create(
            round=locked,
            number=locked.rankings.count() + 1,
            frozen_by=by,
            frozen_at=clock.now(),
            quota=locked.quota,
            minimum=locked.minimum_score,
            seats_left=order.seats_left,
            inputs=inputs,
            digest=digest_of(inputs),
        )
        by_code = {one.enterprise.credit_code: one for one in applications}
        RankingEntry.objects.bulk_create([_entry(ranking, by_code[one.key], one) for one in order.placements])
        note = f"第 {ranking.number} 次冻结，{len(order.placements)} 家，摘要 {ranking.digest}"
        events.record(locked, "freeze_ranking", by=by, label="冻结排序", note=note, digest=ranking.digest)
    return ranking


def _entry(ranking: Ranking, application: Application, placement: rule.Placement) -> RankingEntry:
    return RankingEntry(
        ranking=ranking,
        application=application,
        rank=placement.rank,
        is_tied=placement.is_tied,
        is_on_quota_line=placement.outcome is rule.Outcome.TIED_AT_LINE,
        is_within_quota=placement.outcome is rule.Outcome.WITHIN,
        score=placement.score,
        category=placement.efficiency or "",
        explanation=placement.note,
    )


def why_not_unfreeze(ranking: Ranking) -> list[str]:
    """What keeps a frozen order from being unfrozen, in sentences."""
    if Unfreezing.objects.filter(ranking=ranking).exists():
        return ["这次排序已经解除冻结。"]
    if ranking.entries.exclude(application__state=State.REVIEWED).exists():
        return ["拟认定名单已经提出，排序不能再解除冻结；有异议的按公示异议办理（第十七条）。"]
    return []


def unfreeze(ranking: Ranking, *, by: User, reason: str) -> Unfreezing:
    """Give a frozen order up, so that what it rests on can be corrected; it is kept. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, ranking.round, "unfreeze_ranking", "解除冻结")
    with transaction.atomic():
        locked = Round.objects.select_for_update(of=("self",)).get(pk=ranking.round_id)
        if reasons := why_not_unfreeze(ranking):
            raise NotPossible(reasons)
        given_up = Unfreezing.objects.create(ranking=ranking, reason=reason, unfrozen_by=by)
        events.record(locked, "unfreeze_ranking", by=by, label="解除冻结", note=reason, digest=ranking.digest)
    return given_up


@dataclass(frozen=True)
class Verification:
    """A frozen ranking worked out again from the live rows; ``faults`` are sentences, empty when all is the same."""

    digest: str
    faults: list[str]


def verify(ranking: Ranking) -> Verification:
    """Collect the inputs afresh, compare their digest, and compare every place with what the rule gives.

    Of a ranking that was unfrozen the inputs are those it kept: what it rested on has been changed since, for the reason told.
    """
    entries = list(
        ranking.entries.select_related(
            "application__enterprise", "application__channel", "application__current_version"
        )
    )
    is_given_up = Unfreezing.objects.filter(ranking=ranking).exists()
    inputs = ranking.inputs if is_given_up else inputs_of(ranking.round, [one.application for one in entries])
    digest = digest_of(inputs)
    faults = []
    if digest != ranking.digest:
        faults.append("依据的摘要与冻结时不符。")
        frozen = {one["code"]: one for one in ranking.inputs["entries"]}
        now = {one["code"]: one for one in inputs["entries"]}
        faults += [
            f"{code}：冻结时 {frozen.get(code)}，现在 {now.get(code)}。"
            for code in sorted(frozen | now)
            if frozen.get(code) != now.get(code)
        ]
    scheme = ranking.round.scheme
    for one in inputs["entries"]:
        mean = trimmed_mean((Decimal(total) for _, total in one["scores"]), scheme.dropped_each_end)
        if mean != Decimal(one["mean"]):
            faults.append(f"{one['code']}：各份评分平均为 {mean}，记载为 {one['mean']}。")
    kept = {
        one.application.enterprise.credit_code: (
            one.rank,
            one.is_tied,
            one.is_within_quota,
            one.is_on_quota_line,
        )
        for one in entries
    }
    for place in placed(inputs).placements:
        again = (
            place.rank,
            place.is_tied,
            place.outcome is rule.Outcome.WITHIN,
            place.outcome is rule.Outcome.TIED_AT_LINE,
        )
        if kept.get(place.key) != again:
            faults.append(f"{place.key}：名次与规则得出的不符。")
    return Verification(digest, faults)


def decide_tie(ranking: Ranking, chosen: list[RankingEntry], *, by: User, reason: str) -> TieDecision:
    """Record whom people chose among those tied at the quota line. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, ranking.round, "decide_tie", "录入并列取舍")
    with transaction.atomic():
        Round.objects.select_for_update(of=("self",)).get(pk=ranking.round_id)
        locked = Ranking.objects.select_for_update(of=("self",)).get(pk=ranking.pk)
        reasons = _given_up(locked)
        if TieDecision.objects.filter(ranking=locked).exists():
            reasons.append("集体研究结果已经录入，不能更改。")
        if not locked.seats_left:
            reasons.append("额度线上没有并列，不需要集体研究。")
        if any(not one.is_on_quota_line or one.ranking_id != locked.pk for one in chosen):
            reasons.append("只能在并列于额度线上的企业中选定。")
        reasons += _too_many(locked, chosen)
        if not reason.strip():
            reasons.append("请写明集体研究的时间、方式和取舍理由。")
        if reasons:
            raise NotPossible(reasons)
        decision = TieDecision.objects.create(
            ranking=locked,
            chosen=sorted(one.pk for one in chosen),
            reason=reason.strip(),
            decided_by=by,
            decided_at=clock.now(),
        )
        events.record(
            locked.round,
            "decide_tie",
            by=by,
            note=reason.strip(),
            label="录入并列取舍",
            chosen=[one.application_id for one in chosen],
        )
    return decision


def _given_up(ranking: Ranking) -> list[str]:
    is_given_up = Unfreezing.objects.filter(ranking=ranking).exists()
    return ["这次排序刚被解除冻结，请刷新页面。"] if is_given_up else []


def _too_many(ranking: Ranking, chosen: list[RankingEntry]) -> list[str]:
    """Where more were chosen than a line leaves seats, in sentences."""
    codes = {one.application.enterprise.credit_code for one in chosen}
    reasons = []
    for line in placed(ranking.inputs).lines:
        count = len(codes.intersection(line.keys))
        if count > line.seats:
            whose = Agency.objects.get(code=line.channel).name if line.channel else ""
            reasons.append(f"{whose}余 {line.seats} 个名额，选定了 {count} 家，请减少。")
    return reasons


def why_not_propose(ranking: Ranking | None, decision: TieDecision | None) -> list[str]:
    """What keeps the list from being proposed, in sentences."""
    if ranking is None:
        return ["排序尚未冻结，不能提出名单（第十六条）。"]
    if ranking.seats_left and decision is None:
        return ["额度线上还有并列未决定，请先录入集体研究结果（第十三条已用尽）。"]
    if not ranking.entries.filter(application__state=State.REVIEWED).exists():
        return ["拟认定名单已经提出。"]
    return []


def propose_list(ranking: Ranking, *, by: User) -> tuple[int, int]:
    """Propose those within the quota and those chosen at its line, leave out the others: all or nothing.

    Gives how many were proposed and how many left out. Raises NotPermitted or NotPossible.
    """
    require_municipal_handler(by, ranking.round, "propose_list", "提出拟认定名单")
    with transaction.atomic():
        Round.objects.select_for_update(of=("self",)).get(pk=ranking.round_id)
        decision = TieDecision.objects.filter(ranking=ranking).first()
        if reasons := _given_up(ranking) or why_not_propose(ranking, decision):
            raise NotPossible(reasons)
        chosen = set(decision.chosen) if decision else set()
        proposed = left_out = 0
        waiting = ranking.entries.filter(application__state=State.REVIEWED).select_related("application")
        for entry in waiting:
            place = f"排序第 {entry.rank_text} 名，均分 {entry.score:.2f}。"
            if entry.is_within_quota or entry.pk in chosen:
                note = place + (f"并列取舍：{decision.reason}" if decision and entry.pk in chosen else "")
                workflow.perform(entry.application, "propose", by=by, note=note)
                proposed += 1
            else:
                workflow.perform(entry.application, "leave_out", by=by, note=place)
                left_out += 1
    return proposed, left_out

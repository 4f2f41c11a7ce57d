"""The review by experts, acted by the bureau and by each expert (Art. 16)."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Expert
from applications.models import Application, Round
from core import clock
from core.workflow import perform
from demo.cast import Cast
from demo.files import photo
from policy.scoring import SchemeSpec, reason_required
from review import course, draw, meeting, opinions, ranking_freeze, scores
from review.composing import compose, name_chair
from review.models import Assignment, Panel, PanelCase, Recusal, ScoreSheet, SiteVisit
from review.visiting import add_photo, record_digest, record_visit, sign

STEP = timedelta(minutes=11)
HALF = Decimal("0.5")
TERMS = draw.Terms(reserves=2)
ON_PAPER = "各位专家在评审会上签署了纸质意见，原件存档（演示）。"
WITNESS = "鞠明岫，派驻纪检监察组（演示）"


def form_panel(
    cast: Cast,
    round_: Round,
    name: str,
    applications: Sequence[Application],
    at: datetime,
    due: datetime,
    *,
    must_sit: Expert | None = None,
) -> Panel:
    """Compose a panel, draw its members, name a chair and seat it."""
    with clock.stopped_at(at):
        panel = compose(round_, name, applications, due_at=due, by=cast.municipal)
        seed = _seed(panel, must_sit)
        draw.draw_panel(panel, by=cast.municipal, witness=WITNESS, terms=TERMS, seed=seed)
        name_chair(panel, panel.members.order_by("id").first(), by=cast.municipal)
        return perform(panel, "seat", by=cast.municipal)


def declare(cast: Cast, panel: Panel, applications: Sequence[Application], at: datetime) -> None:
    """Every member declares on these cases that there is no conflict of interest."""
    waiting = Assignment.objects.filter(
        case__panel=panel, case__application__in=applications, state=Assignment.State.AWAITING
    )
    for number, assignment in enumerate(waiting.order_by("id")):
        with clock.stopped_at(at + number * timedelta(minutes=2)):
            perform(assignment, "declare_no_conflict", by=cast.experts[assignment.expert_id].user)


def recuse_and_replace(cast: Cast, case: PanelCase, at: datetime) -> None:
    """One member turns out to have consulted for the enterprise; the first reserve takes the seat."""
    assignment = case.assignments.filter(state=Assignment.State.AWAITING).order_by("-id")[0]
    with clock.stopped_at(at):
        perform(
            assignment,
            "recuse",
            by=cast.experts[assignment.expert_id].user,
            note="去年曾为该企业提供有偿咨询（演示）。",
            grounds=[Recusal.Ground.CONSULTING],
        )
    with clock.stopped_at(at + STEP):
        draw.call_reserve(case, by=cast.municipal)


def start(cast: Cast, applications: Sequence[Application], at: datetime) -> None:
    with clock.stopped_at(at):
        for application in applications:
            perform(application, "start_review", by=cast.municipal)


def score(
    cast: Cast, panel: Panel, at: datetime, quality: dict[int, int], *, all_but: Expert | None = None
) -> None:
    """Fill in and submit the sheets of these cases; ``quality``: application id → about how many points it gets."""
    scheme = panel.round.scheme.spec()
    leaning = {one: cast.dice.randint(-2, 2) for one in cast.experts}
    sheets = ScoreSheet.objects.filter(
        assignment__case__panel=panel,
        assignment__case__application__in=quality,
        assignment__state=Assignment.State.CLEAR,
        state=ScoreSheet.State.DRAFT,
        revision=0,
    ).select_related("assignment__case")
    if all_but:
        sheets = sheets.exclude(assignment__expert=all_but)
    for number, sheet in enumerate(sheets.order_by("id")):
        expert_id = sheet.assignment.expert_id
        typed = _typed(cast, scheme, quality[sheet.assignment.case.application_id] + leaning[expert_id])
        with clock.stopped_at(at + number * timedelta(minutes=7)):
            saved = scores.save(sheet, typed, revision=0, scheme=scheme)
            perform(saved, "submit", by=cast.experts[expert_id].user)


def begin_sheet(cast: Cast, application: Application, expert: Expert, at: datetime) -> None:
    """The expert has filled in two criteria and left it there."""
    sheet = ScoreSheet.objects.get(assignment__case__application=application, assignment__expert=expert)
    scheme = application.round.scheme.spec()
    marks = {scheme.criteria[0].key: ("12", ""), scheme.criteria[1].key: ("21.5", "")}
    with clock.stopped_at(at):
        scores.save(sheet, scores.Typed(marks, ""), revision=0, scheme=scheme)


def settle_visits(cast: Cast, panel: Panel, on: date) -> None:
    """Every other case is visited; for the others the reason why it was not needed is written down."""
    for number, case in enumerate(panel.cases.select_related("application__enterprise").order_by("id")):
        needed = number % 2 == 0
        enterprise = case.application.enterprise
        visit = (
            {
                "reason": "服务性收入占比较高，需核对合同和发票原件。",
                "visited_on": on,
                "officers": [cast.municipal.pk, cast.municipal_leader.pk],
                "place": enterprise.address,
                "received_by": "企业负责人（演示）",
                "inspected": f"{enterprise.address}：生产车间、服务部门、项目档案。",
                "originals_compared": "审计报告、项目合同、服务部门设立文件。",
                "discrepancies": "无。",
                "conclusion": SiteVisit.Conclusion.TRUE,
            }
            if needed
            else {"reason": "材料充分，近两年已现场考察，无需重复。"}
        )
        with clock.stopped_at(clock.instant(on, 16)):
            record = SiteVisit(application=case.application, is_needed=needed, **visit)
            record_visit(record, seen="", by=cast.municipal)
            if needed:
                taken = photo("服务部门和项目档案", str(enterprise))
                add_photo(case.application, SimpleUploadedFile("现场.jpg", taken), by=cast.municipal)
                seen = record_digest(SiteVisit.objects.get(application=case.application))
                for officer in (cast.municipal, cast.municipal_leader):
                    sign(case.application, seen=seen, by=officer)


def discuss(cast: Cast, case: PanelCase, at: datetime) -> None:
    """The panel discusses a case; the last of its experts looks at the own score again and leaves it with another reason."""
    moderator = meeting.moderator_of(case)
    assert moderator is not None
    with clock.stopped_at(at):
        meeting.open_discussion(case, by=cast.experts[moderator.expert_id].user)
    sheet = ScoreSheet.objects.filter(assignment__case=case).order_by("-id")[0]
    expert = cast.experts[sheet.assignment.expert_id].user
    scheme = case.panel.round.scheme.spec()
    with clock.stopped_at(at + STEP):
        reopened = meeting.reopen(sheet, by=expert, reason="合议后认为服务收入核算的依据不足（演示）。")
        marks = {
            one.criterion.key: (
                str(max((one.points or HALF) - HALF, Decimal(0))),
                "合议后复核，佐证不足（演示）。",
            )
            for one in reopened.scores.select_related("criterion")
        }
        typed = scores.Typed(marks, reopened.comment)
        perform(scores.save(reopened, typed, revision=reopened.revision, scheme=scheme), "submit", by=expert)


def give_opinions(cast: Cast, panel: Panel, at: datetime) -> None:
    """The moderator drafts each opinion from the sheets, and every expert on the case signs it."""
    scheme = panel.round.scheme.spec()
    for number, case in enumerate(panel.cases.select_related("application").order_by("id")):
        moderator = meeting.moderator_of(case)
        assert moderator is not None
        with clock.stopped_at(at + number * STEP):
            text = opinions.draft_opinion(case, scheme)
            put = opinions.write_opinion(case, text, by=cast.experts[moderator.expert_id].user)
            for one in case.assignments.filter(state=Assignment.State.CLEAR).order_by("id"):
                expert = cast.experts[one.expert_id].user
                opinions.sign_opinion(one, by=expert, seen=opinions.opinion_digest(put))


def conclude(cast: Cast, panel: Panel, at: datetime) -> None:
    with clock.stopped_at(at):
        _, held = course.conclude_panel(panel, by=cast.municipal, unsigned=ON_PAPER)
    assert not held, held


def rank_and_propose(cast: Cast, round_: Round, at: datetime) -> None:
    with clock.stopped_at(at):
        ranking = ranking_freeze.freeze(round_, by=cast.municipal)
    with clock.stopped_at(at + timedelta(hours=2)):
        ranking_freeze.propose_list(ranking, by=cast.municipal)


def _seed(panel: Panel, must_sit: Expert | None) -> str:
    """A seed of the demonstration's own; the first one that seats the expert of the sign-in table, where one must sit."""
    found = draw.panel_candidates(panel)
    wanted = panel.round.panel_size
    digest = draw.draw_digest(
        panel_id=panel.pk,
        case_id=None,
        wanted=wanted,
        eligible=found.eligible,
        excluded=found.excluded,
        terms=TERMS,
    )
    for attempt in count():
        seed = hashlib.sha256(f"demo {panel} {attempt}".encode()).hexdigest()
        drawn, _ = draw.drawn(found.eligible, digest=digest, seed=seed, wanted=wanted, terms=TERMS)
        if must_sit is None or must_sit.pk in drawn:
            return seed
    raise AssertionError


def _typed(cast: Cast, scheme: SchemeSpec, aim: int) -> scores.Typed:
    marks = {}
    for criterion in scheme.criteria:
        share = Decimal(aim + cast.dice.randint(-2, 2)) / 100
        points = min((criterion.maximum * share / HALF).to_integral_value() * HALF, criterion.maximum)
        reason = (
            "材料扎实，佐证充分，特色鲜明。" if points * 2 > criterion.maximum else "佐证不足，需要补充说明。"
        )
        needs = reason_required(points, criterion.maximum, scheme)
        marks[criterion.key] = (str(points), reason if needs else "")
    comment = "服务模式清晰，与制造结合紧密。" if aim >= 75 else "基础尚可，服务收入核算和项目证明有待加强。"
    return scores.Typed(marks, comment)

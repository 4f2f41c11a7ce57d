"""Where a test of the review begins: a round, its cases, its experts, taken through the door as far as needed."""

from datetime import date
from decimal import Decimal

from accounts.models import Expert, User
from accounts.roles import Role
from applications.models import Application, Round
from core import clock, workflow
from policy.models import ServiceMode
from review import course, draw, scores
from review.models import Assignment, Panel, PanelCase, PanelMember, ScoreSheet, SiteVisit
from tests.factories import make_application, make_expert, make_officer, make_round

AUGUST = clock.instant(date(2026, 8, 3), 9)
WITNESS = "林静，市纪委派驻纪检监察组"
DUE = clock.instant(date(2026, 8, 14), 17)
ON_PAPER = "各位专家已在评审会上签署纸质意见，原件存档。"
FULL = ("14", "21", "17", "21", "13")  # 86


def handler() -> User:
    return make_officer(Role.MUNICIPAL_HANDLER, name="市局经办人")


def pool(count: int) -> list[Expert]:
    """Experts of as many units, so that none keeps another out."""
    return [make_expert(unit=f"第{number}研究所") for number in range(1, count + 1)]


def accepted(round_: Round, count: int = 1, **fields) -> list[Application]:
    return [make_application(round=round_, state=Application.State.ACCEPTED, **fields) for _ in range(count)]


def compose(round_: Round, cases: list[Application], name: str = "第一组") -> Panel:
    panel = Panel.objects.create(round=round_, name=name, due_at=DUE)
    PanelCase.objects.bulk_create([PanelCase(panel=panel, application=one) for one in cases])
    return panel


def seat(panel: Panel, experts: list[Expert], *, by: User) -> Panel:
    PanelMember.objects.bulk_create(
        [PanelMember(panel=panel, expert=one, is_chair=one is experts[0]) for one in experts]
    )
    return workflow.perform(panel, "seat", by=by)


def declare_all(panel: Panel) -> None:
    for one in Assignment.objects.filter(case__panel=panel, state=Assignment.State.AWAITING):
        workflow.perform(one, "declare_no_conflict", by=one.expert.user)


def fill(assignment: Assignment, points=FULL, *, comment: str = "材料齐全。") -> ScoreSheet:
    """Save a whole sheet; every criterion has a reason, so that any band will do."""
    sheet = ScoreSheet.objects.get(assignment=assignment)
    scheme = assignment.case.panel.round.scheme.spec()
    marks = {
        one.key: (str(mark), "已在材料中核对。") for one, mark in zip(scheme.criteria, points, strict=True)
    }
    return scores.save(sheet, scores.Typed(marks, comment), revision=sheet.revision, scheme=scheme)


def points_for(total) -> list[Decimal]:
    """Points for the five criteria of the default scheme that make up this total."""
    left, points = Decimal(str(total)), []
    for maximum in (15, 25, 20, 25, 15):
        points.append(min(left, Decimal(maximum)))
        left -= points[-1]
    return points


def score_all(panel: Panel, totals: dict[int, list] | None = None) -> None:
    """Submit every sheet; `totals` gives application id → totals in the order of its assignments."""
    for case in panel.cases.all():
        standing = list(case.assignments.standing().order_by("id"))
        given = (totals or {}).get(case.application_id) or [86] * len(standing)
        for one, total in zip(standing, given, strict=True):
            workflow.perform(fill(one, points_for(total)), "submit", by=one.expert.user)


def not_visited(application: Application, *, by: User) -> SiteVisit:
    return SiteVisit.objects.create(
        application=application, is_needed=False, reason="材料足以判断。", recorded_by=by
    )


def panel_at_work(count: int = 1, *, experts: int = 5, by: User | None = None) -> Panel:
    """A seated panel whose members have all declared and whose cases are under review."""
    by = by or handler()
    round_ = make_round(panel_size=experts)
    panel = seat(compose(round_, accepted(round_, count)), pool(experts), by=by)
    declare_all(panel)
    course.start_panel(panel, by=by)
    return panel


def far_apart(*, by: User) -> Panel:
    """Three experts on one case, all sheets in; the third is far from the others."""
    panel = panel_at_work(experts=3, by=by)
    score_all(panel, {panel.cases.get().application_id: [88, 86, 62]})
    return panel


def on(case: PanelCase) -> list[Assignment]:
    return list(case.assignments.select_related("expert__user", "sheet").order_by("id"))


def large_panel(cases: int, *, size: int, each: int = 3, by) -> Panel:
    """A panel of more members than review each case, drawn; odd cases are of another mode than even ones."""
    round_ = make_round(panel_size=each)
    modes = list(ServiceMode.objects.all()[:2])
    applications = accepted(round_, cases)
    for number, one in enumerate(applications):
        Application.objects.filter(pk=one.pk).update(main_mode=modes[number % 2])
    for number, one in enumerate(pool(size)):
        one.modes.set([modes[number % 2]])
    panel = compose(round_, applications)
    panel.size = size
    panel.save()
    draw.draw_panel(panel, by=by, witness=WITNESS)
    PanelMember.objects.filter(pk=panel.members.order_by("id")[0].pk).update(is_chair=True)
    return Panel.objects.get(pk=panel.pk)


def texts(response) -> list[str]:
    """What the page tells after an act."""
    return [str(one) for one in response.context["messages"]]

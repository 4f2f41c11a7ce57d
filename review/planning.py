"""The assignment plan of a divided panel: made by a worker, explained pair by pair, changed by hand with a reason."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.models import Expert, User
from accounts.permissions import require_municipal_handler
from core import clock, documents, events
from core.documents import CannotBeMade, Made, Progress
from core.exports import Column, workbook
from core.models import Document, Event
from core.workflow import NotPossible
from review.conflicts import Screening, experts_to_screen
from review.matching import NoMatch, match
from review.models import Panel, PanelCase, PlannedPair

PLAN = "assignment-plan"
ASK = "ask_plan"
MAIN_MODE, OTHER_MODE, INDUSTRY = (
    4,
    2,
    1,
)  # what it costs when the expert does not know it; the other mode: only that one
NO_FIT = MAIN_MODE + INDUSTRY


def plan_of(panel: Panel) -> Document | None:
    """The latest plan that was asked for."""
    mine = Document.objects.filter(kind=PLAN, subject_type=Panel._meta.label, subject_id=panel.pk)
    return mine.order_by("-id").first()


def ask_plan(panel: Panel, *, by: User) -> Document:
    """Let a worker make the plan, anew each time it is asked for. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, panel, ASK, "分配申报")
    with transaction.atomic():
        locked = Panel.objects.select_for_update(of=("self",)).select_related("round").get(pk=panel.pk)
        if problem := _why_not(locked):
            raise NotPossible([problem])
        last = plan_of(locked)
        if last and last.status == Document.Status.WAITING:
            return last
        event = events.record(locked, ASK, by=by, label="分配申报")
        return documents.request(PLAN, locked, by=by, key=f"plan-{event.pk}")


def _why_not(panel: Panel) -> str:
    if panel.state != Panel.State.FORMING:
        return f"{panel.name}已经组成，分配不能再改。个别专家不能评的，逐件递补或补抽。"
    if not panel.is_divided:
        return "本组专家人数与每件的评审人数相同，每位专家评全部申报，不需要分配。"
    return "" if panel.members.exists() else "请先抽取专家，再分配申报。"


def make_plan(panel: Panel, key: str, progress: Progress) -> Made:
    """Work the plan out, keep it, and give it as a table; all of it in the transaction of its document."""
    locked = Panel.objects.select_for_update(of=("self",)).select_related("round").get(pk=panel.pk)
    if problem := _why_not(locked):
        raise CannotBeMade(problem)
    progress(5)
    cases = list(cases_of(locked))
    experts = list(members_of(locked))
    screening = Screening([one.application for one in cases], on=clock.today())
    fits = {
        (case.pk, expert.pk): fit(case, expert)
        for case in cases
        for expert in experts
        if not screening.keeping_out(expert, case.application)
    }
    progress(30)
    each = locked.round.panel_size
    try:
        pairs = match(
            [one.pk for one in cases],
            [one.pk for one in experts],
            each=each,
            costs={pair: cost for pair, (cost, _) in fits.items()},
        )
    except NoMatch as none:
        raise CannotBeMade(_why_none(none, cases, experts, each)) from none
    progress(80)
    PlannedPair.objects.filter(case__panel=locked).delete()
    PlannedPair.objects.bulk_create(
        [
            PlannedPair(case_id=case, expert_id=expert, why=fits[case, expert][1])
            for case, expert in sorted(pairs)
        ]
    )
    progress(90)
    return Made(f"评审分配方案_{locked.name}.xlsx", plan_table(locked))


def cases_of(panel: Panel):
    """The panel's cases with all that a plan reads of them."""
    related = ("application__enterprise__industry", "application__main_mode")
    return panel.cases.select_related(*related).prefetch_related("application__other_modes").order_by("id")


def members_of(panel: Panel):
    """The panel's members with all that a plan reads of them."""
    members = experts_to_screen().filter(panel_memberships__panel=panel)
    return members.prefetch_related("modes")


def fit(case: PanelCase, expert: Expert) -> tuple[int, str]:
    """How badly an expert's fields fit a case (0: well), and the words that explain it."""
    application = case.application
    known = {one.pk: one.name for one in expert.modes.all()}
    words, cost = [], 0
    if application.main_mode_id in known:
        words.append(f"熟悉主要模式{known[application.main_mode_id]}")
    elif other := next((one for one in application.other_modes.all() if one.pk in known), None):
        cost += OTHER_MODE
        words.append(f"熟悉其他模式{other}")
    else:
        cost += MAIN_MODE
    division = application.enterprise.industry_id[:2]
    if division in expert.industries:
        words.append(f"熟悉行业大类 {division}")
    else:
        cost += INDUSTRY
    return cost, "；".join(words) or "没有登记相符的领域，为各专家件数均衡而分配"


def _why_none(none: NoMatch, cases: Sequence[PanelCase], experts: Sequence[Expert], each: int) -> str:
    """Where an even plan fails, in sentences that fit a document's error."""
    short = [str(one.application.enterprise) for one in cases if one.pk in none.short]
    thin = [str(one) for one in experts if one.pk in none.thin]
    said = []
    if short:
        said.append(f"{'、'.join(short[:3])}等 {len(short)} 件可评的专家不足 {each} 人（其余有利害关系）。")
    if thin:
        said.append(f"{'、'.join(thin[:3])}等 {len(thin)} 位专家可评的件数太少。")
    return (
        "不能均衡分配："
        + ("".join(said) or "利害关系使各专家的件数不能相差在一件之内。")
        + "请重新抽取或增加专家。"
    )


def change_pair(pair: PlannedPair, expert: Expert, *, by: User, reason: str) -> PlannedPair:
    """Give one place of the plan to another member. Raises NotPermitted, or NotPossible with what stands against it."""
    require_municipal_handler(by, pair.case.panel, "change_plan", "调整分配")
    with transaction.atomic():
        panel = (
            Panel.objects.select_for_update(of=("self",)).select_related("round").get(pk=pair.case.panel_id)
        )
        locked = PlannedPair.objects.select_related("expert__user").filter(pk=pair.pk).first()
        if locked is None or _why_not(panel):
            raise NotPossible([_why_not(panel) or "分配方案已重新计算，请刷新页面后再调整。"])
        if not reason:
            raise NotPossible(["请写明调整的原因。"])
        case = cases_of(panel).get(pk=locked.case_id)
        member = members_of(panel).filter(pk=expert.pk).first()
        if member is None:
            raise NotPossible([f"{expert}不是本组专家，请从本组专家中选择。"])
        if case.planned.filter(expert=member).exists():
            raise NotPossible([f"{member}已经在评{case.application.enterprise}，请另选一位。"])
        if found := Screening([case.application], on=clock.today()).keeping_out(member, case.application):
            raise NotPossible([f"{member}不能评这一件：{found[0].evidence}（第十六条）。"])
        before, _ = locked.expert, None
        _, words = fit(case, member)
        locked.expert, locked.why, locked.changed_by = member, f"人工调整：{reason}（{words}）"[:200], by
        locked.save(update_fields=["expert", "why", "changed_by"])
        events.record(
            panel,
            "change_plan",
            by=by,
            label="调整分配",
            note=f"{case.application.enterprise}：{before}改为{member}。原因：{reason}",
            case=case.pk,
            before=before.pk,
            after=member.pk,
        )
    return locked


def loads(panel: Panel) -> Counter[int]:
    """Expert's id → how many cases are planned for this member; those with none too."""
    counted = Counter(dict.fromkeys(panel.members.values_list("expert", flat=True), 0))
    counted.update(PlannedPair.objects.filter(case__panel=panel).values_list("expert", flat=True))
    return counted


def plan_table(panel: Panel) -> bytes:
    """The plan as a workbook: one line a pair, with the reason for it."""
    columns = [
        Column("企业名称", 32),
        Column("统一社会信用代码", 22),
        Column("主要模式", 18),
        Column("专家", 12),
        Column("工作单位", 26),
        Column("理由", 50),
    ]
    pairs = PlannedPair.objects.filter(case__panel=panel).select_related(
        "case__application__enterprise", "case__application__main_mode", "expert__user"
    )
    rows: list[list[Any]] = [
        [
            one.case.application.enterprise.name,
            one.case.application.enterprise.credit_code,
            str(one.case.application.main_mode or ""),
            one.expert.user.name,
            one.expert.unit,
            one.why,
        ]
        for one in pairs
    ]
    return workbook(columns, rows, sheet="分配方案", title=f"{panel} 评审分配方案")


def changes_of(panel: Panel):
    """What was changed by hand, the newest first."""
    return events.about(panel).filter(action="change_plan", outcome=Event.Outcome.DONE).order_by("-id")

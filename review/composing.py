"""Putting a panel together: which cases it reviews and who chairs it. Its members are drawn (``review.draw``)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.permissions import require_municipal_handler
from applications.models import Application, Round
from core import events, notify
from core.reasons import too_short
from core.workflow import NotPossible
from review.models import Assignment, Panel, PanelCase, PanelMember
from review.notifications import told_of_chair


def compose(
    round_: Round,
    name: str,
    cases: Sequence[Application],
    *,
    due_at: datetime,
    by: User,
    size: int | None = None,
) -> Panel:
    """A panel for these accepted cases, without members yet; ``size`` when it has more than review each. Raises NotPermitted, or NotPossible when one is taken."""
    require_municipal_handler(by, round_, "compose", "组建专家组")
    with transaction.atomic():
        Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
        taken = PanelCase.objects.filter(application__in=cases).select_related(
            "application__enterprise", "panel"
        )
        if taken:
            raise NotPossible(
                [f"{one.application.enterprise}已分到{one.panel.name}，请重新选择。" for one in taken]
            )
        panel = Panel.objects.create(round=round_, name=name, due_at=due_at, size=size)
        PanelCase.objects.bulk_create([PanelCase(panel=panel, application=one) for one in cases])
        events.record(
            panel,
            "compose",
            by=by,
            label="组建专家组",
            note=f"{len(cases)} 件，每件 {round_.panel_size} 人评审",
            cases=[one.pk for one in cases],
        )
    return panel


def dissolve(panel: Panel, *, by: User) -> Round:
    """Give a panel up before anybody has been drawn; its cases wait for another one. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, panel, "dissolve", "解散专家组")
    with transaction.atomic():
        locked = Panel.objects.select_for_update(of=("self",)).select_related("round").get(pk=panel.pk)
        if locked.draws.exists():
            raise NotPossible([f"{locked.name}已经抽取过专家，不能解散；需要重来的，写明原因重新抽取。"])
        cases = list(locked.cases.values_list("application", flat=True))
        label, note = "解散专家组", f"{locked.name}，{len(cases)} 件"
        events.record(locked.round, "dissolve", by=by, label=label, note=note, panel=locked.pk, cases=cases)
        locked.cases.all().delete()
        locked.delete()
    return locked.round


def name_chair(panel: Panel, member: PanelMember | None, *, by: User, reason: str = "") -> PanelMember:
    """Name the chair; of a panel at work another one, with a reason. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, panel, "name_chair", "指定组长")
    with transaction.atomic():
        locked = Panel.objects.select_for_update(of=("self",)).get(pk=panel.pk)
        if locked.state == Panel.State.CONCLUDED:
            raise NotPossible([f"{locked.name}评审已结束，组长不再更换。"])
        if member is None or member.panel_id != locked.pk:
            raise NotPossible(["请从抽出的专家中选定一位组长。"])
        before = locked.members.filter(is_chair=True).select_related("expert__user").first()
        replaces = locked.state == Panel.State.SEATED
        if replaces:
            _check_change(member, before, reason)
        locked.members.filter(is_chair=True).update(is_chair=False, gave_up_chair=replaces)
        PanelMember.objects.filter(pk=member.pk).update(is_chair=True, gave_up_chair=False)
        event = events.record(
            locked,
            "name_chair",
            by=by,
            label="更换组长" if replaces else "指定组长",
            note=_chair_words(before, member, reason) if replaces else str(member.expert),
            member=member.expert,
            before=before.expert if before else None,
        )
        if replaces:
            notify.enqueue(told_of_chair(event, member, before))
    return member


def _chair_words(before: PanelMember | None, member: PanelMember, reason: str) -> str:
    instead = f"组长由{before.expert}改为{member.expert}" if before else f"组长{member.expert}"
    return f"{instead}。原因：{reason}"


def _check_change(member: PanelMember, before: PanelMember | None, reason: str) -> None:
    if before is not None and before.pk == member.pk:
        raise NotPossible([f"{member.expert}已是组长，请选另一位专家。"])
    at_work = Assignment.objects.standing().filter(case__panel=member.panel_id, expert=member.expert_id)
    if not at_work.exists():
        raise NotPossible([f"{member.expert}已不评审本组的申报，不能任组长，请选另一位专家。"])
    if problem := too_short(reason):
        raise NotPossible([f"更换组长的原因{problem}"])


def cases_without_chair(panel: Panel) -> int:
    """How many cases the chair does not review: there the expert who has been on it longest moderates."""
    chair = panel.members.filter(is_chair=True).values("expert")
    with_chair = Assignment.objects.standing().filter(case__panel=panel, expert__in=chair).values("case")
    return panel.cases.exclude(pk__in=with_chair).count()

"""The task list of a draft and its sections, saved as they are written."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.held import keeps_typing, take
from accounts.http import SignedInRequest
from accounts.models import User
from applications import corrections, drafts
from applications.completeness import NARRATIVE_SOFT_LIMIT, narrative_length, section_statuses
from applications.extensions import behind
from applications.facts import findings_of
from applications.forms import FORMS, FiguresForm
from applications.forms.figures import GridRow
from applications.models import Application, Section, SectionSave
from applications.views.enterprise_attachments import attachment_groups
from applications.views.enterprise_cases import Case, conflict, own_application
from applications.views.enterprise_tasks import correction_lines, first_open, task_lines
from applications.views.enterprise_track import tracked
from core import clock, events, workflow
from core.workflow import NotPossible
from policy.findings import Finding

# rule → the block of the figures that it reads: its finding stands beside it
BLOCK_OF_RULE = {
    "sound_organisation": "规模",
    "main_revenue_growth": "收入",
    "service_revenue_share": "收入",
    "profit_growth": "效益",
}
# section → the rules whose findings stand beside it
RULES_BESIDE = {
    Section.BASIC: (
        "registered_in_weihai",
        "manufacturing",
        "independent_legal_person",
        "years_in_operation",
        "sound_organisation",
        "no_major_accident",
        "no_violation",
        "not_under_investigation",
        "not_barred",
    ),
    Section.FIGURES: tuple(BLOCK_OF_RULE),
    Section.SERVICE_UNIT: ("service_unit",),
    Section.PROJECTS: ("projects_in_window",),
    Section.NARRATIVE: ("main_revenue_growth", "profit_growth"),
    Section.ATTACHMENTS: ("service_unit", "projects_in_window"),
}


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The task list while it is the enterprise's turn; where the file is when it is not."""
    application = own_application(request, pk)
    if not application.is_editable:
        return tracked(request, application)
    items = corrections.open_items(application)
    opened = corrections.open_sections(application, items)
    log = events.about(application) if application.current_version else []
    statuses = section_statuses(application)
    findings = findings_of(application)
    tasks = task_lines(application, statuses, findings, opened, items)
    done = sum(one["is_done"] for one in tasks)
    context = {
        "application": application,
        "case": Case.of(application, log, at=clock.now()),
        "put_off": behind(application),
        "tasks": tasks,
        "done": done if done < len(tasks) else 0,
        "unfinished": [one for one in statuses if not one.is_complete],
        "faulty": sum(bool(one.faults) for one in statuses),
        "next": first_open(statuses, opened),
        "findings": findings,
        "lines": correction_lines(application, items),
        "locked": [one for one in Section if one not in opened],
        "options": workflow.options(application, request.user, "submit", "withdraw"),
        "saved_at": max((one.saved_at for one in application.section_saves.all()), default=None),
    }
    template = "corrections" if application.state == Application.State.RETURNED else "tasks"
    return render(request, f"applications/enterprise/{template}.html", context)


@keeps_typing
def section(request: SignedInRequest, pk: int, section: str) -> HttpResponse:
    """Show or save one section. Saving answers to scripts with headers, to people with a redirect."""
    if section.upper() not in Section.values:
        raise Http404
    part = Section(section.upper())
    posted = _posted(request, part)
    if posted is None:
        return show_section(request, own_application(request, pk), part)
    application = own_application(request, pk, Application.objects.select_related("round", "channel"))
    if part == Section.COMMITMENT:
        return _commit(request, application)
    if part == Section.ATTACHMENTS:
        return redirect("application-section", application.pk, part)
    try:
        draft = drafts.save_draft(application, part, posted, by=request.user)
    except NotPossible as refusal:
        if "autosave" in request.POST:
            return HttpResponse(
                "".join(refusal.reasons), status=409, content_type="text/plain; charset=utf-8"
            )
        messages.error(request, "".join(refusal.reasons) + "您刚才填写的内容没有保存，列在下面供复制。")
        return show_section(request, own_application(request, pk), part, refused=posted)
    if "autosave" in request.POST:
        return _answer_script(draft, request.user)
    for sentence in draft.overlong:
        messages.error(request, sentence)
    if draft.conflicts or draft.overlong:
        return show_section(request, own_application(request, pk), part, draft)
    return _after_saving(request, application, part, draft)


def _posted(request: SignedInRequest, part: Section) -> dict[str, list[str]] | None:
    """What is to be saved: posted now, or held since the session ended; None when the page is only looked at."""
    if request.method != "POST":
        return take(request) if part in FORMS else None
    posted = {name: request.POST.getlist(name) for name in request.POST}
    if row := request.POST.get("remove"):
        posted |= {name: [""] for name in posted if name.startswith(f"row-{row}-")}
    return posted


def show_section(
    request: SignedInRequest,
    application: Application,
    part: Section,
    draft: drafts.Draft | None = None,
    refused: Mapping[str, list[str]] | None = None,
) -> HttpResponse:
    items = corrections.open_items(application)
    findings = _beside(findings_of(application), part)
    status = next(one for one in section_statuses(application) if one.section == part)
    numbers = list(Section)
    returned = [item for item in items if corrections.section_of(item) == part]
    context = {
        "application": application,
        "case": Case.of(application, [], at=clock.now()),
        "section": part,
        "number": numbers.index(part) + 1,
        "total": len(numbers),
        "status": status,
        "closed": corrections.why_closed(application, part, items),
        "lines": correction_lines(application, returned),
        "awaits_answer": any(not one.answer for one in returned),
        "findings": findings,
    }
    if part in FORMS:
        draft = draft or drafts.open_draft(application, part, new_row="add" in request.GET)
        context |= {"draft": draft, "form": draft.form, "save": draft.save}
        if draft.conflicts:
            context["who_else"] = _who_else(draft.save, request.user)
        context["refused"] = drafts.differing(draft.form, refused or {})
        if isinstance(draft.form, FiguresForm):
            grid = draft.form.sections(application.round.measure.condition_specs())
            context |= _figures_context(grid, findings)
    if part == Section.NARRATIVE:
        context |= {"length": narrative_length(application), "soft_limit": NARRATIVE_SOFT_LIMIT}
    if part in (Section.ATTACHMENTS, Section.COMMITMENT):
        context["groups"] = attachment_groups(
            application,
            part,
            corrections.open_kinds(application, items),
            corrections.returned_kinds(items),
            application.submitted_at,
        )
    return render(request, f"applications/enterprise/section_{part.lower()}.html", context)


def _figures_context(grid: list[tuple[str, list[GridRow]]], findings: list[Finding]) -> dict[str, Any]:
    """The blocks of the grid with the findings beside each, what is swapped after a save, what has to be mended, by field."""
    rows = [row for _, block in grid for row in block]
    live = [f"#computed-{row.key}" if row.values else f"#why-{row.key}" for row in rows]
    return {
        "grid": [
            (title, block, [one for one in findings if BLOCK_OF_RULE.get(one.key) == title])
            for title, block in grid
        ],
        "live_rows": ",".join([*live, *(f"#beside-{number}" for number in range(1, len(grid) + 1))]),
        "summaries": [one for one in findings if one.is_summary],
        "faults": [
            (row.fields[position].html_name, problem.sentence)
            for row in rows
            for problem in row.problems
            if problem.is_error
            for position, field in enumerate(row.fields)
            if field.html_name.endswith(f"_{problem.year}")
        ],
    }


def _beside(findings: list[Finding], part: Section) -> list[Finding]:
    rules = RULES_BESIDE.get(part, ())
    groups = {one.group for one in findings if one.key in rules and one.group}
    return [one for one in findings if one.key in rules or (one.is_summary and one.group in groups)]


def _answer_script(draft: drafts.Draft, user: User) -> HttpResponse:
    """Nothing but headers: when it was saved, and what the page now rests on."""
    if draft.conflicts:
        save, names = draft.save, "、".join(one.label for one in draft.conflicts)
        text = (
            f"{_who_else(save, user)} {clock.local(save.saved_at):%H:%M} 也改了“{names}”，"
            "您填写的还在本页，尚未保存。请点“保存”，对照两份内容后选用。"
        )
        return conflict(text)
    response = conflict("".join(draft.overlong)) if draft.overlong else HttpResponse(status=204)
    response["X-Saved-At"] = f"{clock.local(draft.save.saved_at):%H:%M}"
    response["X-Revision"] = str(draft.save.revision)
    response["X-Base"] = draft.base_text
    return response


def _who_else(save: SectionSave, user: User) -> str:
    return "您在另一个窗口" if save.saved_by == user else save.saved_by.name


def _after_saving(
    request: SignedInRequest, application: Application, part: Section, draft: drafts.Draft
) -> HttpResponse:
    here = reverse("application-section", args=[application.pk, part.lower()])
    if draft.merged:
        messages.info(request, f"同事刚才也在填写，{'、'.join(draft.merged)}已采用同事保存的内容。")
    if "add" in request.POST:
        return redirect(f"{here}?add=1")
    if draft.form.errors:
        count = sum(len(errors) for errors in draft.form.errors.values())
        messages.warning(request, f"已保存。有 {count} 处需要更正，填写的内容都保留着，见标出的各处。")
        return redirect(here)
    messages.success(request, f"{part.label}已保存。")
    if "next" not in request.POST:
        return redirect(here)
    fresh = own_application(request, application.pk)
    opened = corrections.open_sections(fresh, corrections.open_items(fresh))
    later = [one for one in list(Section)[list(Section).index(part) + 1 :] if one in opened]
    if not later:
        return redirect("application-detail", application.pk)
    return redirect("application-section", application.pk, later[0].lower())


def _commit(request: SignedInRequest, application: Application) -> HttpResponse:
    """Confirm the commitment to truth, or take the confirmation back."""
    with transaction.atomic():
        locked = (
            Application.objects.select_for_update(of=("self",))
            .select_related("channel")
            .get(pk=application.pk)
        )
        if reason := corrections.why_closed(locked, Section.COMMITMENT, corrections.open_items(locked)):
            messages.error(request, reason)
            return redirect("application-detail", application.pk)
        committed = "commit" in request.POST
        if committed != bool(locked.committed_at):
            locked.committed_by = request.user if committed else None
            locked.committed_at = clock.now() if committed else None
            locked.save(update_fields=["committed_by", "committed_at"])
            SectionSave.objects.update_or_create(
                application=locked,
                section=Section.COMMITMENT,
                defaults={"saved_by": request.user, "saved_at": clock.now(), "revision": 1},
            )
    if not committed:
        messages.warning(request, "还没有确认真实性承诺，确认后才能提交。")
        return redirect("application-section", application.pk, Section.COMMITMENT.lower())
    messages.success(request, "真实性承诺已确认。")
    return redirect("application-detail", application.pk)

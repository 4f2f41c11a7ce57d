"""The three years' figures by XLSX: the template down, the filled-in file up."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from applications import corrections, drafts, figures_sheet
from applications.models import Section
from applications.views.enterprise_cases import own_application
from applications.views.enterprise_sections import show_section
from core.exports import xlsx_response
from core.workbooks import NotReadable

MOST_TOLD = 20


@require_safe
def template(request: SignedInRequest, pk: int) -> HttpResponse:
    application = own_application(request, pk)
    return xlsx_response(figures_sheet.template(application), f"三年指标_{application.enterprise}.xlsx")


@require_POST
def upload(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take what can be read into the form; tell by cell what cannot. What an empty cell stands for stays as it is."""
    application = own_application(request, pk)
    back = redirect(f"{reverse('application-section', args=[pk, Section.FIGURES.lower()])}#sheet")
    if reason := corrections.why_closed(application, Section.FIGURES, corrections.open_items(application)):
        messages.error(request, reason)
        return back
    file = request.FILES.get("sheet")
    if file is None:
        messages.error(request, "还没有选择文件。请先下载模板，填好后选择这份 XLSX 上传。")
        return back
    try:
        filled = figures_sheet.read(file, application)
    except NotReadable as refusal:
        messages.error(request, f"{refusal}表中已填的内容没有改动。")
        return back
    draft = drafts.open_draft(application, Section.FIGURES)
    standing = {name: draft.form.texts.getlist(name) for name in draft.form.fields}
    given = {name: [text] for name, text in filled.texts.items()}
    saved = drafts.save_draft(
        application, Section.FIGURES, standing | given | {"base": [draft.base_text]}, by=request.user
    )
    if saved.conflicts:
        return show_section(request, own_application(request, pk), Section.FIGURES, saved)
    refused = [
        f"{filled.places[name]}：{''.join(map(str, errors))}"
        for name, errors in saved.form.errors.items()
        if name in filled.places
    ]
    problems = [*filled.problems, *refused]
    for problem in problems[:MOST_TOLD]:
        messages.error(request, problem)
    if len(problems) > MOST_TOLD:
        messages.error(request, f"另有 {len(problems) - MOST_TOLD} 处不能读入，更正以上各处后再上传一次。")
    changed = sum(
        saved.form.cleaned_data.get(name) != draft.form.cleaned_data.get(name) for name in filled.texts
    )
    messages.success(
        request,
        f"已从“{file.name}”读入 {len(filled.texts) - len(refused)} 个数，其中 {changed} 个与原来不同；空白单元格没有改动。",
    )
    return back

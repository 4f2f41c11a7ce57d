"""Who in the agency works on a case, and the notes that colleagues leave for each other."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from applications import casework
from applications.forms.vetting import NoteForm
from applications.views.vetting import back_to, case_of, page_of
from core.http import attempt


@require_POST
def officer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the case, put it back, or hand it to a colleague."""
    case, asked = case_of(request, pk), request.POST.get("officer", "")
    chosen = request.POST.get("colleague", "")
    colleague = next((one for one in casework.colleagues_of(case) if str(one.pk) == chosen), None)
    if asked == "take":
        doing, done = partial(casework.take, case), "这件由您经办。"
    elif asked == "put_back":
        doing, done = partial(casework.put_back, case), "已放回，等待分工。"
    elif asked == "hand_over" and colleague:
        doing, done = partial(casework.hand_over, case, colleague), f"已由{colleague}经办，并发消息告知。"
    else:
        messages.error(request, "请选择转交给哪位同事。")
        return redirect(back_to(request, pk))
    if attempt(request, partial(doing, by=request.user)):
        messages.success(request, done)
    return redirect(back_to(request, pk))


@require_POST
def note(request: SignedInRequest, pk: int) -> HttpResponse:
    case, form = case_of(request, pk), NoteForm(request.POST)
    if not form.is_valid():
        return page_of(request, case, note_form=form, status=422)
    casework.write_note(case, form.cleaned_data["text"], by=request.user)
    messages.success(request, "备注已记下。")
    return redirect(f"{back_to(request, pk)}#colleagues")

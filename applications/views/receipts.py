"""The public check of a receipt: only who holds the paper, with its code, learns that it is genuine."""

import re
import unicodedata

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from applications.receipts import CODE_LENGTH, version_of

NUMBER, CODE = re.compile(r"[A-Z0-9-]{6,24}"), re.compile(rf"[0-9a-f]{{{CODE_LENGTH}}}")
LONGEST_TYPED = 80


@require_safe
@never_cache
def receipt_check(request: HttpRequest) -> HttpResponse:
    """Where number and code are typed in; the QR code and the form lead to the same answer."""
    number = _plain(request.GET.get("number", "")).upper()
    code = _plain(request.GET.get("code", "")).lower().replace("-", "")
    if _is_possible(number, code):
        return redirect("receipt-check-answer", number=number, code=code)
    return _page(request, number, code, asked="number" in request.GET)


@require_safe
@never_cache
def receipt_check_answer(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Whether a receipt is genuine, and whether a later version has replaced what it was given for."""
    return _page(request, number, code, asked=True)


def _page(request: HttpRequest, number: str, code: str, *, asked: bool) -> HttpResponse:
    version = version_of(number, code) if _is_possible(number, code) else None
    context = {"number": number, "code": code, "version": version, "asked": asked}
    return render(request, "public/receipt_check.html", context)


def _is_possible(number: str, code: str) -> bool:
    return bool(NUMBER.fullmatch(number) and CODE.fullmatch(code))


def _plain(typed: str) -> str:
    """Full-width letters and blanks as people copy them from paper."""
    return "".join(unicodedata.normalize("NFKC", typed[:LONGEST_TYPED]).split())

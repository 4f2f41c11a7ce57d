"""Batches of recommended cases: one person prepares, another signs, then they go to the bureau (Art. 15)."""

from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.roles import CHANNEL, agencies_of
from applications import exports, listing, progress, recommending
from applications.documents import letter_key
from applications.effects import batch_digest
from applications.forms.recommendations import EntryForm, LetterForm, SealedLetterForm, chosen_cases
from applications.models import AlreadyListed, Application, Recommendation, RecommendationEntry
from applications.timeline import history_of
from core import clock, documents, workflow
from core.exports import xlsx_response
from core.http import act, attempt, opened
from core.reasons import ReasonForm
from core.typed import asked_number

PAGE_SIZE = 25
BADGES = {
    Recommendation.State.DRAFT: ("pencil", "attention"),
    Recommendation.State.SIGNED: ("pen", "info"),
    Recommendation.State.FORWARDED: ("send-check", "met"),
    Recommendation.State.VOID: ("x-circle", "neutral"),
}
MADE = ("letter", "docx", "summary")
CONTENT_TYPES = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png"}


def badge(recommendation: Recommendation) -> tuple[str, str, str]:
    if recommendation.handed_back_at and recommendation.state == Recommendation.State.DRAFT:
        return "退回拟稿", "reply", "attention"
    icon, tone = BADGES[Recommendation.State(recommendation.state)]
    return recommendation.get_state_display(), icon, tone


def _mine(user: User) -> QuerySet[Recommendation]:
    """The batches of the person's own agencies."""
    agencies = agencies_of(user, *CHANNEL)
    return Recommendation.objects.visible_to(user).filter(agency__in=agencies)


def _passed_cases(agencies: set[int]) -> QuerySet[Application]:
    """Cases that passed vetting and are in no batch."""
    in_a_batch = RecommendationEntry.objects.filter(application=OuterRef("pk"), withdrawn_at=None)
    return Application.objects.filter(channel__in=agencies, state=Application.State.VETTED).exclude(
        Exists(in_a_batch)
    )


@require_safe
def recommendation_list(request: SignedInRequest) -> HttpResponse:
    found = (
        _mine(request.user)
        .select_related("agency", "round", "prepared_by", "signed_by")
        .annotate(
            cases=Count("entries", filter=Q(entries__withdrawn_at=None)),
            gone=Count("entries", filter=Q(entries__withdrawn_at__isnull=False)),
        )
        .order_by("-id")
    )
    waiting = list(
        _passed_cases(agencies_of(request.user, *CHANNEL))
        .order_by()
        .values("round", "round__title", "channel", "channel__name")
        .annotate(number=Count("pk"), deadline=Max(listing.deadline_of("district")))
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "applications/recommendations/list.html",
        {
            "page": page,
            "rows": [(one, badge(one)) for one in page],
            "waiting": waiting,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: SignedInRequest) -> HttpResponse:
    """Choose, order and remark the passed cases of one round, and give the letter its number."""
    agencies = agencies_of(request.user, *CHANNEL)
    passed = _passed_cases(agencies).select_related("round", "channel").order_by("-round__year", "id")
    chosen = asked_number(request.GET.get("round"))
    first = (passed.filter(round=chosen) if chosen else passed).first()
    if first is None:
        messages.error(request, "现在没有审核通过且尚未列入推荐文件的企业。请先审核申报。")
        return redirect("recommendation-list")
    recommendation = Recommendation(
        agency=first.channel, round=first.round, prepared_by=request.user, prepared_at=clock.now()
    )
    return _edit(request, recommendation)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change a draft. Whoever changes it has prepared it, and so cannot sign it."""
    with transaction.atomic():
        locked = _mine(request.user).select_for_update(of=("self",))
        recommendation = get_object_or_404(locked.select_related("agency", "round", "prepared_by"), pk=pk)
        if recommendation.state != Recommendation.State.DRAFT:
            messages.error(request, f"推荐函{recommendation.get_state_display()}，名单和文号不能再改。")
            return redirect("recommendation-detail", pk)
        return _edit(request, recommendation)


def _edit(request: SignedInRequest, recommendation: Recommendation) -> HttpResponse:
    is_new = recommendation.pk is None
    listed = {one.application_id: one for one in recommendation.entries.all()} if recommendation.pk else {}
    available = _passed_cases({recommendation.agency_id}).filter(round=recommendation.round)
    cases = listing.slim(Application.objects.filter(Q(pk__in=listed) | Q(pk__in=available.values("pk"))))
    rows = []
    for number, application in enumerate(cases.order_by("id"), start=1):
        entry = listed.get(application.pk)
        initial = {
            "chosen": bool(entry) or is_new,
            "position": entry.position if entry else number,
            "remark": entry.remark if entry else "",
        }
        rows.append(EntryForm(request.POST or None, application=application, initial=initial))
    rows.sort(key=lambda one: one.initial["position"])
    form = LetterForm(request.POST or None, instance=recommendation)
    problem = ""
    if request.method == "POST":
        valid = all([form.is_valid(), *(row.is_valid() for row in rows)])
        chosen = chosen_cases(rows) if valid else []
        if valid and not chosen:
            problem = "请至少列入一家企业。"
        elif valid:
            try:
                prepared = recommending.prepare(form.save(commit=False), chosen, by=request.user)
            except AlreadyListed as taken:
                problem = str(taken)
                if is_new:
                    recommendation.pk = None
            else:
                done = f"已拟好{prepared.letter_number}，{len(chosen)} 家。请由本单位负责人签发。"
                messages.success(request, done)
                return redirect("recommendation-detail", prepared.pk)
    return render(
        request,
        "applications/recommendations/edit.html",
        {
            "recommendation": recommendation,
            "form": form,
            "rows": rows,
            "problem": problem,
        },
        status=422 if problem or form.errors or any(row.errors for row in rows) else 200,
    )


@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, _fetch(request, pk))


def _fetch(request: SignedInRequest, pk: int) -> Recommendation:
    return get_object_or_404(
        Recommendation.objects.visible_to(request.user).select_related(
            "agency", "round", "prepared_by", "signed_by"
        ),
        pk=pk,
    )


def _page(
    request: SignedInRequest,
    recommendation: Recommendation,
    form: SealedLetterForm | None = None,
    hand_back_form: ReasonForm | None = None,
    discard_form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    entries = list(
        recommendation.entries.select_related(
            "application__enterprise__industry", "application__main_mode", "application__current_version"
        )
    )
    live = [one for one in entries if one.withdrawn_at is None]
    figures = dict(zip((one.pk for one in live), exports.summary_rows(recommendation, live), strict=True))
    works_here = recommendation.agency_id in agencies_of(request.user, *CHANNEL)
    return render(
        request,
        "applications/recommendations/detail.html",
        {
            "recommendation": recommendation,
            "badge": badge(recommendation),
            "rows": [(one, progress.badge(one.application), figures.get(one.pk)) for one in entries],
            "live": live,
            "digest": recommendation.digest or batch_digest(recommendation),
            "options": workflow.options(
                recommendation, request.user, "sign", "hand_back", "forward", "discard", "void"
            ),
            "works_here": works_here,
            "form": form or SealedLetterForm(),
            "hand_back_form": hand_back_form or _hand_back_form(),
            "discard_form": discard_form or _discard_form(),
            "history": history_of(recommendation, reader=request.user),
        },
        status=status,
    )


@require_POST
def sign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign exactly the list that was on the page: a draft changed meanwhile has another digest."""
    recommendation = _fetch(request, pk)
    seen = request.POST.get("digest", "")
    if signed := attempt(request, lambda: recommending.sign(recommendation, seen=seen, by=request.user)):
        messages.success(request, f"{signed.letter_number}已签发，名单已锁定。请上传盖章扫描件后报送市局。")
    return redirect("recommendation-detail", pk)


@require_POST
def hand_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """The leader does not sign: the draft goes back to who prepared it, with the reason."""
    recommendation = _fetch(request, pk)
    form = _hand_back_form(request.POST)
    if not form.is_valid():
        return _page(request, recommendation, hand_back_form=form, status=422)
    done = f"已退回{recommendation.prepared_by}，原因已告知。"
    act(request, recommendation, "hand_back", note=form.cleaned_data["reason"], done=done)
    return redirect("recommendation-detail", pk)


def _hand_back_form(data: QueryDict | None = None) -> ReasonForm:
    return ReasonForm(data, required="请写明退回的原因，拟稿人要照此修改。")


@require_POST
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a draft up, or a signed letter that has not been forwarded: its cases wait for another."""
    recommendation = _fetch(request, pk)
    form = _discard_form(request.POST)
    if not form.is_valid():
        return _page(request, recommendation, discard_form=form, status=422)
    action = "void" if request.POST.get("action") == "void" else "discard"  # what the page offered
    done = f"{recommendation.letter_number}已作废，名单里的企业可以另列推荐函。"
    act(request, recommendation, action, note=form.cleaned_data["reason"], done=done)
    return redirect("recommendation-detail", pk)


def _discard_form(data: QueryDict | None = None) -> ReasonForm:
    return ReasonForm(data, prefix="discard", required="请写明作废的原因，会留在办理记录里。")


@require_POST
def upload_letter(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep the scan of the sealed letter with the signed batch; until it is forwarded it can be replaced."""
    recommendation = get_object_or_404(_mine(request.user), pk=pk)
    form = SealedLetterForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, _fetch(request, pk), form, status=422)
    letter = form.cleaned_data["letter"]
    if attempt(request, lambda: recommending.keep_sealed_letter(recommendation, letter, by=request.user)):
        messages.success(request, f"已上传“{letter.name}”，{letter.pages} 页。")
    return redirect("recommendation-detail", pk)


@require_safe
def letter_file(request: SignedInRequest, pk: int) -> FileResponse:
    """The scan of the sealed letter, to be read in the page."""
    recommendation = _fetch(request, pk)
    suffix = Path(recommendation.sealed_letter.name or "").suffix
    return FileResponse(
        opened(recommendation.sealed_letter),
        filename=recommendation.sealed_letter_name,
        content_type=CONTENT_TYPES.get(suffix),
    )


@require_POST
def forward(request: SignedInRequest, pk: int) -> HttpResponse:
    recommendation = _fetch(request, pk)
    if forwarded := act(request, recommendation, "forward"):
        messages.success(request, f"已报送市局，回执号 {forwarded.receipt_number}。各企业已收到推荐通知。")
    return redirect("recommendation-detail", pk)


@require_safe
def summary_xlsx(request: SignedInRequest, pk: int) -> HttpResponse:
    recommendation = _fetch(request, pk)
    if recommendation.state == Recommendation.State.VOID:
        raise Http404
    name = f"推荐汇总表-{recommendation.agency.short_name}-{recommendation.round.year}.xlsx"
    return xlsx_response(exports.summary_workbook(recommendation), name)


@require_POST
def make_document(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """Ask for the letter (PDF, DOCX) or its table (PDF); another list makes another file."""
    recommendation = _fetch(request, pk)
    if kind not in MADE or recommendation.state == Recommendation.State.VOID:
        raise Http404
    document = documents.request(
        f"recommendation-{kind}", recommendation, by=request.user, key=letter_key(recommendation)
    )
    return redirect("document", document.pk)

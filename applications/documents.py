"""Documents of this room, made in a worker: the bound 申报书, the receipt, the recommendation letter and its table."""

from contextlib import ExitStack

from django.conf import settings

from accounts.roles import CHANNEL, agencies_of, enterprises_of, reads_everything
from applications import binding, reading, versions
from applications.effects import batch_digest
from applications.facts import findings_of
from applications.letters import Letter
from applications.models import Application, ApplicationVersion, Attachment, Recommendation
from applications.receipts import code_of, receipt_address
from core import clock, documents
from core.documents import CannotBeMade, Kind, Made, Progress
from core.wording import cn_date, cn_datetime

DRAFT = "draft-"
CHANGED = "在文件生成之前又有改动，没有生成。请返回原页面重新生成。"


def version_key(version: ApplicationVersion) -> str:
    return version.digest[:32]


def draft_key(application: Application) -> str:
    return DRAFT + versions.digest_of(versions.plain_snapshot(application))[:32]


def commitment_key(application: Application) -> str:
    return versions.digest_of([application.enterprise.name, application.channel.name])[:32]


def letter_key(recommendation: Recommendation) -> str:
    standing = recommendation.entries.filter(withdrawn_at=None).order_by("position")
    content = [
        recommendation.digest,
        batch_digest(recommendation),
        list(standing.values_list("pk", flat=True)),
    ]
    return versions.digest_of(content)[:32]


def may_read_application(user, application: Application, key: str) -> bool:
    """A draft is the enterprise's alone, whatever has been submitted since or before. None is an expert's: they name contacts."""
    if key.startswith(DRAFT):
        return application.enterprise_id in enterprises_of(user)
    return Application.objects.whole_for(user).filter(pk=application.pk).exists()


def may_read_recommendation(user, recommendation: Recommendation, key: str) -> bool:
    """The bureau reads the letter that was forwarded, not the lists before it."""
    if recommendation.agency_id in agencies_of(user, *CHANNEL):
        return True
    forwarded = recommendation.state == Recommendation.State.FORWARDED
    return forwarded and reads_everything(user) and key == letter_key(recommendation)


def make_receipt(application: Application, key: str, progress: Progress) -> Made:
    """The receipt of one submission: number, time, version and the digest of its contents."""
    from core.rendering import qr_code, render_pdf

    version = _version(application, key)
    context = {
        "application": application,
        "author": settings.PORTAL_NAME,
        "version": version,
        "submitted_at": cn_datetime(version.submitted_at, "plain"),
        "district_deadline": cn_datetime(application.district_deadline, "plain"),
        "code": code_of(version),
        "site": settings.SITE_URL,
        "qr": qr_code(settings.SITE_URL + receipt_address(version)),
    }
    name = f"提交回执_{application.receipt_number}.pdf"
    return Made(name, render_pdf("documents/receipt.html", context))


def make_commitment(application: Application, key: str, progress: Progress) -> Made:
    """The commitment to truth on one page, to be signed by the legal representative and sealed."""
    from core.rendering import render_pdf

    if key != commitment_key(application):
        raise CannotBeMade(f"企业名称或申报渠道{CHANGED}")
    context = {
        "application": application,
        "enterprise": application.enterprise,
        "author": settings.PORTAL_NAME,
    }
    return Made(
        f"真实性承诺书_{application.enterprise}.pdf", render_pdf("documents/commitment.html", context)
    )


def make_application_book(application: Application, key: str, progress: Progress) -> Made:
    """The 申报书 with every attachment bound into one PDF, bookmarks and “第 3 页 共 128 页” on every page."""
    from core.rendering import render_pdf

    if key.startswith(DRAFT):
        if key != draft_key(application):
            raise CannotBeMade(f"草稿{CHANGED}")
        snapshot = versions.plain_snapshot(application)
        findings = [one.as_dict() | {"label": one.label} for one in findings_of(application)]
        label, moment = "草稿", clock.now()
    else:
        version = _version(application, key)
        snapshot, findings = version.snapshot, binding.labelled(version.findings)
        label, moment = f"第{version.number}版", version.submitted_at
    ids = [one["id"] for one in snapshot["attachments"]]
    files = {one.pk: one for one in Attachment.objects.filter(pk__in=ids)}
    progress(10)
    with ExitStack() as opened:
        readable, skipped = binding.readable([files[pk] for pk in ids if pk in files], opened)
        progress(30)
        context = {
            "application": application,
            "author": settings.PORTAL_NAME,
            "snapshot": snapshot,
            "version_label": label,
            "dated": cn_date(clock.local(moment).date(), "plain"),
            "parts": {part.section: part.lines for part in reading.parts_of(snapshot, full_contact=True)},
            "figures": reading.figure_table(snapshot)["rows"],
            "projects": reading.project_table(snapshot),
            "findings": findings,
            "skipped": skipped,
        }
        body = render_pdf("documents/application.html", context)
        progress(60)
        name = f"申报书_{snapshot['basic']['enterprise_name']}.pdf"
        return Made(name, binding.bind(body, readable, title=name.removesuffix(".pdf"), progress=progress))


def make_recommendation_letter(recommendation: Recommendation, key: str, progress: Progress) -> Made:
    """The letter after GB/T 9704 with the summary table of domain practice, for the seal (第十五条)."""
    from core.rendering import render_pdf

    letter = _letter(recommendation, key)
    context = {"letter": letter, "author": letter.agency}
    name = f"推荐函_{recommendation.letter_number}.pdf"
    return Made(name, render_pdf("documents/recommendation.html", context))


def make_recommendation_docx(recommendation: Recommendation, key: str, progress: Progress) -> Made:
    """The same letter to be edited in an office system."""
    from applications.letter_docx import letter_docx

    letter = _letter(recommendation, key)
    return Made(f"推荐函_{recommendation.letter_number}.docx", letter_docx(letter))


def make_recommendation_summary(recommendation: Recommendation, key: str, progress: Progress) -> Made:
    """The summary table alone, landscape."""
    from core.rendering import render_pdf

    letter = _letter(recommendation, key)
    context = {"letter": letter, "author": letter.agency}
    name = f"推荐汇总表_{recommendation.letter_number}.pdf"
    return Made(name, render_pdf("documents/recommendation_summary.html", context))


def _letter(recommendation: Recommendation, key: str) -> Letter:
    entries = list(
        recommendation.entries.filter(withdrawn_at=None)
        .select_related("application__enterprise", "application__current_version")
        .order_by("position")
    )
    if not entries:
        raise CannotBeMade("本批还没有企业，不能生成推荐函。")
    if key != letter_key(recommendation):
        raise CannotBeMade(f"推荐名单{CHANGED}")
    return Letter(recommendation, entries)


def _version(application: Application, key: str) -> ApplicationVersion:
    version = application.versions.filter(digest__startswith=key).first()
    if version is None:
        raise CannotBeMade("申报书还没有提交过这一版，没有可生成的文件。请返回申报页面重新生成。")
    return version


documents.register("receipt", Kind("提交回执", make_receipt, may_read_application))
documents.register("commitment", Kind("真实性承诺书", make_commitment, may_read_application))
documents.register("application", Kind("申报书", make_application_book, may_read_application))
for name, label, make in (
    ("recommendation-letter", "推荐函", make_recommendation_letter),
    ("recommendation-docx", "推荐函（可编辑）", make_recommendation_docx),
    ("recommendation-summary", "推荐汇总表", make_recommendation_summary),
):
    documents.register(name, Kind(label, make, may_read_recommendation))

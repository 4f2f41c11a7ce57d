"""The inventory of the portal's addresses, written by hand: for whom each is, and an object to put behind it.

`AUDIENCES` has to equal the table that the routes themselves declare, so a new route fails the tests until it stands here too.
"""

from dataclasses import dataclass, field
from datetime import date

from django.core.files.base import ContentFile
from django.urls import URLPattern, get_resolver, reverse

from accounts import joining
from accounts.models import Membership
from applications.models import (
    Application,
    AttachmentKind,
    Recommendation,
    RecommendationEntry,
    RoundFile,
    RoundQuestion,
)
from core import workflow
from core.models import Document, Notification
from decisions.models import Objector, Plaque, PublicNotice
from policy.models import Measure
from review.models import Draw, PanelMember, ScoreSheet, SitePhoto, SiteVisit
from tests import who
from tests.factories import (
    JUNE,
    a_pdf,
    an_agency,
    copies,
    make_application,
    make_association,
    make_measure,
    make_round,
)

ENTERPRISE = {"ENTERPRISE"}
CHANNEL = {"CHANNEL_HANDLER", "CHANNEL_LEADER"}
BUREAU = {"MUNICIPAL_HANDLER", "MUNICIPAL_LEADER"}
BUREAU_HANDLER = {"MUNICIPAL_HANDLER"}
READERS = BUREAU | {"AUDITOR"}

_GROUPS: list[tuple[set[str], str]] = [
    (
        {"public"},
        """self-check healthz accessibility document demo-clock demo-mail measure measure-article login logout register join industries
        invitation set-password demo-login public-home notice-list notice directory directory-csv directory-json open-data verify verify-serial
        policy-list policy-file call-list call call-templates call-questions call-contacts call-file objection-start objection-receipt objection-new receipt-check receipt-check-answer""",
    ),
    ({"signed-in"}, "home inbox inbox-read-all inbox-open preferences own-enterprises authority-withdraw"),
    ({"ADMINISTRATOR"}, "administration password-link agency agency-create"),
    (READERS | {"ADMINISTRATOR"}, "working-calendar"),
    ({"ADMINISTRATOR", "MUNICIPAL_HANDLER"}, "table-upload table-template table-import"),
    ({"AUDITOR", "MUNICIPAL_LEADER"}, "event-log"),
    (
        ENTERPRISE,
        """enterprise-home enterprise-profile profile-confirm enterprise-switch colleagues enterprise-titles
        application-list application-start application-channel application-detail application-section application-carry figures-template
        figures-upload attachment-upload attachment-remove attachment-turn application-check application-submit application-receipt
        application-withdraw application-answer application-pdf""",
    ),
    (ENTERPRISE | CHANNEL, "account-approval"),
    (ENTERPRISE | CHANNEL | BUREAU, "invitation-revoke"),
    (CHANNEL | BUREAU, "agency-people staff-role staff-end"),
    (ENTERPRISE | CHANNEL | READERS, "application-version application-compare"),
    (ENTERPRISE | CHANNEL | READERS | {"EXPERT"}, "attachment-file attachment-view"),
    (READERS | {"EXPERT"}, "visit-calendar visit-sign visit-photo"),
    (ENTERPRISE | BUREAU, "plaque-document"),
    (
        CHANNEL,
        """policy-desk policy-create policy policy-publish policy-withdraw account-approvals vetting-queue vetting-export vetting vetting-save vetting-flag vetting-officer vetting-note
        vetting-return vetting-correction vetting-refuse vetting-pass vetting-take-back district-enterprises recommendation-list recommendation-create recommendation-edit
        recommendation-sign recommendation-hand-back recommendation-discard recommendation-letter-upload recommendation-forward""",
    ),
    (CHANNEL | READERS, "enterprise-detail recommendation-detail recommendation-letter recommendation-xlsx"),
    (CHANNEL | BUREAU, "recommendation-make"),
    (BUREAU | {"ADMINISTRATOR"}, "measure-renewal measure-successor measure-edit"),
    (READERS | {"ADMINISTRATOR"}, "measure-list measure-detail measure-compare"),
    (
        READERS,
        """ratings associations round-list round-board round-charts round-cases round-export round-cases-export round-extensions acceptance-list acceptance panel-list panel-detail panel-conflicts panel-plan panel-plan-xlsx draw-record draw-protocol case-opinion expert site-visit visit-record
        score-matrix score-xlsx ranking meeting-list meeting meeting-confirm meeting-minutes notice-desk notice-edit
        notice-release notice-document objection-desk objection-handle directory-desk supervision-board re-review""",
    ),
    (
        BUREAU,
        """round-open round-close round-remind round-remind-all acceptance-accept-all acceptance-accept acceptance-send-back
        acceptance-decline panel-draw panel-dissolve panel-chair panel-seat panel-start panel-due panel-remind conclude case-replace visit-photo-add visit-photo-remove
        case-release sheet-ask sheet-unlock case-reopen case-discuss ranking-freeze ranking-unfreeze ranking-tie proposal re-review-conclude notice-hand-back""",
    ),
    (
        BUREAU_HANDLER,
        "association-create association-appoint expert-create expert-edit round-create round-copy round-step round-pages round-file-remove round-question-create round-question-edit panel-create meeting-create meeting-minutes-upload notice-draft notice-window award objection-identity objection-file",
    ),
    (
        {"EXPERT"},
        "review-list review-declare review-sheet review-save review-submit review-explain review-workbook review-upload review-discuss review-reopen review-opinion review-sign",
    ),
]
AUDIENCES = {name: frozenset(roles) for roles, names in _GROUPS for name in names.split()}


@dataclass
class Sites:
    """A world with something real behind every address."""

    world: who.World
    kwargs: dict[str, dict[str, object]] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return reverse(name, kwargs=self.kwargs[name])

    def put(self, names: str, **kwargs: object) -> None:
        for name in names.split():
            self.kwargs[name] = kwargs


def patterns() -> dict[str | None, URLPattern]:
    """Every pattern of the portal by its name."""

    def walk(found):
        for one in found:
            if isinstance(one, URLPattern):
                yield one
            else:
                yield from walk(one.url_patterns)

    every = list(walk(get_resolver().url_patterns))
    assert len({one.name for one in every}) == len(every)
    return {one.name: one for one in every}


def make_sites() -> Sites:
    """Everything belongs to the world's enterprise, its channel and its expert."""
    world = who.make_world(Application.State.SUBMITTED, complete=True)
    sites = Sites(world)
    application = world.application
    for name, pattern in patterns().items():
        if name and not pattern.pattern.converters:
            sites.put(name)
    attachment = application.attachments.filter(kind=AttachmentKind.CREDIT_REPORT).get()
    sites.put(
        """application-detail application-carry application-check application-submit application-receipt application-withdraw
        application-answer application-pdf application-compare figures-template figures-upload attachment-upload vetting vetting-save vetting-flag
        vetting-officer vetting-note application-channel vetting-return vetting-correction vetting-refuse vetting-pass vetting-take-back""",
        pk=application.pk,
    )
    sites.put("enterprise-detail", pk=world.enterprise.pk)
    sites.put("application-section", pk=application.pk, section="narrative")
    sites.put("application-version", pk=application.pk, number=1)
    version = application.current_version
    assert version is not None
    sites.put("receipt-check-answer", number=application.receipt_number, code=version.digest[:16])
    sites.put("attachment-remove attachment-turn", pk=application.pk, attachment_pk=attachment.pk)
    sites.put("attachment-file attachment-view", pk=attachment.pk)
    sites.put("application-start", round_pk=world.round.pk)
    sites.put(
        """call call-templates call-questions call-contacts round-pages round-question-create round-board round-copy round-close round-charts round-cases round-export round-cases-export round-extensions round-remind round-remind-all score-matrix score-xlsx ranking ranking-freeze
        ranking-unfreeze ranking-tie proposal""",
        pk=world.round.pk,
    )
    preparing = make_round(year=2022, title="2022年度认定", state="PREPARING")
    sites.put("round-step", pk=preparing.pk, step="basis")
    sites.put("round-open", pk=preparing.pk)
    _handed_out(sites)
    measure = Measure.objects.latest("effective_from")
    sites.put("measure-detail measure-renewal measure-successor", pk=measure.pk)
    sites.put("measure-edit", pk=make_measure().pk, part="conditions")
    sites.put("measure-article", number=12)
    _accounts(sites)
    _recommended(sites)
    _reviewed(sites)
    _decided(sites)
    return sites


def _handed_out(sites: Sites) -> None:
    """A template of the round, and a published answer."""
    world = sites.world
    handler = world.people["municipal handler"]
    template = RoundFile(
        round=world.round,
        kind=RoundFile.Kind.TEMPLATE,
        title="申报书模板",
        name="申报书模板.pdf",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
        uploaded_by=handler,
    )
    template.file.save("template.pdf", ContentFile(a_pdf()))
    question = RoundQuestion.objects.create(
        round=world.round, question="问", answer="答", written_by=handler, published_at=JUNE
    )
    sites.put("call-file round-file-remove", pk=world.round.pk, file_pk=template.pk)
    sites.put("round-question-edit", pk=world.round.pk, question_pk=question.pk)


def _accounts(sites: Sites) -> None:
    world = sites.world
    member = world.people["own member"]
    message = Notification.objects.create(
        recipient=member,
        key="test:1",
        subject="提醒",
        body="请补正。",
        created_at=JUNE,
        mail_status="NOT_WANTED",
    )
    sites.put("inbox-open", pk=message.pk)
    sites.put("account-approval", pk=who.a_membership(world).pk)
    sites.put("authority-withdraw", pk=Membership.objects.get(user=member).pk)
    invitation = who.an_invitation(world)
    sites.put("invitation", token=joining.SIGNER.sign(str(invitation.pk)))
    sites.put("invitation-revoke", pk=invitation.pk)
    officer = world.people["own channel's handler"]
    sites.put("staff-role staff-end", pk=Membership.objects.get(user=officer).pk)
    sites.put("association-appoint", pk=make_association().pk)
    sites.put("agency", pk=an_agency().pk)
    sites.put("table-upload table-template", kind="ratings")
    sites.put("table-import", pk=who.a_table_import(world).pk)
    sites.put("password-link", pk=member.pk)
    sites.put("set-password", uidb64="MQ", token="c9x2-0123456789abcdef")
    sites.put("demo-login", login_name="nobody")
    letter = Document.objects.create(
        kind="receipt",
        subject_type="applications.Application",
        subject_id=world.application.pk,
        key="1",
        requested_by=member,
        requested_at=JUNE,
    )
    sites.put("document", pk=letter.pk)


def _recommended(sites: Sites) -> None:
    """Forwarded with its letter, another case of the same channel."""
    world = sites.world
    batch = Recommendation.objects.create(
        agency=an_agency(who.OWN),
        round=world.round,
        letter_number="荣工信函〔2026〕9号",
        prepared_by=world.people["own channel's handler"],
        signed_by=world.people["own channel's leader"],
        signed_at=JUNE,
        forwarded_at=JUNE,
        state=Recommendation.State.FORWARDED,
        sealed_letter_name="推荐函.pdf",
    )
    batch.sealed_letter.save("letter.pdf", ContentFile(a_pdf()))
    case = make_application(state=Application.State.FORWARDED, complete=False, round=world.round)
    entry = RecommendationEntry.objects.create(recommendation=batch, application=case, position=1)
    sites.put(
        """recommendation-detail recommendation-edit recommendation-sign recommendation-hand-back recommendation-discard recommendation-letter-upload
        recommendation-letter recommendation-forward recommendation-xlsx""",
        pk=batch.pk,
    )
    sites.put("recommendation-make", pk=batch.pk, kind="letter")
    sites.put("acceptance acceptance-accept-all", recommendation_pk=batch.pk)
    sites.put(
        "acceptance-accept acceptance-send-back acceptance-decline",
        recommendation_pk=batch.pk,
        entry_pk=entry.pk,
    )


def _reviewed(sites: Sites) -> None:
    world = sites.world
    assignment = workflow.perform(who.an_assignment(world), "declare_no_conflict", by=world.expert.user)
    sheet = ScoreSheet.objects.get(assignment=assignment)
    panel = assignment.case.panel
    PanelMember.objects.create(panel=panel, expert=world.expert)
    eligible = [{"id": world.expert.pk, "name": world.expert.user.name, "unit": world.expert.unit}]
    draw = Draw.objects.create(
        panel=panel,
        eligible=eligible,
        digest="0" * 64,
        seed="1" * 64,
        outcome=[world.expert.pk],
        wanted=1,
        drawn_by=world.people["municipal handler"],
        drawn_at=JUNE,
    )
    sites.put(
        "panel-detail panel-conflicts panel-plan panel-plan-xlsx panel-draw panel-dissolve panel-chair panel-seat panel-start panel-due panel-remind conclude",
        pk=panel.pk,
    )
    sites.put("case-replace case-release case-opinion", pk=assignment.case.pk)
    sites.put("draw-record draw-protocol", pk=draw.pk)
    sites.put("expert expert-edit", pk=world.expert.pk)
    sites.put("sheet-ask sheet-unlock", pk=sheet.pk)
    sites.put("case-reopen case-discuss", pk=sheet.assignment.case_id)
    sites.put(
        "review-declare review-sheet review-save review-submit review-explain review-workbook review-upload review-discuss review-reopen review-opinion review-sign",
        assignment_pk=assignment.pk,
    )
    sites.put(
        "site-visit visit-record visit-calendar visit-sign visit-photo-add",
        application_pk=world.application.pk,
    )
    SiteVisit.objects.create(
        application=world.application,
        is_needed=True,
        reason="核实",
        planned_at=JUNE,
        experts=[world.expert.pk],
        recorded_by=world.people["municipal handler"],
    )
    photo = SitePhoto(
        application=world.application,
        name="车间.png",
        sha256="2" * 64,
        taken_by=world.people["municipal handler"],
    )
    photo.file.save("photo.png", ContentFile(b"png"))
    sites.put("visit-photo visit-photo-remove", application_pk=world.application.pk, photo_pk=photo.pk)


def _decided(sites: Sites) -> None:
    world = sites.world
    title = who.a_title(world, PublicNotice.State.RELEASED)
    publicity = title.announcement.publicity
    assert publicity is not None
    assert publicity.meeting is not None
    publicity.meeting.minutes.save("minutes.pdf", ContentFile(a_pdf()))
    plaque = Plaque.objects.create(
        recognition=title,
        serial="WHFX-2026-001",
        title="威海市服务型制造示范企业",
        awarding_body="威海市工业和信息化局",
        dated=date(2026, 6, 1),
    )
    objection = who.an_objection(world, publicity)
    objection.evidence_name = "证据.pdf"
    objection.evidence.save("evidence.pdf", ContentFile(a_pdf()))
    Objector.objects.create(objection=objection, name="毕清和", mobile="13812341234")
    sites.put("meeting meeting-confirm meeting-minutes meeting-minutes-upload", pk=publicity.meeting_id)
    sites.put(
        "notice notice-edit notice-release notice-hand-back notice-window notice-document", pk=publicity.pk
    )
    sites.put("award", pk=title.announcement_id)
    sites.put("objection-new", notice_pk=publicity.pk, application_pk=world.application.pk)
    sites.put("objection-receipt", receipt=objection.receipt_number)
    sites.put("objection-handle objection-identity", pk=objection.pk)
    sites.put("objection-file", pk=objection.pk, which="evidence")
    sites.put("plaque-document re-review re-review-conclude", pk=title.pk)
    sites.put("verify-serial", serial=plaque.serial)
    draft = who.a_policy(world)
    sites.put("policy policy-publish policy-withdraw", pk=draft.pk)
    published = copies(draft, document_number="荣政办发〔2026〕1号", state="PUBLISHED")
    published.save()
    sites.put("policy-file", pk=published.pk)

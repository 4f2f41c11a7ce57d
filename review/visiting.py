"""Recording whether a case was visited and what was found (第十六条)."""

import hashlib
import io
from datetime import UTC, timedelta

import icalendar
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import model_to_dict
from PIL import Image, ImageOps

from accounts.models import User
from accounts.permissions import require_municipal_handler
from applications.models import Application
from applications.uploads import Inspected, Unacceptable, inspect
from applications.versions import digest_of
from core import clock, events, notify
from core.reasons import too_short
from core.wording import cn_date
from core.workflow import NotPossible, refused
from review.effects import give_the_opinion_anew
from review.models import Assignment, Panel, PanelCase, SitePhoto, SiteVisit, VisitSignature
from review.models.visits import settled
from review.notifications import told_of_discrepancies, told_of_visit

LENGTH = timedelta(hours=2)
MOST_PHOTOS = 40
OPEN_STATES = (Application.State.ACCEPTED, Application.State.UNDER_REVIEW)


def revision_of(visit: SiteVisit | None) -> str:
    """What a page carries of the record it showed; empty when there was none."""
    return digest_of(model_to_dict(visit)) if visit else ""


def unsettled(panel: Panel) -> QuerySet[PanelCase]:
    """Its cases of which nobody has said yet that no visit is needed, nor what a visit has found."""
    return panel.cases.filter(application__state__in=OPEN_STATES).exclude(settled("application__site_visit"))


def visitors_of(visit: SiteVisit) -> list[tuple[User, bool]]:
    """Everybody with an account who was to go or went, officers first; whether an expert has stepped aside since (two queries)."""
    officers = User.objects.filter(pk__in=visit.officers).order_by("pk")
    on_it = Assignment.objects.filter(
        case__application=visit.application_id, state=Assignment.State.CLEAR, expert=OuterRef("expert")
    )
    experts = User.objects.filter(expert__in=visit.experts).annotate(is_on_it=Exists(on_it)).order_by("pk")
    return [(one, False) for one in officers] + [(one, not one.is_on_it) for one in experts]


def team_of(visit: SiteVisit) -> list[User]:
    """The visitors who have an account; no expert who has stepped aside since (two queries)."""
    return [one for one, stepped_aside in visitors_of(visit) if not stepped_aside]


def record_digest(visit: SiteVisit) -> str:
    """Of what is signed: the record and its photos (one query)."""
    photos = SitePhoto.objects.shown().filter(application=visit.application_id)
    return digest_of([revision_of(visit), sorted(photos.values_list("sha256", flat=True))])


def signatures_of(visit: SiteVisit) -> list[VisitSignature]:
    """Those to the record as it reads and its photos as they are now (two queries)."""
    signed = VisitSignature.objects.filter(application=visit.application_id, digest=record_digest(visit))
    return list(signed.select_related("signed_by").order_by("id"))


def sign(application: Application, *, seen: str, by: User) -> VisitSignature:
    """One of the visitors confirms the record that was ``seen``. Raises NotPermitted or NotPossible."""
    with transaction.atomic():
        Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        visit = SiteVisit.objects.filter(application=application).first()
        if visit is None or by not in team_of(visit):
            label = "考察记录签字"
            sentence = "考察记录由考察组成员本人签字。"
            raise refused(application, "sign_visit", by=by, label=label, sentence=sentence)
        if not (visit.is_needed and visit.is_settled):
            raise NotPossible(["考察记录还没有填完，填写考察日期和结论后再签字。"])
        digest = record_digest(visit)
        if seen != digest:
            raise NotPossible(["考察记录或照片在您打开这一页之后改过，请看过新的再签字。"])
        signature, created = VisitSignature.objects.get_or_create(
            application=application, signed_by=by, digest=digest
        )
        if created:
            events.record(application, "sign_visit", by=by, label="考察记录签字", digest=digest)
    return signature


def add_photo(application: Application, upload: UploadedFile, *, by: User) -> SitePhoto:
    """Keep a photo without what the phone wrote into it. Raises NotPermitted, NotPossible or Unacceptable."""
    require_municipal_handler(by, application, "add_site_photo", "上传考察照片")
    photo = inspect(upload, allowed=("image/jpeg", "image/png"))
    content = without_metadata(photo)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if locked.state not in OPEN_STATES:
            raise NotPossible([f"该件现为“{locked.get_state_display()}”，照片只在评审结束前上传。"])
        shown = SitePhoto.objects.shown().filter(application=application)
        if shown.count() >= MOST_PHOTOS:
            raise NotPossible([f"每件最多 {MOST_PHOTOS} 张照片，“{photo.name}”没有保存。可以先移除不用的。"])
        if shown.filter(sha256=digest).exists():
            raise NotPossible([f"“{photo.name}”已经上传过。"])
        kept = SitePhoto(application=application, name=photo.name, sha256=digest, taken_by=by)
        kept.file.save(photo.to_store()[0], ContentFile(content))
        events.record(
            application, "add_site_photo", by=by, label="上传考察照片", note=photo.name, sha256=digest
        )
    return kept


def remove_photo(photo: SitePhoto, *, by: User, reason: str) -> SitePhoto:
    """Show a photo that was taken in by mistake to nobody any more. Raises NotPermitted or NotPossible."""
    application = photo.application
    require_municipal_handler(by, application, "remove_site_photo", "移除考察照片")
    if problem := too_short(reason):
        raise NotPossible([f"移除照片的原因{problem}"])
    with transaction.atomic():
        locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if locked.state not in OPEN_STATES:
            raise NotPossible([f"该件现为“{locked.get_state_display()}”，评审已结束，照片不再改动。"])
        if not SitePhoto.objects.shown().filter(pk=photo.pk).update(removed_at=clock.now()):
            raise NotPossible([f"“{photo.name}”已经移除。"])
        events.record(
            application,
            "remove_site_photo",
            by=by,
            label="移除考察照片",
            note=f"{photo.name}：{reason}",
            sha256=photo.sha256,
        )
    return photo


def without_metadata(photo: Inspected) -> bytes:
    """The picture upright, its pixels alone: no place, time or device. Raises Unacceptable."""
    try:
        with Image.open(io.BytesIO(photo.content)) as picture:
            upright = ImageOps.exif_transpose(picture)
            bare = Image.new(upright.mode, upright.size)
            bare.paste(upright)
            if upright.mode == "P" and (palette := upright.getpalette()):
                bare.putpalette(palette)
            out = io.BytesIO()
            bare.save(out, picture.format, quality=90)
    except (OSError, ValueError, SyntaxError) as problem:  # the last of a broken EXIF block
        raise Unacceptable(f"“{photo.name}”打不开，没有保存。请核对照片后重新上传。") from problem
    return out.getvalue()


def calendar_of(visit: SiteVisit) -> bytes:
    """The visit as an event of iCalendar (RFC 5545), two hours long."""
    assert visit.planned_at is not None
    enterprise, starts = visit.application.enterprise, visit.planned_at.astimezone(UTC)
    event = icalendar.Event()
    event.add("uid", f"site-visit-{visit.application_id}@weihai-sm")
    event.add("dtstamp", visit.recorded_at.astimezone(UTC))
    event.add("dtstart", starts)
    event.add("dtend", starts + LENGTH)
    event.add("summary", f"现场考察 {enterprise}")
    event.add("location", visit.place or enterprise.address)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//weihai-sm//site visit//ZH")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return calendar.to_ical()


def record_visit(visit: SiteVisit, *, seen: str, by: User) -> SiteVisit:
    """Keep the record over the one that was ``seen``, as long as the review goes on. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, visit.application, "record_site_visit", "登记现场考察")
    with transaction.atomic():
        application = Application.objects.select_for_update(of=("self",)).get(pk=visit.application_id)
        if application.state not in OPEN_STATES:
            raise NotPossible([f"该件现为“{application.get_state_display()}”，考察记录只在评审结束前登记。"])
        standing = SiteVisit.objects.select_related("recorded_by").filter(application=application).first()
        if standing and seen != revision_of(standing):
            raise NotPossible(
                [
                    f"{standing.recorded_by}在您打开这一页之后登记过考察记录，您填的没有保存，仍在本页。"
                    "请另开本页对照，再保存即以您的为准。"
                ]
            )
        visit.pk = standing.pk if standing else None
        visit.recorded_by, visit.recorded_at = by, clock.now()
        visit.save()
        event = events.record(
            application,
            "record_site_visit",
            by=by,
            label="登记现场考察",
            note=_told(visit),
            needed=visit.is_needed,
            visited_on=visit.visited_on,
            conclusion=visit.conclusion,
        )
        if (
            visit.planned_at
            and not visit.is_settled
            and (standing is None or standing.planned_at != visit.planned_at)
        ):
            notify.enqueue(told_of_visit(event, visit, team_of(visit)))
        if visit.differs and (standing is None or standing.discrepancies != visit.discrepancies):
            # What the panel said and signed did not know of it.
            outdated = PanelCase.objects.filter(application=application).exclude(opinion_at=None)
            notify.enqueue(told_of_discrepancies(event, application, is_signed_anew=outdated.exists()))
            give_the_opinion_anew(outdated)
    return visit


def _told(visit: SiteVisit) -> str:
    """What the log says of a record: whether a visit is needed and why, when it was made and what it concluded."""
    words = f"{'需要' if visit.is_needed else '不需要'}：{visit.reason}"
    if not (visit.is_needed and visit.is_settled):
        return words
    return f"{words.rstrip('。')}；{cn_date(visit.visited_on, 'plain')}考察，{visit.get_conclusion_display()}"

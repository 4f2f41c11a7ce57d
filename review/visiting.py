"""Recording whether a case was visited and what was found (第十六条)."""

from django.db import transaction
from django.forms import model_to_dict

from accounts.models import User
from accounts.permissions import require_municipal_handler
from applications.models import Application
from applications.versions import digest_of
from core import clock, events
from core.workflow import NotPossible
from review.models import SiteVisit

OPEN_STATES = (Application.State.ACCEPTED, Application.State.UNDER_REVIEW)


def revision_of(visit: SiteVisit | None) -> str:
    """What a page carries of the record it showed; empty when there was none."""
    return digest_of(model_to_dict(visit)) if visit else ""


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
        events.record(
            application,
            "record_site_visit",
            by=by,
            label="登记现场考察",
            note=visit.reason,
            needed=visit.is_needed,
            visited_on=visit.visited_on,
            conclusion=visit.conclusion,
        )
    return visit

"""What the decision desk tells people first."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Q

from accounts.roles import is_municipal_handler, is_municipal_leader
from core import clock
from core.duties import Duty, add_source
from decisions.models import Objection, PublicNotice

DUE_SOON = timedelta(days=3)


@add_source
def of_decisions(user) -> Iterator[Duty]:
    if is_municipal_leader(user):
        drafts = PublicNotice.objects.awaiting_signature_of(user).count()
        yield Duty("公告待我签发", drafts, "/notice-desk/?tab=drafts")
    if is_municipal_handler(user):
        today = clock.today()
        due = Objection.objects.open().aggregate(
            late=Count("pk", filter=Q(due_on__lt=today)),
            soon=Count("pk", filter=Q(due_on__range=(today, today + DUE_SOON))),
        )
        yield Duty("异议已过办理期限", due["late"], "/objection-desk/", is_late=True)
        yield Duty("异议三日内到期", due["soon"], "/objection-desk/")

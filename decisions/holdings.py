"""What a person of the bureau has in hand: notices that are being drafted."""

from collections.abc import Iterator, Mapping
from functools import partial

from django.db.models import Count

from accounts.models import Agency, User
from core import notify
from core.holdings import Piece, Source, add_source, pass_draft_on
from core.models import Event
from decisions.models import PublicNotice
from decisions.notifications import about_notice_to_sign

DRAFTS = PublicNotice.objects.filter(state=PublicNotice.State.DRAFT)


def _notices(user: User, agency: Agency) -> Iterator[Piece]:
    if agency.kind == Agency.Kind.MUNICIPAL:
        for notice in DRAFTS.filter(drafted_by=user).order_by("id"):
            state = "已送签" if notice.sent_at else "未送签"
            yield Piece(
                key=f"notice-{notice.pk}",
                kind=f"{notice.get_kind_display()}拟稿",
                label=notice.title,
                url=f"/notice-desk/{notice.pk}/",
                give=partial(pass_draft_on, notice, "drafted_by", user, announce=_announce),
                note=f"{state}，接手的人即为拟稿人，不能再签发",
            )


def _announce(event: Event, notice: PublicNotice) -> None:
    """One sent for signature waits for other leaders now."""
    notify.settle(f"notice-{notice.pk}-to-sign-")
    if notice.sent_at:
        notify.enqueue([about_notice_to_sign(event, notice)])


def _numbers(agency: Agency) -> Mapping[int, int]:
    if agency.kind != Agency.Kind.MUNICIPAL:
        return {}
    return dict(DRAFTS.order_by().values_list("drafted_by").annotate(Count("pk")))


add_source(Source(_notices, _numbers))

"""What a person of the bureau has in hand: notices that are being drafted."""

from collections.abc import Iterator, Mapping
from functools import partial

from django.db.models import Count

from accounts.models import Agency, User
from core import events
from core.holdings import Piece, Source, add_source
from decisions.models import PublicNotice

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
                give=partial(_pass_on, notice, user),
                note=f"{state}，接手的人即为拟稿人，不能再签发",
            )


def _pass_on(notice: PublicNotice, leaver: User, to: User | None, *, by: User) -> None:
    """Whoever takes a draft over is its drafter from now on, and so cannot release it."""
    locked = PublicNotice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if to and locked.state == PublicNotice.State.DRAFT and locked.drafted_by_id == leaver.pk:
        locked.drafted_by = to
        locked.save(update_fields=["drafted_by"])
        note = f"{leaver.name}转交{to.name}"
        events.record(locked, "hand_over_draft", by=by, label="转交拟稿", note=note)


def _numbers(agency: Agency) -> Mapping[int, int]:
    if agency.kind != Agency.Kind.MUNICIPAL:
        return {}
    return dict(DRAFTS.order_by().values_list("drafted_by").annotate(Count("pk")))


add_source(Source(_notices, _numbers))

"""What a person of a district has in hand here: supporting policies that are being drafted."""

from collections.abc import Iterator, Mapping
from functools import partial

from django.db.models import Count

from accounts.models import Agency, User
from core import events
from core.holdings import Piece, Source, add_source
from supervision.models import SupportingPolicy

DRAFTS = SupportingPolicy.objects.filter(state=SupportingPolicy.State.DRAFT)


def _policies(user: User, agency: Agency) -> Iterator[Piece]:
    for policy in DRAFTS.filter(agency=agency, prepared_by=user).order_by("id"):
        yield Piece(
            key=f"policy-{policy.pk}",
            kind="配套政策拟稿",
            label=policy.title,
            url=f"/district/policies/{policy.pk}/",
            give=partial(_pass_on, policy, user),
            note="待发布，接手的人即为拟稿人，不能再发布",
        )


def _pass_on(policy: SupportingPolicy, leaver: User, to: User | None, *, by: User) -> None:
    """Whoever takes a draft over has prepared it from now on, and so cannot publish it."""
    locked = SupportingPolicy.objects.select_for_update(of=("self",)).get(pk=policy.pk)
    if to and locked.state == SupportingPolicy.State.DRAFT and locked.prepared_by_id == leaver.pk:
        locked.prepared_by = to
        locked.save(update_fields=["prepared_by"])
        note = f"{leaver.name}转交{to.name}"
        events.record(locked, "hand_over_draft", by=by, label="转交拟稿", note=note)


def _numbers(agency: Agency) -> Mapping[int, int]:
    return dict(DRAFTS.filter(agency=agency).order_by().values_list("prepared_by").annotate(Count("pk")))


add_source(Source(_policies, _numbers))

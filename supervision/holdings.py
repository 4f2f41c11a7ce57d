"""What a person of a district has in hand here: supporting policies that are being drafted."""

from collections.abc import Iterator, Mapping
from functools import partial

from django.db.models import Count

from accounts.models import Agency, User
from core.holdings import Piece, Source, add_source, pass_draft_on
from supervision.models import SupportingPolicy
from supervision.supporting import announce_draft

DRAFTS = SupportingPolicy.objects.filter(state=SupportingPolicy.State.DRAFT)


def _policies(user: User, agency: Agency) -> Iterator[Piece]:
    for policy in DRAFTS.filter(agency=agency, prepared_by=user).order_by("id"):
        yield Piece(
            key=f"policy-{policy.pk}",
            kind="配套政策拟稿",
            label=policy.title,
            url=f"/district/policies/{policy.pk}/",
            give=partial(pass_draft_on, policy, "prepared_by", user, announce=announce_draft),
            note="待发布，接手的人即为拟稿人，不能再发布",
        )


def _numbers(agency: Agency) -> Mapping[int, int]:
    return dict(DRAFTS.filter(agency=agency).order_by().values_list("prepared_by").annotate(Count("pk")))


add_source(Source(_policies, _numbers))

"""What the desks of this room tell people first."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from accounts.roles import CHANNEL, agencies_of, is_municipal_handler
from applications.models import Application, Recommendation
from core.duties import Duty, add_source
from core.wording import cn_datetime

State = Recommendation.State


@add_source
def of_channel(user) -> Iterator[Duty]:
    if not agencies_of(user, *CHANNEL):
        return
    waiting = list(Recommendation.objects.by_deadline().waiting_for(user).only("state"))
    for state, label in ((State.DRAFT, "推荐函待我签发"), (State.SIGNED, "推荐函已签发，待盖章报送")):
        if letters := [one for one in waiting if one.state == state]:
            until: datetime = letters[0].until  # type: ignore[attr-defined]
            only = f"{letters[0].pk}/" if len(letters) == 1 else ""
            yield Duty(label, len(letters), f"/recommendations/{only}", f"{cn_datetime(until, 'bare')}前报送")


@add_source
def of_acceptance(user) -> Iterator[Duty]:
    if is_municipal_handler(user):
        listed = Q(recommendation_entries__withdrawn_at=None)
        waiting = Application.objects.filter(listed, state=Application.State.FORWARDED).count()
        yield Duty("推荐上报待受理", waiting, "/acceptance/")

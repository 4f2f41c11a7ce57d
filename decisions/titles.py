"""What the enterprise's home shows of titles."""

from collections.abc import Iterator

from accounts.models import Enterprise
from applications.titles import HeldTitle, add_source
from decisions.models import Recognition


@add_source
def in_force(enterprise: Enterprise) -> Iterator[HeldTitle]:
    titles = Recognition.objects.in_force().filter(enterprise=enterprise)
    for serial, due_on in titles.values_list("plaque__serial", "re_review_due_on"):
        yield HeldTitle(serial, due_on)

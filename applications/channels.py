"""The channels through which applications come: districts and associations (第十四条)."""

from accounts.models import Agency


def channels() -> list[Agency]:
    """All that are in use, districts first (one query)."""
    found = Agency.objects.channels().in_use()
    return sorted(found, key=lambda one: one.kind == Agency.Kind.ASSOCIATION)

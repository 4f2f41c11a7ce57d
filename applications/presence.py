"""Who else has a case open: kept in the cache for some minutes, written nowhere else."""

from datetime import timedelta

from django.core.cache import cache

from accounts.models import User
from core import clock

STAYS = timedelta(minutes=5)


def come(pk: int, user: User) -> list[str]:
    """Say that this person has the case open; gives the names of the others who lately had."""
    key, now = f"presence-{pk}", clock.now()
    here = {person: (name, at) for person, (name, at) in cache.get(key, {}).items() if now - at < STAYS}
    others = [name for person, (name, _) in here.items() if person != user.pk]
    cache.set(key, here | {user.pk: (user.name, now)}, STAYS.total_seconds())
    return others

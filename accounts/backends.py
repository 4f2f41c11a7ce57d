from functools import cache
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from accounts.models import User
from core import clock
from core.counting import number_of
from core.models import Notification


@cache
def _people() -> QuerySet[Any]:
    """Put together once for all requests, each of which asks for one person."""
    return User.objects.annotate(waiting=number_of(Notification.objects.unread(), "recipient"))


class PortalBackend(ModelBackend):
    """Sign-in by login name and password. Django's model permissions are not used: see the permission tables."""

    def get_user(self, user_id) -> User | None:
        """The signed-in person, fetched together with the number of unread messages, which every page shows in its head."""
        user = _people().filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        user.unread = user.waiting
        return user

    def get_user_permissions(self, user_obj, obj=None) -> set[str]:
        return set()

    def get_group_permissions(self, user_obj, obj=None) -> set[str]:
        return set()

    def get_all_permissions(self, user_obj, obj=None) -> set[str]:
        return set()


def note_sign_in(sender, user: User, **kwargs) -> None:
    """When a person last signed in, by the portal's clock."""
    user.last_login = clock.now()
    user.save(update_fields=["last_login"])

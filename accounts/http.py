from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request that the access middleware let through to a route for signed-in people."""

    user: User

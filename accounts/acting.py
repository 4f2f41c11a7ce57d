"""For which enterprise a person is acting: chosen in the header, kept in the session."""

from django.http import Http404, HttpRequest

from accounts.http import SignedInRequest
from accounts.models import Enterprise, User

SESSION_KEY = "enterprise"


def own_enterprises(user: User) -> list[Enterprise]:
    """The enterprises that the person acts for, in the order of the memberships."""
    return list(dict.fromkeys(hat.enterprise for hat in user.hats() if hat.enterprise))


def chosen_enterprise(request: HttpRequest) -> Enterprise | None:
    """The one chosen in the header while the person still acts for it, else the first; None for who acts for none."""
    own = own_enterprises(request.user) if isinstance(request.user, User) else []
    chosen = request.session.get(SESSION_KEY) if len(own) > 1 else None
    return next((one for one in own if one.pk == chosen), own[0] if own else None)


def enterprise_of_page(request: SignedInRequest) -> Enterprise:
    """The one that the address or form names, else the chosen one; the frame says which it is."""
    wanted = request.POST.get("enterprise") or request.GET.get("enterprise") or ""
    found = chosen_enterprise(request)
    if wanted:
        found = next((one for one in own_enterprises(request.user) if str(one.pk) == wanted), None)
    if found is None:
        raise Http404
    return show_page_of(request, found)


def show_page_of(request: HttpRequest, enterprise: Enterprise) -> Enterprise:
    """Let the frame say that this page is one of ``enterprise``, should another be chosen."""
    request.page_enterprise = enterprise  # type: ignore[attr-defined]
    return enterprise

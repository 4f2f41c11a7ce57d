import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.acting import chosen_enterprise, own_enterprises
from accounts.models import Agency, Enterprise, Membership
from accounts.roles import Role
from core import clock

# role → the places of the header: (label, url name, path prefix that marks it as current)
PLACES: dict[str, tuple[tuple[str, str, str], ...]] = {
    Role.ENTERPRISE: (
        ("首页", "enterprise-home", "/enterprise/"),
        ("申报", "application-list", "/applications/"),
        ("企业信息", "enterprise-profile", "/enterprise/profile/"),
        ("称号与牌匾", "enterprise-titles", "/enterprise/titles/"),
    ),
    Role.CHANNEL_HANDLER: (
        ("审核申报", "vetting-queue", "/vetting/"),
        ("推荐上报", "recommendation-list", "/recommendations/"),
        ("辖区企业", "district-enterprises", "/district/enterprises/"),
        ("确认账号", "account-approvals", "/district/accounts/"),
    ),
    Role.MUNICIPAL_HANDLER: (
        ("批次", "round-list", "/rounds/"),
        ("评审", "panel-list", "/panels/"),
        ("名单与会议", "meeting-list", "/meetings/"),
        ("公示公布", "notice-desk", "/notice-desk/"),
        ("监督管理", "supervision-board", "/supervision/"),
        ("企业与专家", "directory-desk", "/directory-desk/"),
    ),
    Role.EXPERT: (("我的评审", "review-list", "/review/"),),
    Role.ADMINISTRATOR: (
        ("人员与单位", "administration", "/administration/"),
        ("工作日历", "working-calendar", "/calendar/"),
        ("管理办法", "measure-list", "/measures/"),
    ),
}
# Pages of a place whose addresses do not begin like it.
BELONGS = (
    (re.compile(r"/rounds/\d+/(scores|ranking)|/(draws|site-visits)/"), "/panels/"),
    (re.compile(r"/(acceptance|recommendations|measures|calendar)/"), "/rounds/"),
    (re.compile(r"/objection-desk/"), "/notice-desk/"),
    (re.compile(r"/(district/policies|enterprises)/"), "/district/enterprises/"),
    (re.compile(r"/enterprises/"), "/directory-desk/"),
    (re.compile(r"/imports/"), "/directory-desk/"),
    (re.compile(r"/imports/"), "/administration/"),
)
OWN_PEOPLE = ("本单位人员", "agency-people", "/agency/people/")
PLACES[Role.CHANNEL_LEADER] = (*PLACES[Role.CHANNEL_HANDLER], OWN_PEOPLE)
PLACES[Role.MUNICIPAL_LEADER] = (*PLACES[Role.MUNICIPAL_HANDLER], OWN_PEOPLE)
PLACES[Role.AUDITOR] = (*PLACES[Role.MUNICIPAL_HANDLER], ("办理记录", "event-log", "/events/"))
IN_AN_ASSOCIATION = {"辖区企业": "申报企业"}
PUBLIC_PLACES = (
    ("首页", "public-home", "/"),
    ("通知公告", "notice-list", "/notices/"),
    ("示范企业名录", "directory", "/directory/"),
    ("条件自测", "self-check", "/self-check/"),
    ("提出异议", "objection-start", "/objections/"),
    ("管理办法", "measure", "/measure/"),
)


@dataclass(frozen=True)
class Place:
    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Frame:
    """What the frame around every page shows.

    ``enterprises`` are those a person may switch between, ``acting_for`` the chosen one; ``page_of`` is another of them when
    the page is one of its.
    """

    demo: bool
    clock: datetime
    places: list[Place]
    signed_in: bool
    person_id: int | None
    person: str
    organisation: str
    unread: int
    portal_name: str
    contact: str
    icp: str
    enterprises: list[Enterprise]
    acting_for: Enterprise | None
    page_of: Enterprise | None


def frame(request: HttpRequest) -> dict[str, Frame]:
    user: Any = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    hats = user.hats() if signed_in else []
    places = list({place[1]: place for hat in hats for place in _places_of(hat)}.values()) or PUBLIC_PLACES
    enterprises = own_enterprises(user) if signed_in else []
    acting_for = chosen_enterprise(request) if enterprises else None
    page_of = getattr(request, "page_enterprise", None)
    organisation = (hats[0].agency or acting_for) if hats else None
    return {
        "frame": Frame(
            demo=settings.DEMO_MODE,
            clock=clock.now(),
            places=_places(places, request.path),
            signed_in=signed_in,
            person_id=user.pk if signed_in else None,
            person=user.name if signed_in else "",
            organisation=getattr(organisation, "short_name", "") or str(organisation or ""),
            unread=user.unread if signed_in else 0,
            portal_name=settings.PORTAL_NAME,
            contact=settings.BUREAU_CONTACT,
            icp=settings.ICP_NUMBER,
            enterprises=enterprises if len(enterprises) > 1 else [],
            acting_for=acting_for,
            page_of=page_of if acting_for and page_of != acting_for else None,
        )
    }


def _places_of(hat: Membership) -> list[tuple[str, str, str]]:
    """The places of a role; an association has no area of its own."""
    is_association = hat.agency is not None and hat.agency.kind == Agency.Kind.ASSOCIATION
    words = IN_AN_ASSOCIATION if is_association else {}
    return [(words.get(label, label), name, prefix) for label, name, prefix in PLACES[hat.role]]


def _places(places, path: str) -> list[Place]:
    """The current one is that to which the page belongs, else the one with the longest prefix of the path."""
    prefixes = [prefix for _, _, prefix in places]
    belongs = [prefix for pattern, prefix in BELONGS if prefix in prefixes and pattern.match(path)]
    fitting = belongs or [one for one in prefixes if path == one or (one != "/" and path.startswith(one))]
    current = max(fitting, key=len, default=None)
    return [Place(label, reverse(name), prefix == current) for label, name, prefix in places]

from accounts.roles import ADMINISTRATOR, AUDITOR, CHANNEL, ENTERPRISE, MUNICIPAL, STAFF, Role
from accounts.views import (
    agencies,
    audit,
    colleagues,
    experts,
    imports,
    joining,
    people,
    sign_in,
    staff,
    working_calendar,
)
from core.access import PUBLIC, SIGNED_IN, route

TABLE_KEEPERS = ADMINISTRATOR | frozenset({Role.MUNICIPAL_HANDLER})

urlpatterns = [
    route("home/", sign_in.home, name="home", audience=SIGNED_IN),
    route("accounts/login/", sign_in.sign_in, name="login", audience=PUBLIC),
    route("accounts/logout/", sign_in.sign_out, name="logout", audience=PUBLIC),
    route("accounts/register/", joining.register, name="register", audience=PUBLIC),
    route("accounts/join/", joining.join, name="join", audience=PUBLIC),
    route("accounts/industries/", joining.industries, name="industries", audience=PUBLIC),
    route("accounts/enterprises/", joining.own_enterprises, name="own-enterprises", audience=SIGNED_IN),
    route("invitations/<str:token>/", joining.invitation, name="invitation", audience=PUBLIC),
    route("accounts/password/<uidb64>/<token>/", sign_in.set_password, name="set-password", audience=PUBLIC),
    route("accounts/preferences/", people.preferences, name="preferences", audience=SIGNED_IN),
    route("demo/login/<slug:login_name>/", sign_in.demo_sign_in, name="demo-login", audience=PUBLIC),
    route("district/accounts/", people.approvals, name="account-approvals", audience=CHANNEL),
    route(
        "accounts/memberships/<int:pk>/decide/",
        people.decide_approval,
        name="account-approval",
        audience=CHANNEL | ENTERPRISE,
    ),
    route(
        "accounts/memberships/<int:pk>/withdraw/",
        people.withdraw,
        name="authority-withdraw",
        audience=SIGNED_IN,
    ),
    route("enterprise/profile/people/", colleagues.colleagues, name="colleagues", audience=ENTERPRISE),
    route("enterprise/switch/", colleagues.switch, name="enterprise-switch", audience=ENTERPRISE),
    route(
        "accounts/invitations/<int:pk>/revoke/",
        colleagues.revoke_invitation,
        name="invitation-revoke",
        audience=ENTERPRISE | STAFF,
    ),
    route("agency/people/", staff.people, name="agency-people", audience=STAFF),
    route("agency/people/<int:pk>/role/", staff.change_role, name="staff-role", audience=STAFF),
    route("agency/people/<int:pk>/end/", staff.end, name="staff-end", audience=STAFF),
    route(
        "calendar/",
        working_calendar.working_calendar,
        name="working-calendar",
        audience=ADMINISTRATOR | MUNICIPAL | AUDITOR,
    ),
    route("directory-desk/ratings/", imports.ratings, name="ratings", audience=MUNICIPAL | AUDITOR),
    route(
        "directory-desk/associations/",
        agencies.associations,
        name="associations",
        audience=MUNICIPAL | AUDITOR,
    ),
    route(
        "directory-desk/associations/new/",
        agencies.create_association,
        name="association-create",
        audience=frozenset({Role.MUNICIPAL_HANDLER}),
    ),
    route(
        "directory-desk/associations/<int:pk>/",
        agencies.appoint,
        name="association-appoint",
        audience=frozenset({Role.MUNICIPAL_HANDLER}),
    ),
    route(
        "directory-desk/experts/new/",
        experts.create,
        name="expert-create",
        audience=frozenset({Role.MUNICIPAL_HANDLER}),
    ),
    route(
        "directory-desk/experts/<int:pk>/edit/",
        experts.edit,
        name="expert-edit",
        audience=frozenset({Role.MUNICIPAL_HANDLER}),
    ),
    route("imports/<int:pk>/", imports.table_import, name="table-import", audience=TABLE_KEEPERS),
    route("imports/<slug:kind>/", imports.upload, name="table-upload", audience=TABLE_KEEPERS),
    route("imports/<slug:kind>/template/", imports.template, name="table-template", audience=TABLE_KEEPERS),
    route("administration/", people.administration, name="administration", audience=ADMINISTRATOR),
    route("administration/agencies/new/", agencies.create, name="agency-create", audience=ADMINISTRATOR),
    route("administration/agencies/<int:pk>/", agencies.edit, name="agency", audience=ADMINISTRATOR),
    route(
        "administration/people/<int:pk>/password-link/",
        people.password_link,
        name="password-link",
        audience=ADMINISTRATOR,
    ),
    route(
        "events/", audit.event_log, name="event-log", audience=AUDITOR | frozenset({Role.MUNICIPAL_LEADER})
    ),
]

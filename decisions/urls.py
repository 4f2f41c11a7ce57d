from accounts.roles import AUDITOR, CHANNEL, ENTERPRISE, MUNICIPAL, Role
from core.access import PUBLIC, route
from decisions.views import meetings, notices, objections, public, titles

HANDLER = frozenset({Role.MUNICIPAL_HANDLER})
READERS = MUNICIPAL | AUDITOR

urlpatterns = [
    route("", public.home, name="public-home", audience=PUBLIC),
    route("notices/", public.notice_list, name="notice-list", audience=PUBLIC),
    route("notices/<int:pk>/", public.notice, name="notice", audience=PUBLIC),
    route("directory/", public.directory, name="directory", audience=PUBLIC),
    route("directory.csv", public.directory_csv, name="directory-csv", audience=PUBLIC),
    route("directory.json", public.directory_json, name="directory-json", audience=PUBLIC),
    route("open-data/", public.open_data, name="open-data", audience=PUBLIC),
    route("verify/", public.verify, name="verify", audience=PUBLIC),
    route("verify/<str:serial>/", public.verify_serial, name="verify-serial", audience=PUBLIC),
    route("objections/", objections.start, name="objection-start", audience=PUBLIC),
    route("objections/<str:receipt>/", objections.receipt, name="objection-receipt", audience=PUBLIC),
    route(
        "notices/<int:notice_pk>/objections/<int:application_pk>/",
        objections.new,
        name="objection-new",
        audience=PUBLIC,
    ),
    route("meetings/", meetings.meeting_list, name="meeting-list", audience=READERS),
    route("meetings/create/", meetings.meeting_create, name="meeting-create", audience=HANDLER),
    route("meetings/<int:pk>/", meetings.meeting, name="meeting", audience=READERS),
    route("meetings/<int:pk>/confirm/", meetings.meeting_confirm, name="meeting-confirm", audience=READERS),
    route("meetings/<int:pk>/minutes/", meetings.minutes, name="meeting-minutes", audience=READERS),
    route(
        "meetings/<int:pk>/minutes/upload/",
        meetings.minutes_upload,
        name="meeting-minutes-upload",
        audience=HANDLER,
    ),
    route("notice-desk/", notices.notice_desk, name="notice-desk", audience=READERS),
    route("notice-desk/draft/", notices.notice_draft, name="notice-draft", audience=HANDLER),
    route("notice-desk/<int:pk>/", notices.notice_edit, name="notice-edit", audience=READERS),
    route("notice-desk/<int:pk>/release/", notices.notice_release, name="notice-release", audience=READERS),
    route(
        "notice-desk/<int:pk>/hand-back/",
        notices.notice_hand_back,
        name="notice-hand-back",
        audience=MUNICIPAL,
    ),
    route("notice-desk/<int:pk>/window/", notices.notice_window, name="notice-window", audience=HANDLER),
    route(
        "notice-desk/<int:pk>/document/", notices.notice_document, name="notice-document", audience=READERS
    ),
    route("notice-desk/<int:pk>/award/", notices.award, name="award", audience=HANDLER),
    route("objection-desk/", objections.desk, name="objection-desk", audience=READERS),
    route("objection-desk/<int:pk>/", objections.handle, name="objection-handle", audience=READERS),
    route(
        "objection-desk/<int:pk>/identity/", objections.identity, name="objection-identity", audience=HANDLER
    ),
    route(
        "objection-desk/<int:pk>/files/<slug:which>/",
        objections.file,
        name="objection-file",
        audience=HANDLER,
    ),
    route("enterprise/titles/", titles.enterprise_titles, name="enterprise-titles", audience=ENTERPRISE),
    route(
        "titles/<int:pk>/plaque/",
        titles.plaque_document,
        name="plaque-document",
        audience=ENTERPRISE | MUNICIPAL,
    ),
    route("directory-desk/", titles.directory_desk, name="directory-desk", audience=READERS),
    route(
        "enterprises/<int:pk>/",
        titles.enterprise_detail,
        name="enterprise-detail",
        audience=CHANNEL | READERS,
    ),
]

from accounts.roles import AUDITOR, CHANNEL, ENTERPRISE, EXPERT, MUNICIPAL
from applications.views import (
    calls,
    enterprise_attachments,
    enterprise_carrying,
    enterprise_figures,
    enterprise_home,
    enterprise_profile,
    enterprise_sections,
    enterprise_submission,
    enterprise_versions,
    receipts,
    self_check,
)
from core.access import PUBLIC, route

READERS = ENTERPRISE | CHANNEL | MUNICIPAL | AUDITOR

urlpatterns = [
    route("calls/", calls.call_list, name="call-list", audience=PUBLIC),
    route("calls/<int:pk>/", calls.call, name="call", audience=PUBLIC),
    route("calls/<int:pk>/templates/", calls.templates, name="call-templates", audience=PUBLIC),
    route("calls/<int:pk>/questions/", calls.questions, name="call-questions", audience=PUBLIC),
    route("calls/<int:pk>/contacts/", calls.contact_list, name="call-contacts", audience=PUBLIC),
    route("calls/<int:pk>/files/<int:file_pk>/", calls.file, name="call-file", audience=PUBLIC),
    route("self-check/", self_check.self_check, name="self-check", audience=PUBLIC),
    route("enterprise/", enterprise_home.home, name="enterprise-home", audience=ENTERPRISE),
    route("enterprise/profile/", enterprise_profile.edit, name="enterprise-profile", audience=ENTERPRISE),
    route(
        "enterprise/profile/confirm/",
        enterprise_profile.confirm,
        name="profile-confirm",
        audience=ENTERPRISE,
    ),
    route("applications/", enterprise_home.application_list, name="application-list", audience=ENTERPRISE),
    route(
        "applications/start/<int:round_pk>/",
        enterprise_home.start,
        name="application-start",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/", enterprise_sections.detail, name="application-detail", audience=ENTERPRISE
    ),
    route(
        "applications/<int:pk>/channel/",
        enterprise_home.move_channel,
        name="application-channel",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/sections/<slug:section>/",
        enterprise_sections.section,
        name="application-section",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/self-check/",
        enterprise_carrying.carry,
        name="application-carry",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/figures.xlsx",
        enterprise_figures.template,
        name="figures-template",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/figures/upload/",
        enterprise_figures.upload,
        name="figures-upload",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/attachments/",
        enterprise_attachments.upload,
        name="attachment-upload",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/attachments/<int:attachment_pk>/remove/",
        enterprise_attachments.remove,
        name="attachment-remove",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/attachments/<int:attachment_pk>/turn/",
        enterprise_attachments.turn,
        name="attachment-turn",
        audience=ENTERPRISE,
    ),
    route(
        "attachments/<int:pk>/",
        enterprise_attachments.file,
        name="attachment-file",
        audience=READERS | EXPERT,
    ),
    route(
        "attachments/<int:pk>/view/",
        enterprise_attachments.view,
        name="attachment-view",
        audience=READERS | EXPERT,
    ),
    route(
        "applications/<int:pk>/check/",
        enterprise_submission.check,
        name="application-check",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/submit/",
        enterprise_submission.submit,
        name="application-submit",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/receipt/",
        enterprise_submission.receipt,
        name="application-receipt",
        audience=ENTERPRISE,
    ),
    route("receipts/", receipts.receipt_check, name="receipt-check", audience=PUBLIC),
    route(
        "receipts/<str:number>/<str:code>/",
        receipts.receipt_check_answer,
        name="receipt-check-answer",
        audience=PUBLIC,
    ),
    route(
        "applications/<int:pk>/withdraw/",
        enterprise_submission.withdraw,
        name="application-withdraw",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/answers/",
        enterprise_submission.answer,
        name="application-answer",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/pdf/",
        enterprise_submission.pdf,
        name="application-pdf",
        audience=ENTERPRISE,
    ),
    route(
        "applications/<int:pk>/versions/<int:number>/",
        enterprise_versions.version,
        name="application-version",
        audience=READERS,
    ),
    route(
        "applications/<int:pk>/compare/",
        enterprise_versions.compare,
        name="application-compare",
        audience=READERS,
    ),
]

from core import views
from core.access import PUBLIC, SIGNED_IN, route

urlpatterns = [
    route("healthz/", views.healthz, name="healthz", audience=PUBLIC),
    route("accessibility/", views.accessibility, name="accessibility", audience=PUBLIC),
    route("inbox/", views.inbox, name="inbox", audience=SIGNED_IN),
    route(
        "inbox/read-all/",
        views.read_all_messages,
        name="inbox-read-all",
        audience=SIGNED_IN,
    ),
    route("inbox/<int:pk>/", views.open_message, name="inbox-open", audience=SIGNED_IN),
    route("documents/<int:pk>/", views.document, name="document", audience=PUBLIC),
    route("demo/clock/", views.demo_clock, name="demo-clock", audience=PUBLIC),
    route("demo/mail/", views.demo_mail, name="demo-mail", audience=PUBLIC),
]

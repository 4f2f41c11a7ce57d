from accounts.roles import AUDITOR, MUNICIPAL
from core.access import route
from supervision import views

READERS = MUNICIPAL | AUDITOR

urlpatterns = [
    route("supervision/", views.supervision_board, name="supervision-board", audience=READERS),
    route("supervision/titles/<int:pk>/", views.re_review, name="re-review", audience=READERS),
    route(
        "supervision/titles/<int:pk>/conclude/",
        views.re_review_conclude,
        name="re-review-conclude",
        audience=MUNICIPAL,
    ),
]

from accounts.roles import AUDITOR, CHANNEL, MUNICIPAL
from core.access import PUBLIC, route
from supervision.views import board, supporting

READERS = MUNICIPAL | AUDITOR

urlpatterns = [
    route("supervision/", board.supervision_board, name="supervision-board", audience=READERS),
    route("supervision/titles/<int:pk>/", board.re_review, name="re-review", audience=READERS),
    route(
        "supervision/titles/<int:pk>/conclude/",
        board.re_review_conclude,
        name="re-review-conclude",
        audience=MUNICIPAL,
    ),
    route("policies/", supporting.public_list, name="policy-list", audience=PUBLIC),
    route("policies/<int:pk>/file/", supporting.file, name="policy-file", audience=PUBLIC),
    route("district/policies/", supporting.desk, name="policy-desk", audience=CHANNEL),
    route("district/policies/new/", supporting.create, name="policy-create", audience=CHANNEL),
    route("district/policies/<int:pk>/", supporting.policy, name="policy", audience=CHANNEL),
    route("district/policies/<int:pk>/publish/", supporting.publish, name="policy-publish", audience=CHANNEL),
    route(
        "district/policies/<int:pk>/withdraw/", supporting.withdraw, name="policy-withdraw", audience=CHANNEL
    ),
]

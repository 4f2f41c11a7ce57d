"""Routes of the district's or association's desk, and of the bureau's rounds and acceptance."""

from django.urls import URLPattern

from accounts.roles import AUDITOR, CHANNEL, MUNICIPAL, Role
from applications.views import (
    acceptance,
    casework,
    enterprises,
    extensions,
    queue,
    recommendations,
    round_pages,
    round_setup,
    rounds,
    vetting,
)
from core.access import route

READERS = MUNICIPAL | AUDITOR
HANDLER = frozenset({Role.MUNICIPAL_HANDLER})

urlpatterns: list[URLPattern] = [
    route("vetting/", queue.queue, name="vetting-queue", audience=CHANNEL),
    route("vetting/export/", queue.export, name="vetting-export", audience=CHANNEL),
    route("vetting/<int:pk>/", vetting.vetting, name="vetting", audience=CHANNEL),
    route("vetting/<int:pk>/opinion/", vetting.save, name="vetting-save", audience=CHANNEL),
    route("vetting/<int:pk>/items/", vetting.flag, name="vetting-flag", audience=CHANNEL),
    route("vetting/<int:pk>/officer/", casework.officer, name="vetting-officer", audience=CHANNEL),
    route("vetting/<int:pk>/note/", casework.note, name="vetting-note", audience=CHANNEL),
    route("vetting/<int:pk>/return/", vetting.return_for_correction, name="vetting-return", audience=CHANNEL),
    route("vetting/<int:pk>/correction/", extensions.correction, name="vetting-correction", audience=CHANNEL),
    route("vetting/<int:pk>/refuse/", vetting.refuse, name="vetting-refuse", audience=CHANNEL),
    route("vetting/<int:pk>/pass/", vetting.pass_vetting, name="vetting-pass", audience=CHANNEL),
    route("vetting/<int:pk>/take-back/", vetting.take_back_pass, name="vetting-take-back", audience=CHANNEL),
    route(
        "district/enterprises/",
        enterprises.district_enterprises,
        name="district-enterprises",
        audience=CHANNEL,
    ),
    route(
        "recommendations/", recommendations.recommendation_list, name="recommendation-list", audience=CHANNEL
    ),
    route("recommendations/new/", recommendations.create, name="recommendation-create", audience=CHANNEL),
    route(
        "recommendations/<int:pk>/",
        recommendations.detail,
        name="recommendation-detail",
        audience=CHANNEL | READERS,
    ),
    route(
        "recommendations/<int:pk>/edit/", recommendations.edit, name="recommendation-edit", audience=CHANNEL
    ),
    route(
        "recommendations/<int:pk>/sign/", recommendations.sign, name="recommendation-sign", audience=CHANNEL
    ),
    route(
        "recommendations/<int:pk>/hand-back/",
        recommendations.hand_back,
        name="recommendation-hand-back",
        audience=CHANNEL,
    ),
    route(
        "recommendations/<int:pk>/discard/",
        recommendations.discard,
        name="recommendation-discard",
        audience=CHANNEL,
    ),
    route(
        "recommendations/<int:pk>/letter/upload/",
        recommendations.upload_letter,
        name="recommendation-letter-upload",
        audience=CHANNEL,
    ),
    route(
        "recommendations/<int:pk>/letter/",
        recommendations.letter_file,
        name="recommendation-letter",
        audience=CHANNEL | READERS,
    ),
    route(
        "recommendations/<int:pk>/make/<slug:kind>/",
        recommendations.make_document,
        name="recommendation-make",
        audience=CHANNEL | MUNICIPAL,
    ),
    route(
        "recommendations/<int:pk>/forward/",
        recommendations.forward,
        name="recommendation-forward",
        audience=CHANNEL,
    ),
    route(
        "recommendations/<int:pk>/summary.xlsx",
        recommendations.summary_xlsx,
        name="recommendation-xlsx",
        audience=CHANNEL | READERS,
    ),
    route("rounds/", rounds.round_list, name="round-list", audience=READERS),
    route("rounds/new/", round_setup.create, name="round-create", audience=HANDLER),
    route("rounds/<int:pk>/copy/", round_setup.copy, name="round-copy", audience=HANDLER),
    route("rounds/<int:pk>/", rounds.round_board, name="round-board", audience=READERS),
    route("rounds/<int:pk>/prepare/<slug:step>/", round_setup.step, name="round-step", audience=HANDLER),
    route("rounds/<int:pk>/pages/", round_pages.pages, name="round-pages", audience=HANDLER),
    route(
        "rounds/<int:pk>/files/<int:file_pk>/remove/",
        round_pages.remove,
        name="round-file-remove",
        audience=HANDLER,
    ),
    route(
        "rounds/<int:pk>/questions/new/",
        round_pages.question_create,
        name="round-question-create",
        audience=HANDLER,
    ),
    route(
        "rounds/<int:pk>/questions/<int:question_pk>/",
        round_pages.question_edit,
        name="round-question-edit",
        audience=HANDLER,
    ),
    route("rounds/<int:pk>/open/", round_setup.open_round, name="round-open", audience=MUNICIPAL),
    route("rounds/<int:pk>/close/", rounds.close_round, name="round-close", audience=MUNICIPAL),
    route("rounds/<int:pk>/charts/", rounds.round_charts, name="round-charts", audience=READERS),
    route("rounds/<int:pk>/cases/", rounds.round_cases, name="round-cases", audience=READERS),
    route("rounds/<int:pk>/export/", rounds.export_board, name="round-export", audience=READERS),
    route("rounds/<int:pk>/cases/export/", rounds.export_cases, name="round-cases-export", audience=READERS),
    route("rounds/<int:pk>/extensions/", extensions.extensions, name="round-extensions", audience=READERS),
    route("rounds/<int:pk>/remind/", rounds.remind, name="round-remind", audience=MUNICIPAL),
    route("rounds/<int:pk>/remind-all/", rounds.remind_all, name="round-remind-all", audience=MUNICIPAL),
    route("acceptance/", acceptance.acceptance_list, name="acceptance-list", audience=READERS),
    route("acceptance/<int:recommendation_pk>/", acceptance.acceptance, name="acceptance", audience=READERS),
    route(
        "acceptance/<int:recommendation_pk>/accept-all/",
        acceptance.accept_all,
        name="acceptance-accept-all",
        audience=MUNICIPAL,
    ),
    route(
        "acceptance/<int:recommendation_pk>/<int:entry_pk>/accept/",
        acceptance.accept,
        name="acceptance-accept",
        audience=MUNICIPAL,
    ),
    route(
        "acceptance/<int:recommendation_pk>/<int:entry_pk>/send-back/",
        acceptance.send_back,
        name="acceptance-send-back",
        audience=MUNICIPAL,
    ),
    route(
        "acceptance/<int:recommendation_pk>/<int:entry_pk>/decline/",
        acceptance.decline,
        name="acceptance-decline",
        audience=MUNICIPAL,
    ),
]

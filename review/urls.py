from accounts.roles import AUDITOR, EXPERT, MUNICIPAL, Role
from core.access import route
from review.views import (
    conflicts,
    expert,
    meeting,
    panel_acts,
    panels,
    planning,
    pool,
    ranking,
    scores,
    sheet,
    visits,
)

HANDLER = frozenset({Role.MUNICIPAL_HANDLER})
READERS = MUNICIPAL | AUDITOR

urlpatterns = [
    route("panels/", panels.panel_list, name="panel-list", audience=READERS),
    route("panels/create/", panels.panel_create, name="panel-create", audience=HANDLER),
    route("panels/<int:pk>/", panels.panel_detail, name="panel-detail", audience=READERS),
    route("panels/<int:pk>/conflicts/", conflicts.panel_conflicts, name="panel-conflicts", audience=READERS),
    route("panels/<int:pk>/plan.xlsx", planning.plan_xlsx, name="panel-plan-xlsx", audience=READERS),
    route("panels/<int:pk>/plan/", planning.panel_plan, name="panel-plan", audience=READERS),
    route("panels/<int:pk>/draw/", panel_acts.panel_draw, name="panel-draw", audience=MUNICIPAL),
    route("panels/<int:pk>/chair/", panel_acts.panel_chair, name="panel-chair", audience=MUNICIPAL),
    route("panels/<int:pk>/seat/", panel_acts.panel_seat, name="panel-seat", audience=MUNICIPAL),
    route("panels/<int:pk>/start/", panel_acts.panel_start, name="panel-start", audience=MUNICIPAL),
    route("panels/<int:pk>/remind/", panel_acts.panel_remind, name="panel-remind", audience=MUNICIPAL),
    route("panels/<int:pk>/due/", panel_acts.panel_due, name="panel-due", audience=MUNICIPAL),
    route("panels/<int:pk>/conclude/", panel_acts.conclude, name="conclude", audience=MUNICIPAL),
    route("panel-cases/<int:pk>/replace/", panel_acts.case_replace, name="case-replace", audience=MUNICIPAL),
    route("panel-cases/<int:pk>/release/", panel_acts.case_release, name="case-release", audience=MUNICIPAL),
    route("draws/<int:pk>/", panels.draw_record, name="draw-record", audience=READERS),
    route("draws/<int:pk>/protocol/", panels.draw_protocol, name="draw-protocol", audience=READERS),
    route("directory-desk/experts/<int:pk>/", pool.expert, name="expert", audience=READERS),
    route("review/", expert.review_list, name="review-list", audience=EXPERT),
    route(
        "review/<int:assignment_pk>/declaration/",
        expert.review_declare,
        name="review-declare",
        audience=EXPERT,
    ),
    route("review/<int:assignment_pk>/", sheet.review_sheet, name="review-sheet", audience=EXPERT),
    route("review/<int:assignment_pk>/save/", sheet.review_save, name="review-save", audience=EXPERT),
    route("review/<int:assignment_pk>/submit/", sheet.review_submit, name="review-submit", audience=EXPERT),
    route(
        "review/<int:assignment_pk>/explain/", sheet.review_explain, name="review-explain", audience=EXPERT
    ),
    route(
        "review/<int:assignment_pk>/sheet.xlsx",
        sheet.review_workbook,
        name="review-workbook",
        audience=EXPERT,
    ),
    route("review/<int:assignment_pk>/upload/", sheet.review_upload, name="review-upload", audience=EXPERT),
    route(
        "review/<int:assignment_pk>/discussion/",
        meeting.review_discuss,
        name="review-discuss",
        audience=EXPERT,
    ),
    route("review/<int:assignment_pk>/reopen/", meeting.review_reopen, name="review-reopen", audience=EXPERT),
    route(
        "review/<int:assignment_pk>/opinion/", meeting.review_opinion, name="review-opinion", audience=EXPERT
    ),
    route("review/<int:assignment_pk>/signature/", meeting.review_sign, name="review-sign", audience=EXPERT),
    route("panel-cases/<int:pk>/opinion/", meeting.case_opinion, name="case-opinion", audience=READERS),
    route("site-visits/<int:application_pk>/", visits.site_visit, name="site-visit", audience=READERS),
    route(
        "site-visits/<int:application_pk>/visit.ics",
        visits.visit_calendar,
        name="visit-calendar",
        audience=READERS | EXPERT,
    ),
    route(
        "site-visits/<int:application_pk>/record/",
        visits.visit_record,
        name="visit-record",
        audience=READERS,
    ),
    route(
        "site-visits/<int:application_pk>/signature/",
        visits.visit_sign,
        name="visit-sign",
        audience=READERS | EXPERT,
    ),
    route(
        "site-visits/<int:application_pk>/photos/",
        visits.visit_photo_add,
        name="visit-photo-add",
        audience=MUNICIPAL,
    ),
    route(
        "site-visits/<int:application_pk>/photos/<int:photo_pk>/remove/",
        visits.visit_photo_remove,
        name="visit-photo-remove",
        audience=MUNICIPAL,
    ),
    route(
        "site-visits/<int:application_pk>/photos/<int:photo_pk>/",
        visits.visit_photo,
        name="visit-photo",
        audience=READERS | EXPERT,
    ),
    route("rounds/<int:pk>/scores/", scores.score_matrix, name="score-matrix", audience=READERS),
    route("rounds/<int:pk>/scores.xlsx", scores.score_xlsx, name="score-xlsx", audience=READERS),
    route("sheets/<int:pk>/unlock/", scores.sheet_unlock, name="sheet-unlock", audience=MUNICIPAL),
    route("panel-cases/<int:pk>/discuss/", meeting.case_discuss, name="case-discuss", audience=MUNICIPAL),
    route("panel-cases/<int:pk>/reopen/", scores.case_reopen, name="case-reopen", audience=MUNICIPAL),
    route("sheets/<int:pk>/ask/", scores.sheet_ask, name="sheet-ask", audience=MUNICIPAL),
    route("rounds/<int:pk>/ranking/", ranking.ranking, name="ranking", audience=READERS),
    route("rounds/<int:pk>/ranking/freeze/", ranking.freeze, name="ranking-freeze", audience=MUNICIPAL),
    route("rounds/<int:pk>/ranking/unfreeze/", ranking.unfreeze, name="ranking-unfreeze", audience=MUNICIPAL),
    route("rounds/<int:pk>/ranking/tie/", ranking.decide_tie, name="ranking-tie", audience=MUNICIPAL),
    route("rounds/<int:pk>/proposal/", ranking.proposal, name="proposal", audience=MUNICIPAL),
]

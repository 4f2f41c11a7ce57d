"""Routes of the measures: read by the bureau, its auditors and the administrator, kept by the bureau and the administrator."""

from django.urls import URLPattern

from accounts.roles import ADMINISTRATOR, AUDITOR, MUNICIPAL
from applications.views import measures
from core.access import route

KEEPERS = MUNICIPAL | ADMINISTRATOR
READERS = KEEPERS | AUDITOR

urlpatterns: list[URLPattern] = [
    route("measures/", measures.measure_list, name="measure-list", audience=READERS),
    route("measures/compare/", measures.compare, name="measure-compare", audience=READERS),
    route("measures/<int:pk>/", measures.measure_detail, name="measure-detail", audience=READERS),
    route("measures/<int:pk>/renewal/", measures.record_renewal, name="measure-renewal", audience=KEEPERS),
    route(
        "measures/<int:pk>/successor/", measures.record_successor, name="measure-successor", audience=KEEPERS
    ),
    route("measures/<int:pk>/edit/<slug:part>/", measures.edit, name="measure-edit", audience=KEEPERS),
]

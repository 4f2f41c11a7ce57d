"""Counts beside rows, as subqueries: joined counts multiply each other's rows and cannot stop at one page."""

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce


def number_of(rows: QuerySet, field: str) -> Coalesce:
    """An annotation: how many of ``rows`` refer to the annotated row through ``field``."""
    counted = rows.filter(**{field: OuterRef("pk")}).order_by().values(field).annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)


def page_of_known(rows: QuerySet, number: str | int | None, *, size: int, total: int) -> Page:
    """A page of a list whose length is known already: one query for the rows, none for their count."""
    paginator = Paginator(rows, size)
    paginator.__dict__["count"] = total
    return paginator.get_page(number)

"""The least that a list page of this portal can cost, and the counting of what the others do."""

import time

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.views.decorators.http import require_safe

from applications.models import Application

ROWS = 25
PAGE = """<!doctype html><html lang="zh-CN"><title>floor</title><p>{{ request.user.name }}</p><table>
{% for row in rows %}<tr>{% for cell in row %}<td class="cell">{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table></html>"""


@require_safe
def floor(request: HttpRequest) -> HttpResponse:
    """Session, user, one indexed query of 25 rows among all applications, and a table of them."""
    newest = Application.objects.order_by("-pk")
    rows = newest.values_list("pk", "receipt_number", "state", "submitted_at", "contact_name", "score")[:ROWS]
    return HttpResponse(engines["django"].from_string(PAGE).render({"rows": rows}, request))


class CountingMiddleware:
    """Tell in headers how many queries a request made, how long they took, and what the web process itself worked."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        queries, spent = 0, 0.0

        def count(execute, sql, params, many, context):
            nonlocal queries, spent
            queries += 1
            began = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                spent += time.perf_counter() - began

        worked = time.thread_time()
        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response["X-Worked-Ms"] = f"{(time.thread_time() - worked) * 1000:.1f}"
        response["X-Queries"] = str(queries)
        response["X-Database-Ms"] = f"{spent * 1000:.1f}"
        return response

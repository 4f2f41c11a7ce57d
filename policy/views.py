from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from policy.models import Article, Measure


@require_safe
def measure(request: HttpRequest) -> HttpResponse:
    """The newest measure with all its articles, its conditions and the documents that prolong it."""
    found = Measure.objects.prefetch_related("articles", "conditions", "renewals").first()
    if found is None:
        raise Http404
    return render(request, "policy/measure.html", {"measure": found})


@require_safe
def article(request: HttpRequest, number: int) -> HttpResponse:
    """The text of one article of the newest measure, as a page or in a dialog."""
    newest = Measure.objects.first()
    found = get_object_or_404(Article.objects.select_related("measure"), measure=newest, number=number)
    return render(request, "policy/article.html", {"article": found})

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core import clock
from core.typed import asked_number
from policy.models import Article, Measure
from policy.validity import standing


@require_safe
def measure(request: HttpRequest) -> HttpResponse:
    """The measure in force, or an earlier one that is asked for: its articles, its conditions, what prolongs it.

    One that has not begun may still be under preparation and is not shown beside one that has.
    """
    today = clock.today()
    measures = Measure.objects.filter(effective_from__lte=today).prefetch_related("renewals")
    asked = asked_number(request.GET.get("version"))
    found = get_object_or_404(measures, pk=asked) if asked else Measure.objects.standing_on(today)
    if found is None:
        raise Http404
    context = {
        "measure": found,
        "standing": standing(found.validity(), on=today),
        "others": [(one, standing(one.validity(), on=today)) for one in measures.exclude(pk=found.pk)],
    }
    return render(request, "policy/measure.html", context)


@require_safe
def article(request: HttpRequest, number: int) -> HttpResponse:
    """The text of one article, as a page or in a dialog: of the measure in force, and beside it of the others that have begun.

    A case of an earlier year was decided under the measure of its year, which may have an article that the present one lacks.
    """
    today = clock.today()
    current = Measure.objects.standing_on(today)
    articles = Article.objects.filter(number=number).select_related("measure")
    begun = Q(measure__effective_from__lte=today) | Q(measure=current)
    found = list(
        articles.filter(begun).prefetch_related("measure__renewals").order_by("-measure__effective_from")
    )
    found.sort(key=lambda one: one.measure != current)
    if not found:
        raise Http404
    shown = [(one, standing(one.measure.validity(), on=today)) for one in found]
    return render(request, "policy/article.html", {"article": found[0], "shown": shown})

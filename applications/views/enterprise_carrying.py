"""What was typed into the self-check beside what stands in the draft: chosen field by field, or left aside."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts.http import SignedInRequest
from applications import carrying
from applications.models import Application
from applications.views.enterprise_cases import own_application
from core import handover
from core.http import attempt


@never_cache
def carry(request: SignedInRequest, pk: int) -> HttpResponse:
    application = own_application(request, pk, Application.objects.with_everything())
    typed = handover.kept(request)
    fields = carrying.fields_to_carry(application, typed)
    if not fields:
        messages.info(
            request, "没有需要带入的：自测时填写的内容与申报书一致，或已过两小时，或这些部分不能修改。"
        )
        return _done(application.pk)
    if request.method == "POST" and "take" not in request.POST:
        messages.info(request, "自测时填写的内容没有带入，申报书保持原样。")
        return _done(application.pk)
    if request.method == "POST":
        replace = request.POST.getlist("replace")
        left = attempt(request, lambda: carrying.take(application, typed, by=request.user, replace=replace))
        if left is None:
            return redirect("application-detail", application.pk)
        if taken := len(fields) - len(left):
            messages.success(
                request, f"自测时填写的内容已带入 {taken} 项，所在部分标为待核对；没有选用的保持原样。"
            )
        else:
            messages.info(request, "没有选用自测时填写的内容，申报书保持原样。")
        chosen = {token.partition("=")[0] for token in replace}
        if changed := [one.label for one in left if one.name in chosen]:
            messages.warning(request, f"{'、'.join(changed)}刚才有人改过，没有改用自测的内容，请核对。")
        return _done(application.pk)
    context = {
        "application": application,
        "empty": [one for one in fields if one.is_empty],
        "differing": [one for one in fields if not one.is_empty],
        "other_code": carrying.code_of_another(application.enterprise, typed),
    }
    return render(request, "applications/enterprise/carry.html", context)


def _done(pk: int) -> HttpResponse:
    response = redirect("application-detail", pk)
    handover.drop(response)
    return response

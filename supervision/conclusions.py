"""How a title's supervision ends: a re-review passed or failed (第十八条), a title revoked (第十九条, 第二十条)."""

from django.db import transaction

from accounts.models import Enterprise, User
from applications.models import Application
from core import clock
from core.workflow import NotPossible, perform
from decisions.models import Recognition
from policy.sanctions import Ground, barred_until
from supervision.models import ReReview, Revocation


@transaction.atomic
def conclude_re_review(application: Application, *, passed: bool, by: User, note: str = "") -> ReReview:
    """Record the conclusion of a case and of the title's re-review; a pass sets the next due date.

    Raises NotPermitted or NotPossible; then nothing has changed.
    """
    title = Recognition.objects.in_force().filter(enterprise=application.enterprise_id).first()
    if title is None:
        raise NotPossible([f"{application.enterprise}没有有效的称号，不需要复核结论。请核对是否已撤销。"])
    perform(application, "pass_re_review" if passed else "fail_re_review", by=by, note=note)
    re_review, _ = ReReview.objects.get_or_create(recognition=title, due_on=title.re_review_due_on)
    ReReview.objects.filter(pk=re_review.pk).update(application=application)
    action = "record_pass" if passed else "record_failure"
    return perform(re_review, action, by=by, note=note, concluded_on=clock.today())


@transaction.atomic
def revoke_title(title: Recognition, *, ground: Ground, reason: str, by: User) -> Revocation:
    """Revoke a title today, and write its consequences down to the enterprise (第二十条).

    Raises NotPermitted or NotPossible; then nothing has changed.
    """
    today, measure = clock.today(), title.application.round.measure
    until = barred_until(ground, today, barring_grounds=measure.barring_grounds, years=measure.bar_years)
    revocation = Revocation.objects.create(
        recognition=title, ground=ground, reason=reason, decided_on=today, barred_until=until, decided_by=by
    )
    perform(title, "revoke", by=by, note=f"{ground.clause}：{reason}")
    Enterprise.objects.filter(pk=title.enterprise_id).update(
        standing=Enterprise.Standing.REVOKED, barred_until=until
    )
    return revocation

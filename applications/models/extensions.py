from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models import Agency, Enterprise, User
from applications.models.rounds import Round
from core import clock
from core.models import append_only

CONCERNED = ("agency", "enterprise", "extended_by")


def _granted_to(agencies: Collection[Agency | int], enterprise: Enterprise | None) -> Q:
    return Q(agency__in=agencies) | (Q(enterprise=enterprise) if enterprise else Q())


class ExtensionQuerySet(models.QuerySet["Extension"]):
    def granted_to(
        self, agencies: Collection[Agency | int], enterprise: Enterprise | None
    ) -> "ExtensionQuerySet":
        """For some channels or one enterprise; what was put off for all stands in the round itself."""
        return self.filter(_granted_to(agencies, enterprise))

    def concerning(
        self, agencies: Collection[Agency | int], enterprise: Enterprise | None
    ) -> "ExtensionQuerySet":
        """For all, for some channels or for one enterprise."""
        for_all = Q(agency__isnull=True, enterprise__isnull=True)
        return self.filter(_granted_to(agencies, enterprise) | for_all)

    def with_names(self) -> "ExtensionQuerySet":
        """With the names of those concerned, and nothing else of them."""
        own = [one.attname for one in self.model._meta.concrete_fields]
        return self.select_related(*CONCERNED).only(*own, *(f"{name}__name" for name in CONCERNED))

    def latest_for(
        self,
        rounds: Iterable[Round],
        *,
        agencies: Collection[Agency | int] = (),
        enterprise: Enterprise | None = None,
    ) -> dict[tuple[int, str], datetime]:
        """(round, which deadline) → the latest instant granted to these channels or this enterprise (one query)."""
        rows = (
            self.granted_to(agencies, enterprise)
            .filter(round__in=[one.pk for one in rounds])
            .order_by()
            .values_list("round", "deadline")
        )
        return {(pk, which): until for pk, which, until in rows.annotate(latest=models.Max("until"))}


class Extension(models.Model):
    """A deadline put off, with the reason: of a round for all, one channel or one enterprise; of one enterprise's correction."""

    class Deadline(models.TextChoices):
        ENTERPRISE = "ENTERPRISE", "企业申报截止"
        DISTRICT = "DISTRICT", "区市、协会报送截止"
        CORRECTION = "CORRECTION", "补正截止"

    round = models.ForeignKey(Round, models.PROTECT, related_name="extensions", verbose_name="批次")
    deadline = models.CharField("延长哪个截止", max_length=10, choices=Deadline.choices)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="渠道"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="企业"
    )
    before = models.DateTimeField("原截止")
    until = models.DateTimeField("延长至")
    reason = models.CharField("原因", max_length=300)
    extended_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    extended_at = models.DateTimeField("时间", default=clock.now)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "延长截止"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deadline__in=["ENTERPRISE", "DISTRICT", "CORRECTION"]), name="extension_deadline"
            ),
            models.CheckConstraint(condition=Q(until__gt=models.F("before")), name="extension_is_later"),
            models.CheckConstraint(
                condition=Q(enterprise=None, deadline__in=["ENTERPRISE", "DISTRICT"])
                | Q(enterprise__isnull=False, agency=None, deadline__in=["ENTERPRISE", "CORRECTION"]),
                name="extension_for_one_of_them",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_deadline_display()}延长（{self.scope}）"

    @property
    def scope(self) -> str:
        return str(self.agency or self.enterprise or "全部")

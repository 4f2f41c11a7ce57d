from django.db import models

from accounts.models import Expert, User
from applications.models import Application
from core import clock
from core.models import append_only


class SuspicionDismissal(models.Model):
    """Why the bureau takes a suspected conflict of interest for none; the evidence as it stood stays beside the reason."""

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="专家")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="申报")
    code = models.CharField("疑似", max_length=40)
    evidence = models.CharField("依据", max_length=500)
    reason = models.CharField("排除的理由", max_length=300)
    dismissed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    dismissed_at = models.DateTimeField("时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "疑似利害关系的排除"
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "application", "code", "evidence"], name="suspicion_dismissed_once"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.expert}：{self.evidence}"

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from applications.models.application import Application, ApplicationVersion
from core import clock
from core.wording import sentence

LATELY = 200  # so many of the newest reasons are looked through for phrases
FILE = "a"  # before a file's number in what a page shows; sections have codes in capitals


class Verdict(models.TextChoices):
    PASS = "PASS", "通过"
    DOUBT = "DOUBT", "存疑"
    FAIL = "FAIL", "不通过"


class StaleOpinion(Exception):
    """A colleague, or another window, saved first. The message is a sentence for people; ``stored`` is what stands."""

    def __init__(self, stored: "VettingOpinion") -> None:
        self.stored = stored
        super().__init__(
            f"{stored.vetted_by}在{clock.local(stored.vetted_at):%H:%M}已保存过这件的审核意见，您这次填写的没有保存，"
            "也没有覆盖它，仍留在本页。请对照后再保存。"
        )


class VettingOpinionQuerySet(models.QuerySet["VettingOpinion"]):
    def record(
        self, version: ApplicationVersion, *, by: User, revision: int, **verdicts: str
    ) -> "VettingOpinion":
        """Save verdicts and notes over ``revision``, the one that the person saw (0: none yet).

        The same values again change nothing. Raises StaleOpinion.
        """
        saved = {"vetted_by": by, "vetted_at": clock.now()}
        overwritten = self.filter(version=version, revision=revision).update(
            **verdicts, **saved, revision=F("revision") + 1
        )
        stored, created = self.select_related("vetted_by").get_or_create(
            version=version, defaults={**verdicts, **saved, "revision": 1}
        )
        same = all(getattr(stored, name) == value for name, value in verdicts.items())
        if not (overwritten or created or same):
            raise StaleOpinion(stored)
        return stored


class VettingOpinion(models.Model):
    """The channel's three verdicts on one version: authenticity, compliance, validity (Art. 15)."""

    version = models.OneToOneField(
        ApplicationVersion, models.PROTECT, related_name="opinion", verbose_name="版本"
    )
    authenticity = models.CharField("真实性", max_length=5, choices=Verdict.choices, blank=True)
    authenticity_note = models.CharField("真实性核对", max_length=500, blank=True)
    compliance = models.CharField("合规性", max_length=5, choices=Verdict.choices, blank=True)
    compliance_note = models.CharField("合规性核对", max_length=500, blank=True)
    validity = models.CharField("有效性", max_length=5, choices=Verdict.choices, blank=True)
    validity_note = models.CharField("有效性核对", max_length=500, blank=True)
    revision = models.PositiveIntegerField("次数", default=0)
    vetted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="审核人")
    vetted_at = models.DateTimeField("审核时间", default=clock.now)

    objects = VettingOpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核意见"
        constraints = [
            models.CheckConstraint(
                condition=Q(authenticity__in=["", "PASS", "DOUBT", "FAIL"])
                & Q(compliance__in=["", "PASS", "DOUBT", "FAIL"])
                & Q(validity__in=["", "PASS", "DOUBT", "FAIL"]),
                name="opinion_verdicts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} 审核意见"


class CorrectionRequest(models.Model):
    """The items of one version that the channel asks the enterprise to correct. Open while its items are collected."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="correction_requests", verbose_name="申报"
    )
    version = models.OneToOneField(
        ApplicationVersion, models.PROTECT, related_name="correction_request", verbose_name="版本"
    )
    sent_at = models.DateTimeField("退回时间", null=True, blank=True)
    answered_at = models.DateTimeField("重报时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "补正要求"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.version} 补正要求"


class FlagTaken(Exception):
    """A colleague has flagged the item or changed its reason meanwhile. The message is a sentence for people."""


class CorrectionItemQuerySet(models.QuerySet["CorrectionItem"]):
    def of_version(self, version_id: int | None) -> "CorrectionItemQuerySet":
        return self.filter(request__version=version_id)

    def flag(
        self, version: ApplicationVersion, item: str, *, label: str, reason: str, seen: str, by: User
    ) -> "CorrectionItem":
        """List one item of the version for correction; ``seen`` is the reason that the person saw there (empty: none).

        Called with the application's row locked. Raises FlagTaken.
        """
        request, _ = CorrectionRequest.objects.get_or_create(
            version=version, defaults={"application_id": version.application_id}
        )
        flagged = self.select_related("flagged_by").filter(request=request, item=item).first()
        if flagged is None:
            return self.create(request=request, item=item, label=label, reason=reason, flagged_by=by)
        if flagged.reason not in (seen, reason):
            raise FlagTaken(
                f"{flagged.flagged_by}已将“{flagged.label}”列为退回，原因：{sentence(flagged.reason)}"
                "您写的没有覆盖它。要合并请在该项后点“改”。"
            )
        flagged.reason, flagged.flagged_by, flagged.flagged_at = reason, by, clock.now()
        flagged.save(update_fields=["reason", "flagged_by", "flagged_at"])
        return flagged

    def phrases_of(self, agencies: set[int], limit: int = 8) -> list[str]:
        """Reasons that these agencies gave lately, newest first, to be used again."""
        given = self.filter(request__application__channel__in=agencies).order_by("-id")
        return list(dict.fromkeys(given.values_list("reason", flat=True)[:LATELY]))[:limit]


class CorrectionItem(models.Model):
    """One item to correct, with its reason; the enterprise answers each."""

    request = models.ForeignKey(
        CorrectionRequest, models.CASCADE, related_name="items", verbose_name="补正要求"
    )
    item = models.CharField("项目", max_length=60, help_text="A section's code, or ATTACHMENTS:<kind>")
    label = models.CharField("项目名称", max_length=100)
    reason = models.CharField("退回原因", max_length=500)
    answer = models.CharField("补正说明", max_length=500, blank=True)
    flagged_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    flagged_at = models.DateTimeField("提出时间", default=clock.now)

    objects = CorrectionItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "补正项"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "item"], name="correction_item_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_item_has_reason"),
        ]

    def __str__(self) -> str:
        return self.label


class CaseNote(models.Model):
    """What a colleague wants the others of the agency to know about a case. Nobody outside the agency reads it."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="notes", verbose_name="申报")
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="写的人")
    text = models.CharField("备注", max_length=500)
    written_at = models.DateTimeField("时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "同事备注"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="case_note_says_something")]

    def __str__(self) -> str:
        return self.text


class SeenMaterialQuerySet(models.QuerySet["SeenMaterial"]):
    def of(self, version: ApplicationVersion) -> set[str]:
        """What the agency has opened: of this version, and every file that it saw with an earlier one (one query)."""
        seen = self.filter(version__application=version.application_id)
        files = Q(material__startswith=FILE)
        return set(seen.filter(Q(version=version) | files).values_list("material", flat=True))

    def see(self, version: ApplicationVersion, material: str, *, by: User) -> None:
        """Note that somebody of the agency has opened it; the first one stays named."""
        self.bulk_create([self.model(version=version, material=material, seen_by=by)], ignore_conflicts=True)


class SeenMaterial(models.Model):
    """A section or a file of a version that somebody of the agency has opened while vetting it."""

    version = models.ForeignKey(ApplicationVersion, models.PROTECT, related_name="+", verbose_name="版本")
    material = models.CharField("材料", max_length=40, help_text="A section's code, or a and a file's number")
    seen_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="查看人")
    seen_at = models.DateTimeField("查看时间", default=clock.now)

    objects = SeenMaterialQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "材料查看"
        constraints = [
            models.UniqueConstraint(fields=["version", "material"], name="seen_material_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.material}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def make_default(self, view: "SavedView | None", *, of: User) -> None:
        """The list of this person opens with ``view``, or with everything when there is none."""
        self.filter(owner=of, is_default=True).update(is_default=False)
        if view:
            self.filter(owner=of, pk=view.pk).update(is_default=True)


class SavedView(models.Model):
    """A filter of the agency's queue that one person keeps under a name of their own."""

    MOST = 20

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views", verbose_name="用户")
    name = models.CharField("名称", max_length=20)
    query = models.CharField("筛选条件", max_length=800)
    is_default = models.BooleanField("打开列表时用它", default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "常用筛选"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(is_default=True), name="saved_view_one_default"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="saved_view_says_something"),
        ]

    def __str__(self) -> str:
        return self.name

"""What keeps an expert out of draws has a day and a reason; the industries that an expert knows."""

from django.db import migrations, models


def give_a_reason(apps, schema_editor):
    """Who was marked before is still kept out; nobody knows since when or why."""
    apps.get_model("accounts", "Expert").objects.filter(is_suspended=True).update(
        suspended_from="2021-09-06", suspension_reason="原已标记为暂停抽取"
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_leaders_keep_their_people")]

    operations = [
        migrations.AddField(
            "expert", "industries", models.JSONField("熟悉的行业大类", blank=True, default=list)
        ),
        migrations.AddField("expert", "suspended_from", models.DateField("暂停自", blank=True, null=True)),
        migrations.AddField(
            "expert", "suspended_until", models.DateField("恢复抽取自", blank=True, null=True)
        ),
        migrations.AddField(
            "expert",
            "suspension_reason",
            models.CharField("暂停的原因", blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.RunPython(give_a_reason, migrations.RunPython.noop),
        migrations.RemoveField("expert", "is_suspended"),
        migrations.AddConstraint(
            "expert",
            models.CheckConstraint(
                condition=models.Q(suspended_from=None, suspended_until=None, suspension_reason="")
                | models.Q(suspended_from__isnull=False) & ~models.Q(suspension_reason=""),
                name="expert_suspended_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            "expert",
            models.CheckConstraint(
                condition=models.Q(suspended_until=None)
                | models.Q(suspended_until__gte=models.F("suspended_from")),
                name="expert_suspension_period",
            ),
        ),
    ]

"""When each sheet was first submitted, and by when it had been asked for before any extension."""

from django.db import migrations, models
from django.db.models import F


def take_what_is_known(apps, schema_editor):
    sheets = apps.get_model("review", "ScoreSheet").objects.filter(state="SUBMITTED")
    sheets.update(first_submitted_at=F("state_since"))


class Migration(migrations.Migration):
    dependencies = [("review", "0002_chosen_as_a_list")]

    operations = [
        migrations.AddField(
            "panel", "first_due_at", models.DateTimeField("延期前的截止", editable=False, null=True)
        ),
        migrations.AddField(
            "scoresheet",
            "first_submitted_at",
            models.DateTimeField("首次提交时间", editable=False, null=True),
        ),
        migrations.RunPython(take_what_is_known, migrations.RunPython.noop),
    ]

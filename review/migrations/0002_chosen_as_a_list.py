from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]

    operations = [
        migrations.RemoveField("tiedecision", "chosen"),
        migrations.AddField(
            "tiedecision",
            "chosen",
            models.JSONField("选定", default=list, help_text="Ids of the entries, append-only with the row"),
            preserve_default=False,
        ),
    ]

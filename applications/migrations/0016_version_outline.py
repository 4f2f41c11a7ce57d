from django.db import migrations, models

from applications.outlines import outline_of


def outline_every_version(apps, schema_editor):
    versions = apps.get_model("applications", "ApplicationVersion")
    for version in versions.objects.only("snapshot", "findings").order_by("pk").iterator(chunk_size=200):
        outline = outline_of(version.snapshot, version.findings)
        versions.objects.filter(pk=version.pk).update(outline=outline)


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0015_correction_extensions"),
    ]

    operations = [
        migrations.AddField(
            model_name="applicationversion",
            name="outline",
            field=models.JSONField(
                default=dict, help_text="列表显示的核验计数、主要问题和亩产效益类别", verbose_name="要点"
            ),
            preserve_default=False,
        ),
        migrations.RunPython(outline_every_version, migrations.RunPython.noop),
    ]

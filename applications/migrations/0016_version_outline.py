from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0015_correction_extensions"),
    ]

    operations = [
        migrations.AddField(
            model_name="applicationversion",
            name="outline",
            field=models.JSONField(db_default={}, editable=False, verbose_name="要点"),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("supervision", "0001_initial")]

    operations = [
        migrations.RenameField("rereview", "published_on", "concluded_on"),
        migrations.AlterField(
            "rereview", "concluded_on", models.DateField("结论日期", null=True, blank=True)
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0005_handing_back_letters"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="application",
            name="application_round_i_e21def_idx",
        ),
        migrations.RemoveIndex(
            model_name="application",
            name="application_channel_31a14d_idx",
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                fields=["round", "state"],
                include=("id", "state_since", "submitted_at", "correction_due", "sent_back_until", "channel"),
                name="application_of_round",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                fields=["channel", "state"],
                include=("id", "state_since", "submitted_at", "correction_due", "sent_back_until", "round"),
                name="application_of_channel",
            ),
        ),
    ]

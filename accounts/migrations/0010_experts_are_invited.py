"""Experts are invited by the bureau and come in by table."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

STAFF = ["CHANNEL_HANDLER", "CHANNEL_LEADER", "MUNICIPAL_HANDLER", "MUNICIPAL_LEADER"]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_suspended_experts")]

    operations = [
        migrations.AddField(
            "invitation",
            "expert",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invitations",
                to="accounts.expert",
                verbose_name="专家",
            ),
        ),
        migrations.RemoveConstraint("invitation", "invitation_fits_role"),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(
                condition=Q(role="ENTERPRISE", enterprise__isnull=False, agency=None, expert=None)
                | Q(role__in=STAFF, enterprise=None, agency__isnull=False, expert=None)
                | Q(role="EXPERT", enterprise=None, agency=None, expert__isnull=False),
                name="invitation_fits_role",
            ),
        ),
        migrations.AlterField(
            "tableimport",
            "kind",
            models.CharField(
                "表格",
                choices=[
                    ("ratings", "亩产效益评价名单"),
                    ("agencies", "单位名单"),
                    ("people", "人员名单"),
                    ("experts", "专家名单"),
                ],
                max_length=12,
            ),
        ),
        migrations.RemoveConstraint("tableimport", "table_import_kind"),
        migrations.AddConstraint(
            "tableimport",
            models.CheckConstraint(
                condition=Q(kind__in=["ratings", "agencies", "people", "experts"]), name="table_import_kind"
            ),
        ),
    ]

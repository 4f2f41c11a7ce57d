from django.db import migrations

BATCH = 200


def outline_of(snapshot, findings):
    """As applications.outlines worked it out when this migration was written."""
    settled = {one["group"] for one in findings if one["is_summary"] and one["verdict"] == "MET"}
    special = [one for one in findings if one["measured"] != "企业自述具备"]
    return {
        "counts": _counts(findings),
        "verdicts": sorted(_counts(special)),
        "problem": next(
            (
                {
                    "clause": one["clause"],
                    "article": one["article"],
                    "text": f"{one['title']}：{one['measured']}",
                    "verdict": verdict,
                }
                for verdict in ("UNMET", "NOT_COMPUTABLE", "ATTENTION")
                for one in special
                if one["verdict"] == verdict and one["group"] not in settled
            ),
            None,
        ),
        "rating": snapshot["basic"]["efficiency_category"] or "",
    }


def _counts(findings):
    found = {}
    for one in findings:
        if one["is_summary"] or not one["group"]:
            found[one["verdict"]] = found.get(one["verdict"], 0) + 1
    return found


def outline_every_version(apps, schema_editor):
    """A batch at a time, each of its own, so that nobody waits; what is outlined already is left alone."""
    versions = apps.get_model("applications", "ApplicationVersion").objects
    while batch := list(versions.filter(outline={}).only("snapshot", "findings")[:BATCH]):
        for version in batch:
            version.outline = outline_of(version.snapshot, version.findings)
        versions.bulk_update(batch, ["outline"])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("applications", "0016_version_outline"),
    ]

    operations = [migrations.RunPython(outline_every_version, migrations.RunPython.noop)]

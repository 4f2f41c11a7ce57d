"""The web processes of the last release still run while the migrations of the next have been applied."""

from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField, RunPython

# Before there was a release to be updated from.
FIRST_RELEASE = {
    "accounts": 9,
    "applications": 15,
    "core": 4,
    "decisions": 3,
    "policy": 2,
    "review": 3,
    "supervision": 4,
}


def _since_the_first_release():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, name), migration in loader.disk_migrations.items():
        if app in FIRST_RELEASE and int(name[:4]) > FIRST_RELEASE[app]:
            yield app, migration


def test_a_new_column_may_be_left_out_by_whoever_does_not_know_it():
    wanted = [
        (app, migration.name, one.model_name, one.name)
        for app, migration in _since_the_first_release()
        for one in migration.operations
        if isinstance(one, AddField) and not (one.field.null or one.field.has_db_default())
    ]
    assert wanted == []


def test_rows_are_filled_in_apart_from_changes_of_tables_and_hold_nobody_up():
    filling = [
        (app, migration.name, migration.atomic, len(migration.operations))
        for app, migration in _since_the_first_release()
        if any(isinstance(one, RunPython) for one in migration.operations)
    ]
    assert [one for one in filling if one[2:] != (False, 1)] == []
    assert ("applications", "0017_outline_every_version", False, 1) in filling


def test_every_room_with_tables_is_looked_at():
    rooms = {
        one.label
        for one in apps.get_app_configs()
        if "site-packages" not in one.path and any(one.get_models())
    }
    assert rooms == set(FIRST_RELEASE)

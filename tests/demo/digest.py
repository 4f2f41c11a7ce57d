"""One digest over every row of the database, but for what is random by design."""

import hashlib

from django.apps import apps
from django.db import connection

# Passwords are salted, the code that follows an objection up is drawn by lot, files lie under paths that the storage chooses, the clock is kept as a distance from the real one.
LEFT_OUT = {"accounts_user": {"password"}, "decisions_objection": {"follow_up_code"}}
WITHOUT = {"core_democlock", "django_session"}


def digest_of_everything() -> str:
    total = hashlib.sha256()
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - WITHOUT)
    with connection.cursor() as cursor:
        for table in tables:
            columns = _columns(cursor, table)
            if not columns:
                continue
            listed = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(
                f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM (SELECT {listed} FROM "{table}") t'
            )
            total.update(f"{table}:{cursor.fetchone()[0]}\n".encode())
    return total.hexdigest()


def _columns(cursor, table: str) -> list[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " ORDER BY ordinal_position",
        [table],
    )
    files = {
        field.column
        for model in apps.get_models()
        if model._meta.db_table == table
        for field in model._meta.fields
        if field.get_internal_type() == "FileField"
    }
    return [name for (name,) in cursor.fetchall() if name not in files | LEFT_OUT.get(table, set())]


def sequences() -> dict[str, tuple[int, bool]]:
    """Where every sequence stands; a rollback does not put them back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f"SELECT last_value, is_called FROM {name}")
            found[name] = cursor.fetchone()
    return found


def put_back(places: dict[str, tuple[int, bool]]) -> None:
    with connection.cursor() as cursor:
        for name, (value, called) in places.items():
            cursor.execute("SELECT setval(%s, %s, %s)", [name, value, called])

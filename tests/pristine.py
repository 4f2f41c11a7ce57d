"""The database that every test begins with: migrated, with the project's fixtures, and a copy of itself to return to.

Making it takes a while, so it is kept in var/ as a PostgreSQL data folder, under a digest of all that goes into it. A run starts
on a copy of that folder, and each of its processes on a copy of the database.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from django.core.management import call_command
from django.db import OperationalError, connection

from weihai_sm.embedded import DATABASE, Postgres

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "test-database"
COPY = "pristine"
PATIENCE = 5


def make_data_folder(target: Path) -> None:
    """Put a data folder whose database `portal` is the pristine one at `target`."""
    kept = KEPT / _digest()
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        for outdated in sorted(KEPT.iterdir(), key=lambda folder: folder.stat().st_mtime)[:-2]:
            shutil.rmtree(outdated, ignore_errors=True)
        _build(kept)
    shutil.copytree(kept, target)


def _digest() -> str:
    sha = hashlib.sha256(sys.version.encode())
    files = [
        *ROOT.glob("*/migrations/*.py"),
        *ROOT.glob("fixtures/*.json"),
        *ROOT.glob("requirements/base.txt"),
    ]
    for file in sorted([*files, Path(__file__)]):
        sha.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return sha.hexdigest()[:20]


def _build(kept: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="wsm-build-") as name:
        folder = Path(name)
        server = Postgres(folder / "postgres", folder, folder / "postgres.log", disposable=True)
        server.start()
        try:
            environment = os.environ | {
                "DATABASE_URL": server.url,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
            }
            subprocess.run([sys.executable, "-m", "tests.pristine"], cwd=ROOT, env=environment, check=True)
        finally:
            server.quit_cleanly()
        made = Path(tempfile.mkdtemp(prefix="unfinished-", dir=KEPT))
        shutil.copytree(server.data, made / "data")
        try:
            (made / "data").rename(kept)
        except OSError:
            assert kept.exists()  # another run has been quicker
        shutil.rmtree(made)


def fill() -> None:
    """Migrate and load the fixtures, then keep a copy of every table in a schema of its own."""
    import django

    django.setup()
    call_command("migrate", verbosity=0)
    if fixtures := sorted(str(path) for path in (ROOT / "fixtures").glob("*.json")):
        call_command("loaddata", *fixtures, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {COPY}")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'CREATE TABLE {COPY}."{table}" AS TABLE public."{table}"')
    connection.close()


def clone() -> None:
    """The database of this process, which the settings name."""
    import psycopg

    name = connection.settings_dict["NAME"]
    with psycopg.connect(os.environ["DATABASE_SERVER"] + "/postgres", autocommit=True) as maintenance:
        maintenance.execute(f'CREATE DATABASE "{name}" TEMPLATE {DATABASE} STRATEGY FILE_COPY')


def restore() -> None:
    """Put every table back. What a browser sent last may still be being saved: then the other waits, or one tries again."""
    for _ in range(PATIENCE):
        try:
            return _restore()
        except OperationalError:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
    return _restore()


def _restore() -> None:
    """As replica, PostgreSQL fires neither our triggers nor those of foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [COPY])
        tables = [table for (table,) in cursor.fetchall()]
        cursor.execute(
            "SELECT table_name, string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_schema = 'public' AND is_generated = 'NEVER' GROUP BY table_name"
        )
        columns = dict(cursor.fetchall())
        script = ["SET LOCAL session_replication_role = replica"]
        for table in tables:
            listed = columns[table]
            script.append(f'DELETE FROM public."{table}"')
            script.append(f'INSERT INTO public."{table}" ({listed}) SELECT {listed} FROM {COPY}."{table}"')
        cursor.execute("; ".join(["BEGIN", *script, "COMMIT"]))


if __name__ == "__main__":
    fill()

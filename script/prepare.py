"""Bring the database up to date: migrations, fixtures where there are none yet, demonstration data in demonstration mode.

With `--static` the static files too; a container's image has them already.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weihai_sm.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    from messages import say

    from policy.models import Measure

    say("正在更新数据库结构…", "Bringing the database up to date…")
    call_command("migrate", verbosity=0)
    if not Measure.objects.exists():
        say("正在载入制度、机构、目录等基础数据…", "Loading the measure, offices and catalogues…")
        call_command("loaddata", *sorted(map(str, (ROOT / "fixtures").glob("*.json"))), verbosity=0)
    if "--static" in sys.argv:
        collect_static(settings.STATIC_ROOT)
    accounts = settings.STATE_DIR / "demo-accounts.txt"
    accounts.unlink(missing_ok=True)
    if settings.DEMO_MODE:
        say(
            "正在准备演示数据（首次约一两分钟）…",
            "Preparing demonstration data (a minute or two the first time)…",
        )
        call_command("create_demo")
        with accounts.open("w") as table:
            call_command("demo_accounts", stdout=table)


def collect_static(target: Path) -> None:
    """Hash and compress the static files, which takes seconds, unless they are the same as at the last start."""
    from django.core.management import call_command

    ignored = ["icons", "installed"]
    files = [
        path for path in (ROOT / "static").rglob("*") if path.is_file() and not {*path.parts} & {*ignored}
    ]
    state = "\n".join(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in sorted(files))
    stamp = target.with_name("staticfiles.stamp")
    if not (stamp.exists() and stamp.read_text() == state and target.exists()):
        call_command("collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=ignored)
        stamp.write_text(state)


if __name__ == "__main__":
    main()

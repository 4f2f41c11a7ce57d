"""The portal's settings, quicker and without what only a real deployment needs.

conftest.py starts the servers in TEST_FOLDER, with a database for each process that runs tests. Without it the settings still
load, for tools that only read them.
"""

import os
from pathlib import Path

process = os.environ.get("PYTEST_XDIST_WORKER", "main")
folder = f"{os.environ.get('TEST_FOLDER', '/nowhere')}/{process}"
local = Path(__file__).resolve().parent.parent / "var"
if server := os.environ.get("DATABASE_SERVER"):
    os.environ["DATABASE_URL"] = f"{server}/test_{process}"
os.environ.setdefault("DATABASE_URL", "postgresql://portal@/portal")
os.environ.setdefault("FONT_DIR", str(local / "fonts"))
if (fontconfig := local / "fontconfig" / "fonts.conf").exists():
    os.environ.setdefault("FONTCONFIG_FILE", str(fontconfig))
os.environ.update(
    DEBUG="",
    DEMO_MODE="1",
    HTTPS="",
    REDIS_URL=f"unix://{folder}/valkey.sock",
    SECRET_KEY="only-for-tests",
    STATE_DIR=folder,
)

from weihai_sm.settings import *  # noqa: F403
from weihai_sm.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# No pool, which tests would share with the live server; what serves the browser keeps its connection for as long as the browser does.
DATABASES["default"] |= {"OPTIONS": {}, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}

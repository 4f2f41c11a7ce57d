import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weihai_sm.settings")

app = Celery("weihai_sm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

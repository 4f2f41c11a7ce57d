"""What the tests of the enterprise's side share."""

from contextlib import contextmanager

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.drafts import open_draft
from applications.models import Application, CorrectionItem, CorrectionRequest, Section
from core import clock, workflow
from tests import factories

BACKEND = "accounts.backends.PortalBackend"


@contextmanager
def june():
    with clock.stopped_at(factories.JUNE):
        yield


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def page_of(application: Application, section: str) -> dict[str, list[str] | str]:
    """What the form of a section would post when nothing is changed."""
    draft = open_draft(Application.objects.get(pk=application.pk), section)
    return {
        **{name: draft.form.data.getlist(name) for name in draft.form.fields},
        "revision": str(draft.save.revision),
        "base": draft.base_text,
    }


def sections_url(application: Application, section: Section) -> str:
    return f"/applications/{application.pk}/sections/{section.lower()}/"


def a_file(name: str = "营业执照.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, factories.a_pdf() if content is None else content)


def submitted(application: Application, *, by) -> Application:
    return workflow.perform(application, "submit", by=by)


def returned(application: Application, *, items: dict[str, str], by) -> Application:
    """Sent back by the channel for these items, each with its reason."""
    request = CorrectionRequest.objects.create(application=application, version=application.current_version)
    for item, reason in items.items():
        CorrectionItem.objects.create(request=request, item=item, label=item, reason=reason, flagged_by=by)
    due = application.round.enterprise_deadline
    return workflow.perform(application, "return_for_correction", by=by, due=due)

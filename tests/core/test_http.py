"""What views of every room share."""

import pytest
from django.core.files.base import ContentFile
from django.http import Http404

from applications.models import AttachmentKind
from core.http import opened
from tests.factories import make_application

pytestmark = pytest.mark.django_db


def test_a_stored_file_is_opened_and_one_that_is_gone_is_a_page_not_found():
    application = make_application(state="SUBMITTED")
    report = application.attachments.filter(kind=AttachmentKind.CREDIT_REPORT)
    report.get().file.save("report.pdf", ContentFile(b"%PDF-1.7"))
    with opened(report.get().file) as content:
        assert content.read() == b"%PDF-1.7"
    stored = report.get().file
    stored.storage.delete(stored.name)
    for missing in (report.get().file, None):
        with pytest.raises(Http404):
            opened(missing)

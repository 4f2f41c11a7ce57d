"""Documents that a worker makes: tried again, and given up with a sentence."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from django.core.files.storage import default_storage

from core import documents, tasks
from core.documents import Kind, Made
from core.models import Document
from tests import factories

pytestmark = pytest.mark.django_db
SORRY = "生成文件时出现故障，已记录。请稍后重试，仍不成功请联系市工业和信息化局。"


@pytest.fixture
def ask(monkeypatch) -> Callable[..., Document]:
    """Ask for a document of a kind that is made as the test says."""

    def asked(make) -> Document:
        monkeypatch.setitem(documents._kinds, "trial", Kind("试验件", make, lambda user, subject, key: True))
        return documents.request("trial", factories.make_user(), by=None, key="k")

    return asked


def after(
    document: Document, tries: int, ends_with: type[BaseException] | None = None
) -> tuple[str, int, str]:
    for _ in range(tries):
        with pytest.raises(ends_with) if ends_with else nullcontext():
            tasks.make_waiting_documents()
    found = Document.objects.get(pk=document.pk)
    return found.status, found.attempts, found.error


def test_a_document_that_ends_its_worker_is_given_up_after_three_attempts(ask):
    def end_the_worker(subject, key, progress):
        raise SystemExit

    document = ask(end_the_worker)
    assert after(document, 3, SystemExit) == ("WAITING", 3, "")
    assert after(document, 2) == ("FAILED", 3, SORRY)


def test_a_fault_is_tried_three_times_and_asking_again_begins_anew(ask):
    def stumble(subject, key, progress):
        raise RuntimeError

    document = ask(stumble)
    assert after(document, 2) == ("WAITING", 2, "")
    assert after(document, 1) == ("FAILED", 3, SORRY)
    assert ask(lambda subject, key, progress: Made("试验件.txt", key.encode())) != document
    again = documents.request("trial", documents.subject_of(document), by=None, key="k")
    assert (again.pk, after(again, 1)) == (document.pk, ("READY", 1, ""))


def test_a_document_is_what_its_key_names(ask):
    document = ask(lambda subject, key, progress: Made("试验件.txt", key.encode()))
    assert after(document, 1) == ("READY", 1, "")
    with default_storage.open(Document.objects.get(pk=document.pk).file.name) as file:
        assert file.read() == b"k"


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://testserver/notice-desk/3/?tab=drafts", "/notice-desk/3/?tab=drafts"),
        ("http://elsewhere.example/notice-desk/3/", ""),
        ("", ""),
    ],
)
def test_the_page_of_a_document_leads_back_to_where_it_was_asked_for(ask, client, came_from, back):
    document = ask(lambda subject, key, progress: Made("a.pdf", b""))
    client.force_login(factories.make_user(), backend="accounts.backends.PortalBackend")
    page = client.get(f"/documents/{document.pk}/?progress=1", headers={"Referer": came_from})
    assert page.context["back"] == back


@pytest.mark.parametrize(
    ("asked", "polls", "begins"),
    [("", "?progress=download", True), ("?progress=download", "", True), ("?progress", "?progress=1", False)],
)
def test_whoever_asked_for_the_file_gets_it_once_it_is_made(ask, client, asked, polls, begins):
    document = ask(lambda subject, key, progress: Made("a.xlsx", b"PK"))
    client.force_login(factories.make_user(), backend="accounts.backends.PortalBackend")
    address = f"/documents/{document.pk}/"
    waiting = client.get(f"{address}{asked}").content.decode()
    assert f'hx-get="{address}{polls}' in waiting
    refreshes = f'请稍候<a href="{address}{"" if begins else "?progress=1"}">刷新</a>'
    assert refreshes in waiting
    documents.make(document.pk)
    assert ("data-start" in client.get(f"{address}{polls or asked}").content.decode()) == begins
    made = client.get(address)
    assert b"".join(made.streaming_content) == b"PK"

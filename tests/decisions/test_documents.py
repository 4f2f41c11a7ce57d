"""The notices and the plaque as files."""

import pytest

from core import clock, documents, tasks
from core.models import Document
from decisions.documents import RELEASED, chinese_month, notice_key, title_lines
from decisions.drafts import draft_publicity
from decisions.models import PublicNotice
from tests.decisions import cases


@pytest.mark.parametrize(
    ("year", "month", "text"),
    [(2026, 9, "二〇二六年九月"), (2025, 10, "二〇二五年十月"), (2026, 12, "二〇二六年十二月")],
)
def test_a_plaque_is_dated_in_chinese(year, month, text):
    assert chinese_month(year, month) == text


def test_a_long_title_turns_after_the_words_that_belong_together():
    assert title_lines("关于2026年度威海市服务型制造示范企业拟认定名单的公示") == [
        "关于2026年度威海市服务型制造示范企业",
        "拟认定名单的公示",
    ]
    assert title_lines("关于撤销称号的决定") == ["关于撤销称号的决定"]


def made(notice: PublicNotice, key: str) -> Document:
    document = documents.request("notice", notice, by=None, key=key)
    tasks.make_document(document.pk)
    return Document.objects.get(pk=document.pk)


@pytest.mark.django_db
def test_a_draft_stays_the_bureaus_after_the_notice_was_released(client):
    case = cases.open_case(1)
    with clock.stopped_at(cases.at(cases.MEETING_DAY, 18)):
        notice = draft_publicity(cases.confirm_meeting(case), by=case.handler, starts_on=cases.PUBLICITY_DAY)
        draft = made(notice, notice_key(notice))
    with clock.stopped_at(cases.at(cases.PUBLICITY_DAY, 8)):
        cases.release(case, notice)
        released = documents.of(notice, "notice", key=RELEASED)
        tasks.make_document(released.pk)
        late = made(notice, "f" * 64)

        def status(document: Document) -> int:
            response = client.get(f"/documents/{document.pk}/")
            assert b"".join(response) if response.streaming else response.content
            return response.status_code

        as_visitor = [status(one) for one in (draft, released)]
        client.force_login(case.handler)
        as_bureau = [status(one) for one in (draft, released)]
    assert (as_visitor, as_bureau) == ([404, 200], [200, 200])
    assert (late.status, late.error) == (
        "FAILED",
        "拟稿在文件生成之前又有改动或已发布，没有生成。请返回公告页面重新生成。",
    )

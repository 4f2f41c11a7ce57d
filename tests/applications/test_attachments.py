"""Files are judged by what they contain; nothing that stood in a version is ever lost."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from pypdf import PdfWriter

from applications.models import Application, Section
from core import clock
from tests import factories
from tests.applications.scenes import a_file, june, returned, sections_url, signed_in, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_june():
    with june():
        yield


@pytest.fixture
def draft():
    return factories.make_application()


@pytest.fixture
def client(draft):
    return signed_in(draft.enterprise.memberships.get().user)


def upload(client, application, *files, kind="BUSINESS_LICENCE", **more) -> str:
    answer = client.post(
        f"/applications/{application.pk}/attachments/", {"kind": kind, "files": files, **more}, follow=True
    )
    return answer.content.decode()


def a_picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, kind)
    return out.getvalue()


def a_locked_pdf(password: str = "secret") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.encrypt(password, owner_password="owner")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_several_files_at_once_with_chinese_names(client, draft):
    page = upload(
        client, draft, a_file("营业执照（副本）.pdf", factories.a_pdf(3)), a_file("照片.PNG", a_picture()),
        a_file("扫描.jpeg", a_picture("JPEG")),
    )  # fmt: skip
    assert "营业执照已上传：营业执照（副本）.pdf、照片.PNG、扫描.jpeg。" in page
    found = list(draft.attachments.values_list("name", "content_type", "pages"))
    assert found == [
        ("营业执照（副本）.pdf", "application/pdf", 3),
        ("照片.PNG", "image/png", 1),
        ("扫描.jpeg", "image/jpeg", 1),
    ]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("空.pdf", b"", "“空.pdf”是空文件（0 字节），没有保存。"),
        ("大.pdf", b"%PDF-1.7" + b"0" * (20 * 1024 * 1024), "“大.pdf”有 20.0 MB，超过每份 20 MB 的上限，没有保存。"),
        ("程序.pdf", b"MZ\x90\x00" + b"\x00" * 200, "“程序.pdf”内容是 EXE 格式，没有保存。可以上传 PDF、JPG、PNG"),
        ("网页.png", b"<html><script>alert(1)</script></html>", "“网页.png”内容不是 PDF 或图片，没有保存。"),
        ("照片.pdf", a_picture(), "“照片.pdf”的内容是 PNG 图片，与文件名不符，没有保存。"),
        ("加密.pdf", a_locked_pdf(), "“加密.pdf”设有密码，无法审阅，没有保存。请取消密码后重新上传。"),
        ("坏.pdf", b"%PDF-1.7\nnothing", "“坏.pdf”已损坏，打不开，没有保存。"),
        ("坏.png", a_picture()[:40], "“坏.png”已损坏或尺寸过大，打不开，没有保存。"),
        ("../../x.pdf", b"", "“x.pdf”是空文件"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value[:10] else "",
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_name_and_what_to_do(client, draft, name, content, sentence):
    page = upload(client, draft, a_file(name, content), a_file("好.pdf"))
    assert sentence in page
    assert list(draft.attachments.values_list("name", flat=True)) == ["好.pdf"]


def test_no_file_chosen(client, draft):
    assert "还没有选择文件。请先选择要上传的营业执照" in upload(client, draft)


def test_the_same_file_twice_is_noticed(client, draft):
    content = factories.a_pdf()
    upload(client, draft, a_file("一.pdf", content))
    assert "“二.pdf”与已上传的“一.pdf”内容完全相同，没有重复保存。" in upload(
        client, draft, a_file("二.pdf", content)
    )
    assert "是同一份文件，已保存" in upload(client, draft, a_file("三.pdf", content), kind="OTHER")
    assert draft.attachments.count() == 2


def test_replacing_and_removing_keep_the_history(client, draft):
    upload(client, draft, a_file("旧.pdf"))
    old = draft.attachments.get()
    page = upload(client, draft, a_file("新.pdf"), replaces=old.pk)
    assert "营业执照已换为：新.pdf。" in page
    assert "已移除或替换 1 份" in page
    new = draft.attachments.current().get()
    client.post(f"/applications/{draft.pk}/attachments/{new.pk}/remove/")
    client.post(f"/applications/{draft.pk}/attachments/{new.pk}/remove/")
    assert not draft.attachments.current().exists()
    assert draft.attachments.count() == 2


def test_a_file_is_served_so_that_it_can_do_no_harm(client, draft):
    upload(client, draft, a_file("营业执照.pdf"))
    one = draft.attachments.get()
    saved, shown = client.get(f"/attachments/{one.pk}/"), client.get(f"/attachments/{one.pk}/?inline")
    assert read_all(saved) == read_all(shown)
    assert saved["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E8%90%A5")
    assert shown["Content-Disposition"].startswith("inline;")
    assert shown["Content-Type"] == "application/pdf"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Content-Security-Policy"].startswith("default-src 'none'; img-src 'self';")


def status_of(user, attachment) -> int:
    answer = signed_in(user).get(f"/attachments/{attachment.pk}/")
    if answer.streaming:
        read_all(answer)
    return answer.status_code


def read_all(answer) -> bytes:
    """Reading to the end closes the file."""
    return b"".join(answer.streaming_content)


def test_who_may_see_a_file():
    application = factories.make_application(complete=True)
    member = application.enterprise.memberships.get().user
    submitted(application, by=member)
    district = factories.make_officer("CHANNEL_HANDLER")
    returned(Application.objects.get(pk=application.pk), items={"ATTACHMENTS:OTHER": "补充"}, by=district)
    upload(signed_in(member), application, a_file("补充.pdf"), kind="OTHER")
    old = application.attachments.get(kind="BUSINESS_LICENCE")
    new = application.attachments.get(kind="OTHER")
    other = factories.make_officer("CHANNEL_HANDLER", factories.an_agency("371002"))
    stranger = factories.make_member(factories.make_enterprise())
    administrator = factories.make_officer("ADMINISTRATOR")
    seen = {
        who: [status_of(user, one) for one in (old, new)]
        for who, user in {
            "member": member, "district": district, "other": other, "stranger": stranger, "admin": administrator,
        }.items()
    }  # fmt: skip
    assert seen == {
        "member": [200, 200],
        "district": [200, 404],
        "other": [404, 404],
        "stranger": [404, 404],
        "admin": [404, 404],
    }


def test_after_a_return_only_returned_kinds_change():
    application = factories.make_application(complete=True)
    member = application.enterprise.memberships.get().user
    submitted(application, by=member)
    officer = factories.make_officer("CHANNEL_HANDLER")
    returned(
        Application.objects.get(pk=application.pk),
        items={"ATTACHMENTS:CREDIT_REPORT": "换成 PDF"},
        by=officer,
    )
    client = signed_in(member)
    assert "营业执照不在退回补正的项目内，已锁定。请只修改退回的项目。" in upload(
        client, application, a_file()
    )
    slot = slot_of(client, application, "CREDIT_REPORT")
    assert (slot["badge"][0], slot["reason"]) == ("退回，请更换", "换成 PDF")
    with clock.stopped_at(factories.JUNE + timedelta(hours=2)):
        old = slot["files"][0].pk
        assert "公共信用报告已换为" in upload(
            client, application, a_file("信用.pdf"), kind="CREDIT_REPORT", replaces=old
        )
        assert slot_of(client, application, "CREDIT_REPORT")["badge"][0] == "已上传"


def slot_of(client, application, kind: str) -> dict:
    """A kind of the checklist as the page shows it."""
    groups = client.get(sections_url(application, Section.ATTACHMENTS)).context["groups"]
    return next(one for one in groups if one["kind"] == kind)


def test_a_pdf_that_only_forbids_changes_is_taken(client, draft):
    page = upload(client, draft, a_file("信用报告.pdf", a_locked_pdf("")), kind="CREDIT_REPORT")
    assert "公共信用报告已上传：信用报告.pdf。" in page


def test_a_picture_is_turned_upright_and_then_by_quarters_and_the_earlier_one_is_kept(client, draft):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held a quarter to the left
    Image.new("RGB", (40, 30), "white").save(out, "JPEG", exif=exif)
    upload(client, draft, a_file("执照.jpg", out.getvalue()))
    photo = draft.attachments.get()
    answer = client.post(f"/applications/{draft.pk}/attachments/{photo.pk}/turn/", follow=True)
    assert "已把“执照.jpg”向右转 90°。" in answer.content.decode()
    standing, before = draft.attachments.current().get(), draft.attachments.get(pk=photo.pk)
    with standing.file.open() as file, Image.open(file) as picture:
        # 40 × 30 is upright as 30 × 40, and a quarter further as 40 × 30 without any word of the camera's
        assert (picture.size, dict(picture.getexif())) == ((40, 30), {})
    assert before.removed_at is not None
    with before.file.open() as file, Image.open(file) as picture:
        assert picture.getexif()[0x0112] == 6


def test_only_a_standing_picture_of_an_open_section_can_be_turned(client, draft):
    upload(client, draft, a_file())
    paper = draft.attachments.get()
    answer = client.post(f"/applications/{draft.pk}/attachments/{paper.pk}/turn/", follow=True)
    assert "“营业执照.pdf”无法旋转。请在原文件上转正后更换。" in answer.content.decode()
    assert list(draft.attachments.current()) == [paper]
    client.post(f"/applications/{draft.pk}/attachments/{paper.pk}/remove/")
    assert client.post(f"/applications/{draft.pk}/attachments/{paper.pk}/turn/").status_code == 404

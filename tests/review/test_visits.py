"""Site visits: a team of two with an officer, a schedule for the calendar, photos without their place, signatures."""

import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from accounts.roles import Role
from applications.conditions import moment_text
from core import workflow
from core.documents import CannotBeMade, kind_of
from core.models import Document, Event, Notification
from review import course, documents, opinions, visiting
from review.models import Assignment, PanelCase, SitePhoto, SiteVisit, VisitSignature
from tests.applications.scenes import signed_in
from tests.factories import make_officer
from tests.review import scenes
from tests.review.scenes import texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]


@pytest.fixture
def case(officer):
    return scenes.panel_at_work(experts=3, by=officer).cases.get()


def page(case) -> str:
    return reverse("site-visit", args=[case.application_id])


def planned(client, case, officer, **more) -> dict:
    """What plans a visit by the officer and the first expert."""
    expert = case.assignments.order_by("id")[0].expert
    typed = {
        "is_needed": "yes",
        "reason": "核实总承包项目",
        "planned_at": "2026-08-05T09:30",
        "officers": [officer.pk],
        "experts": [expert.pk],
        "place": "荣成市青岛中路 1 号, 二车间",
        "seen": client.get(page(case)).context["seen"],
    }
    return typed | more


RECORD = {
    "visited_on": "2026-08-03",
    "inspected": "冷库",
    "originals_compared": "合同台账一致",
    "discrepancies": "验收晚 10 天",
    "conclusion": "PARTLY",
}


def test_a_team_has_two_members_and_an_officer(client, officer, case):
    alone = planned(client, case, officer, officers=[], experts=[], visitors="姜明远")
    assert client.post(page(case), alone).context["form"].errors == {
        "officers": ["考察组至少要有一名工作人员，请选择。"],
        "visitors": ["现场考察不少于 2 人，请选择工作人员、专家，或写明其他人的姓名。"],
    }
    stranger = planned(client, case, officer, officers=[make_officer(Role.AUDITOR).pk])
    assert "officers" in client.post(page(case), stranger).context["form"].errors
    assert not SiteVisit.objects.exists()


def test_a_planned_visit_is_told_to_the_team_and_goes_into_a_calendar(client, officer, case):
    client.post(page(case), planned(client, case, officer))
    expert = case.assignments.order_by("id")[0].expert
    told = Notification.objects.filter(subject__contains="现场考察").order_by("recipient")
    assert [(one.recipient, one.url) for one in told] == [
        (officer, f"/site-visits/{case.application_id}/"),
        (expert.user, "/review/"),
    ]
    moment = moment_text(SiteVisit.objects.get().planned_at)
    assert told[0].subject == f"{case.application.enterprise}：{moment}现场考察"
    answer = client.get(reverse("visit-calendar", args=[case.application_id]))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.content.decode().replace("\r\n ", "").split("\r\n")
    assert "DTSTART:20260805T013000Z" in lines
    assert "DTEND:20260805T033000Z" in lines
    assert f"SUMMARY:现场考察 {case.application.enterprise}" in lines
    assert r"LOCATION:荣成市青岛中路 1 号\, 二车间" in lines
    assert max(len(one) for one in answer.content.split(b"\r\n")) <= 75
    shown = signed_in(expert.user).get(reverse("review-sheet", args=[case.assignments.order_by("id")[0].pk]))
    assert "参加现场考察，荣成市青岛中路 1 号, 二车间。" in shown.content.decode()
    assert (
        signed_in(expert.user).get(reverse("visit-calendar", args=[case.application_id])).status_code == 200
    )
    stranger = scenes.pool(9)[8].user
    assert signed_in(stranger).get(reverse("visit-calendar", args=[case.application_id])).status_code == 404


def test_what_was_found_flows_to_the_panel_and_is_signed_by_each_visitor(client, officer, case):
    client.post(page(case), planned(client, case, officer, **RECORD))
    first, second, _ = case.assignments.order_by("id")
    told = Notification.objects.filter(subject__endswith="现场考察发现不符")
    assert {one.recipient for one in told} == {one.expert.user for one in case.assignments.all()}
    seen = client.get(page(case)).context["to_sign"]
    sign = reverse("visit-sign", args=[case.application_id])
    stale = client.post(sign, {"seen": "x"}, follow=True)
    assert texts(stale) == ["考察记录或照片在您打开这一页之后改过，请看过新的再签字。"]
    client.post(sign, {"seen": seen})
    client.post(sign, {"seen": seen})
    tab = reverse("review-sheet", args=[first.pk]) + "?tab=visit"
    shown = signed_in(first.expert.user).get(tab)
    assert "验收晚 10 天" in shown.content.decode()
    signed = signed_in(first.expert.user).post(sign, {"seen": shown.context["visit_seen"]})
    assert signed.url == tab
    assert signed_in(second.expert.user).post(sign, {"seen": seen}).status_code == 403
    assert set(VisitSignature.objects.values_list("signed_by", flat=True)) == {
        officer.pk,
        first.expert.user_id,
    }
    assert "未签字" not in client.get(page(case)).content.decode()
    assert "您已在考察记录上签字" in signed_in(first.expert.user).get(tab).content.decode()
    client.post(page(case), planned(client, case, officer, **RECORD | {"discrepancies": "验收晚 12 天"}))
    assert "未签字" in client.get(page(case)).content.decode()


def test_the_next_case_whose_visit_is_open_is_a_click_away(client, officer):
    panel = scenes.panel_at_work(4, experts=3, by=officer)
    needless, made, planned_only, open_one = panel.cases.order_by("id")
    scenes.not_visited(needless.application, by=officer)
    client.post(page(made), planned(client, made, officer, **RECORD))
    client.post(page(planned_only), planned(client, planned_only, officer))
    assert list(visiting.unsettled(panel).order_by("id")) == [planned_only, open_one]
    for here, following in ((needless, planned_only), (planned_only, open_one), (open_one, planned_only)):
        assert client.get(page(here)).context["following"] == following
    auditor = signed_in(make_officer(Role.AUDITOR))
    assert auditor.get(page(needless)).context["following"] is None


def test_an_opinion_that_did_not_know_what_was_found_is_given_anew(client, officer, case):
    scenes.score_all(case.panel)
    chair = scenes.on(case)[0]
    put = opinions.write_opinion(case, "材料真实，建议认定。", by=chair.expert.user)
    opinions.sign_opinion(chair, by=chair.expert.user, seen=opinions.opinion_digest(put))
    client.post(page(case), planned(client, case, officer, **RECORD))
    now = PanelCase.objects.get(pk=case.pk)
    assert (now.opinion, now.opinion_at, now.opinion_by) == ("", None, None)
    told = Notification.objects.filter(subject__endswith="现场考察发现不符").latest("pk")
    assert told.body.endswith("审核意见不再有效，由组长重新提请签署。")
    event = Event.objects.filter(action="record_site_visit").latest("pk")
    assert event.note == "需要：核实总承包项目；2026年8月3日考察，部分不符"
    again = opinions.write_opinion(now, "验收晚 10 天，其余属实，建议认定。", by=chair.expert.user)
    client.post(page(case), planned(client, case, officer, **RECORD | {"inspected": "车间、档案室"}))
    assert PanelCase.objects.get(pk=case.pk).opinion_at == again.opinion_at  # nothing new was found


def a_photo(exif: bool = True, kind: str = "JPEG") -> bytes:
    picture = Image.new("RGB", (40, 20), "navy")
    tags = Image.Exif()
    tags[0x0112] = 6  # lies on its side
    tags[0x010F] = "Phone"
    tags.get_ifd(0x8825)[2] = (37.0, 9.0, 30.0)
    out = io.BytesIO()
    picture.save(out, kind, **({"exif": tags} if exif else {}))
    return out.getvalue()


def test_a_photo_from_the_phone_loses_its_place_and_stands_upright(client, officer, case):
    client.post(page(case), planned(client, case, officer), follow=True)
    address = reverse("visit-photo-add", args=[case.application_id])
    content = a_photo()
    with Image.open(io.BytesIO(content)) as before:
        assert before.getexif().get_ifd(0x8825)
    done = client.post(address, {"photos": [SimpleUploadedFile("车间.jpg", content)]}, follow=True)
    assert texts(done) == ["已保存 1 张照片，文件里的拍摄位置等信息已去除。"]
    photo = SitePhoto.objects.get()
    with photo.file.open() as file, Image.open(file) as kept:
        assert dict(kept.getexif()) == {}
        assert kept.size == (20, 40)
    again = client.post(address, {"photos": [SimpleUploadedFile("车间.jpg", content)]}, follow=True)
    assert texts(again) == ["“车间.jpg”已经上传过。"]
    junk = client.post(address, {"photos": [SimpleUploadedFile("车间.jpg", b"%PDF-1.7 x")]}, follow=True)
    assert "没有保存" in texts(junk)[0]
    assert texts(client.post(address, {}, follow=True)) == ["请选择照片（JPG 或 PNG）。"]
    assert signed_in(make_officer(Role.MUNICIPAL_LEADER)).post(address, {"photos": []}).status_code == 403
    view = reverse("visit-photo", args=[case.application_id, photo.pk])
    on_it = Assignment.objects.order_by("id")[1].expert.user
    assert signed_in(on_it).get(view).status_code == 404  # the record is not filled in yet
    SiteVisit.objects.update(visited_on=scenes.AUGUST, conclusion="TRUE")
    for user, status in ((officer, 200), (on_it, 200), (scenes.pool(9)[8].user, 404)):
        answer = signed_in(user).get(view)
        assert answer.status_code == status
        if status == 200:
            assert b"".join(answer.streaming_content)[:3] == b"\xff\xd8\xff"
    assert Event.objects.filter(action="add_site_photo", outcome="DONE").count() == 1


def test_the_planned_moment_is_kept_in_the_clock_of_weihai(client, officer, case):
    client.post(page(case), planned(client, case, officer))
    visit = SiteVisit.objects.get()
    assert visit.planned_at == datetime(2026, 8, 5, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert not visit.is_settled


def test_an_expert_who_has_stepped_aside_is_no_longer_of_the_team(client, officer, case):
    client.post(page(case), planned(client, case, officer, **RECORD))
    first = case.assignments.order_by("id")[0]
    seen = client.get(page(case)).context["seen"]
    workflow.perform(first, "exclude", by=officer, note="持有该企业股份。", grounds=["SHAREHOLDING"])
    gone = signed_in(first.expert.user)
    assert gone.post(reverse("visit-sign", args=[case.application_id]), {"seen": seen}).status_code == 404
    assert gone.get(reverse("visit-calendar", args=[case.application_id])).status_code == 404
    assert not VisitSignature.objects.exists()


def test_a_picture_with_a_broken_block_of_tags_is_told_in_words(client, officer, case):
    client.post(page(case), planned(client, case, officer), follow=True)
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(out, "JPEG", dpi=(72, 72), exif=b"Exif\x00\x00broken-header")
    address = reverse("visit-photo-add", args=[case.application_id])
    done = client.post(address, {"photos": [SimpleUploadedFile("车间.jpg", out.getvalue())]}, follow=True)
    assert texts(done) == ["“车间.jpg”打不开，没有保存。请核对照片后重新上传。"]
    assert not SitePhoto.objects.exists()


def test_a_photo_taken_in_by_mistake_is_shown_to_nobody_any_more(client, officer, case):
    client.post(page(case), planned(client, case, officer), follow=True)
    add = reverse("visit-photo-add", args=[case.application_id])
    photo_file = SimpleUploadedFile("别家车间.jpg", a_photo())
    client.post(add, {"photos": [photo_file]}, follow=True)
    photo = SitePhoto.objects.get()
    url = reverse("visit-photo-remove", args=[case.application_id, photo.pk])
    short = client.post(url, {"reason": "传错"}, follow=True)
    assert texts(short) == ["移除照片的原因至少写 10 个字，现为 2 个字，请写清事实和依据。"]
    done = client.post(url, {"reason": "误传了另一家企业的车间照片。"}, follow=True)
    assert texts(done) == ["已移除“别家车间.jpg”，专家看不到了。"]
    view = reverse("visit-photo", args=[case.application_id, photo.pk])
    assert [client.get(view).status_code, done.context["photos"]] == [404, []]
    assert texts(client.post(url, {"reason": "误传了另一家企业的车间照片。"}, follow=True)) == [
        "“别家车间.jpg”已经移除。"
    ]
    event = Event.objects.get(action="remove_site_photo")
    assert event.note == "别家车间.jpg：误传了另一家企业的车间照片。"
    again = client.post(add, {"photos": [SimpleUploadedFile("别家车间.jpg", a_photo())]}, follow=True)
    assert texts(again) == ["已保存 1 张照片，文件里的拍摄位置等信息已去除。"]
    many = [SimpleUploadedFile(f"{number}.jpg", b"x") for number in range(21)]
    assert texts(client.post(add, {"photos": many}, follow=True))[0] == (
        "一次最多上传 20 张，后面的 1 张没有上传，请再传一次。"
    )


def test_the_record_is_bound_as_pdf_with_photos_and_signatures(client, officer, case):
    SiteVisit.objects.create(
        application=case.application,
        is_needed=True,
        reason="核实总承包项目",
        officers=[officer.pk],
        visitors="孙亦恒",
        visited_on=date(2026, 8, 2),
        inspected="冷库和服务台账",
        originals_compared="合同原件一致",
        discrepancies="无",
        conclusion="TRUE",
        experts=[case.assignments.order_by("id")[0].expert_id],
        recorded_by=officer,
    )
    recorded = SiteVisit.objects.get()
    photo = SimpleUploadedFile("车间.jpg", a_photo())
    client.post(reverse("visit-photo-add", args=[case.application_id]), {"photos": [photo]})
    before = documents.record_key(recorded)
    visiting.sign(case.application, seen=visiting.record_digest(recorded), by=officer)
    went = case.assignments.order_by("id")[0]
    workflow.perform(went, "exclude", by=officer, note="持有该企业股份。", grounds=["SHAREHOLDING"])
    with pytest.raises(CannotBeMade, match="考察记录在文件生成之前又有变化"):
        documents.make_visit_record(recorded, before, lambda percent: None)
    made = documents.make_visit_record(recorded, documents.record_key(recorded), lambda percent: None)
    with made.opened() as content:
        pages = PdfReader(content).pages
        text = "".join("".join(one.extract_text() for one in pages).split())
        pictures = len({image.name for one in pages for image in one.images})
    assert (made.filename, pictures) == (f"现场考察记录_{case.application.enterprise}.pdf", 1)
    assert f"考察组{officer.name}、{went.expert.user.name}（后回避）；其他：孙亦恒" in text
    assert f"{went.expert.user.name}后回避，不再签字" in text
    assert f"{officer.name}2026年8月3日09:00" in text
    assert "结论属实" in text
    asked = client.post(reverse("visit-record", args=[case.application_id]))
    assert asked.url == reverse("document", args=[Document.objects.get(kind="visit-record").pk])
    key, kind = documents.record_key(recorded), kind_of(Document.objects.get())
    expert = case.assignments.order_by("id")[1].expert.user
    assert (kind.may_read(officer, recorded, key), kind.may_read(expert, recorded, key)) == (True, False)

    removed = reverse("visit-photo-remove", args=[case.application_id, SitePhoto.objects.get().pk])
    client.post(removed, {"reason": "拍到了别家企业的车间。"})
    assert not kind.may_read(officer, recorded, key)
    assert visiting.signatures_of(recorded) == []
    made = documents.make_visit_record(recorded, documents.record_key(recorded), lambda percent: None)
    with made.opened() as content:
        assert not any(one.images for one in PdfReader(content).pages)


def test_photos_have_a_bound_and_end_with_the_review(client, officer, case, monkeypatch):
    monkeypatch.setattr(visiting, "MOST_PHOTOS", 1)
    add = reverse("visit-photo-add", args=[case.application_id])
    two = [SimpleUploadedFile(f"{n}.jpg", a_photo(exif=n == 1)) for n in (1, 2)]
    two[1] = SimpleUploadedFile("2.png", a_photo(kind="PNG"))
    done = client.post(add, {"photos": two}, follow=True)
    assert "每件最多 1 张照片，“2.png”没有保存。可以先移除不用的。" in texts(done)
    scenes.score_all(case.panel)
    scenes.not_visited(case.application, by=officer)
    course.conclude(case.application, by=officer)
    late = client.post(add, {"photos": [SimpleUploadedFile("3.png", a_photo(kind="PNG"))]}, follow=True)
    assert texts(late) == ["该件现为“已评审”，照片只在评审结束前上传。"]
    assert SitePhoto.objects.count() == 1

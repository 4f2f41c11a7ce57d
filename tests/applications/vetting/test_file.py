"""One file: its materials, what has been opened of them, the files before and after it."""

import re

import pytest
from django.urls import reverse

from applications import versions
from applications.models import Application, SeenMaterial
from tests.applications.vetting.scenes import another_desk, opinion_of
from tests.factories import make_application

pytestmark = pytest.mark.django_db
State = Application.State


def test_the_file_shows_its_materials_findings_and_figures(desk, case):
    page = desk.get(reverse("vetting", args=[case.pk]), {"show": "FIGURES"})
    text = re.sub(r"\s+", " ", page.content.decode())
    assert "14,960.00" in text
    assert "2,512.60" in text
    (_, sections), (heading, files) = page.context["rail"]
    assert [one.code for one, *_ in sections] == [
        "BASIC",
        "FIGURES",
        "SERVICE_UNIT",
        "PROJECTS",
        "CAPABILITY",
        "NARRATIVE",
        "COMMITMENT",
    ]
    assert (heading, len(files)) == ("附件 8", 8)
    form = page.context["form"]
    verdicts = ("authenticity", "compliance", "validity")
    assert [form[one].label for one in verdicts] == ["真实性", "合规性", "有效性"]


def test_an_attachment_is_shown_beside_the_figures_it_proves(desk, case):
    attachment = case.attachments.filter(kind="AUDIT_REPORT").first()
    page = desk.get(reverse("vetting", args=[case.pk]), {"show": f"a{attachment.pk}"})
    assert f'<iframe src="{reverse("attachment-file", args=[attachment.pk])}' in page.content.decode()
    assert page.context["key_figures"] == [
        ("主营业务收入 2025", "14,960.00"),
        ("主营业务收入 2024", "13,450.00"),
        ("利润总额 2025", "1,706.40"),
        ("利润总额 2024", "1,580.00"),
        ("服务性收入 2025", "2,512.60"),
    ]


def test_what_a_colleague_opened_is_marked_as_seen_and_the_rest_is_named(desk, officer, case):
    first_file = case.attachments.order_by("pk").first()
    desk.get(reverse("vetting", args=[case.pk]))
    another_desk(name="毕文舟").get(reverse("vetting", args=[case.pk]), {"show": f"a{first_file.pk}"})
    page = desk.get(reverse("vetting", args=[case.pk]), {"show": "FIGURES"})
    assert page.context["seen"] == {"BASIC", "FIGURES", f"a{first_file.pk}"}
    assert len(page.context["unseen"]) == 7 + 8 - 3
    keys = {key: one.label for _, group in page.context["rail"] for one, _, key in group if key}
    assert keys == {"p": "企业基本信息", "here": "三年指标", "n": "服务部门或服务公司"}
    marks = SeenMaterial.objects.order_by("pk").values_list("material", "seen_by__name")
    assert list(marks) == [("BASIC", "于晓岚"), (f"a{first_file.pk}", "毕文舟"), ("FIGURES", "于晓岚")]
    assert "还没有打开看过" not in page.content.decode()  # not before passing is possible
    desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case))
    bar = " ".join(
        re.sub(r"<[^>]+>", "", desk.get(reverse("vetting", args=[case.pk])).content.decode()).split()
    )
    assert "还没有打开看过：服务部门或服务公司、服务型制造项目、数字化和知识产权 等 12 份" in bar


def test_a_resubmission_is_read_again_except_for_the_same_files(desk, officer, case):
    file = case.attachments.order_by("pk").first()
    for shown in ("BASIC", f"a{file.pk}"):
        desk.get(reverse("vetting", args=[case.pk]), {"show": shown})
    case.current_version = versions.freeze(case, by=officer)
    case.save()
    page = desk.get(reverse("vetting", args=[case.pk]), {"show": "FIGURES"})
    assert page.context["seen"] == {"FIGURES", f"a{file.pk}"}


def test_after_vetting_opening_a_file_leaves_no_mark(desk):
    passed = make_application(state=State.VETTED)
    page = desk.get(reverse("vetting", args=[passed.pk]))
    assert (page.context["seen"], "未看" in page.content.decode()) == (set(), False)
    assert SeenMaterial.objects.count() == 0


def test_next_and_previous_follow_the_queue(desk):
    cases = [make_application(state=State.SUBMITTED) for _ in range(3)]
    neighbours = desk.get(reverse("vetting", args=[cases[1].pk])).context["neighbours"]
    assert (neighbours["place"], neighbours["total"]) == (2, 3)
    assert neighbours["previous"][0] == cases[0].pk
    assert neighbours["following"][0] == cases[2].pk

"""Filters of the queue that a person keeps under names of their own."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.models import Application, SavedView
from tests.applications.scenes import signed_in
from tests.applications.vetting.scenes import words
from tests.factories import make_application, make_officer

pytestmark = pytest.mark.django_db
QUEUE = reverse("vetting-queue")
DOUBTS = f"{QUEUE}?state=VETTED&finding=attention"


@pytest.fixture
def officer():
    return make_officer(Role.CHANNEL_HANDLER, name="于晓岚")


@pytest.fixture
def desk(officer):
    return signed_in(officer)


def kept(owner) -> list[tuple[str, str, bool]]:
    return list(SavedView.objects.filter(owner=owner).values_list("name", "query", "is_default"))


def test_a_filter_is_saved_shown_renamed_and_deleted(desk, officer):
    vetted = make_application(state=Application.State.VETTED)
    make_application(state=Application.State.SUBMITTED)
    page = desk.post(f"{QUEUE}?state=VETTED&page=3", {"name": " 已通过 "}, follow=True)
    assert words(page) == ["已保存为常用筛选“已通过”。"]
    assert [row.application for row in page.context["rows"]] == [vetted]
    view = SavedView.objects.get()
    assert kept(officer) == [("已通过", "state=VETTED", False)]
    assert page.redirect_chain[-1][0] == f"{QUEUE}?state=VETTED&view={view.pk}"
    assert page.context["view"] == view
    page = desk.post(f"{QUEUE}?state=VETTED", {"name": "待列入", "view": view.pk}, follow=True)
    assert words(page) == ["已改名为“待列入”。"]
    page = desk.post(f"{QUEUE}?state=VETTED", {"act": "delete", "view": view.pk}, follow=True)
    assert words(page) == ["已删除常用筛选“待列入”。"]
    assert kept(officer) == []
    page = desk.post(f"{QUEUE}?state=VETTED", {"act": "delete", "view": view.pk}, follow=True)
    assert words(page) == ["这组常用筛选已不在了，可能在另一个窗口里删除了，没有改动。"]


def test_the_list_opens_with_the_first_view_until_it_is_no_longer_that(desk, officer):
    vetted = make_application(state=Application.State.VETTED)
    submitted = make_application(state=Application.State.SUBMITTED)
    one = SavedView.objects.create(owner=officer, name="已通过", query="state=VETTED", is_default=True)
    other = SavedView.objects.create(owner=officer, name="待审", query="state=SUBMITTED")
    desk.post(QUEUE, {"act": "default", "view": other.pk})
    assert kept(officer) == [("已通过", "state=VETTED", False), ("待审", "state=SUBMITTED", True)]
    assert [row.application for row in desk.get(QUEUE, follow=True).context["rows"]] == [submitted]
    shown = desk.get(QUEUE, {"view": "all"}).context["rows"]
    assert {row.application for row in shown} == {vetted, submitted}
    page = desk.post(QUEUE, {"act": "default", "view": other.pk}, follow=True)
    assert words(page) == ["打开审核列表时不再先用“待审”。"]
    assert len(desk.get(QUEUE).context["rows"]) == 2
    assert desk.get(f"{QUEUE}?{one.query}").context["view"] == one


@pytest.mark.parametrize(
    ("address", "name", "sentence"),
    [
        (DOUBTS, "", "请给这组筛选起个名字，例如“我经办的存疑件”。"),
        (DOUBTS, "旧的", "您已有名为“旧的”的常用筛选，请换一个名字。"),
        (DOUBTS, "长" * 21, "名称最多 20 字，现为 21 字，请删减。"),
        (QUEUE, "新的", "现在没有筛选条件，没有可保存的。请先选定状态、核验结果等，再保存。"),
        (
            f"{QUEUE}?state=%00%E9&mode=..",
            "新的",
            "现在没有筛选条件，没有可保存的。请先选定状态、核验结果等，再保存。",
        ),
    ],
)
def test_what_cannot_be_saved_is_refused_in_words(desk, officer, address, name, sentence):
    SavedView.objects.create(owner=officer, name="旧的", query="q=x")
    page = desk.post(address, {"name": name})
    assert page.status_code == 422
    assert page.context["view_form"].errors == {"name": [sentence]}
    assert f'value="{name}"' in page.content.decode() or not name
    assert kept(officer) == [("旧的", "q=x", False)]


def test_at_most_twenty_are_kept(desk, officer):
    for number in range(SavedView.MOST):
        SavedView.objects.create(owner=officer, name=f"第{number}组", query="q=x")
    page = desk.post(DOUBTS, {"name": "再一组"})
    assert page.context["view_form"].errors == {
        "name": ["每人最多保存 20 组常用筛选，请先删除不用的再保存。"]
    }
    assert SavedView.objects.count() == 20


@pytest.mark.parametrize("posted", [{"act": "delete"}, {"act": "default"}, {"name": "我的"}])
def test_a_colleagues_view_does_not_exist(desk, officer, posted):
    colleague = make_officer(Role.CHANNEL_HANDLER, name="冷思远")
    theirs = SavedView.objects.create(owner=colleague, name="他的", query="q=x")
    page = desk.post(DOUBTS, {"view": theirs.pk, **posted}, follow=True)
    assert words(page) == ["这组常用筛选已不在了，可能在另一个窗口里删除了，没有改动。"]
    assert kept(colleague) == [("他的", "q=x", False)]
    assert page.context["saved_views"] == []


def test_the_longest_filter_fits(desk, officer):
    address = f"{QUEUE}?tab=reported&round=12345678901234567&mode=12345678901234567&officer=12345678901234567"
    desk.post(f"{address}&state=NOT_RECOMMENDED&finding=attention&q={'威' * 99}", {"name": "长"})
    assert len(SavedView.objects.get().query) < 800

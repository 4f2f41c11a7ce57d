"""Whether a case is visited, and the record of it: who was there, what was found, what is refused."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications.models import Application
from core import workflow
from core.conflicts import TOLD
from core.models import Event
from review.models import SiteVisit
from tests.factories import make_application, make_officer
from tests.review import scenes
from tests.review.scenes import texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
BACKEND = "accounts.backends.PortalBackend"
State = Application.State


def test_a_visit_is_recorded_by_two_or_refused_with_what_is_missing(client, officer):
    panel = scenes.panel_at_work(by=officer)
    address = reverse("site-visit", args=[panel.cases.get().application_id])
    assert client.post(address, {}).context["form"].errors == {
        "is_needed": ["请选择是否需要现场考察。"],
        "reason": ["请填写需要或不需要的理由。"],
    }
    record = {
        "is_needed": "yes",
        "reason": "核实总承包项目",
        "visited_on": "2026-08-02",
        "visitors": "姜明远",
    }
    errors = client.post(address, record).context["form"].errors
    assert errors == {
        "officers": ["考察组至少要有一名工作人员，请选择。"],
        "visitors": ["现场考察不少于 2 人，请选择工作人员、专家，或写明其他人的姓名。"],
        "inspected": ["请写明看了什么、见到什么。"],
        "originals_compared": ["请写明核对了哪些原件、是否一致。"],
        "conclusion": ["请选择考察结论。"],
    }
    record |= {
        "officers": [officer.pk],
        "visitors": "姜明远、孙亦恒",
        "inspected": "冷库",
        "originals_compared": "合同台账一致",
        "conclusion": "PARTLY",
    }
    assert client.post(address, record).context["form"].errors == {
        "discrepancies": ["结论为不符的，请写明哪里不符。"]
    }
    early = client.post(address, record | {"visited_on": "2026-08-04"}).context["form"].errors
    assert early["visited_on"] == ["考察日期在将来，请在考察之后填写。"]
    client.post(address, record | {"discrepancies": "验收晚 10 天"})
    visit = SiteVisit.objects.get()
    assert (visit.is_settled, visit.visitors, visit.recorded_by) == (True, "姜明远、孙亦恒", officer)
    assert Event.objects.get(action="record_site_visit").details["conclusion"] == "PARTLY"


def test_a_visit_recorded_by_a_colleague_meanwhile_is_shown_beside_what_was_typed(client, officer):
    panel = scenes.panel_at_work(by=officer)
    address = reverse("site-visit", args=[panel.cases.get().application_id])
    colleague = Client()
    colleague.force_login(make_officer(Role.MUNICIPAL_HANDLER), backend=BACKEND)
    unread = client.get(address).context["seen"]
    first = {"seen": unread, "is_needed": "no", "reason": "材料足以判断"}
    colleague.post(address, first)
    stale = {"seen": unread, "is_needed": "yes", "reason": "须核对合同原件"}
    refused = client.post(address, stale)
    assert refused.status_code == 409
    assert refused.context["differences"] == [
        ("是否需要现场考察", "不需要", "需要考察"),
        ("需要或不需要的理由", "材料足以判断", "须核对合同原件"),
    ]
    assert texts(refused) == [TOLD]
    assert "须核对合同原件" in refused.content.decode()
    assert SiteVisit.objects.get().reason == "材料足以判断"
    colleague.post(address, first)
    assert Event.objects.filter(action="record_site_visit").count() == 1
    half = client.post(address, stale | {"is_needed": ""})
    assert (half.context["seen"], SiteVisit.objects.get().reason) == (unread, "材料足以判断")
    client.post(address, stale | {"seen": refused.context["seen"]})
    assert SiteVisit.objects.get().reason == "须核对合同原件"


def test_a_visit_typed_until_the_review_had_ended_is_shown_to_be_copied(client, officer):
    application = make_application(state=State.REVIEWED)
    refused = client.post(
        reverse("site-visit", args=[application.pk]), {"is_needed": "yes", "reason": "须核对合同原件"}
    )
    assert (refused.status_code, texts(refused)) == (
        409,
        ["该件现为“已评审”，考察记录只在评审结束前登记。"],
    )
    assert ("需要或不需要的理由", "", "须核对合同原件") in refused.context["differences"]
    assert not SiteVisit.objects.exists()


def test_a_case_planned_for_a_visit_is_not_settled_before_it(client, officer):
    panel = scenes.panel_at_work(by=officer)
    application = panel.cases.get().application
    client.post(reverse("site-visit", args=[application.pk]), {"is_needed": "yes", "reason": "核实"})
    assert not SiteVisit.objects.get().is_settled
    scenes.score_all(panel)
    assert workflow.why_not(application, "conclude_review") == ["现场考察尚未完成记录。"]

"""As an expert, open everything that can be reached and find no other expert: no name, unit, score or progress."""

import io
import re

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from core import clock, workflow
from review import course, meeting, opinions
from review.models import Assignment, PanelCase, SiteVisit
from tests.review import scenes

pytestmark = pytest.mark.django_db
LINK = re.compile(r'(?:href|src|data-autosave|action)="([^"#]+)')


def cells_of(address: str, body: bytes) -> str:
    """What a workbook says."""
    if not address.endswith(".xlsx"):
        return ""
    rows = load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True)
    return str([cell for row in rows for cell in row if cell is not None])


def crawl(client, start: list[str]) -> dict[str, str]:
    """Every page and file that links lead to from here."""
    seen: dict[str, str] = {}
    waiting = list(start)
    while waiting:
        address = waiting.pop()
        if address in seen or address.startswith(("http", "data:", "/static/")) or "logout" in address:
            continue
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        seen[address] = f"{answer.headers}{body.decode(errors='replace')}{cells_of(address, body)}"
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            base = address.split("?")[0]
            links = (link.replace("&amp;", "&") for link in LINK.findall(seen[address]))
            waiting += [base + link if link.startswith("?") else link for link in links]
    return seen


@pytest.mark.parametrize("number", range(5))
def test_an_expert_finds_nothing_of_the_others(client, number):
    """As each of the five, the chair first: pages, files, the workbook, drafts of the opinion."""
    with clock.stopped_at(scenes.AUGUST):
        officer = scenes.handler()
        panel = scenes.panel_at_work(2, by=officer)
        first, second = (case.application_id for case in panel.cases.all())
        totals = {first: [93.5, 61.5, 62.5, 63.5, 64.5], second: [81.5, 71.5, 72.5, 73.5, 74.5]}
        scenes.score_all(panel, totals)
        own = Assignment.objects.order_by("id")[number]
        others = [
            one.expert for one in panel.members.exclude(expert=own.expert).select_related("expert__user")
        ]
        SiteVisit.objects.create(
            application_id=first,
            is_needed=True,
            reason="核实项目",
            visited_on=clock.today(),
            visitors=f"姜明远、{others[0].user.name}",
            inspected="查看服务中心",
            originals_compared="合同",
            conclusion="TRUE",
            recorded_by=officer,
        )
        workflow.perform(own.sheet, "ask_explanation", by=officer)
        chair = meeting.moderator_of(own.case).expert.user
        meeting.open_discussion(own.case, by=chair)
        opinions.write_opinion(own.case, "材料真实，建议认定。", by=chair)
        for one in own.case.assignments.exclude(pk=own.pk):
            seen = opinions.opinion_digest(PanelCase.objects.get(pk=own.case_id))
            opinions.sign_opinion(one, by=one.expert.user, seen=seen)
        scenes.not_visited(panel.cases.last().application, by=officer)
        course.conclude(panel.cases.last().application, by=officer)
        client.force_login(own.expert.user, backend="accounts.backends.PortalBackend")
        start = [reverse("review-list"), reverse("review-list") + "?past=1", reverse("inbox")]

        seen = crawl(client, start)
        meeting.reopen(own.sheet, by=own.expert.user, reason="合议后重新核对了两份合同。")
        seen |= {f"after {address}": body for address, body in crawl(client, start).items()}

        assert len([one for one in seen if one.startswith("/review/")]) >= 10
        assert any(one.startswith("/attachments/") for one in seen)
        assert any(one.endswith("sheet.xlsx") for one in seen)
        assert ("?draft=1" in "".join(seen)) is (number == 0)
        assert "查看服务中心" in "".join(seen.values())
        secrets = [one.user.name for one in others] + [one.unit for one in others]
        rest = [one for given in totals.values() for place, one in enumerate(given) if place != number]
        secrets += [f"{one:g}" for one in rest if one != int(one)] + ["63.50", "72.50", "73.00"]
        own_totals = {str(given[number]) for given in totals.values()}
        for address, body in seen.items():
            text = re.sub(r'(?:cx|x1|x2|x|width|points|d)="[^"]*"', "", body)
            found = [
                one for one in secrets if one in text and not any(one.startswith(own) for own in own_totals)
            ]
            assert not found, (address, found)


def test_the_rows_of_the_list_depend_on_nothing_of_the_others(client):
    """Order, counts and words of the list are the same before and after the other four have submitted."""
    with clock.stopped_at(scenes.AUGUST):
        panel = scenes.panel_at_work(3)
        own = Assignment.objects.order_by("id").first()
        client.force_login(own.expert.user, backend="accounts.backends.PortalBackend")

        def shown() -> str:
            return re.sub(
                r'name="csrfmiddlewaretoken" value="[^"]+"',
                "",
                client.get(reverse("review-list")).content.decode(),
            )

        before = shown()
        for one in Assignment.objects.filter(case__panel=panel).exclude(expert=own.expert):
            workflow.perform(scenes.fill(one, scenes.points_for(40)), "submit", by=one.expert.user)
        assert shown() == before

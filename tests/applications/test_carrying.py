"""From the self-check into a draft: kept in the visitor's own browser, asked where the draft says otherwise, never lost."""

from datetime import date
from decimal import Decimal

import pytest
from django.core import signing
from django.test import Client

from accounts.models import Enterprise, User
from applications.models import Application, Round, Section
from core import clock, handover
from tests import factories
from tests.applications.scenes import BACKEND, june, page_of, returned, sections_url, submitted
from tests.applications.test_self_check import TYPED, URL, words

pytestmark = pytest.mark.django_db
PASSWORD = "calm-sea-by-weihai"


@pytest.fixture(autouse=True)
def in_june():
    with june():
        yield


@pytest.fixture
def round_():
    return factories.make_round()


@pytest.fixture
def enterprise():
    return factories.make_enterprise()


@pytest.fixture
def member(enterprise):
    return factories.make_member(enterprise)


def begin(client: Client, **changes: str):
    return client.post(URL, TYPED | changes | {"begin": "1"})


def with_typed(user: User, **changes: str) -> Client:
    """The browser of somebody who has tried the conditions and then signed in."""
    client = Client()
    begin(client, **changes)
    client.force_login(user, backend=BACKEND)
    return client


def start_url(round_: Round) -> str:
    return f"/applications/start/{round_.pk}/"


def carry_url(application: Application) -> str:
    return f"/applications/{application.pk}/self-check/"


def figures(application: Application) -> dict[int, tuple]:
    rows = application.figures.order_by("year")
    return {one.year: (one.main_revenue, one.service_revenue, one.total_profit) for one in rows}


def sources(application: Application) -> dict[str, str]:
    return dict(application.section_saves.values_list("section", "carried_from"))


def test_a_visitor_signs_in_begins_and_finds_the_numbers_to_be_confirmed(round_, enterprise, member):
    member.set_password(PASSWORD)
    member.save()
    client = Client()
    answer = begin(client)
    assert answer.url == start_url(round_)
    cookie = client.cookies[handover.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 7200)
    asked = client.get(answer.url)
    assert asked.url == f"/accounts/login/?next={start_url(round_).replace('/', '%2F')}"
    assert "自测时填写的内容还在" in words(client.get(asked.url))
    signed = client.post(
        asked.url, {"username": member.login, "password": PASSWORD, "next": start_url(round_)}
    )
    assert signed.url == start_url(round_)
    assert "带入申报书，逐项待您核对" in words(client.get(signed.url))
    begun = client.post(signed.url, {"channel": enterprise.district_id, "carry": "on"})
    draft = Application.objects.get()
    assert begun.url == f"/applications/{draft.pk}/"
    assert client.cookies[handover.COOKIE].value == ""
    assert figures(draft) == {
        2023: (None, None, None),
        2024: (Decimal("9620.00"), None, Decimal("-500.00")),
        2025: (Decimal("10000.00"), Decimal("1500.00"), Decimal("300.00")),
    }
    assert (draft.is_sound, draft.service_unit_kind) == (True, "DEPARTMENT")
    assert dict(draft.conduct_answers.values_list("question", "answer")) == dict.fromkeys(
        ("ACCIDENTS", "VIOLATIONS", "INVESTIGATION"), "NONE"
    )
    assert sources(draft) == dict.fromkeys(("BASIC", "FIGURES", "SERVICE_UNIT"), "条件自测")
    assert "核对沿用自条件自测的内容" in words(client.get(begun.url))
    section = sections_url(draft, Section.FIGURES)
    assert "以下内容沿用自条件自测，请核对" in words(client.get(section))
    client.post(section, page_of(draft, Section.FIGURES) | {"confirmed": "on"})
    assert sources(draft)["FIGURES"] == ""


def test_a_visitor_who_registers_has_the_licence_filled_in_and_comes_to_the_start(round_):
    client = Client()
    begin(client, credit_code="91371082ma3t 000179")
    address = f"/accounts/register/?next={start_url(round_)}"
    page = client.get(address).content.decode()
    for text in (
        'value="91371082MA3T000179"',
        'value="2015-03-18"',
        '<option value="LIMITED_LIABILITY" selected>',
        f'name="next" value="{start_url(round_)}"',
    ):
        assert text in page
    registered = client.post(
        address,
        {
            "credit_code": "91371082MA3T000179",
            "enterprise_name": "威海澜港冷链装备有限公司",
            "legal_form": "LIMITED_LIABILITY",
            "founded_on": "2015-03-18",
            "district": factories.an_agency().pk,
            "industry": "3464",
            "name": "林晓雯",
            "mobile": "13100002046",
            "login": "lin",
            "password": PASSWORD,
            "password_again": PASSWORD,
            "next": start_url(round_),
        },
    )
    assert registered.url == start_url(round_)
    client.post(registered.url, {"channel": Enterprise.objects.get().district_id, "carry": "on"})
    assert figures(Application.objects.get())[2025][0] == Decimal("10000.00")


@pytest.mark.parametrize("target", ["https://example.com/", "//example.com", ""])
def test_registering_leads_nowhere_else(round_, target):
    page = Client().get("/accounts/register/", {"next": target})
    assert page.status_code == 200
    typed = {
        "credit_code": "91371082MA3T000179", "enterprise_name": "威海澜港冷链装备有限公司", "legal_form": "JOINT_STOCK",
        "founded_on": "2015-03-18", "district": factories.an_agency().pk, "industry": "3464", "name": "林晓雯",
        "mobile": "13100002046", "login": "lin", "password": PASSWORD, "password_again": PASSWORD, "next": target,
    }  # fmt: skip
    assert Client().post("/accounts/register/", typed).url == "/home/"


def test_what_was_declined_at_the_start_is_not_taken_and_forgotten(round_, enterprise, member):
    client = with_typed(member)
    client.post(start_url(round_), {"channel": enterprise.district_id})
    draft = Application.objects.get()
    assert (figures(draft), sources(draft)) == ({}, {})
    assert client.cookies[handover.COOKIE].value == ""


def test_numbers_of_another_credit_code_are_not_offered_without_a_word(round_, enterprise, member):
    code = "91371002MA3T002870"
    page = with_typed(member, credit_code=code).get(start_url(round_))
    assert f"自测时填写的统一社会信用代码是{code}，与本企业不同。" in words(page)
    assert 'name="carry" id="carry">' in page.content.decode()
    same = with_typed(member, credit_code=enterprise.credit_code).get(start_url(round_))
    assert 'name="carry" id="carry" checked>' in same.content.decode()


@pytest.fixture
def draft(round_, enterprise, member):
    draft = factories.make_application(enterprise=enterprise, member=member, round=round_)
    draft.figures.create(year=2025, main_revenue=Decimal("9999"), service_revenue=Decimal("1500"))
    draft.conduct_answers.create(question="VIOLATIONS", answer="NONE")
    return draft


def test_a_draft_with_figures_is_asked_and_nothing_is_overwritten_silently(round_, draft, member):
    client = with_typed(member, VIOLATIONS_answer="HAPPENED", VIOLATIONS_occurred_on="2025-03-01")
    assert client.get(start_url(round_)).url == carry_url(draft)
    page = client.get(carry_url(draft))
    assert [(one.label, one.standing_words, one.typed_words) for one in page.context["differing"]] == [
        ("近两年内有违法行为", "没有", "有"),
        ("2025年主营业务收入", "9,999.00 万元", "10,000.00 万元"),
    ]
    assert figures(draft) == {2025: (Decimal("9999.00"), Decimal("1500.00"), None)}
    client.post(carry_url(draft), {"take": "1"})
    assert figures(draft) == {
        2023: (None, None, None),
        2024: (Decimal("9620.00"), None, Decimal("-500.00")),
        2025: (Decimal("9999.00"), Decimal("1500.00"), Decimal("300.00")),
    }
    kept = draft.conduct_answers.get(question="VIOLATIONS")
    assert (kept.answer, kept.occurred_on) == ("NONE", None)
    assert client.cookies[handover.COOKIE].value == ""


def test_what_is_chosen_replaces_what_stood_when_it_was_shown(draft, member):
    client = with_typed(member, VIOLATIONS_answer="HAPPENED", VIOLATIONS_occurred_on="2025-03-01")
    tokens = [one.token for one in client.get(carry_url(draft)).context["differing"]]
    draft.figures.filter(year=2025).update(main_revenue=Decimal("8888"))
    told = client.post(carry_url(draft), {"take": "1", "replace": tokens}, follow=True)
    assert "2025年主营业务收入刚才有人改过，没有改用自测的内容，请核对。" in words(told)
    assert figures(draft)[2025][0] == Decimal("8888.00")
    answer = draft.conduct_answers.get(question="VIOLATIONS")
    assert (answer.answer, answer.occurred_on) == ("HAPPENED", date(2025, 3, 1))


def test_figures_replaced_by_choice(draft, member):
    client = with_typed(member)
    tokens = [one.token for one in client.get(carry_url(draft)).context["differing"]]
    told = client.post(carry_url(draft), {"take": "1", "replace": tokens}, follow=True)
    assert "自测时填写的内容已带入8项，所在部分标为待核对" in words(told)
    assert figures(draft)[2025][0] == Decimal("10000.00")
    again = with_typed(member, main_revenue_2025="7777").post(carry_url(draft), {"take": "1"}, follow=True)
    assert "没有选用自测时填写的内容，申报书保持原样。" in words(again)
    assert figures(draft)[2025][0] == Decimal("10000.00")


def test_leaving_it_changes_nothing(draft, member):
    client = with_typed(member)
    client.post(carry_url(draft), {"leave": "1"})
    assert (figures(draft)[2025][0], sources(draft)) == (Decimal("9999.00"), {})
    assert client.cookies[handover.COOKIE].value == ""


def test_what_was_carried_from_an_earlier_round_is_asked_about_too(enterprise, member):
    earlier = factories.make_round(
        year=2025,
        title="2025年度认定",
        latest_year=2024,
        state=Round.State.CLOSED,
        opens_at=clock.instant(date(2025, 5, 6)),
        enterprise_deadline=clock.instant(date(2025, 6, 30), 17),
        district_deadline=clock.instant(date(2025, 7, 15), 17),
    )
    factories.make_application(round=earlier, enterprise=enterprise, state="NOT_SELECTED")
    round_ = factories.make_round()
    client = with_typed(member)
    begun = client.post(start_url(round_), {"channel": enterprise.district_id, "carry": "on"})
    draft = Application.objects.get(round=round_)
    assert begun.url == carry_url(draft)
    assert figures(draft)[2024][0] == Decimal("14960.00")
    assert figures(draft)[2025][0] == Decimal("10000.00")
    assert sources(draft)["FIGURES"] == "条件自测、2025年度认定"
    assert {one.name for one in client.get(begun.url).context["differing"]} == {
        "main_revenue_2024",
        "total_profit_2024",
    }


def test_what_is_submitted_or_closed_is_left_alone(round_, enterprise, member):
    application = factories.make_application(
        enterprise=enterprise, member=member, round=round_, complete=True
    )
    before = figures(application)
    submitted(application, by=member)
    client = with_typed(member)
    assert "打开已有的申报书" in words(client.get(start_url(round_)))
    assert client.post(carry_url(application), {"take": "1"}).url == f"/applications/{application.pk}/"
    returned(
        Application.objects.get(pk=application.pk),
        items={"NARRATIVE": "写清增长来源"},
        by=factories.make_officer("CHANNEL_HANDLER"),
    )
    with_typed(member).post(carry_url(application), {"take": "1"})
    assert figures(application) == before


def test_strangers_do_not_learn_of_the_draft(draft):
    stranger = factories.make_member(factories.make_enterprise())
    assert with_typed(stranger).get(carry_url(draft)).status_code == 404
    assert with_typed(stranger).post(carry_url(draft), {"take": "1"}).status_code == 404


def test_what_cannot_be_taken_keeps_the_visitor_on_the_page_with_everything_typed(round_):
    client = Client()
    page = begin(client, total_profit_2025="三百", project_count="两个")
    assert page.status_code == 200
    assert "有2处需要更正" in words(page)
    assert 'value="三百"' in page.content.decode()
    assert handover.COOKIE not in client.cookies


def test_coming_back_before_signing_in_shows_what_was_typed_until_it_is_cleared(round_):
    client = Client()
    begin(client)
    page = client.get(URL)
    assert 'value="10,000.00"' in page.content.decode()
    assert page["Cache-Control"] == "no-store, private"
    assert client.post(URL, {"clear": "1"}).url == URL
    assert 'value="10,000.00"' not in client.get(URL).content.decode()


@pytest.mark.parametrize(
    "forge",
    [lambda: "", lambda: "forged", lambda: signing.dumps({"main_revenue_2025": "1"}, salt="another")],
    ids=["empty", "forged", "signed for something else"],  # the same in every process
)
def test_a_cookie_that_is_not_ours_is_nothing(forge, draft, member):
    client = Client()
    client.force_login(member, backend=BACKEND)
    client.cookies[handover.COOKIE] = forge()
    told = client.post(carry_url(draft), {"take": "1"}, follow=True)
    assert "没有需要带入的" in words(told)
    assert figures(draft)[2025][0] == Decimal("9999.00")

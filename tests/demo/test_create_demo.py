"""The demonstration: refused where it does not belong, made once, always the same, with every state and an unbroken chain."""

import io
from datetime import date

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction
from pypdf import PdfReader

from accounts.demo import DEMO_ACCOUNTS, DEMO_PASSWORD, OTHER_EXPERTS
from accounts.models import Agency, Enterprise, Expert, ExpertTie, User
from applications.calls import NEEDED, call_of, contacts
from applications.models import Application, Attachment, Recommendation, Round
from core import clock, events
from core.models import DemoMail, Event, Notification
from decisions.models import Objection, PublicNotice, Recognition
from demo import calendar, create, pages
from demo.enterprises import FIRMS, FIRST_NUMBER, credit_code
from demo.files import pdf
from policy.identifiers import legal_person_problem, uscc_problem
from policy.models import Industry
from review.models import Assignment, Panel, Ranking, SiteVisit
from supervision.models import Revocation
from supervision.reminders import remind_due_re_reviews
from tests.demo.digest import digest_of_everything, put_back, sequences

State = Application.State


@pytest.fixture(autouse=True)
def demo_mode(settings):
    settings.DEMO_MODE = True


def test_codes_are_valid_and_different():
    codes = [credit_code(firm.district, FIRST_NUMBER + number) for number, firm in enumerate(FIRMS)]
    assert codes[:2] == ["91371082MA3T0101XL", "91371082MA3T01028L"]
    assert [uscc_problem(code) + legal_person_problem(code) for code in codes] == [""] * len(FIRMS)
    assert len(set(codes)) == len({firm.name for firm in FIRMS}) == len(FIRMS) >= 60


@pytest.mark.django_db
def test_every_trade_is_manufacturing_and_every_district_has_firms():
    assert Industry.objects.filter(code__in=[firm.industry for firm in FIRMS], level="CLASS").count() == len(
        {firm.industry for firm in FIRMS}
    )
    districts = set(Agency.objects.filter(kind=Agency.Kind.DISTRICT).values_list("code", flat=True))
    assert {firm.district for firm in FIRMS} == districts
    assert len(districts) == 9


def test_attachments_are_pdfs_that_say_they_are_fictional():
    reader = PdfReader(io.BytesIO(pdf("审计报告", "荣成试验有限公司", ("第一行",), pages=2)))
    assert len(reader.pages) == 2
    assert reader.metadata is not None
    assert reader.metadata.title == "荣成试验有限公司 审计报告（演示材料 内容虚构）"


def test_same_words_give_the_same_file():
    assert pdf("营业执照", "甲", ("一",)) == pdf("营业执照", "甲", ("一",))


def test_outside_demo_mode_it_is_refused_in_one_sentence(settings):
    settings.DEMO_MODE = False
    with pytest.raises(CommandError) as refusal:
        call_command("create_demo")
    assert str(refusal.value) == (
        "演示数据只能在演示模式下生成。请设置环境变量 DEMO_MODE=1 后重试；正式环境请不要使用。"
    )


def test_accounts_are_not_listed_outside_demo_mode(settings):
    settings.DEMO_MODE = False
    with pytest.raises(CommandError) as refusal:
        call_command("demo_accounts")
    assert str(refusal.value) == "演示账号只在演示模式下存在（环境变量 DEMO_MODE=1）。"


@pytest.mark.django_db
def test_accounts_are_not_listed_before_they_exist():
    with pytest.raises(CommandError) as refusal:
        call_command("demo_accounts")
    assert str(refusal.value) == "还没有演示数据，请先运行 manage.py create_demo。"


@pytest.mark.django_db
def test_same_seed_gives_the_same_rows():
    """The people and one whole round, made twice from the same beginning."""
    beginning, found = sequences(), []
    for _ in range(2):
        with transaction.atomic():
            create.create(lambda what: None, create.CHAPTERS[:1])
            found.append((digest_of_everything(), Event.objects.count()))
            transaction.set_rollback(True)
        put_back(beginning)
    assert found[0] == found[1]
    assert found[0][1] > 200


@pytest.mark.django_db
def test_demonstration_is_whole(django_assert_max_num_queries):
    call_command("create_demo", stdout=io.StringIO())
    every_state_occurs()
    rounds_and_titles_are_as_told()
    people_can_sign_in_and_have_something_to_do()
    nothing_was_written_around_the_door()
    files_are_there()
    public_pages_of_the_open_round_are_furnished()
    holders_are_due_and_reminded_by_inbox_and_mail()
    said = io.StringIO()
    with django_assert_max_num_queries(1):
        call_command("create_demo", stdout=said)
    assert said.getvalue() == "演示数据已经有了，没有改动。\n"


def public_pages_of_the_open_round_are_furnished() -> None:
    round_ = Round.objects.get(kind=Round.Kind.RECOGNITION, year=2026)
    call = call_of(Round.objects.prefetch_related(*NEEDED).get(pk=round_.pk))
    assert [one.title for one in call.templates] == [title for title, _ in pages.TEMPLATES]
    assert 0 < sum(number for _, number in call.shares) <= (round_.quota or 0)
    assert round_.questions.filter(published_at=None).count() == 1
    assert round_.questions.exclude(published_at=None).count() == len(pages.QUESTIONS)
    assert all("虚构" in phone for _, phone in contacts())
    frozen = Ranking.objects.get(round__kind=Round.Kind.RECOGNITION, round__year=2025)
    assert frozen.inputs["shares"] == calendar.RECOGNITION_2025.shares


def every_state_occurs() -> None:
    assert set(Application.objects.values_list("state", flat=True)) == set(State.values)
    assert set(Objection.objects.values_list("state", flat=True)) == {"HANDLING", "DISMISSED", "UPHELD"}
    assert set(PublicNotice.objects.values_list("kind", flat=True)) == set(PublicNotice.Kind.values)
    assert set(Assignment.objects.values_list("state", flat=True)) == {"AWAITING", "CLEAR", "RECUSED"}


def rounds_and_titles_are_as_told() -> None:
    assert clock.local(clock.now()).date() == date(2026, 6, 12)
    assert list(Round.objects.order_by("kind", "year").values_list("kind", "year", "state")) == [
        ("RECOGNITION", 2022, "CLOSED"),
        ("RECOGNITION", 2023, "CLOSED"),
        ("RECOGNITION", 2024, "CLOSED"),
        ("RECOGNITION", 2025, "OPEN"),
        ("RECOGNITION", 2026, "OPEN"),
        ("RE_REVIEW", 2024, "CLOSED"),
        ("RE_REVIEW", 2025, "CLOSED"),
        ("RE_REVIEW", 2026, "OPEN"),
    ]
    assert [one.year for one in Round.objects.accepting_at(clock.now()).filter(kind="RECOGNITION")] == [2026]
    assert Enterprise.objects.count() == len(FIRMS) + 1  # one waits for its district's confirmation
    assert Recognition.objects.in_force().count() == 23
    assert list(Revocation.objects.order_by("decided_on").values_list("ground", "decided_on")) == [
        ("二", date(2024, 7, 2)),
        ("一", date(2025, 9, 15)),
        ("五", date(2026, 3, 16)),
    ]
    assert sorted(Enterprise.objects.exclude(barred_until=None).values_list("barred_until", flat=True)) == [
        date(2028, 9, 15),
        date(2029, 3, 16),
    ]
    assert Expert.objects.count() >= 15
    assert ExpertTie.objects.count() == 6
    assert Agency.objects.filter(kind=Agency.Kind.ASSOCIATION).count() == 3


def people_can_sign_in_and_have_something_to_do() -> None:
    for account in DEMO_ACCOUNTS:
        user = User.objects.get(login=account.login)
        assert user.check_password(DEMO_PASSWORD)
        assert {hat.role for hat in user.hats()} == {account.role}
        place = user.hats()[0].organisation
        assert account.code == (getattr(place, "code", "") or getattr(place, "credit_code", ""))
    pool = User.objects.exclude(expert=None).order_by("login").values_list("login", flat=True)
    assert [*pool] == ["expert", *OTHER_EXPERTS]
    states = dict(
        Application.objects.filter(
            round__year=2026,
            round__kind="RECOGNITION",
            enterprise__memberships__user__login__startswith="ent",
        ).values_list("enterprise__memberships__user__login", "state")
    )
    assert (states["enterprise"], states["enterprise-returned"]) == (State.DRAFT, State.RETURNED)
    desk = Application.objects.filter(channel__code="371082", round__year=2026)
    assert {State.SUBMITTED, State.RETURNED, State.VETTED} <= set(desk.values_list("state", flat=True))
    expert = Assignment.objects.filter(expert__user__login="expert", case__panel__state="SEATED")
    assert sorted(expert.values_list("state", flat=True)) == ["AWAITING", "AWAITING", "CLEAR", "CLEAR"]


def nothing_was_written_around_the_door() -> None:
    assert events.broken_seals() == []
    assert events.seal() is None
    assert not Event.objects.filter(outcome=Event.Outcome.REFUSED).exists()
    assert not Event.objects.filter(at__gt=clock.now()).exists()
    for application in Application.objects.all():
        assert events.about(application).exclude(to_state="").last().to_state == application.state
    for kind, action in (
        (Round, "set_up"),
        (Application, "begin"),
        (Recommendation, "prepare"),
        (Panel, "compose"),
        (Panel, "name_chair"),
        (Objection, "file"),
    ):
        told = Event.objects.filter(subject_type=kind._meta.label, action=action).values("subject_id")
        assert not kind.objects.exclude(pk__in=told).exists(), action
    visited = Event.objects.filter(action="record_site_visit").values("subject_id")
    assert not SiteVisit.objects.exclude(application__in=visited).exists()


def files_are_there() -> None:
    assert Attachment.objects.count() > 500
    for attachment in Attachment.objects.order_by("id")[::100]:
        with default_storage.open(attachment.file.name) as file:
            assert len(PdfReader(file).pages) == attachment.pages


def holders_are_due_and_reminded_by_inbox_and_mail() -> None:
    assert not Notification.objects.filter(mail_status="WAITING").exists()
    assert not DemoMail.objects.exists()
    assert remind_due_re_reviews() == 11
    waiting = Notification.objects.filter(mail_status="WAITING").order_by("recipient__login", "key")
    assert set(waiting.values_list("recipient__login", flat=True)) == {"district", "holder"}
    assert waiting.filter(recipient__login="holder").get().subject == (
        "荣成岬石电机有限公司的复核即将到期：2026年6月14日"
    )

"""Making the demonstration: once, all or nothing, always the same."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F

from accounts import joining
from accounts.demo import DEMO_ACCOUNTS
from accounts.models import User
from accounts.organisations import rename
from accounts.roles import Role
from core import clock, events
from core.models import Notification
from demo import calendar, cast, earlier, pages, policies, recent
from demo.enterprises import FIRMS, FIRST_NUMBER, credit_code
from demo.filing import Office
from demo.history import History
from policy.facts import LegalForm
from policy.models import Industry

SEED = 20210720
Chapter = tuple[str, Callable[[History], None]]
CHAPTERS: tuple[Chapter, ...] = (
    ("2022年度认定", earlier.recognition_2022),
    ("2023年度认定", earlier.recognition_2023),
    ("2024年度复核", earlier.re_review_2024),
    ("2024年度认定", earlier.recognition_2024),
    ("2025年度复核", earlier.re_review_2025),
    ("撤销一家称号", earlier.fraud_found),
    ("2025年度认定", recent.recognition_2025),
    ("2026年度复核", recent.re_review_2026),
    ("2026年度认定", recent.recognition_2026),
)
BEGINNING = date(2022, 2, 14)
READ_AFTER = timedelta(days=14)


def exists() -> bool:
    return User.objects.filter(login=DEMO_ACCOUNTS[0].login).exists()


def create(tell: Callable[[str], None], chapters: Sequence[Chapter] = CHAPTERS) -> None:
    """Create everything, seal its events and set the demo clock."""
    with transaction.atomic():
        dice = random.Random(SEED)
        with clock.stopped_at(clock.instant(BEGINNING, 9)):
            tell("人员、单位和企业")
            everybody = cast.assemble(dice)
            pages.give_telephones()
        history = History(everybody, Office(everybody))
        for title, chapter in chapters:
            tell(title)
            chapter(history)
        with clock.stopped_at(calendar.PRESENT):
            leave_accounts_to_confirm(everybody)
            rename(
                everybody.agencies["WH-YLQX"],
                "威海市医疗器械产业协会（演示）",
                "医械协会",
                since=date(2026, 5, 18),
                ground="协会章程修正案核准更名的批复，威演〔2026〕8号（虚构）",
                by=User.objects.get(login="administrator"),
            )
            policies.publish(everybody)
            Notification.objects.filter(created_at__lt=calendar.PRESENT - READ_AFTER).update(
                read_at=F("created_at") + timedelta(hours=5)
            )
            cast.open_the_mailboxes()
    with clock.stopped_at(calendar.PRESENT):
        events.seal()
    clock.move_to(calendar.PRESENT)


def leave_accounts_to_confirm(everybody: cast.Cast) -> None:
    """A new enterprise waits for its district, somebody for colleagues, a district for a colleague; one person acts for two enterprises."""
    district = everybody.agencies["371082"]
    joining.register_enterprise(
        {
            "credit_code": credit_code(district.code, FIRST_NUMBER + len(FIRMS)),
            "name": "荣成汀屿渔业装备有限公司",
            "legal_form": LegalForm.LIMITED_LIABILITY,
            "founded_on": date(2019, 4, 18),
            "district": district,
            "industry": Industry.objects.get(code="3575"),
        },
        by=cast.create_user(everybody, "newcomer", ""),
    )
    leader = User.objects.get(login="district-leader")
    for name, mobile in (("冷思远", "13900006210"), ("柳青", "13900006211")):
        asked = joining.invite(
            district, by=leader, name=name, mobile=mobile, email="", role=Role.CHANNEL_HANDLER
        )
    joining.accept(asked, by=cast.create_user(everybody, "district-colleague", asked.name))
    first, holder, other = (everybody.enterprises[number] for number in (0, 2, 10))
    joining.ask_to_join(first, by=cast.create_user(everybody, "colleague", ""))
    host, guest = everybody.person_of(other), everybody.person_of(holder)
    invitation = joining.invite(other, by=host, name=guest.name, mobile=guest.mobile, email="")
    joining.accept(invitation, by=guest)

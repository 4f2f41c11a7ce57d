"""Filing an objection, following it up, and reading who objected: the identity is kept apart, every look at it is an event."""

import re
import secrets
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db import transaction

from applications.models import Application
from applications.uploads import Inspected
from core import clock, events, notify
from core.context import remote_address
from core.wording import cn_date
from core.workflow import SYSTEM, perform
from decisions.models import Objection, Objector, PublicNotice
from decisions.notifications import about_due_date, about_new_objection
from decisions.numbers import follow_up_code, next_number
from policy.dates import date_text
from policy.deadlines import objection_handling_due
from policy.models import CalendarDay

RECEIPT = re.compile(r"(YY|XS)(\d{4})(\d{3,6})")
TRIES = 10
TRIES_SECONDS = 3600


class NotTaken(Exception):
    """No objection can be filed against this entry now; the message is a sentence for people."""


def why_no_objection(notice: PublicNotice) -> str:
    """The sentence that refuses an objection today; empty while publicity runs (第十七条)."""
    today = clock.today()
    if notice.takes_objections_on(today):
        return ""
    if notice.kind != PublicNotice.Kind.PUBLICITY or notice.starts_on is None:
        return "只有公示名单可以提出异议（第十七条）。"
    if today < notice.starts_on:
        first = cn_date(notice.starts_on, "bare")
        return f"公示自{date_text(notice.starts_on)}开始，{first}起受理异议（第十七条）。"
    ended = date_text(notice.ends_on) if notice.ends_on else "此前"
    return (
        f"公示已于{ended}届满，不再受理异议（第十七条）。"
        "如掌握示范企业违反规定的线索，可向威海市工业和信息化局反映，由监督管理环节核查（第十九条）。"
    )


@transaction.atomic
def file_objection(notice: PublicNotice, application: Application, given: Mapping[str, Any]) -> Objection:
    """Take an objection, or log a lead when it bears no name. Raises NotTaken outside the window."""
    notice = PublicNotice.objects.select_for_update(of=("self",)).select_related("round").get(pk=notice.pk)
    if refusal := why_no_objection(notice):
        raise NotTaken(refusal)
    is_lead = given["kind"] == Objection.Kind.LEAD
    today = clock.today()
    objection = Objection(
        notice=notice,
        application=application,
        receipt_number=next_number(Objection, "receipt_number", f"{'XS' if is_lead else 'YY'}-{today.year}"),
        follow_up_code=follow_up_code(),
        kind=given["kind"],
        facts=given["facts"],
        due_on=None if is_lead else _due_of(notice, today),
    )
    evidence: Inspected | None = given.get("evidence")
    if evidence:
        objection.evidence_name = evidence.name
        objection.evidence.save(*evidence.to_store(), save=False)
    objection.save()
    if not is_lead:
        _keep_objector(objection, given)
    with _nobodys_address():
        event = events.record(objection, "file", by=SYSTEM, label="收到异议", to_state=objection.state)
        notify.enqueue(about_new_objection(event, objection))
        return perform(objection, "log_as_lead", by=SYSTEM) if is_lead else objection


def _due_of(notice: PublicNotice, received_on: date) -> date | None:
    """The day by which an objection to it is answered; None while the working calendar does not reach that far."""
    days = notice.round.objection_working_days
    return objection_handling_due(received_on, CalendarDay.objects.calendar(), working_days=days)


def settle_due_dates() -> int:
    """Fill in the days to answer that the calendar did not reach when the objections came in; gives how many are now known."""
    waiting = Objection.objects.open().filter(due_on=None).order_by("id")
    return sum(_settle_due_date(pk) for pk in waiting.values_list("pk", flat=True))


@transaction.atomic
def _settle_due_date(pk: int) -> bool:
    rows = Objection.objects.open().filter(due_on=None).select_for_update(of=("self",))
    objection = rows.select_related("notice__round").filter(pk=pk).first()
    if objection is None:
        return False
    objection.due_on = _due_of(objection.notice, clock.local(objection.received_at).date())
    if objection.due_on is None:
        return False
    objection.save(update_fields=["due_on"])
    events.record(objection, "settle_due_date", by=SYSTEM, label="确定办理期限", due_on=objection.due_on)
    notify.enqueue(about_due_date(objection))
    return True


@contextmanager
def _nobodys_address() -> Iterator[None]:
    """The address of the request stays out of the log: it could tell who objected."""
    token = remote_address.set(None)
    try:
        yield
    finally:
        remote_address.reset(token)


def _keep_objector(objection: Objection, given: Mapping[str, Any]) -> None:
    objector = Objector(
        objection=objection, name=given["name"], mobile=given["mobile"], email=given.get("email") or ""
    )
    seal: Inspected | None = given.get("seal_scan")
    if seal:
        objector.seal_scan_name = seal.name
        objector.seal_scan.save(*seal.to_store(), save=False)
    objector.save()


def normalise_receipt(typed: str) -> str:
    """YY-2026-003 whatever its case, spaces, width or dashes."""
    plain = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", typed).upper())
    match = RECEIPT.fullmatch(plain)
    return "-".join(match.groups()) if match else plain


def followed_up(receipt: str, code: str) -> Objection | None:
    """The objection of a receipt number and its code; None when they do not belong together or too many were tried."""
    receipt, code = normalise_receipt(receipt), code.strip().upper().replace(" ", "")
    key = f"objection-tries-{receipt[:24]}"
    tried = cache.get_or_set(key, 0, TRIES_SECONDS)
    if tried is not None and tried >= TRIES:
        return None
    found = (
        Objection.objects.filter(receipt_number=receipt)
        .select_related("application__enterprise", "notice")
        .first()
    )
    if found and secrets.compare_digest(found.follow_up_code.encode(), code.encode()):
        return found
    cache.incr(key)
    return None


def reveal_objector(objection: Objection, *, by) -> Objector | None:
    """Who objected, for a handling officer; the look itself is an event. None for anybody else or without a name."""
    objector = Objector.objects.visible_to(by).filter(objection=objection).first()
    if objector:
        events.record(objection, "view_objector", by=by, label="查看异议人身份")
    return objector

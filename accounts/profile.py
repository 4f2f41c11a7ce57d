"""What is known of an enterprise: corrected by its people, each change recorded; confirmed once a calendar year."""

import hashlib
import json

from django.db import transaction

from accounts.models import Agency, Enterprise, ProfileConfirmation, User
from accounts.notifications import about_moved_enterprise
from accounts.roles import confirmed_enterprises_of
from core import clock, events, notify
from core.wording import cn_date
from core.workflow import NotPossible, refused
from policy.profile import Change, changes_between, missing

FACTS = (
    "name",
    "credit_code",
    "legal_form",
    "founded_on",
    "district",
    "industry",
    "address",
    "production_address",
    "legal_representative",
    "employees",
    "contact_name",
    "contact_mobile",
    "contact_email",
)
LABELS = {field.name: str(field.verbose_name) for field in Enterprise._meta.fields if field.name in FACTS}


def facts_of(enterprise: Enterprise) -> dict[str, str]:
    """Every fact in words."""
    return {name: str(getattr(enterprise, name) or "") for name in FACTS} | {
        "legal_form": enterprise.get_legal_form_display(),
        "founded_on": cn_date(enterprise.founded_on, "plain"),
    }


def digest_of(facts: dict[str, str]) -> str:
    """What a form keeps of the facts it was opened with, to notice that a colleague has changed them meanwhile."""
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:16]


def labels_of(names: list[str]) -> str:
    return "、".join(LABELS[name] for name in names)


def save_changes(enterprise: Enterprise, before: dict[str, str], *, by: User) -> list[Change]:
    """Save what differs from ``before`` and record it. A former name is kept; both districts hear of a move."""
    changes = changes_between(before, facts_of(enterprise))
    if not changes:
        return []
    names = [one.name for one in changes]
    with transaction.atomic():
        moved_from = None
        if "district" in names:
            moved_from = Agency.objects.get(enterprises=enterprise)
        if "name" in names:
            enterprise.former_names = [*enterprise.former_names, before["name"]]
            names.append("former_names")
        enterprise.save(update_fields=names)
        events.record(
            enterprise,
            "edit_profile",
            by=by,
            label="修改企业信息",
            note="；".join(
                f"{LABELS[one.name]}：{one.before or '未填写'} → {one.after or '未填写'}" for one in changes
            ),
        )
        if moved_from:
            notify.enqueue(about_moved_enterprise(enterprise, moved_from))
    return changes


def last_confirmation(enterprise: Enterprise) -> ProfileConfirmation | None:
    return enterprise.profile_confirmations.select_related("confirmed_by").first()


def year_to_confirm(enterprise: Enterprise) -> int | None:
    """The present year as long as nobody has confirmed the facts in it."""
    year = clock.today().year
    return None if enterprise.confirmed_year == year else year


def changes_since(confirmation: ProfileConfirmation | None, facts: dict[str, str]) -> list[Change]:
    return changes_between(confirmation.facts, facts) if confirmation else []


def why_not_confirm(facts: dict[str, str]) -> str:
    """Why the facts cannot be confirmed as they stand; empty when they can."""
    gaps = missing(facts)
    return f"还没有填写：{labels_of(gaps)}。请补全并保存后再确认。" if gaps else ""


def confirm(enterprise: Enterprise, *, seen: str, by: User) -> bool:
    """Confirm this year's facts, those with the digest ``seen``; False when they have been confirmed this year.

    Raises NotPossible, or NotPermitted for somebody whose own authority is not confirmed.
    """
    if enterprise.pk not in confirmed_enterprises_of(by):
        sentence = f"您的账号待{enterprise.registrar}确认，确认后才能确认企业信息。"
        raise refused(enterprise, "confirm_profile", by=by, label="确认企业信息", sentence=sentence)
    with transaction.atomic():
        locked = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
        facts, year = facts_of(locked), clock.today().year
        if seen != digest_of(facts):
            raise NotPossible(["这一页打开后，同事已改动企业信息。请核对现在的内容后再确认。"])
        if reason := why_not_confirm(facts):
            raise NotPossible([reason])
        last = last_confirmation(locked)
        if last and last.year == year and last.facts == facts:
            return False
        ProfileConfirmation.objects.create(
            enterprise=locked, year=year, facts=facts, confirmed_by=by, confirmed_at=clock.now()
        )
        locked.confirmed_year = year
        locked.save(update_fields=["confirmed_year"])
        changed = labels_of([one.name for one in changes_since(last, facts)])
        events.record(
            locked,
            "confirm_profile",
            by=by,
            label="确认企业信息",
            note=f"{year}年度" + (f"，与上次确认相比变化：{changed}" if changed else ""),
        )
    return True

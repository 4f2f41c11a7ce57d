"""The pool of experts as the bureau's handlers keep it: what is known of an expert, ties with their dates, suspensions."""

from collections.abc import Sequence
from datetime import date
from secrets import token_hex
from typing import Any

from django.db import transaction

from accounts import joining
from accounts.models import Agency, Expert, ExpertTie, Invitation, Membership, User
from accounts.permissions import require_municipal_handler
from accounts.roles import Role
from core import clock, events
from core.conflicts import Difference
from core.models import Event
from core.wording import cn_date, sentence
from core.workflow import NotPossible

EDIT, ADD_TIE, END_TIE, REMOVE_TIE = "edit_expert", "add_tie", "end_tie", "remove_tie"
ADD, SUSPEND, RESUME = "add_expert", "suspend", "resume"
PERSON = ("name", "mobile", "email")


def revision_of(expert: Expert) -> str:
    """What was done last about an expert, so that nobody decides on a page that has become old."""
    done = events.about(expert).filter(outcome=Event.Outcome.DONE)
    return str(done.values_list("pk", flat=True).last() or "")


def _locked(expert: Expert, seen: str) -> Expert:
    """Whatever is done about an expert is done one after the other. Raises NotPossible when ``seen`` is no longer the latest."""
    found = Expert.objects.select_for_update(of=("self",)).select_related("user").get(pk=expert.pk)
    if seen != revision_of(found):
        raise NotPossible(
            [f"{found}的登记在您打开这一页之后有过变动，这次没有办理。请核对现在的内容，需要的再办一次。"]
        )
    return found


def why_not_add(person: dict[str, str]) -> str:
    """Why somebody with this mobile number or address cannot be added; empty when it works."""
    for one in Expert.objects.select_related("user"):
        if person["mobile"] == one.user.mobile:
            return f"专家库已有手机号相同的专家{one}（{one.unit}），请核对，没有重复增加。"
        if person["email"] and person["email"].lower() == one.user.email.lower():
            return f"专家库已有邮箱相同的专家{one}（{one.unit}），请核对，没有重复增加。"
    return ""


def add(person: dict[str, str], facts: dict[str, Any], *, by: User) -> Expert:
    """A new expert, who is invited and can be drawn from the acceptance on. Raises NotPossible, NotPermitted.

    Until then an account that nobody can use keeps the expert's place.
    """
    require_municipal_handler(by, by, ADD, "增加专家")
    with transaction.atomic():
        # Two who add the same expert pass here one after the other.
        Agency.objects.select_for_update(no_key=True).get(kind=Agency.Kind.MUNICIPAL)
        if reason := why_not_add(person):
            raise NotPossible([reason])
        user = User.objects.create_user(f"expert-{token_hex(8)}", None, is_active=False, **person)
        expert = Expert(user=user)
        write(expert, facts)
        Membership.objects.create(user=user, role=Role.EXPERT, expert=expert)
        events.record(expert, ADD, by=by, label="增加专家", note=f"{expert}，{expert.unit}，{expert.title}")
        invite(expert, by=by)
    return expert


def invite(expert: Expert, *, by: User) -> Invitation:
    """A link by which the expert joins the pool, or comes back to it. Raises NotPossible, NotPermitted."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(expert=expert)
        if not expert.memberships.filter(is_active=True).exists():
            Membership.objects.create(user=user, role=Role.EXPERT, expert=expert)
        person = {name: getattr(user, name) for name in PERSON}
        return joining.invite(expert, by=by, role=Role.EXPERT, **person)


def edit(expert: Expert, facts: dict[str, Any], changes: Sequence[Difference], *, by: User) -> None:
    """Write what an expert is known by, with what it was before; a change of nothing is none.

    Name, number and address are in ``facts`` as long as the account is not yet the expert's own.
    """
    require_municipal_handler(by, expert, EDIT, "修改专家信息")
    if not changes:
        return
    with transaction.atomic():
        write(expert, facts)
        labels = "、".join(one.label for one in changes)
        events.record(expert, EDIT, by=by, label="修改专家信息", note=labels, changes=changes)


def write(expert: Expert, facts: dict[str, Any]) -> None:
    """The facts of a form or of a row of a table."""
    for name, value in facts.items():
        if name in PERSON:
            setattr(expert.user, name, value)
        elif name != "modes":
            setattr(expert, name, value)
    if not expert.user.is_active:
        expert.user.save(update_fields=PERSON)
    expert.save()
    expert.modes.set(facts["modes"])


def add_tie(expert: Expert, facts: dict[str, Any], *, seen: str, by: User) -> ExpertTie:
    """Raises NotPossible when the same tie is there already, NotPermitted."""
    require_municipal_handler(by, expert, ADD_TIE, "登记关系")
    with transaction.atomic():
        expert = _locked(expert, seen)
        same = expert.ties.filter(kind=facts["kind"], credit_code=facts["credit_code"])
        if found := same.filter(started_on=facts["started_on"]).first():
            raise NotPossible([f"已登记过{tie_text(found)}，没有重复登记。要改的请先更正那一条。"])
        tie = ExpertTie.objects.create(expert=expert, **facts)
        events.record(expert, ADD_TIE, by=by, label="登记关系", note=tie_text(tie), tie=tie)
    return tie


def end_tie(tie: ExpertTie, ended_on: date, *, seen: str, by: User) -> None:
    """The last day of a tie, or another one where the first was wrong. Raises NotPossible, NotPermitted."""
    require_municipal_handler(by, tie.expert, END_TIE, "登记关系结束")
    with transaction.atomic():
        expert = _locked(tie.expert, seen)
        now = ExpertTie.objects.get(pk=tie.pk)
        if ended_on < now.started_on:
            raise NotPossible([f"结束日期早于开始日期{cn_date(now.started_on, 'plain')}，没有改动，请核对。"])
        if now.ended_on == ended_on:
            return
        before, now.ended_on = now.ended_on, ended_on
        now.save(update_fields=["ended_on"])
        events.record(
            expert, END_TIE, by=by, label="登记关系结束", note=tie_text(now), tie=now, before=before
        )


def remove_tie(tie: ExpertTie, reason: str, *, seen: str, by: User) -> None:
    """Take back what was entered in error; it stays in the event. Raises NotPossible, NotPermitted."""
    require_municipal_handler(by, tie.expert, REMOVE_TIE, "撤销登记的关系")
    with transaction.atomic():
        expert = _locked(tie.expert, seen)
        facts = {name: getattr(tie, name) for name in ("kind", "credit_code", "started_on", "ended_on")}
        note = f"{sentence(tie_text(tie))}原因：{sentence(reason)}"
        events.record(expert, REMOVE_TIE, by=by, label="撤销登记的关系", note=note, **facts)
        tie.delete()


def suspend(expert: Expert, since: date, reason: str, *, seen: str, by: User) -> Expert:
    """Keep an expert out of every draw from that day on; what is assigned stays. Raises NotPossible, NotPermitted."""
    require_municipal_handler(by, expert, SUSPEND, "暂停抽取")
    with transaction.atomic():
        expert = _locked(expert, seen)
        if standing := suspension_text(expert):
            raise NotPossible([f"{expert}{standing}，没有重复办理。"])
        expert.suspended_from, expert.suspended_until, expert.suspension_reason = since, None, reason
        expert.save(update_fields=["suspended_from", "suspended_until", "suspension_reason"])
        events.record(expert, SUSPEND, by=by, label="暂停抽取", note=_since(since, reason), since=since)
    return expert


def resume(expert: Expert, since: date, reason: str, *, seen: str, by: User) -> Expert:
    """The expert can be drawn again from that day on. Raises NotPossible, NotPermitted."""
    require_municipal_handler(by, expert, RESUME, "恢复抽取")
    with transaction.atomic():
        expert = _locked(expert, seen)
        if expert.suspended_from is None or not suspension_text(expert):
            raise NotPossible([f"{expert}没有暂停抽取，不需要恢复。"])
        if since < expert.suspended_from:
            begun = cn_date(expert.suspended_from, "plain")
            raise NotPossible([f"恢复日期早于暂停开始的{begun}，没有改动，请核对。"])
        expert.suspended_until = since
        expert.save(update_fields=["suspended_until"])
        events.record(expert, RESUME, by=by, label="恢复抽取", note=_since(since, reason), since=since)
    return expert


def suspension_text(expert: Expert) -> str:
    """Since when, until when and why, for people; empty when nothing keeps the expert out today or later."""
    if expert.suspended_from is None:
        return ""
    until = expert.suspended_until
    if until is not None and until <= max(clock.today(), expert.suspended_from):
        return ""
    ends = f"，{cn_date(until, 'plain')}起恢复" if until else ""
    return f"自{cn_date(expert.suspended_from, 'plain')}起暂停抽取{ends}"


def tie_text(tie: ExpertTie) -> str:
    """A tie in one line, with its days."""
    end = cn_date(tie.ended_on, "plain") if tie.ended_on else "今"
    post = f"（{tie.post}）" if tie.post else ""
    return f"{tie.organisation}，{tie.get_kind_display()}{post}，{cn_date(tie.started_on, 'plain')}至{end}"


def _since(day: date, reason: str) -> str:
    return f"{cn_date(day, 'plain')}起。{sentence(reason)}"

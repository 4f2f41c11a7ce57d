"""A district's supporting policies (第二十三条): prepared, and published exactly as they were seen."""

from django.db import IntegrityError, transaction

from accounts.models import User
from applications.uploads import Inspected
from core import events, notify
from core.models import Event
from core.workflow import NotPossible, perform, refused
from supervision.effects import leave_the_leaders_desk
from supervision.models import SupportingPolicy
from supervision.notifications import about_prepared_policy
from supervision.permissions import works_in_district

State = SupportingPolicy.State


def prepare(policy: SupportingPolicy, upload: Inspected | None, *, by: User) -> SupportingPolicy:
    """Keep a draft as it is written; ``by`` then is who prepared it. Called with the row locked. Raises NotPermitted, NotPossible."""
    if not works_in_district(by, policy):
        sentence = "配套政策由各区市主管部门出台并公布（第二十三条），您不是该单位的人员。"
        raise refused(policy.agency, "prepare_policy", by=by, label="拟配套政策", sentence=sentence)
    if policy.state != State.DRAFT:
        raise NotPossible(
            [f"这项政策现为“{policy.get_state_display()}”，不能再改。内容有变的，请撤下后重新拟稿。"]
        )
    policy.prepared_by = by
    if upload:
        policy.file.save(*upload.to_store(), save=False)
        policy.file_name, policy.file_sha256 = upload.name, upload.sha256
    try:
        with transaction.atomic():
            policy.save()
            event = events.record(
                policy, "prepare", by=by, label="拟配套政策", to_state=policy.state, digest=policy.digest()
            )
            announce_draft(event, policy)
    except IntegrityError as error:
        told = f"文号{policy.document_number}的政策已经有了，不必重复填写；要更换的请先撤下原来的。"
        raise NotPossible([told]) from error
    return policy


def announce_draft(event: Event, policy: SupportingPolicy) -> None:
    """Ask those who may publish it as it stands now, and nobody else any more."""
    leave_the_leaders_desk(policy)
    notify.enqueue([about_prepared_policy(event, policy)])


def publish(policy: SupportingPolicy, *, seen: str, by: User) -> SupportingPolicy:
    """Publish exactly what was on the page. Raises NotPermitted or NotPossible."""
    with transaction.atomic():
        locked = SupportingPolicy.objects.select_for_update(of=("self",)).get(pk=policy.pk)
        if locked.state == State.DRAFT and seen != locked.digest():
            raise NotPossible(["拟稿刚有改动，与您看到的不同，没有发布。请核对现在的内容后再发布。"])
        return perform(locked, "publish", by=by, publisher=by)

"""Conflicts of interest of experts, worked out before anybody is invited (第十六条), each with its evidence.

A real one keeps an expert out of a case whatever anybody says. A suspicion keeps out as well, until a handler dismisses it
with a reason that is kept.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import Enterprise, Expert, User
from accounts.permissions import require_municipal_handler
from applications.models import SUBMITTED_ONCE, Application
from core import clock, events
from core.workflow import NotPossible
from review.models import Panel, Recusal, SuspicionDismissal
from review.ties import codes_of, suspicions, works_for

Ground = Recusal.Ground
RIVAL = "rival"
State = Application.State
NO_RIVAL_ANY_MORE = (State.WITHDRAWN, State.NOT_RECOMMENDED, State.DECLINED)


@dataclass(frozen=True)
class Conflict:
    """One reason why an expert should stay out of a case. ``code`` tells it from others of the same pair."""

    code: str
    ground: Recusal.Ground
    evidence: str
    is_real: bool
    dismissal: SuspicionDismissal | None = None

    @property
    def keeps_out(self) -> bool:
        return self.is_real or self.dismissal is None


class Screening:
    """What is needed to judge experts against these cases, read once (two queries)."""

    def __init__(self, applications: Collection[Application], *, on: date) -> None:
        self.on = on
        rounds = {one.round_id for one in applications}
        vying = Application.objects.filter(SUBMITTED_ONCE, round__in=rounds).exclude(
            state__in=NO_RIVAL_ANY_MORE
        )
        applicants = Enterprise.objects.filter(pk__in=vying.values("enterprise")).order_by("id")
        self.by_name: dict[str, Enterprise] = {}
        self.by_code: dict[str, Enterprise] = {}
        self.by_id: dict[int, Enterprise] = {}
        for one in applicants:
            self.by_id[one.pk] = self.by_code[one.credit_code] = one
            self.by_name |= dict.fromkeys([*one.former_names, one.name], one)
        self.dismissals = {
            (one.expert_id, one.application_id, one.code, one.evidence): one
            for one in SuspicionDismissal.objects.filter(application__in=applications).select_related(
                "dismissed_by"
            )
        }

    def of(self, expert: Expert, application: Application) -> list[Conflict]:
        """Every conflict of this pair, real ones first. Reads the expert's ties, user and memberships as prefetched."""
        found = [*self._real(expert, application), *self._suspected(expert, application)]
        return sorted(found, key=lambda one: not one.is_real)

    def keeping_out(self, expert: Expert, application: Application) -> list[Conflict]:
        return [one for one in self.of(expert, application) if one.keeps_out]

    def _real(self, expert: Expert, application: Application) -> Iterable[Conflict]:
        enterprise = application.enterprise
        if works_for(expert, enterprise):
            yield _real("unit", Ground.EMPLOYMENT, f"工作单位即申报企业{enterprise}")
        elif expert.unit and expert.unit == application.service_unit_name:
            yield _real("service-unit", Ground.EMPLOYMENT, f"工作单位即申报企业的服务公司{expert.unit}")
        if enterprise.pk in acts_for(expert):
            yield _real("acts", Ground.OTHER, f"为申报企业{enterprise}办理申报")
        if expert.ties.all():
            for one in suspicions(expert.ties.all(), application, on=self.on):
                if one.is_binding:
                    words = f"与申报企业{enterprise}有三年之内的关系：{one.sentence}"
                    yield _real(f"tie-{one.tie.pk}", Ground(one.ground), words)
        rival = self.employer_of(expert)
        if rival and rival != enterprise and _division(rival) == _division(enterprise):
            words = f"工作单位{rival}也在本批次申报，与{enterprise}同属{_division(rival)}大类，为竞争企业"
            yield _real(RIVAL, Ground.OTHER, words)

    def _suspected(self, expert: Expert, application: Application) -> Iterable[Conflict]:
        enterprise = application.enterprise
        if enterprise.name in expert.unit and not works_for(expert, enterprise):
            words = f"工作单位“{expert.unit}”含有申报企业名称{enterprise}"
            yield self._suspicion("similar-unit", Ground.EMPLOYMENT, words, expert, application)
        names = {enterprise.name, *enterprise.former_names}
        for tie in expert.ties.all():
            if tie.organisation in names and tie.credit_code not in codes_of(application):
                words = f"登记的关系单位{tie.organisation}与申报企业同名，代码不同（{tie.credit_code}）"
                yield self._suspicion(f"same-name-{tie.pk}", Ground(tie.kind), words, expert, application)
        if expert.user.name == enterprise.legal_representative:
            words = f"与申报企业{enterprise}的法定代表人同名"
            yield self._suspicion("representative", Ground.DIRECTORSHIP, words, expert, application)
        if expert.user.name == application.contact_name:
            words = f"与申报企业{enterprise}的联系人同名"
            yield self._suspicion("contact", Ground.EMPLOYMENT, words, expert, application)
        rival = self.employer_of(expert)
        if rival and rival != enterprise and _division(rival) != _division(enterprise):
            words = f"工作单位{rival}也在本批次申报，与{enterprise}争同一批名额"
            yield self._suspicion(RIVAL, Ground.OTHER, words, expert, application)

    def _suspicion(
        self, code: str, ground: Recusal.Ground, words: str, expert: Expert, application: Application
    ) -> Conflict:
        """Dismissed by a reason that was given for this very evidence; another firm or unit is another suspicion."""
        dismissal = self.dismissals.get((expert.pk, application.pk, code, words))
        return Conflict(code, ground, words, False, dismissal)

    def employer_of(self, expert: Expert) -> Enterprise | None:
        """The applicant of these rounds for which the expert works now or acts: its staff sit in the expert's unit."""
        if found := self.by_name.get(expert.unit):
            return found
        for pk in sorted(acts_for(expert)):
            if pk in self.by_id:
                return self.by_id[pk]
        for tie in expert.ties.all():
            works = tie.kind in (Ground.EMPLOYMENT, Ground.DIRECTORSHIP)
            if works and tie.lasts_within(self.on, self.on) and tie.credit_code in self.by_code:
                return self.by_code[tie.credit_code]
        return None


def acts_for(expert: Expert) -> set[int]:
    """Ids of the enterprises whose affairs the expert handles in the portal."""
    return {hat.enterprise_id for hat in expert.user.memberships.all() if hat.is_active and hat.enterprise_id}


def experts_to_screen():
    """The pool with all that ``Screening`` reads of an expert, by ascending id."""
    return Expert.objects.select_related("user").prefetch_related("ties", "user__memberships").order_by("id")


def applications_of(cases) -> list[Application]:
    """The applications of these cases with all that ``Screening`` reads of one."""
    return [case.application for case in cases.select_related("application__enterprise").order_by("id")]


def dismiss(
    panel: Panel,
    expert: Expert,
    application: Application,
    code: str,
    *,
    seen: str,
    by: User,
    reason: str,
) -> SuspicionDismissal:
    """Keep on record why the suspicion whose evidence was ``seen`` is none.

    Raises NotPermitted, or NotPossible: a real conflict can't be overridden.
    """
    require_municipal_handler(by, panel, "dismiss_suspicion", "排除疑似利害关系")
    if not reason:
        raise NotPossible(["请写明排除的理由和依据，例如“经电话核实为同名不同人”。"])
    with transaction.atomic():
        Panel.objects.select_for_update(of=("self",)).get(pk=panel.pk)
        screened = experts_to_screen().get(pk=expert.pk)
        found = Screening([application], on=clock.today()).of(screened, application)
        conflict = next((one for one in found if one.code == code), None)
        if conflict is None or (conflict.evidence != seen and not conflict.is_real):
            raise NotPossible(["这条疑似关系的依据已有变化，或已经更正，没有排除。请核对现在的依据。"])
        if conflict.is_real:
            raise NotPossible(
                [
                    f"{conflict.evidence}。这是查实的利害关系，必须回避，不能排除（第十六条）；登记有误的请先更正专家库。"
                ]
            )
        if conflict.dismissal:
            raise NotPossible([f"这条疑似已由{conflict.dismissal.dismissed_by}排除，没有重复记录。"])
        dismissal = SuspicionDismissal.objects.create(
            expert=expert,
            application=application,
            code=code,
            evidence=conflict.evidence,
            reason=reason,
            dismissed_by=by,
        )
        events.record(
            panel,
            "dismiss_suspicion",
            by=by,
            label="排除疑似利害关系",
            note=f"{expert}：{conflict.evidence}。理由：{reason}",
            expert=expert.pk,
            application=application.pk,
            code=code,
        )
    return dismissal


def _real(code: str, ground: Recusal.Ground, words: str) -> Conflict:
    return Conflict(code, ground, words, True)


def _division(enterprise: Enterprise) -> str:
    """The division of GB/T 4754 in which an enterprise works: the first two digits of its class."""
    return str(enterprise.industry_id)[:2]


def sentences(*found: Iterable[Conflict]) -> str:
    every = [one for conflicts in found for one in conflicts]
    return "；".join(one.evidence if one.is_real else f"疑似利害关系未排除：{one.evidence}" for one in every)


def by_case(
    expert: Expert, applications: Iterable[Application], screening: Screening
) -> Mapping[int, list[Conflict]]:
    """Application's id → what keeps the expert out of it; those that nothing stands against are left out."""
    found = {one.pk: screening.keeping_out(expert, one) for one in applications}
    return {pk: conflicts for pk, conflicts in found.items() if conflicts}

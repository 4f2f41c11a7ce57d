"""The course of a round as the chapters tell it: filed, vetted, reviewed, decided, concluded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Agency
from applications.models import Application, Round
from core import clock
from decisions.models import Recognition
from demo import calendar, deciding, reviewing, vetting
from demo.calendar import Plan, morning
from demo.cast import Cast
from demo.filing import Filing, Office
from policy.sanctions import Ground
from supervision import conclusions, reminders


@dataclass
class History:
    cast: Cast
    office: Office

    def begin(self, plan: Plan) -> Round:
        round_ = calendar.open_round(self.cast, plan)
        deciding.call(self.cast, round_, morning(plan.opens) + timedelta(minutes=30))
        return round_

    def filing(self, number: int, day: date, channel: str = "", **how) -> Filing:
        enterprise = self.cast.enterprises[number]
        agency: Agency = self.cast.agencies[channel] if channel else enterprise.district
        return Filing(enterprise, agency, morning(day), **how)

    def file(
        self, round_: Round, numbers: Sequence[int], day: date, channels: dict[int, str] | None = None
    ) -> list[Application]:
        """Complete applications of these enterprises, begun this day and submitted a week later."""
        channels = channels or {}
        filings = [self.filing(one, day, channels.get(one, "")) for one in numbers]
        applications = self.office.fill(round_, filings)
        return vetting.submit(self.cast, applications, morning(day + timedelta(days=7)))

    def onward(self, applications: Sequence[Application], day: date) -> list[Application]:
        """From submitted to accepted within eight days."""
        vetting.pass_vetting(self.cast, fresh(applications), morning(day))
        vetting.recommend_all(self.cast, fresh(applications), morning(day + timedelta(days=4)), 11)
        return vetting.accept(self.cast, fresh(applications), morning(day + timedelta(days=8)))

    def review(
        self,
        round_: Round,
        plan: Plan,
        applications: Sequence[Application],
        qualities: Iterable[int],
        *,
        with_recusal: bool = False,
    ) -> None:
        """One panel declares, scores and concludes."""
        first, last = plan.review
        panel = reviewing.form_panel(
            self.cast, round_, "专家组", applications, morning(first), clock.instant(last, 17)
        )
        if with_recusal:
            reviewing.recuse_and_replace(
                self.cast, panel.cases.order_by("id")[0], morning(first) + timedelta(hours=3)
            )
        reviewing.declare(self.cast, panel, applications, morning(first + timedelta(days=1)))
        reviewing.start(self.cast, fresh(applications), morning(first + timedelta(days=2)))
        quality = {one.pk: aim for one, aim in zip(applications, qualities, strict=True)}
        reviewing.score(self.cast, panel, morning(first + timedelta(days=3)), quality)
        reviewing.settle_visits(self.cast, panel, last - timedelta(days=2))
        reviewing.conclude(self.cast, panel, morning(last))

    def remind(self, day: date) -> None:
        with clock.stopped_at(morning(day)):
            reminders.remind_due_re_reviews()

    def conclude(self, applications: Sequence[Application], day: date, failed: Sequence[int] = ()) -> None:
        """The bureau concludes re-reviews; ``failed`` are places in FIRMS."""
        out = {self.cast.enterprises[number].pk for number in failed}
        with clock.stopped_at(morning(day)):
            for application in fresh(applications):
                passed = application.enterprise_id not in out
                note = "" if passed else "服务性收入大幅下降，服务部门已停止运行（演示）。"
                conclusions.conclude_re_review(application, passed=passed, by=self.cast.municipal, note=note)

    def revoke(self, number: int, day: date, ground: Ground, reason: str) -> None:
        title = Recognition.objects.in_force().get(enterprise=self.cast.enterprises[number])
        with clock.stopped_at(morning(day)):
            conclusions.revoke_title(title, ground=ground, reason=reason, by=self.cast.municipal_leader)
        application = Application.objects.select_related("enterprise", "round").get(pk=title.application_id)
        deciding.publish_revocation(
            self.cast,
            application,
            morning(day + timedelta(days=1)),
            f"威工信撤〔{day.year}〕{number}号（演示）",
            f"根据{ground.clause}，{reason}",
        )


def fresh(applications: Sequence[Application]) -> list[Application]:
    """The same cases as they now stand, in the same order (one query)."""
    found = Application.objects.select_related("enterprise", "round", "channel", "current_version").in_bulk(
        [one.pk for one in applications]
    )
    return [found[one.pk] for one in applications]

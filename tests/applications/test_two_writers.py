"""Whatever order three windows of two people type and save in, no text goes that its replacer had not been shown."""

from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from accounts.models import User
from applications.drafts import Draft, open_draft, save_draft
from applications.models import Application, Section
from tests import factories
from tests.applications.scenes import june

pytestmark = pytest.mark.django_db

SEQUENCES = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a sequence is readable as it is found; shortening one takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
numbers = count(1)
window = st.integers(0, 2)
place = st.integers(0, 1)
kind = st.integers(0, 2)


class Window:
    """The section as somebody has it open: what it showed, what stands in its fields now, what it rests on."""

    def __init__(self, person: User, names: tuple[str, ...]) -> None:
        self.person, self.names = person, names

    def show(self, draft: Draft) -> None:
        self.fields = {name: draft.form.texts.get(name, "") for name in self.names}
        self.shown = dict(self.fields)
        self.compared = {text for one in draft.conflicts for text in (one.standing, one.typed)}
        self.seen = {"", *self.shown.values(), *self.compared}
        self.rest_on(draft)

    def rest_on(self, draft: Draft) -> None:
        self.hidden = {"base": [draft.base_text], "revision": [str(draft.save.revision)]}

    def posted(self) -> dict[str, list[str]]:
        return {name: [text] for name, text in self.fields.items()} | self.hidden


class TwoWriters(RuleBasedStateMachine):
    """Two windows of one person and one of a colleague. ``names``: the fields they write; ``kinds``: texts made from a number."""

    section: Section
    names: tuple[str, ...]
    kinds: tuple[Callable[[int], str], ...]

    def __init__(self) -> None:
        super().__init__()
        self.application = factories.make_application()
        own = self.application.enterprise.memberships.get().user
        colleague = factories.make_member(self.application.enterprise)
        self.windows = [Window(person, self.names) for person in (own, own, colleague)]
        for which in range(3):
            self.open_again(which)

    def stored(self) -> Draft:
        return open_draft(Application.objects.get(pk=self.application.pk), self.section)

    def standing(self) -> dict[str, str]:
        texts = self.stored().form.texts
        return {name: texts.get(name, "") for name in self.names}

    @rule(which=window)
    def open_again(self, which: int) -> None:
        self.windows[which].show(self.stored())

    @rule(which=window, where=place, kind=kind)
    def type_without_saving(self, which: int, where: int, kind: int) -> None:
        self._type(which, where, self.kinds[kind](next(numbers)))

    @rule(which=window, where=place, kind=kind)
    def type_and_go_on(self, which: int, where: int, kind: int) -> None:
        """What is typed is saved while one types; the page stays as it is."""
        self._type(which, where, self.kinds[kind](next(numbers)))
        one, before = self.windows[which], self.standing()
        saved = self._save(one)
        if saved.conflicts:
            assert self.standing() == before
        else:
            self._was_taken(one, before)
            one.rest_on(saved)

    @rule(which=window, where=place)
    def wipe(self, which: int, where: int) -> None:
        self._type(which, where, "")

    @rule(which=window, where=place, pick=st.integers(0, 3))
    @precondition(lambda self: any(one.compared for one in self.windows))
    def choose(self, which: int, where: int, pick: int) -> None:
        if texts := sorted(self.windows[which].compared):
            self._type(which, where, texts[pick % len(texts)])

    @rule(which=window)
    def press_save(self, which: int) -> None:
        """A conflict is answered with both texts; otherwise the page comes anew."""
        one, before = self.windows[which], self.standing()
        saved = self._save(one)
        if not saved.conflicts:
            self._was_taken(one, before)
            self.open_again(which)
            return
        typed, shown, known = one.fields, one.shown, one.seen
        one.show(saved)
        one.shown = before  # the page shows what was typed and rests on what stands
        one.seen |= known
        assert self.standing() == before
        for name in self.names:
            assert one.fields[name] == (before[name] if typed[name] == shown[name] else typed[name])
            assert before[name] in one.seen

    def _type(self, which: int, where: int, text: str) -> None:
        self.windows[which].fields[self.names[where]] = text

    def _save(self, one: Window) -> Draft:
        return save_draft(self.application, self.section, one.posted(), by=one.person)

    def _was_taken(self, one: Window, before: dict[str, str]) -> None:
        """What was typed stands; what it replaced had been shown to whoever typed it, or written there before."""
        after = self.standing()
        for name in self.names:
            if one.fields[name] != one.shown[name]:
                assert after[name] == one.fields[name]
            if after[name] != before[name]:
                assert before[name] in one.seen
                one.shown[name] = after[name]
                one.seen.add(after[name])


class NarrativeWriters(TwoWriters):
    section, names = Section.NARRATIVE, ("narrative_practice", "narrative_plan")
    kinds = (lambda n: f"第{n}稿", lambda n: f"第{n}稿\n另起一行", lambda n: f"{n}" + "长" * 3001)


class ServiceUnitWriters(TwoWriters):
    """What is no number is kept as it was typed."""

    section, names = Section.SERVICE_UNIT, ("service_unit_headcount", "service_unit_established_on")
    kinds = (lambda n: f"{n}", lambda n: f"{n}万", lambda n: f"=HYPERLINK({n})")


@pytest.mark.parametrize("writers", [NarrativeWriters, ServiceUnitWriters])
def test_any_order_of_saves_by_three_windows_loses_no_text(writers):
    with june():
        run_state_machine_as_test(writers, settings=SEQUENCES)

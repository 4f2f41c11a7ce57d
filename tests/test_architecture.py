"""What the code promises about itself: one door, one clock, one access table, current pictures."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.forms import BaseForm
from django.urls import URLPattern, URLResolver, get_resolver
from django_fsm import FSMFieldMixin

from core import workflow
from core.access import audiences
from core.forms import Speaking

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("core", "policy", "accounts", "applications", "review", "decisions", "supervision", "weihai_sm")
SOURCES = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]


def offenders(pattern: str, *, but: tuple[str, ...] = ()) -> list[str]:
    found = []
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        if name in but:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def test_no_code_writes_a_state_around_the_door():
    assert offenders(r"\.update\([^)]*\bstate\s*=|\.state\s*=(?!=)|setattr\([^)]*[\"']state[\"']") == []


def test_only_the_clock_asks_what_time_it_is():
    pattern = r"timezone\.now\(|datetime\.now\(|date\.today\(|datetime\.today\(|time\.time\("
    assert offenders(pattern, but=("core/clock.py", "weihai_sm/embedded.py")) == []


def test_there_are_no_signals_and_no_save_overrides():
    assert offenders(r"def save\(self, \*args|post_save|pre_save|@receiver") == []


def test_every_state_field_is_protected_guarded_by_the_database_and_has_a_rulebook():
    stateful = [
        model
        for model in apps.get_models()
        if any(isinstance(field, FSMFieldMixin) for field in model._meta.get_fields())
    ]
    assert sorted(model.__name__ for model in stateful) == sorted(
        model.__name__ for model in workflow.registered_models()
    )
    for model in stateful:
        assert model._meta.get_field("state").protected, model
        assert "state_only_through_the_door" in {one.name for one in model._meta.triggers}, model


def test_every_transition_has_a_permission_and_a_label_for_people():
    for model in workflow.registered_models():
        assert set(workflow.actions_of(model)) == set(workflow.rulebook_of(model).permissions), model
        for action in workflow.actions_of(model):
            assert workflow.action_label(model, action) != action


def test_every_guard_is_a_named_condition():
    for model in workflow.registered_models():
        field = model._meta.get_field("state")
        guards = [one for each in field.get_all_transitions(model) for one in each.conditions or ()]
        guards += [one for each in workflow.rulebook_of(model).guards.values() for one in each]
        assert all(isinstance(guard, workflow.Condition) for guard in guards), model


def all_routes(patterns) -> list[URLPattern]:
    routes = []
    for one in patterns:
        routes += all_routes(one.url_patterns) if isinstance(one, URLResolver) else [one]
    return routes


def test_every_route_stands_once_in_the_access_table():
    names = [one.name for one in all_routes(get_resolver().url_patterns)]
    assert None not in names
    assert sorted(names) == sorted(audiences)


def test_every_model_has_its_word_in_the_glossary():
    words = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    ours = [one for one in apps.get_models() if one.__module__.split(".")[0] in ROOMS]
    kinds_of_grants = {"ApplicationUserObjectPermission"}
    assert {one.__name__ for one in ours if f"`{one.__name__}`" not in words} == kinds_of_grants


@pytest.mark.django_db
def test_the_picture_of_the_states_is_current():
    call_command("draw_workflow", "--check")


def test_every_form_says_its_own_sentences():
    silent = [
        f"{form.__module__}.{form.__qualname__}"
        for form in subclasses(BaseForm)
        if form.__module__.split(".")[0] in ROOMS and not issubclass(form, Speaking)
    ]
    assert silent == []


def subclasses(kind: type) -> set[type]:
    return {one for each in kind.__subclasses__() for one in (each, *subclasses(each))}


FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
TYPED = re.compile(
    r'<(?:textarea|select)\b|<input\b(?![^>]*type="(?:hidden|radio|checkbox|file)")'
    r"|\{% (?:field|segmented) |\{\{ (?:\w+_)?form\."
)


def test_no_browser_speaks_before_the_portal_does():
    """A form to write in is checked by the server, whose sentences name the field and what would be right."""
    speaking = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        for attributes, inside in FORM.findall(page):
            name = re.search(r'id="([\w-]+)"', attributes)
            typed = TYPED.search(inside) or (
                name and re.search(rf'<(?:textarea|select|input)\b[^>]*form="{name[1]}"', page)
            )
            checked = " required" in inside or (typed and 'method="post"' in attributes)
            if checked and "novalidate" not in attributes:
                speaking.append(f"{path.relative_to(ROOT)}: {attributes.strip()}")
    assert speaking == []

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import workflow
from core.models import Stateful

TARGET = Path(settings.BASE_DIR) / "docs" / "workflow.md"
HEAD = """# States and actions

Made from the code by `manage.py draw_workflow`; a test checks that it is current. Every arrow goes through
`core.workflow.perform`, which asks the permission first and the guards next. Guards in *italics* are added by a higher room.
"""


class Command(BaseCommand):
    help = "Write docs/workflow.md from the states, transitions, permissions and guards in the code."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail when the file is not current"
        )

    def handle(self, *args, **options) -> None:
        text = drawn()
        if not options["check"]:
            TARGET.write_text(text, encoding="utf-8")
        elif not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text:
            raise CommandError("docs/workflow.md is not current; run manage.py draw_workflow.")


def drawn() -> str:
    """The whole page as Markdown with one Mermaid diagram and one table for each kind of subject."""
    return HEAD + "".join(_section(model) for model in workflow.registered_models())


def _section(model: type[Stateful]) -> str:
    meta: Any = model._meta
    field = meta.get_field("state")
    labels = dict(field.choices)
    transitions = sorted(
        field.get_all_transitions(model),
        key=lambda one: (list(labels).index(one.source), list(labels).index(one.target), one.name),
    )
    diagram = "\n".join(
        [
            "stateDiagram-v2",
            *(f"    {code}: {label} {code}" for code, label in labels.items()),
            f"    [*] --> {field.default}",
            *(f"    {one.source} --> {one.target}: {one.name}" for one in transitions),
        ]
    )
    rows = "\n".join(_row(model, one) for one in transitions)
    return (
        f"\n## {model._meta.verbose_name}（`{model.__name__}`）\n\n```mermaid\n{diagram}\n```\n\n"
        f"| action | 动作 | from | to | permission | guards |\n|---|---|---|---|---|---|\n{rows}\n"
    )


def _row(model: type[Stateful], one) -> str:
    book = workflow.rulebook_of(model)
    predicate = book.permissions.get(one.name)
    who = getattr(predicate, "__name__", None) or getattr(
        getattr(predicate, "allows", None), "__name__", "nobody"
    )
    guards = [f"`{guard.__name__}`" for guard in one.conditions or ()]
    guards += [f"*`{guard.__name__}`*" for guard in book.guards.get(one.name, ())]
    cells = (
        f"`{one.name}`",
        one.custom["label"],
        one.source,
        one.target,
        f"`{who}`",
        "<br>".join(guards) or "—",
    )
    return f"| {' | '.join(cells)} |"

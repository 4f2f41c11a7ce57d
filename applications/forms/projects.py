"""Projects of service-oriented manufacturing: rows that are added and removed, each under a key of its own.

A row's key is in the page before the row is stored, so that saving the same row twice never makes two of it.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from applications.forms.sections import SectionForm, Texts, text_of
from applications.models import Application, Section, ServiceProject
from applications.models.form import new_row_key
from core.fields import LineField, PastDateField, TextField
from policy.fields import AmountField
from policy.models import ServiceMode

PARTS = ("name", "mode", "client", "started_on", "ended_on", "amount", "description")
FIELD_NAME = re.compile(r"row-([a-z0-9]{8})-(\w+)")
MOST_ROWS = 30


class ProjectsForm(SectionForm):
    section = Section.PROJECTS

    def __init__(self, application: Application, texts: Mapping[str, list[str]]) -> None:
        super().__init__(application, texts)
        keys = row_keys(texts)
        filled = [key for key in keys if any(self._typed(key, part) for part in PARTS)]
        blank = [key for key in keys if key not in filled]
        self.keys = filled + blank[: max(MOST_ROWS - len(filled), 0)]
        modes = [("", "请选择"), *((str(mode.pk), mode.name) for mode in ServiceMode.objects.all())]
        for key in self.keys:
            self.fields |= row_fields(key, modes)

    @classmethod
    def stored(cls, application: Application) -> Texts:
        texts: Texts = {}
        for project in application.projects.all():
            for part in PARTS:
                value = project.mode_id if part == "mode" else getattr(project, part)
                texts[f"row-{project.row_key}-{part}"] = [text_of(value)]
        return texts

    def clean(self) -> None:
        for number, key in enumerate(self.keys, 1):
            self._check_row(key, number)

    def _check_row(self, key: str, number: int) -> None:
        values = {part: self.cleaned_data.get(f"row-{key}-{part}") for part in PARTS}
        started, ended = values["started_on"], values["ended_on"]
        if ended and not started:
            # It stands as long as what was typed over it cannot be taken.
            started = self._stored_first_day(key)
        if started and ended and ended < started:
            self.add_error(f"row-{key}-ended_on", "结束日期早于开始日期，请核对；还在实施的不填结束日期。")
        if values["amount"] is not None and values["amount"] < 0:
            self.add_error(f"row-{key}-amount", "合同金额不能为负数，请核对。")
        if not any(self._typed(key, part) for part in PARTS):
            return
        for part, label in (("name", "项目名称"), ("mode", "所属模式"), ("started_on", "开始日期")):
            name = f"row-{key}-{part}"
            if not values[part] and name not in self.errors:
                self.add_error(name, f"第 {number} 个项目还没有填写{label}。")
        if number > MOST_ROWS:
            self.add_error(
                f"row-{key}-name",
                f"最多填写 {MOST_ROWS} 个项目，第 {number} 个没有采用。请移除不重要的项目后再填。",
            )

    def _typed(self, key: str, part: str) -> str:
        return (self.texts.get(f"row-{key}-{part}") or "").strip()

    def _stored_first_day(self, key: str) -> date | None:
        return self.application.projects.filter(row_key=key).values_list("started_on", flat=True).first()

    def store(self) -> None:
        for key in self.keys:
            if not any(self._typed(key, part) for part in PARTS):
                self.application.projects.filter(row_key=key).delete()
                continue
            values = {
                part: self.cleaned_data[f"row-{key}-{part}"]
                for part in PARTS
                if f"row-{key}-{part}" in self.cleaned_data
            }
            if "ended_on" not in values:
                values["ended_on"] = None  # the one stored before may lie before the new first day
            existing = self.application.projects.filter(row_key=key).first()
            if existing is None and not {"name", "mode", "started_on"} <= values.keys():
                continue
            if "mode" in values:
                values["mode_id"] = int(values.pop("mode"))
            ServiceProject.objects.update_or_create(
                application=self.application, row_key=key, defaults=values
            )

    def rejected(self) -> dict[str, dict[str, Any]]:
        """Also every text of a row that cannot be stored yet, for want of its name, mode or first day."""
        found = super().rejected()
        stored = set(self.application.projects.values_list("row_key", flat=True))
        for key in self.keys:
            why = next((one["why"] for name, one in found.items() if f"-{key}-" in name), "")
            for part in PARTS if key not in stored else ():
                if self._typed(key, part):
                    name = f"row-{key}-{part}"
                    found.setdefault(name, {"typed": self.texts.getlist(name), "why": why})
        return found

    def rows(self) -> list[dict[str, Any]]:
        """The rows as the page shows them, with the files that prove each."""
        projects = {one.row_key: one for one in self.application.projects.all()}
        evidence: dict[int | None, list] = {}
        for one in self.application.attachments.all():
            if one.removed_at is None:
                evidence.setdefault(one.project_id, []).append(one)
        return [
            {
                "key": key,
                "project": projects.get(key),
                "evidence": evidence.get(projects[key].pk, []) if key in projects else [],
                **{part: self[f"row-{key}-{part}"] for part in PARTS},
            }
            for key in self.keys
        ]


def row_keys(texts: Mapping[str, list[str]]) -> list[str]:
    """The keys of the rows in the order in which they first appear."""
    return list(dict.fromkeys(match[1] for name in texts if (match := FIELD_NAME.fullmatch(name))))


def blank_row() -> Texts:
    """The fields of a new, empty row."""
    key = new_row_key()
    return {f"row-{key}-{part}": [""] for part in PARTS}


def row_fields(key: str, modes: list[tuple[str, str]]) -> dict[str, forms.Field]:
    return {
        f"row-{key}-name": LineField(label="项目名称", max_length=100),
        f"row-{key}-mode": forms.ChoiceField(label="所属模式", choices=modes),
        f"row-{key}-client": LineField(label="服务对象", max_length=100, required=False),
        f"row-{key}-started_on": PastDateField(label="开始日期", may_be_future=True),
        f"row-{key}-ended_on": PastDateField(
            label="结束日期", required=False, may_be_future=True, help_text="还在实施的不填"
        ),
        f"row-{key}-amount": AmountField(label="合同金额", required=False),
        f"row-{key}-description": TextField(label="内容和成效", max_length=1000, required=False),
    }

"""Saving a section while it is written: by two tabs and by two colleagues, and nobody's text is lost.

A page carries, for each field, digests of the text it shows and of how that text was stored (``base``). A save takes what was
changed on that page, keeps what somebody else changed meanwhile elsewhere, and where both changed the same field it saves
nothing and shows both.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import User
from applications import corrections
from applications.forms import FORMS
from applications.forms.projects import FIELD_NAME, ProjectsForm, blank_row, row_keys
from applications.forms.sections import SectionForm, Texts, text_of
from applications.models import Application, SectionSave
from core import clock
from core.typed import asked_number
from core.workflow import NotPossible

LONGEST_KEPT = 100_000  # characters; more than this is pasted by mistake


@dataclass(frozen=True)
class Conflict:
    """One field that two people changed: what stands there now and what was typed, in words."""

    name: str
    label: str
    standing: str
    typed: str


@dataclass
class Draft:
    """A section as the page shows it."""

    form: SectionForm
    save: SectionSave
    base: dict[str, str]
    conflicts: list[Conflict] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    # Sentences on what is by far too long to be kept, and so not saved.
    overlong: list[str] = field(default_factory=list)

    @property
    def base_text(self) -> str:
        return json.dumps(self.base, separators=(",", ":"))


def open_draft(application: Application, section: str, *, new_row: bool = False) -> Draft:
    """The section as it stands, with what was typed and could not be taken."""
    save = _save_of(application, section)
    texts = standing_texts(application, section, save)
    if section == ProjectsForm.section and (new_row or not row_keys(texts)):
        texts |= blank_row()
    form = FORMS[section](application, texts)
    form.is_valid()
    return Draft(form, save, base_of(texts))


def save_draft(application: Application, section: str, posted: Mapping[str, list[str]], *, by: User) -> Draft:
    """Merge what was posted into what stands and store it. Raises NotPossible when the section is closed."""
    posted = {name: [text.replace("\x00", "") for text in values] for name, values in posted.items()}
    with transaction.atomic():
        locked = (
            Application.objects.select_for_update(of=("self",))
            .select_related("round", "main_mode", "channel")
            .get(pk=application.pk)
        )
        if reason := corrections.why_closed(locked, section, corrections.open_items(locked)):
            raise NotPossible([reason])
        save = _save_of(locked, section)
        standing = standing_texts(locked, section, save)
        overlong = {name: values for name, values in posted.items() if _length(values) > LONGEST_KEPT}
        kept = posted | {name: standing.get(name, []) for name in overlong}
        texts, conflicts, merged = _merge(kept, standing, save.revision)
        form = FORMS[section](locked, texts)
        form.is_valid()
        asked = form.fields.keys()
        conflicts = [name for name in conflicts if name in asked and not _says_the_same(form, name, standing)]
        if conflicts:
            shown = [
                Conflict(
                    name,
                    str(form.fields[name].label),
                    _shown(form, name, standing),
                    _shown(form, name, texts),
                )
                for name in conflicts
            ]
            draft = Draft(form, save, base_of(_blank(texts) | standing), shown)
            return _with_overlong(draft, texts | overlong, overlong)
        form.store()
        save.rejected = form.rejected()
        save.revision += 1
        save.saved_by, save.saved_at = by, clock.now()
        if "confirmed" in posted:
            save.carried_from = ""
        save.save()
    own = {name: values for name, values in kept.items() if name in asked}
    taken = {
        name: _digests(values, [text_of(form.cleaned_data[name])])
        for name, values in own.items()
        if name in form.cleaned_data and name not in merged
    }
    draft = Draft(form, save, base_of(texts | own) | taken)
    draft.merged = [str(form.fields[name].label) for name in merged if name in asked]
    return _with_overlong(draft, texts | overlong, overlong)


def _with_overlong(draft: Draft, texts: Texts, overlong: Texts) -> Draft:
    """What was by far too long to be kept is on the page that answers, as it was typed, with its sentence."""
    if not overlong:
        return draft
    draft.form = type(draft.form)(draft.form.application, texts)
    draft.form.is_valid()
    draft.overlong = [
        f"“{draft.form.fields[name].label}”有 {_length(values):,} 字，超过每处 {LONGEST_KEPT:,} 字的上限，"
        "这一处没有保存，还在本页。请删减后再保存。"
        for name, values in overlong.items()
        if name in draft.form.fields
    ]
    return draft


def _length(values: list[str]) -> int:
    return max(map(len, values), default=0)


def fill_in(application: Application, section: str, texts: Texts, *, by: User, source: str) -> None:
    """Write texts from elsewhere over what stands, to be confirmed. The application is locked by the caller."""
    save = _save_of(application, section)
    posted = texts | {"revision": [str(save.revision)]}
    saved = save_draft(application, section, posted, by=by).save
    saved.carried_from = "、".join(dict.fromkeys(filter(None, (source, saved.carried_from))))[:80]
    saved.save(update_fields=["carried_from"])


def standing_texts(application: Application, section: str, save: SectionSave) -> Texts:
    """What is stored, and over it what was typed and could not be taken."""
    texts = FORMS[section].stored(application)
    return texts | {name: one["typed"] for name, one in save.rejected.items()}


def differing(form: SectionForm, posted: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """What was typed into fields of the form and does not stand there, by label."""
    return [
        (str(form.fields[name].label), "、".join(typed))
        for name, typed in posted.items()
        if name in form.fields and _digest(typed) != _digest(form.texts.getlist(name)) and any(typed)
    ]


def base_of(texts: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: _digest(values) for name, values in texts.items()}


def _digests(shown: Iterable[str], stored: Iterable[str]) -> str:
    """Of a text as the page shows it and as it was stored: 1344.02 and 1,344.02."""
    return " ".join(dict.fromkeys([_digest(shown), _digest(stored)]))


def _merge(
    posted: Mapping[str, list[str]], standing: Texts, revision: int
) -> tuple[Texts, list[str], list[str]]:
    """The texts to store, the fields that two people changed, and those taken over from somebody else."""
    base = _read_base(posted)
    shown_on_page = base.keys() if base else posted.keys()
    fresh = not base and asked_number("".join(posted.get("revision", [])[:1])) == revision
    texts, conflicts, merged = dict(standing), [], []
    rows = [name for name in posted if FIELD_NAME.fullmatch(name)]
    for name in dict.fromkeys([*standing, *rows]):
        if name not in shown_on_page and name not in posted:
            continue
        mine, now = list(posted.get(name, [])), standing.get(name, [])
        rests_on = base.get(name, "").split()
        untouched_by_others = fresh or _digest(now) in rests_on or (name not in base and not any(now))
        if untouched_by_others or _digest(mine) == _digest(now):
            texts[name] = mine
        elif _digest(mine) in rests_on:
            merged.append(name)
        else:
            texts[name] = mine
            conflicts.append(name)
    return texts, conflicts, merged


def _read_base(posted: Mapping[str, list[str]]) -> dict[str, str]:
    try:
        base = json.loads("".join(posted.get("base", [])[:1]) or "{}")
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in base.items()} if isinstance(base, dict) else {}


def _digest(values: Iterable[str]) -> str:
    plain = sorted(text.replace("\r\n", "\n").strip() for text in values if text.strip())
    return hashlib.sha256("\x1f".join(plain).encode("utf-8", "replace")).hexdigest()[:10]


def _save_of(application: Application, section: str) -> SectionSave:
    found = next((one for one in application.section_saves.all() if one.section == section), None)
    return found or SectionSave(application=application, section=section)


def _says_the_same(form: SectionForm, name: str, standing: Texts) -> bool:
    """Whether what was typed is what stands, written otherwise: 1344.02 and 1,344.02."""
    value = form.cleaned_data.get(name, [])
    return not isinstance(value, list) and [text_of(value)] == standing.get(name)


def _blank(texts: Texts) -> Texts:
    return {name: [""] for name in texts if name.startswith("row-")}


def _shown(form: SectionForm, name: str, texts: Texts) -> str:
    """A field's texts in words: choices by their labels."""
    choices = dict(getattr(form.fields[name], "choices", ()))
    return "、".join(str(choices.get(text, text)) for text in texts.get(name, []) if text)

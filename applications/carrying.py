"""What was typed into the self-check, taken into a draft: what is empty there is filled in, nothing is overwritten unasked."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.forms import Field

from accounts.models import Enterprise, User
from applications import corrections, drafts
from applications.models import Application, ConductAnswer, Section
from policy.facts import Answer
from policy.fields import AmountField

SOURCE = "条件自测"
SECTIONS = (Section.BASIC, Section.FIGURES, Section.SERVICE_UNIT)


@dataclass(frozen=True)
class CarriedField:
    """A field of the draft, what stands in it and what was typed into the self-check, both as texts and in words."""

    section: Section
    name: str
    label: str
    standing: str
    typed: str
    standing_words: str
    typed_words: str

    @property
    def is_empty(self) -> bool:
        return not self.standing

    @property
    def token(self) -> str:
        """Names the field together with what stood there when it was shown."""
        return f"{self.name}={self.standing}"


def fields_to_carry(application: Application, typed: Mapping[str, str]) -> list[CarriedField]:
    """The fields of the sections that are open where the self-check says something else than the draft."""
    items = corrections.open_items(application)
    found = []
    for section in SECTIONS:
        if corrections.why_closed(application, section, items):
            continue
        draft = drafts.open_draft(application, section)
        for name, field in draft.form.fields.items():
            standing, new = draft.form.texts.get(name) or "", typed.get(name, "")
            if new and new != standing and not _without_incident(name, typed):
                words = _in_words(field, standing), _in_words(field, new)
                found.append(CarriedField(section, name, str(field.label), standing, new, *words))
    return found


def take(
    application: Application, typed: Mapping[str, str], *, by: User, replace: Collection[str] = ()
) -> list[CarriedField]:
    """Fill in what is empty, and what is to be replaced by its token. Gives what still differs.

    Each section that was filled in has to be confirmed. Raises NotPossible when a section was closed meanwhile.
    """
    with transaction.atomic():
        locked = (
            Application.objects.select_for_update(of=("self",)).select_related("round").get(pk=application.pk)
        )
        differing = fields_to_carry(locked, typed)
        taken = _takeable(differing, replace)
        for section in SECTIONS:
            texts = {one.name: [one.typed] for one in taken if one.section == section}
            if texts:
                drafts.fill_in(locked, section, texts, by=by, source=SOURCE)
    return [one for one in differing if one not in taken]


def code_of_another(enterprise: Enterprise, typed: Mapping[str, str]) -> str:
    """The credit code typed into the self-check when it is not this enterprise's."""
    code = typed.get("credit_code", "")
    return "" if code == enterprise.credit_code else code


def _in_words(field: Field, text: str) -> str:
    """A text of a field as people read it: choices by their labels, amounts with their unit."""
    if isinstance(field, AmountField):
        return f"{text} 万元" if text else ""
    choices = {str(key): str(word) for key, word in getattr(field, "choices", ())}
    return choices.get(text, text)


def _takeable(fields: Iterable[CarriedField], replace: Collection[str]) -> list[CarriedField]:
    """What may be taken; the details of an incident only together with its answer."""
    refused = {one.name for one in fields if not one.is_empty and one.token not in replace}
    return [one for one in fields if one.name not in refused and _answer_of(one.name) not in refused]


def _answer_of(name: str) -> str:
    """The question that a level or date of an incident belongs to; other fields stand for themselves."""
    question = name.split("_")[0]
    return f"{question}_answer" if question in ConductAnswer.Question.values else name


def _without_incident(name: str, typed: Mapping[str, str]) -> bool:
    """Whether this is a detail of an incident that has not happened."""
    answer = _answer_of(name)
    return name != answer and typed.get(answer, "") in ("", Answer.NONE)

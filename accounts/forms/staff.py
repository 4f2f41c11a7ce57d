from collections.abc import Sequence

from django import forms

from accounts.forms.people import InviteForm
from accounts.models import Agency, Membership, User
from accounts.roles import LEADERS
from core.forms import Form
from core.holdings import Piece
from core.typed import posted_text, too_long

NOT_CHOSEN, QUEUE = "", "queue"
LONGEST_REASON = 200


def short_role(role: str) -> str:
    return "负责人" if role in LEADERS else "经办人"


class InviteOfficerForm(InviteForm):
    """A colleague to be asked to work in the agency."""

    role = forms.ChoiceField(label="角色")

    def __init__(self, *args, agency: Agency, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "本人接受邀请时用这个姓名建立账号"
        self.fields["role"].choices = [(one.value, short_role(one)) for one in agency.staff_roles]  # type: ignore[attr-defined]


class EndingForm(Form):
    """Why authority ends, and to whom each piece in hand goes: what is chosen for it, else what is chosen for all.

    ``ending`` is what the reason explains, empty where none is asked; ``seen`` are the pieces on the page.
    """

    reason = forms.CharField(label="原因", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    everything = forms.ChoiceField(label="全部交给", required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args,
        ending: str,
        leaver: User,
        pieces: Sequence[Piece],
        colleagues: Sequence[Membership],
        **kwargs,
    ):
        kwargs["initial"] = {"seen": " ".join(piece.key for piece in pieces)}
        super().__init__(*args, **kwargs)
        self.ending, self.leaver, self.pieces = ending, leaver, pieces
        if not ending:
            del self.fields["reason"]
        self.people = {str(one.user_id): one.user for one in colleagues}
        people = [(str(one.user_id), f"{one.user}（{short_role(one.role)}）") for one in colleagues]
        # Where nobody else is left, everything waits.
        self.may_wait = {one.key for one in pieces if one.may_wait or not people}
        queue = [(QUEUE, "放回，等接手的人办理")] if self.may_wait else []
        self._choices("everything", "请选择", people + queue)
        for one in pieces:
            self.fields[one.key] = forms.ChoiceField(label=f"{one.label}交给", required=False)
            self._choices(one.key, "同上面的选择", people + (queue if one.key in self.may_wait else []))

    def _choices(self, name: str, empty: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        field.choices = [(NOT_CHOSEN, empty), *choices]  # type: ignore[attr-defined]
        field.error_messages["invalid_choice"] = "所选的人已不在本单位任职，请另选一位。"

    def rows(self) -> list[tuple[Piece, forms.BoundField]]:
        return [(one, self[one.key]) for one in self.pieces]

    def clean_reason(self) -> str:
        reason = posted_text(self.cleaned_data["reason"])
        if problem := too_long("原因", reason, LONGEST_REASON):
            raise forms.ValidationError(problem)
        if not reason:
            raise forms.ValidationError(f"请写明{self.ending}的原因，原因会告知本人并记录。")
        return reason

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        seen = cleaned.get("seen", "").split()
        if new := [one.label for one in self.pieces if one.key not in seen]:
            told = f"您打开这一页之后，{self.leaver}又接手了{'、'.join(new)}，没有办理。请核对清单后再办。"
            self.add_error(None, told)
            self.data = {**self.data.dict(), "seen": " ".join(one.key for one in self.pieces)}  # type: ignore[attr-defined]
        choices = ["everything", *(one.key for one in self.pieces)]
        if self.pieces and not any(name in self.errors or cleaned.get(name) for name in choices):
            self.add_error("everything", "请选择全部交给谁，或者为每一项各选一位。")
            return cleaned
        for one in self.pieces:
            chosen = cleaned.get(one.key) or cleaned.get("everything")
            if one.key in self.errors or "everything" in self.errors:
                continue
            if not chosen:
                self.add_error(one.key, "请选择交给谁。")
            elif chosen == QUEUE and one.key not in self.may_wait:
                self.add_error(one.key, f"{one.kind}不能放回，请选择接手的同事。")
        return cleaned

    def receivers(self) -> dict[str, User | None]:
        """Piece's key → who takes it over, None for whoever takes it next."""
        said = self.cleaned_data
        return {one.key: self.people.get(said[one.key] or said["everything"]) for one in self.pieces}

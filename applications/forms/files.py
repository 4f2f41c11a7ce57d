"""A file among the fields of a form, judged like every other upload."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from applications.uploads import MATERIALS, Inspected, Unacceptable, accept, inspect


class CheckedFileField(forms.FileField):
    """A PDF, JPG or PNG by its content, or what else is ``allowed``; gives what was found in it, or None where nothing was chosen."""

    widget = forms.ClearableFileInput

    def __init__(self, *, allowed: Collection[str] = MATERIALS, **options: Any) -> None:
        super().__init__(allow_empty_file=True, **options)  # what is wrong with an empty file, `inspect` says
        self.allowed = allowed
        self.widget.attrs["accept"] = accept(allowed)

    def clean(self, data: Any, initial: Any = None) -> Inspected | None:
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return inspect(upload, allowed=self.allowed)
        except Unacceptable as problem:
            raise ValidationError(str(problem)) from problem

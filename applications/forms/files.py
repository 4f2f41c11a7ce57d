"""A file among the fields of a form, judged like every other upload."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from applications.uploads import ACCEPT, Inspected, Unacceptable, inspect


class CheckedFileField(forms.FileField):
    """A PDF, JPG or PNG by its content; gives what was found in it, or None where nothing was chosen."""

    widget = forms.ClearableFileInput(attrs={"accept": ACCEPT})

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_empty_file=True, **options)  # what is wrong with an empty file, `inspect` says

    def clean(self, data: Any, initial: Any = None) -> Inspected | None:
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return inspect(upload)
        except Unacceptable as problem:
            raise ValidationError(str(problem)) from problem

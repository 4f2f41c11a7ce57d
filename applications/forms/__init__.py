from applications.forms.figures import FiguresForm
from applications.forms.projects import ProjectsForm
from applications.forms.sections import BasicForm, CapabilityForm, NarrativeForm, SectionForm, ServiceUnitForm

__all__ = [
    "FORMS",
    "BasicForm",
    "CapabilityForm",
    "FiguresForm",
    "NarrativeForm",
    "ProjectsForm",
    "SectionForm",
    "ServiceUnitForm",
]

FORMS: dict[str, type[SectionForm]] = {
    form.section.value: form
    for form in (BasicForm, FiguresForm, ServiceUnitForm, ProjectsForm, CapabilityForm, NarrativeForm)
}

"""The names of the experts around a case, kept out of what others read of their words."""

from review.models import Assignment, PanelCase, PanelMember

SOMEBODY = "专家"


def names_around(case: PanelCase | None) -> list[str]:
    """Of the whole panel and of everybody who was ever assigned, the longest first: 王伟 is a part of 王伟强 (one query)."""
    name = "expert__user__name"
    members = PanelMember.objects.filter(panel__cases=case).values_list(name, flat=True)
    assigned = Assignment.objects.filter(case=case).values_list(name, flat=True)
    return sorted(members.order_by().union(assigned.order_by()), key=len, reverse=True)


def without_names(names: list[str], text: str) -> str:
    for name in names:
        text = text.replace(name, SOMEBODY)
    return text

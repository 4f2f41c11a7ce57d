from decisions.models.meetings import AgendaItem, Meeting
from decisions.models.notices import NoticeEntry, Omission, PublicNotice
from decisions.models.objections import Objection, Objector
from decisions.models.titles import Plaque, Recognition

__all__ = [
    "AgendaItem",
    "Meeting",
    "NoticeEntry",
    "Objection",
    "Objector",
    "Omission",
    "Plaque",
    "PublicNotice",
    "Recognition",
]

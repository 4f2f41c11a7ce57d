from applications.models.application import Application, ApplicationUserObjectPermission, ApplicationVersion
from applications.models.attachments import Attachment
from applications.models.extensions import Extension
from applications.models.form import (
    AnnualFigures,
    ConductAnswer,
    ModeRevenue,
    Section,
    SectionSave,
    ServiceProject,
)
from applications.models.recommendation import AlreadyListed, Recommendation, RecommendationEntry
from applications.models.round_pages import RoundFile, RoundQuestion
from applications.models.rounds import AttachmentKind, AttachmentRequirement, ChannelQuota, Round
from applications.models.vetting import (
    CaseNote,
    CorrectionItem,
    CorrectionRequest,
    FlagTaken,
    SavedView,
    StaleOpinion,
    Verdict,
    VettingOpinion,
)

__all__ = [
    "AlreadyListed",
    "AnnualFigures",
    "Application",
    "ApplicationUserObjectPermission",
    "ApplicationVersion",
    "Attachment",
    "AttachmentKind",
    "AttachmentRequirement",
    "CaseNote",
    "ChannelQuota",
    "ConductAnswer",
    "CorrectionItem",
    "CorrectionRequest",
    "Extension",
    "FlagTaken",
    "ModeRevenue",
    "Recommendation",
    "RecommendationEntry",
    "Round",
    "RoundFile",
    "RoundQuestion",
    "SavedView",
    "Section",
    "SectionSave",
    "ServiceProject",
    "StaleOpinion",
    "Verdict",
    "VettingOpinion",
]

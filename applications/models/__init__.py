from applications.models.application import (
    SUBMITTED_ONCE,
    Application,
    ApplicationUserObjectPermission,
    ApplicationVersion,
)
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
    FILE,
    CaseNote,
    CorrectionItem,
    CorrectionRequest,
    FlagTaken,
    SavedView,
    SeenMaterial,
    StaleOpinion,
    Verdict,
    VettingOpinion,
)

__all__ = [
    "FILE",
    "SUBMITTED_ONCE",
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
    "SeenMaterial",
    "ServiceProject",
    "StaleOpinion",
    "Verdict",
    "VettingOpinion",
]

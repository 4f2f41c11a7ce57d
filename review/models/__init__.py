from review.models.assignments import Assignment, CriterionScore, Recusal, ScoreSheet
from review.models.conflicts import SuspicionDismissal
from review.models.panels import Draw, OpinionSignature, Panel, PanelCase, PanelMember, PlannedPair
from review.models.ranking import Ranking, RankingEntry, TieDecision, Unfreezing
from review.models.visits import SitePhoto, SiteVisit, VisitSignature

__all__ = [
    "Assignment",
    "CriterionScore",
    "Draw",
    "OpinionSignature",
    "Panel",
    "PanelCase",
    "PanelMember",
    "PlannedPair",
    "Ranking",
    "RankingEntry",
    "Recusal",
    "ScoreSheet",
    "SitePhoto",
    "SiteVisit",
    "SuspicionDismissal",
    "TieDecision",
    "Unfreezing",
    "VisitSignature",
]

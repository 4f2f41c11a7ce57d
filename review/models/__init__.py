from review.models.assignments import Assignment, CriterionScore, Recusal, ScoreSheet
from review.models.conflicts import SuspicionDismissal
from review.models.panels import Draw, Panel, PanelCase, PanelMember
from review.models.ranking import Ranking, RankingEntry, SiteVisit, TieDecision, Unfreezing

__all__ = [
    "Assignment",
    "CriterionScore",
    "Draw",
    "Panel",
    "PanelCase",
    "PanelMember",
    "Ranking",
    "RankingEntry",
    "Recusal",
    "ScoreSheet",
    "SiteVisit",
    "SuspicionDismissal",
    "TieDecision",
    "Unfreezing",
]

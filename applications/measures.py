"""Measures as the bureau keeps them: what applies which article, renewals, successors, changes, two versions compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from applications.models import Round
from core import events
from core.comparing import Change, change
from core.conflicts import Difference
from core.wording import cn_date
from policy.articles import ArticleText, article_label
from policy.dates import date_text
from policy.models import Article, Measure, MeasureCondition, MeasureRenewal
from policy.parameters import GROUNDS, PROCEDURE, RULE_PARAMETERS, RULE_TEXTS, words_of

# What a measure says of itself beside its clauses, for the comparison.
BASICS = ("document_number", "title", "issued_on", "effective_from", "effective_until")
# What a successor takes over of the measure itself, besides its articles and conditions.
KEPT = (
    "title_awarded",
    "awarding_body",
    "re_review_interval_years",
    "change_filing_working_days",
    "bar_years",
    "barring_grounds",
)
Words = set[tuple[str, str]]
ALIKE = 0.4  # sharing this much or more of their words, two articles are the same one in other words


@dataclass(frozen=True)
class Applied:
    """A rule of the portal that carries out an article: what it does, and its parameters (label, value in words)."""

    clause: str
    title: str
    text: str
    parameters: list[tuple[str, str]]
    note: str = ""


def applied_by_article(measure: Measure) -> dict[int, list[Applied]]:
    """By the number of an article the rules that carry it out, with the measure's own numbers (one query)."""
    found: dict[int, list[Applied]] = {}
    for one in PROCEDURE:
        parameters = [(each.label, words_of(each, vars(measure))) for each in one.parameters]
        found.setdefault(one.article, []).append(
            Applied(article_label(one.article), one.title, one.text, parameters)
        )
    for condition in measure.conditions.all():
        parameters = [
            (each.label, words_of(each, condition.numbers))
            for each in RULE_PARAMETERS.get(condition.rule, ())
        ]
        found.setdefault(condition.article_number, []).append(
            Applied(
                condition.clause,
                condition.title,
                RULE_TEXTS[condition.rule],
                parameters,
                _weight(condition),
            )
        )
    return found


def _weight(condition: MeasureCondition) -> str:
    if condition.group:
        return "满足其一即可"
    return "不符合不能提交" if condition.blocking else "不符合只提示"


def grounds_in_words(measure: Measure) -> list[str]:
    return [label for key, label in GROUNDS if key in measure.barring_grounds]


def neighbours(measure: Measure) -> tuple[Measure | None, Measure | None]:
    """The measure before and the one after, by the day they begin (two queries)."""
    others = Measure.objects.exclude(pk=measure.pk).prefetch_related("renewals")
    before = others.filter(effective_from__lt=measure.effective_from).order_by("-effective_from").first()
    after = others.filter(effective_from__gt=measure.effective_from).order_by("effective_from").first()
    return before, after


def why_number_is_used(number: str, *, besides: Measure | None = None) -> str:
    """The sentence that refuses a document number which a measure or a renewal has already."""
    if MeasureRenewal.objects.filter(document_number=number).exists():
        return "这个文号已经登记为延续文件，不必重复登记；请核对文号。"
    others = Measure.objects.exclude(pk=besides.pk) if besides else Measure.objects.all()
    if other := others.filter(document_number=number).first():
        return f"这个文号已经登记为“{other.title}”，不必重复登记；请核对文号。"
    return ""


def why_frozen(measure: Measure) -> str:
    """Why nothing that decides a case can be changed any more; empty as long as no round has been opened under it (one query)."""
    opened = (
        Round.objects.filter(measure=measure).exclude(state=Round.State.PREPARING).order_by("year").first()
    )
    if opened is None:
        return ""
    return (
        f"{opened}已按{measure.document_number}发布申报通知，条文、条件和数字不能再改："
        "一个批次自始至终按同一办法办理（第四条、第十二条）。需要改变的，请登记接替的办法。"
    )


def why_no_successor(measure: Measure, *, today: date) -> str:
    """Why a successor cannot follow this measure: only the newest is followed, and only once it has begun (one query)."""
    newest = Measure.objects.order_by("-effective_from").first()
    if newest and newest.pk != measure.pk:
        return f"已登记接替的办法{newest.document_number}，请在它的页面上修改，或登记再下一个办法。"
    if measure.effective_from > today:
        return f"{measure.document_number}尚未施行，可以直接修改，不必登记接替的办法。"
    return ""


def why_not_repealed(measure: Measure, *, on: date) -> str:
    """Why a successor cannot end this measure early: a round opened under it runs still, or ran beyond that day (one query)."""
    opened = Round.objects.filter(measure=measure).exclude(state=Round.State.PREPARING)
    needing = (
        opened.filter(Q(state=Round.State.OPEN) | Q(publicity_starts_on__gte=on)).order_by("year").first()
    )
    if needing is None:
        return ""
    return (
        f"{needing}按{measure.document_number}办理，{date_text(on)}还要依据它，不能从这一天起废止（第二十五条）。"
        f"请把施行日期改到它到期（{date_text(measure.validity().runs_until)}）以后；"
        "批次办结后确需提前施行的，届时再登记。"
    )


def repeal_what_went_before(measure: Measure, *, by: User) -> None:
    """The measure before this one ends where this one begins, when it would run longer; recorded with both."""
    before = neighbours(measure)[0]
    if before is None:
        return
    begins = measure.effective_from
    repealed_from = begins if begins <= before.validity().runs_until else None
    if before.repealed_from == repealed_from:
        return
    before.repealed_from = repealed_from
    before.save(update_fields=["repealed_from"])
    told = f"自{date_text(begins)}起施行，{before.document_number}"
    events.record(
        before,
        "repeal_measure",
        by=by,
        label="接替的办法改变有效期",
        note=f"{measure.document_number}{told}{'同时废止' if repealed_from else '仍到期为止'}",
    )


def record_renewal(renewal: MeasureRenewal, *, by: User) -> None:
    with transaction.atomic():
        renewal.save()
        events.record(
            renewal.measure,
            "record_renewal",
            by=by,
            label="登记有效期延续文件",
            note=f"{renewal.document_number}，有效期至{renewal.valid_until}",
        )


def successor_of(measure: Measure) -> Measure:
    """A measure that is still to be written, with what it takes over."""
    return Measure(**{name: getattr(measure, name) for name in KEPT})


def record_successor(successor: Measure, *, of: Measure, reason: str, by: User) -> Measure:
    """Save the new measure with the articles and conditions of the one it follows, to be changed before a round uses them."""
    with transaction.atomic():
        successor.save()
        for rows in (of.articles.all(), of.conditions.all()):
            copied = [_copy(row, successor) for row in rows]
            if copied:
                type(copied[0])._default_manager.bulk_create(copied)  # type: ignore[arg-type]
        events.record(
            successor,
            "record_successor",
            by=by,
            label="登记接替的办法",
            note=reason,
            follows=of.document_number,
        )
        repeal_what_went_before(successor, by=by)
    return successor


def _copy(row: Article | MeasureCondition, measure: Measure) -> Article | MeasureCondition:
    kept = {
        one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields if not one.primary_key
    }
    return type(row)(**kept | {"measure_id": measure.pk})


def record_change(
    measure: Measure, part: str, changes: Sequence[Difference], *, reason: str, by: User
) -> None:
    """What was changed in a measure, each with its old and new value, and why."""
    events.record(
        measure,
        "change_measure",
        by=by,
        label=f"修改管理办法：{part}",
        note=reason,
        changes=[list(one) for one in changes],
    )


def articles_of(measure: Measure) -> list[ArticleText]:
    return [ArticleText(one.number, one.chapter, one.text) for one in measure.articles.all()]


def replace_articles(measure: Measure, articles: Iterable[ArticleText]) -> list[Difference]:
    """Exchange the articles; gives those that differ, by their label."""
    old = articles_of(measure)
    new = list(articles)
    measure.articles.all().delete()
    Article.objects.bulk_create(
        Article(measure=measure, number=one.number, chapter=one.chapter, text=one.text) for one in new
    )
    return [
        Difference(_pair_label(before, after), before.text if before else "", after.text if after else "")
        for before, after in aligned(old, new)
        if before != after
    ]


def aligned(
    old: Sequence[ArticleText], new: Sequence[ArticleText]
) -> list[tuple[ArticleText | None, ArticleText | None]]:
    """Each article beside the one it became, also when articles before it were added or left out."""
    matcher = SequenceMatcher(None, [one.text for one in old], [one.text for one in new], autojunk=False)
    pairs: list[tuple[ArticleText | None, ArticleText | None]] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pairs += zip(old[i1:i2], new[j1:j2], strict=True)
        else:
            pairs += _paired(old[i1:i2], list(new[j1:j2]))
    return pairs


def _paired(
    old: Sequence[ArticleText], new: list[ArticleText]
) -> Iterable[tuple[ArticleText | None, ArticleText | None]]:
    words = [_words_of(one) for one in new]
    for one in old:
        place = _place_of(one, new, words)
        if place is None:
            yield one, None
            continue
        yield from ((None, added) for added in new[:place])
        yield one, new[place]
        del new[: place + 1], words[: place + 1]
    yield from ((None, added) for added in new)


def _place_of(one: ArticleText, new: Sequence[ArticleText], words: Sequence[Words]) -> int | None:
    """Where the article went: to the one most like it, else to the one of its number."""
    mine = _words_of(one)
    like = [2 * len(mine & theirs) / max(len(mine) + len(theirs), 1) for theirs in words]
    if like and max(like) >= ALIKE:
        return like.index(max(like))
    return next((place for place, other in enumerate(new) if other.number == one.number), None)


def _words_of(article: ArticleText) -> Words:
    """Its pairs of neighbouring characters: what two texts share of them is counted as fast as they are long."""
    return set(pairwise(article.text))


def _pair_label(before: ArticleText | None, after: ArticleText | None) -> str:
    labels = [article_label(one.number) for one in (before, after) if one]
    return labels[0] if len(set(labels)) == 1 else " → ".join(labels)


@dataclass(frozen=True)
class Comparison:
    """What differs between two measures, part by part, and how many articles are the same."""

    parts: list[tuple[str, list[Change]]]
    same_articles: int

    @property
    def count(self) -> int:
        return sum(len(changes) for _, changes in self.parts)


def compare(old: Measure, new: Measure) -> Comparison:
    """Two measures with ``articles`` and ``conditions`` fetched: dates, parameters, then article by article."""
    pairs = aligned(articles_of(old), articles_of(new))
    articles = [
        change(_pair_label(before, after), before.text if before else "", after.text if after else "")
        for before, after in pairs
        if before is None or after is None or (before.number, before.text) != (after.number, after.text)
    ]
    parts = [
        ("文号和日期", _differing(_basics(old), _basics(new))),
        ("条件和参数", _differing(_parameters(old), _parameters(new))),
        ("条文", articles),
    ]
    return Comparison([one for one in parts if one[1]], len(pairs) - len(articles))


def _differing(old: Mapping[str, tuple[str, str]], new: Mapping[str, tuple[str, str]]) -> list[Change]:
    nothing = ("", "")
    return [
        change((new.get(key) or old[key])[0], old.get(key, nothing)[1], new.get(key, nothing)[1])
        for key in dict.fromkeys([*old, *new])
        if old.get(key, nothing)[1] != new.get(key, nothing)[1]
    ]


def _basics(measure: Measure) -> dict[str, tuple[str, str]]:
    def words(value: Any) -> str:
        return cn_date(value, "plain") if isinstance(value, date) else str(value)

    labels = {name: str(Measure._meta.get_field(name).verbose_name) for name in BASICS}  # type: ignore[union-attr]
    return {name: (label, words(getattr(measure, name))) for name, label in labels.items()}


def _parameters(measure: Measure) -> dict[str, tuple[str, str]]:
    """By a key that is the same in every measure: what it is called, its value in words."""
    found = {}
    for one in PROCEDURE:
        for each in one.parameters:
            found[each.key] = (
                f"{article_label(one.article)} {one.title}：{each.label}",
                words_of(each, vars(measure)),
            )
    for condition in measure.conditions.all():
        name = f"{condition.clause} {condition.title}"
        found[condition.rule] = (name, f"{condition.clause} {condition.title}，{_weight(condition)}")
        for each in RULE_PARAMETERS.get(condition.rule, ()):
            found[f"{condition.rule}.{each.key}"] = (
                f"{name}：{each.label}",
                words_of(each, condition.numbers),
            )
    return found

"""The charts of a round: each its finding in words and the table it is drawn from, every number with the list behind it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import TruncDate
from django.urls import reverse

from applications import board
from applications.listing import NOBODY
from applications.models import Application, ApplicationVersion, Round
from core import clock
from core.wording import cn_date, cn_datetime
from policy.ranking import PREFERRED

FILED = "申报"
# Before the deadline of each of two years; what an extension lets in comes after it.
DAYS_BEFORE = (28, 21, 14, 10, 7, 5, 3, 2, 1, 0, -7, -14)
ENDING = 3


@dataclass(frozen=True)
class Cell:
    """A number and the address of its cases; None where there is none yet. ``share`` of the first row, in percent."""

    number: int | None
    url: str = ""
    share: int | None = None


@dataclass(frozen=True)
class Row:
    """``place`` on a scale: a day, or days until the deadline."""

    label: str
    cells: list[Cell]
    place: str = ""


@dataclass(frozen=True)
class Chart:
    """``kind`` is how static/js/charts.js draws the table; ``series`` are words and colours of its columns."""

    kind: str
    title: str
    finding: str
    first: str
    series: list[tuple[str, str]]
    rows: list[Row]
    note: str = ""
    mark: str = ""


def charts(round_: Round) -> list[Chart]:
    """All charts that have something to show (six queries)."""
    tally = board.tally(round_)
    if not tally.total:
        return []
    previous = _previous(round_)
    days = _days([round_, *([previous] if previous else [])])
    made = [
        _by_channel(round_, tally),
        _funnel(round_, tally),
        _stays(round_),
        _arrivals(round_, days[round_.pk]),
    ]
    if previous:
        made.append(_compared(round_, days[round_.pk], previous, days[previous.pk]))
    modes, ratings = _kinds(round_)
    return [*made, _modes(round_, modes), _ratings(round_, ratings)]


def every_number(round_: Round) -> Iterator[tuple[str, str, str, int | None]]:
    """Chart, row, column and number, as a workbook lists them."""
    for chart in charts(round_):
        for row in chart.rows:
            for (word, _), cell in zip(chart.series, row.cells, strict=True):
                yield chart.title, row.label, word, cell.number


class _Cases:
    """The addresses of the lists behind the numbers of a round."""

    def __init__(self, round_: Round) -> None:
        self.address = reverse("round-cases", args=[round_.pk])

    def cell(self, number: int, share: int | None = None, **asked: object) -> Cell:
        query = f"?{urlencode(asked)}" if asked else ""
        return Cell(number, f"{self.address}{query}" if number else "", share)


def _previous(round_: Round) -> Round | None:
    """The round before this one of the same kind."""
    earlier = Round.objects.public().filter(
        kind=round_.kind, enterprise_deadline__lt=round_.enterprise_deadline
    )
    return earlier.order_by("-enterprise_deadline").first()


def _days(rounds: list[Round]) -> dict[int, Counter[date]]:
    """How many cases of each round came in on each day, by their first submission (one query)."""
    counted = (
        ApplicationVersion.objects.filter(application__round__in=rounds, number=1)
        .order_by()
        .annotate(day=TruncDate("submitted_at"))
        .values_list("application__round", "day")
        .annotate(count=Count("pk"))
    )
    found: dict[int, Counter[date]] = {one.pk: Counter() for one in rounds}
    for pk, day, number in counted:
        found[pk][day] = number
    return found


def _by_channel(round_: Round, tally: board.Tally) -> Chart:
    cases = _Cases(round_)
    stages = ("vetted", board.REPORTED)
    rows = [
        Row(
            row.agency.short_name,
            [
                cases.cell(row.total, channel=row.agency.pk),
                *(cases.cell(row.reached(one), channel=row.agency.pk, reached=one) for one in stages),
            ],
        )
        for row in tally.rows
    ]
    first = max(tally.rows, key=lambda row: row.total)
    idle = sum(row.reported_none for row in tally.rows)
    finding = (
        f"{first.agency.short_name}申报最多：{first.total} 件，已报送 {first.reached(board.REPORTED)} 件。"
    )
    return Chart(
        "nested",
        "各单位漏斗",
        finding + (f"手上有申报、一件未报送的单位 {idle} 个。" if idle else ""),
        "推荐单位",
        [
            (FILED, "sea-pale"),
            (board.STAGE_WORDS["vetted"], "sand"),
            (board.STAGE_WORDS[board.REPORTED], "sea"),
        ],
        rows,
    )


def _funnel(round_: Round, tally: board.Tally) -> Chart:
    cases = _Cases(round_)
    is_recognition = round_.kind == Round.Kind.RECOGNITION
    left_out = ("concluded",) if is_recognition else ("approved", "announced")
    numbers = {
        stage: sum(row.reached(stage) for row in tally.rows)
        for stage in board.STAGES
        if stage not in left_out
    }
    shares = {stage: round(100 * number / tally.total) for stage, number in numbers.items()}
    rows = [Row(FILED, [cases.cell(tally.total, 100)])]
    rows += [
        Row(board.STAGE_WORDS[stage], [cases.cell(number, shares[stage], reached=stage)])
        for stage, number in numbers.items()
    ]
    reported, accepted = numbers[board.REPORTED], numbers["accepted"]
    return Chart(
        "bars",
        "全批次漏斗",
        f"申报 {tally.total} 件，报送市局 {reported} 件（{shares[board.REPORTED]}%），受理 {accepted} 件。",
        "到过的环节",
        [("件数", "sea")],
        rows,
        "不予推荐和撤回的只计在申报；报送后终止的，到过哪一步仍计在哪一步；退回的，按退回后的环节计",
    )


def _stays(round_: Round) -> Chart:
    cases, today = _Cases(round_), clock.today()
    holders = {name: board.HOLDER_WORDS[name] for name in ("enterprise", "district", "bureau")}
    by_state = (
        Application.objects.in_round(round_)
        .filter(state__in=board.HELD)
        .order_by()
        .values_list("state")
        .annotate(**{stay: Count("pk", filter=board.stayed(stay, today)) for stay in board.STAYS})
    )
    counted: Counter[tuple[str, str]] = Counter()
    for state, *numbers in by_state:
        holder = next(name for name, states in board.HOLDERS.items() if state in states)
        counted.update({(stay, holder): number for stay, number in zip(board.STAYS, numbers, strict=True)})
    rows = [
        Row(word, [cases.cell(counted[stay, name], holder=name, stay=stay) for name in holders])
        for stay, word in board.STAY_WORDS.items()
    ]
    whole = sum(counted.values())
    long = {word: counted["long", name] for name, word in holders.items()}
    worst = max(long, key=lambda word: long[word])
    finding = f"在办 {whole} 件，在同一方停留超过 {board.LONG_DAYS} 天的 {sum(long.values())} 件"
    tones = ("sand", "sea-pale", "sea")
    return Chart(
        "stack",
        "停留时间",
        finding + (f"，其中{worst}最多：{long[worst]} 件。" if long[worst] else "。"),
        "已停留",
        list(zip(holders.values(), tones, strict=True)),
        rows,
    )


def _arrivals(round_: Round, days: Counter[date]) -> Chart:
    cases = _Cases(round_)
    deadline = clock.local(round_.enterprise_deadline).date()
    rows = [
        Row(cn_date(day, "short"), [cases.cell(number, day=day)], str(day))
        for day, number in sorted(days.items())
    ]
    busiest = max(sorted(days), key=lambda day: days[day])
    finding = f"{cn_date(busiest, 'bare')}最多，{days[busiest]} 件"
    if clock.today() >= deadline:
        last = sum(days[deadline - timedelta(days=back)] for back in range(ENDING))
        finding += f"；截止前最后 {ENDING} 天共 {last} 件"
    return Chart(
        "days",
        "每日提交",
        f"{finding}。",
        "日期",
        [("提交件数", "sea")],
        rows,
        f"申报截止 {cn_datetime(round_.enterprise_deadline, 'bare')}；按首次提交计，补正后再提交的不重复计",
        str(deadline),
    )


def _compared(round_: Round, days: Counter[date], previous: Round, before: Counter[date]) -> Chart:
    today = clock.today()
    columns = []
    for one, counted in ((round_, days), (previous, before)):
        cases, deadline = _Cases(one), clock.local(one.enterprise_deadline).date()
        until = [deadline - timedelta(days=left) for left in DAYS_BEFORE]
        columns.append(
            [
                cases.cell(sum(number for at, number in counted.items() if at <= day), by=day)
                if day <= today
                else Cell(None)
                for day in until
            ]
        )
    rows = [
        Row(
            f"截止前 {left} 天" if left > 0 else f"截止后 {-left} 天" if left else "截止当天",
            [now, then],
            str(-left),
        )
        for left, now, then in zip(DAYS_BEFORE, *columns, strict=True)
    ]
    reached = [row for row in rows if row.cells[0].number is not None]
    finding = f"距本批次截止还有 {DAYS_BEFORE[0]} 天以上，尚不能比较。"
    if reached:
        now, then = (cell.number or 0 for cell in reached[-1].cells)
        more = f"多 {now - then} 件" if now > then else f"少 {then - now} 件" if then > now else "相同"
        finding = f"到{reached[-1].label}，本批次累计 {now} 件，上一批次同期 {then} 件，{more}。"
    return Chart(
        "lines",
        "与上一批次同期相比",
        finding,
        "累计到",
        [("本批次", "sea"), ("上一批次", "sand")],
        rows,
        f"上一批次：{previous}；按首次提交计",
    )


@dataclass
class Kinds:
    """How many cases were filed, and how many of them reported, by main mode and by rating; each with what asks for it."""

    filed: Counter[tuple[str, str]] = field(default_factory=Counter)
    reported: Counter[tuple[str, str]] = field(default_factory=Counter)


def _kinds(round_: Round) -> tuple[Kinds, Kinds]:
    """By mode and by rating (one query)."""
    modes, ratings = Kinds(), Kinds()
    counted = (
        Application.objects.in_round(round_)
        .filter(submitted_at__isnull=False)
        .order_by()
        .values_list("main_mode", "main_mode__name", KeyTextTransform("rating", "current_version__outline"))
        .annotate(
            number=Count("pk"),
            reported=Count("pk", filter=Q(state__in=board.having_reached(board.REPORTED))),
        )
        .order_by("main_mode")
    )
    for pk, name, rating, number, reported in counted:
        key = rating or NOBODY
        for kinds, kind in (
            (modes, (str(pk or NOBODY), name or "未选")),
            (ratings, (key, board.RATING_WORDS[key])),
        ):
            kinds.filed[kind] += number
            kinds.reported[kind] += reported
    return modes, ratings


def _ratings(round_: Round, kinds: Kinds) -> Chart:
    cases = _Cases(round_)
    preferred = sum(kinds.filed[key, board.RATING_WORDS[key]] for key in PREFERRED)
    rows = [
        Row(
            word,
            [
                cases.cell(kinds.filed[key, word], rating=key),
                cases.cell(kinds.reported[key, word], rating=key, reached=board.REPORTED),
            ],
        )
        for key, word in board.RATING_WORDS.items()
    ]
    whole = kinds.filed.total()
    return Chart(
        "nested",
        "亩产效益",
        f"同等条件下优先的 A、B 类 {preferred} 件，占 {round(100 * preferred / whole)}%（第十三条）。",
        "评价类别",
        [(FILED, "sea-pale"), (board.STAGE_WORDS[board.REPORTED], "sea")],
        rows,
        "以企业提交时的评价为准",
    )


def _modes(round_: Round, kinds: Kinds) -> Chart:
    cases = _Cases(round_)
    rows = [
        Row(
            name,
            [
                cases.cell(number, mode=key),
                cases.cell(kinds.reported[key, name], mode=key, reached=board.REPORTED),
            ],
        )
        for (key, name), number in kinds.filed.most_common()
    ]
    return Chart(
        "nested",
        "主要模式",
        f"{rows[0].label}最多，{rows[0].cells[0].number} 件；共 {len(rows)} 种。",
        "主要模式",
        [(FILED, "sea-pale"), (board.STAGE_WORDS[board.REPORTED], "sea")],
        rows,
    )

"""Lists of cases and the board of a round as workbooks: asked for with an event, made by a worker from what it recorded."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from accounts.models import Agency, User
from accounts.roles import CHANNEL, agencies_of, reads_everything
from applications import board, charts, listing
from applications.models import Application, Round
from core import clock, documents, events
from core.documents import CannotBeMade, Kind, Made, Progress
from core.exports import MOMENT, Column, Sheet, Value, write_workbook
from core.models import Document, Event
from core.typed import asked_day, asked_number, asked_words
from core.wording import cn_date, cn_datetime
from policy.models import ServiceMode

NUMBER = "0"
EXPORT = "export"
BOARD, CASES, QUEUE = "round-board-table", "round-cases-table", "queue-table"
# What each kind is narrowed by, in the order in which it is told.
FILTERS: Mapping[str, Sequence[str]] = {
    BOARD: (),
    CASES: (
        *("state", "finding", "holder", "reached", "stay", "stuck", "rating", "mode", "channel"),
        *("day", "by", "q"),
    ),
    QUEUE: ("tab", "state", "finding", "mode", "round", "officer", "q"),
}
CHOICES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "tab": ("范围", listing.TABS),
    "state": ("状态", dict(Application.State.choices)),
    "finding": ("核验结果", {key: word for key, (word, _) in listing.FINDING_FILTERS.items()}),
    "holder": ("去向", board.HOLDER_WORDS),
    "reached": ("到过", board.STAGE_WORDS),
    "stay": ("停留", board.STAY_WORDS),
    "stuck": ("卡住", board.STUCK_WORDS),
    "rating": ("亩产效益", board.RATING_WORDS),
    "mode": ("主要模式", {listing.NOBODY: "未选"}),
    "officer": ("经办", {listing.NOBODY: "还没有人"}),
}
ROWS: Mapping[str, tuple[str, Callable[[User], QuerySet[Any]]]] = {
    "round": ("批次", listing.rounds_of_queue),
    "channel": ("推荐单位", lambda _: Agency.objects.channels()),
    "mode": ("主要模式", lambda _: ServiceMode.objects.all()),
    "officer": ("经办", lambda user: listing.officers_in(agencies_of(user, *CHANNEL))),
}
DAYS = {"day": "首次提交于", "by": "首次提交不晚于"}

CASE_COLUMNS = (
    Column("序号", 6, NUMBER),
    Column("企业名称", 32),
    Column("统一社会信用代码", 22),
    Column("主要模式", 20),
    Column("推荐单位", 24),
    Column("批次", 34),
    Column("回执编号", 18),
    Column("状态", 12),
    Column("现在由谁办理", 24),
    Column("时限", 18, MOMENT),
    Column("停留（天）", 10, NUMBER),
    Column("符合（条）", 10, NUMBER),
    Column("需留意（条）", 11, NUMBER),
    Column("未达到（条）", 11, NUMBER),
    Column("亩产类别", 10),
)
QUEUE_COLUMNS = (
    *CASE_COLUMNS,
    Column("主要问题", 40),
    Column("材料", 10),
    Column("经办", 12),
    Column("下一步", 14),
)
CHANNEL_COLUMNS = (
    Column("推荐单位", 28),
    Column("申报（件）", 11, NUMBER),
    *(Column(f"{word}（件）", 14, NUMBER) for word in board.HOLDER_WORDS.values()),
    Column("最久停留（天）", 14, NUMBER),
)
DATE_COLUMNS = (Column("事项", 24), Column("日期", 30), Column("情况", 14), Column("说明", 60))
CHART_COLUMNS = (Column("图表", 22), Column("项目", 24), Column("系列", 20), Column("件数", 10, NUMBER))
STUCK_COLUMNS = (
    Column("事项", 36),
    Column("情况", 36),
    Column("在谁手上", 24),
    Column("时限", 18, MOMENT),
    Column("今天已提醒", 20),
)
STEP_WORDS = {"done": "已过", "current": "进行中", "todo": "未到"}


@dataclass(frozen=True)
class Filter:
    """A name and value of an address, with the words that tell it."""

    name: str
    value: str
    words: str


def filters_of(kind: str, asked: Mapping[str, str], *, by: User) -> list[Filter]:
    """What an address asks of this kind of list; values that nobody offered to the person ask for nothing."""
    found = (_filter(name, asked.get(name, ""), by) for name in FILTERS[kind])
    return [one for one in found if one]


def _filter(name: str, value: str, by: User) -> Filter | None:
    label, choices = CHOICES.get(name, ("", {}))
    chosen = value if value in choices else ""
    if chosen in choices:  # a list without any choice is the one of the first tab
        return Filter(name, chosen, f"{label} {choices[chosen]}")
    if name == "q":
        words = asked_words(value)
        return Filter(name, words, f"企业 {words}") if words else None
    if name in DAYS:
        day = asked_day(value)
        return Filter(name, day.isoformat(), f"{DAYS[name]} {cn_date(day, 'plain')}") if day else None
    if name in ROWS and (pk := asked_number(value)):
        label, offered = ROWS[name]
        row = offered(by).filter(pk=pk).first()
        return Filter(name, str(pk), f"{label} {row}") if row else None
    return None


def ask(kind: str, subject: Model, *, asked: Mapping[str, str], what: str, by: User) -> Document:
    """Record who exports what with which filters and how many rows, and have it made; only this person reads it."""
    filters = filters_of(kind, asked, by=by)
    details: dict[str, Any] = {"kind": kind, "asked": {one.name: one.value for one in filters}}
    if kind == QUEUE:
        details["agencies"] = sorted(agencies_of(by, *CHANNEL))
    words = "，".join(one.words for one in filters) or "没有"
    with transaction.atomic():
        details["rows"] = _cases(subject, details, by).count()
        note = f"{what} {details['rows']} 件；筛选：{words}"
        event = events.record(subject, EXPORT, by=by, label="导出", note=note, **details)
        return documents.request(kind, subject, by=by, key=str(event.pk))


def _cases(subject: Model, details: Mapping[str, Any], user: User) -> QuerySet[Application]:
    """The rows that the recorded filters ask for."""
    if isinstance(subject, Round):
        return board.cases_behind(subject, user, details["asked"])
    return listing.asked_of_queue(user, details["asked"]).filter(channel__in=details["agencies"])


def case_row(number: int, line: listing.Line) -> list[Value]:
    application = line.application
    counts = line.counts
    return [
        number,
        line.enterprise,
        line.credit_code,
        line.mode,
        line.channel,
        application.round.title,
        application.receipt_number,
        line.badge[0],
        line.holder,
        line.until,
        line.days,
        counts.get("MET", 0),
        counts.get("ATTENTION", 0),
        counts.get("UNMET", 0) + counts.get("NOT_COMPUTABLE", 0),
        line.rating or "未评价",
    ]


def queue_row(number: int, line: listing.Line) -> list[Value]:
    problem = f"{line.problem.clause} {line.problem.text}".strip() if line.problem else ""
    parts = f"{line.parts_done}/{line.parts}"
    return [*case_row(number, line), problem, parts, line.officer, line.next_step]


def board_sheets(round_: Round, cases: Iterable[Sequence[Value]]) -> Iterator[Sheet]:
    """The funnel by channel, the dates, who holds what, the numbers of the charts, what is stuck."""
    tally = board.tally(round_)
    names = tuple(board.HOLDER_WORDS)
    rows: list[list[Value]] = [
        [str(one.agency), one.total, *(getattr(one, name) for name in names), one.longest]
        for one in tally.rows
    ]
    rows.append(["合计", tally.total, *(tally.sums[name] for name in names), tally.longest])
    yield Sheet("各单位进展", CHANNEL_COLUMNS, rows, f"{round_}各单位进展")
    yield Sheet("日期", DATE_COLUMNS, _dates(round_), f"{round_}日期")
    yield Sheet("在谁手上", CASE_COLUMNS, cases, f"{round_}申报")
    stuck = ([one.title, one.note, one.holder, one.until, one.reminded] for one in board.every_stuck(round_))
    yield Sheet("图表", CHART_COLUMNS, charts.every_number(round_), f"{round_}图表的数据")
    yield Sheet("卡点", STUCK_COLUMNS, stuck, board.STUCK_WORDS["yes"])


def _dates(round_: Round) -> Iterator[list[Value]]:
    for one in board.steps(round_, board.window_of(round_)):
        yield [one.label, one.date, STEP_WORDS[one.state], one.left]
    for given in round_.extensions.with_names():
        before = cn_datetime(given.before, "bare")
        yield [
            f"{given.get_deadline_display()}延长",
            cn_datetime(given.until, "bare"),
            given.scope,
            f"原为 {before}。{given.reason}",
        ]


def make_board(round_: Round, key: str, progress: Progress) -> Made:
    event, user = _asked_for(key)
    lines = listing.every_line(_cases(round_, event.details, user))
    sheets = board_sheets(round_, _numbered(case_row, lines, event, progress))
    return _made(f"批次总览_{round_.title}", sheets, event)


def make_cases(round_: Round, key: str, progress: Progress) -> Made:
    event, user = _asked_for(key)
    rows = _numbered(case_row, listing.every_line(_cases(round_, event.details, user)), event, progress)
    return _made(f"申报列表_{round_.title}", [Sheet("申报", CASE_COLUMNS, rows, event.note)], event)


def make_queue(agency: Agency, key: str, progress: Progress) -> Made:
    event, user = _asked_for(key)
    lines = listing.every_line(_cases(agency, event.details, user), own_first=True)
    rows = _numbered(queue_row, lines, event, progress)
    others = "等" if len(event.details["agencies"]) > 1 else ""
    return _made(
        f"审核列表_{agency.short_name}{others}", [Sheet("申报", QUEUE_COLUMNS, rows, event.note)], event
    )


def _asked_for(key: str) -> tuple[Event, User]:
    """The event that recorded the export, and who asked."""
    event = Event.objects.select_related("actor").get(pk=key, action=EXPORT)
    if event.actor is None:
        raise CannotBeMade("没有申请人，不能生成。请重新导出。")
    return event, event.actor


def _numbered(
    row: Callable[[int, listing.Line], list[Value]],
    lines: Iterable[listing.Line],
    event: Event,
    progress: Progress,
) -> Iterator[list[Value]]:
    """The rows with their numbers; how far it is is told after each batch."""
    for number, line in enumerate(lines, start=1):
        if number % listing.BATCH == 0:
            progress(min(95, 95 * number // max(event.details["rows"], 1)))
        yield row(number, line)


def _made(name: str, sheets: Iterable[Sheet], event: Event) -> Made:
    out = TemporaryFile()  # noqa: SIM115  (closed by whoever asked)
    write_workbook(sheets, out)
    return Made(f"{name}_{clock.local(event.at):%Y%m%d-%H%M}.xlsx", out)


def may_read(user: User | None, subject: Model, key: str) -> bool:
    """Whoever asked, as long as the person may still see everything in the list."""
    event = user and Event.objects.filter(pk=key, action=EXPORT, actor=user.pk).first()
    if not event:
        return False
    if event.details["kind"] == QUEUE:
        return agencies_of(user, *CHANNEL).issuperset(event.details["agencies"])
    return reads_everything(user)


documents.register(BOARD, Kind("批次总览（XLSX）", make_board, may_read))
documents.register(CASES, Kind("申报列表（XLSX）", make_cases, may_read))
documents.register(QUEUE, Kind("审核列表（XLSX）", make_queue, may_read))

"""The score summary as a table whose means are live formulas, so that anyone can check them."""

from openpyxl.utils import get_column_letter

from core.exports import Column, Formula, Value, workbook
from policy.ranking import dropped_of
from policy.scoring import SchemeSpec, plain
from review.matrix import Matrix, Row, matrix_of
from review.models import Panel

LEAD = ("序号", "企业名称", "统一社会信用代码", "所在区市")
SCORE = "0.00"
FIRST_ROW = 3  # below the title and the heads


def score_summary(panel: Panel) -> bytes:
    """One row a case: each expert's total as submitted, then highest, lowest, trimmed mean, spread and grade as formulas."""
    matrix = matrix_of(panel)
    columns = [
        Column("序号", 6, "0"),
        Column("企业名称", 32),
        Column("统一社会信用代码", 22),
        Column("所在区市", 20),
        *(Column(f"{one.name}{'（组长）' if one.is_chair else ''}", 11, SCORE) for one in matrix.experts),
        Column("有效份数", 9, "0"),
        Column("最高", 8, SCORE),
        Column("最低", 8, SCORE),
        Column("均分", 9, SCORE),
        Column("极差", 8, SCORE),
        Column("等次", 8),
    ]
    rows = (
        _line(number, row, matrix, panel.round.panel_size) for number, row in enumerate(matrix.rows, start=1)
    )
    return workbook(columns, rows, sheet="评分汇总", title=f"{panel.round} {panel.name} 评分汇总表")


def _line(number: int, row: Row, matrix: Matrix, panel_size: int) -> list[Value | Formula]:
    at, drop = FIRST_ROW + number - 1, dropped_of(panel_size, matrix.scheme.dropped_each_end)
    first = get_column_letter(len(LEAD) + 1)
    last = get_column_letter(len(LEAD) + len(matrix.experts))
    scores = f"{first}{at}:{last}{at}"
    count, _, _, mean = (f"{get_column_letter(len(LEAD) + len(matrix.experts) + n)}{at}" for n in range(1, 5))
    return [
        number,
        row.case.name,
        row.case.credit_code,
        row.case.district,
        *(cell.total if cell.total is not None else cell.word for cell in row.cells),
        Formula(f"COUNT({scores})"),
        Formula(f'IF({count}=0,"",MAX({scores}))'),
        Formula(f'IF({count}=0,"",MIN({scores}))'),
        Formula(f'IF({count}<{panel_size},"",{_trimmed(scores, count, drop)})'),
        Formula(f'IF({count}=0,"",MAX({scores})-MIN({scores}))'),
        Formula(_grade(mean, matrix.scheme)),
    ]


def _trimmed(scores: str, count: str, drop: int) -> str:
    """The sum without the highest and lowest ones over what is left, rounded half up to two decimals."""
    dropped = "".join(f"-LARGE({scores},{n})-SMALL({scores},{n})" for n in range(1, drop + 1))
    return f"ROUND((SUM({scores}){dropped})/({count}-{2 * drop}),2)"


def _grade(mean: str, scheme: SchemeSpec) -> str:
    maximum = scheme.maximum
    excellent, good, passed = (plain(bound * maximum / 100) for bound in reversed(scheme.bounds))
    return (
        f'IF({mean}="","",IF({mean}>={excellent},"优秀",IF({mean}>={good},"良好",'
        f'IF({mean}>={passed},"合格","不合格"))))'
    )

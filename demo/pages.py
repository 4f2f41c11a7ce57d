"""What stands on the public pages of the round that is open: templates, questions with answers, office telephones. All fictional."""

import hashlib
from datetime import date, timedelta

from accounts.models import Agency
from applications.models import Round, RoundFile, RoundQuestion
from applications.round_pages import add_file, save_question
from applications.uploads import PDF, Inspected
from core import clock
from demo.calendar import morning
from demo.cast import Cast
from demo.files import pdf

TEMPLATES = (
    (
        "申报书样例",
        ("封面、目录、三年指标、服务型制造项目、附件清单", "格式为演示样例，不是真实的申报书格式"),
    ),
    ("服务性收入专项说明模板", ("服务性收入的口径、合同清单、占主营业务收入的比重", "由企业填写并盖章")),
    ("服务型制造项目证明模板", ("项目名称、客户、起止时间、服务内容、服务性收入", "每个项目一份")),
)
QUESTIONS = (
    (
        "申报的正常经营年限算到哪一天？",
        "算到本批次的基准日，截止时间延长的也不变。按第十二条第1项，申报主体应已正常经营两年（含）以上。",
    ),
    (
        "第十二条第3项的三个条件要全部达到吗？",
        "不用，满足其中一项即可：服务性收入占比 15%（含）以上，或者主营业务收入比上年增长 10%（含）以上，"
        "或者利润比上年增长 10%（含）以上。可以先用“自测条件”算一遍。",
    ),
    (
        "通过区市申报和通过行业协会申报，可以同时进行吗？",
        "同一批次只能选一个申报渠道。提交后要更换渠道的，先撤回，再重新提交。",
    ),
    (
        "“亩产效益”评价是 C 类，可以申报吗？",
        "可以。第十三条规定的是同等条件下 A、B 类优先，没有限制其他企业申报。",
    ),
    (
        "被退回补正后，原来上传的附件要重新上传吗？",
        "不用。只需改动列为退回的项目，其他内容保留；在补正期限内重新提交即可。",
    ),
)
ANSWERED_AFTER = (3, 4, 7, 8, 9)  # days, none of them a weekend
UNPUBLISHED = ("专项审计由哪些机构出具？", "正在征求各区市意见，确定后发布（演示）。")


def furnish(cast: Cast, round_: Round, opens: date) -> None:
    """Templates on the first day, answers in the weeks after, one still being written."""
    with clock.stopped_at(morning(opens) + timedelta(hours=1)):
        for title, lines in TEMPLATES:
            content = pdf(title, round_.title, lines)
            sha256 = hashlib.sha256(content).hexdigest()
            upload = Inspected(f"{title}（演示）.pdf", content, PDF, 1, sha256)
            add_file(round_, upload, kind=RoundFile.Kind.TEMPLATE, title=title, by=cast.municipal)
    for days, (question, answer) in zip(ANSWERED_AFTER, QUESTIONS, strict=True):
        with clock.stopped_at(morning(opens + timedelta(days=days))):
            written = RoundQuestion(round=round_, question=question, answer=answer)
            save_question(written, publish=True, by=cast.municipal)
    with clock.stopped_at(morning(opens + timedelta(days=30))):
        question, answer = UNPUBLISHED
        save_question(
            RoundQuestion(round=round_, question=question, answer=answer), publish=None, by=cast.municipal
        )


def give_telephones() -> None:
    """Numbers that belong to nobody, and say so."""
    offices = list(Agency.objects.order_by("position", "id"))
    for number, agency in enumerate(offices, start=1):
        agency.phone = f"0631-555 00{number:02d}（虚构号码）"
    Agency.objects.bulk_update(offices, ["phone"])

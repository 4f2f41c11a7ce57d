"""Documents of this room, made in a worker: the notices and the plaque."""

from django.conf import settings

from accounts.roles import MUNICIPAL, has_role, reads_everything
from core import clock, documents
from core.documents import CannotBeMade, Kind, Made, Progress
from core.wording import cn_date
from decisions import revisions
from decisions.models import Plaque, PublicNotice

LIST_TITLES = {
    PublicNotice.Kind.PUBLICITY: "拟认定名单",
    PublicNotice.Kind.ANNOUNCEMENT: "名单",
    PublicNotice.Kind.RE_REVIEW_RESULT: "复核结果",
    PublicNotice.Kind.REVOCATION: "撤销称号名单",
}
RELEASED = "released"
CHINESE_DIGITS = "〇一二三四五六七八九"


def notice_key(notice: PublicNotice) -> str:
    return RELEASED if notice.state == PublicNotice.State.RELEASED else revisions.of_notice(notice)


def may_read_notice(user, notice: PublicNotice, key: str) -> bool:
    """What has been released is public; a draft stays the bureau's, also after another text was released."""
    return key == RELEASED or reads_everything(user)


def may_read_plaque(user, plaque: Plaque, key: str) -> bool:
    """The holder and the bureau."""
    holder = user.is_authenticated and plaque.recognition.enterprise_id in {
        hat.enterprise_id for hat in user.hats() if hat.enterprise_id
    }
    return holder or has_role(user, *MUNICIPAL)


def make_notice(notice: PublicNotice, key: str, progress: Progress) -> Made:
    """The notice after GB/T 9704 with its list; no person's phone number in text or properties."""
    from core.rendering import render_pdf

    if key != notice_key(notice):
        raise CannotBeMade("拟稿在文件生成之前又有改动或已发布，没有生成。请返回公告页面重新生成。")
    entries = list(
        notice.entries.select_related("application__enterprise__district", "application__main_mode").order_by(
            "position"
        )
    )
    dated = clock.local(notice.released_at or clock.now()).date()
    award = notice.round.measure.title_awarded
    kind = LIST_TITLES.get(PublicNotice.Kind(notice.kind), "")
    list_title = f"{notice.round.year}年度{award}{kind}"
    context = {
        "notice": notice,
        "author": notice.round.measure.awarding_body,
        "title_lines": title_lines(notice.title),
        "paragraphs": [line.strip() for line in notice.body.splitlines() if line.strip()],
        "entries": entries,
        "has_remarks": any(one.remark for one in entries),
        "list_title": list_title,
        "list_lines": title_lines(list_title),
        "dated": cn_date(dated, "plain"),
    }
    return Made(f"{notice.title}.pdf", render_pdf("documents/notice.html", context))


def make_plaque(plaque: Plaque, key: str, progress: Progress) -> Made:
    """Artwork of 600 × 400 mm with the exact title of 第十七条, the serial and a code that leads to its check page."""
    from core.rendering import qr_code, render_pdf

    context = {
        "plaque": plaque,
        "author": plaque.awarding_body,
        "enterprise_name": plaque.recognition.enterprise.name,
        "dated": chinese_month(plaque.dated.year, plaque.dated.month),
        "qr": qr_code(f"{settings.SITE_URL}/verify/{plaque.serial}/"),
    }
    return Made(f"牌匾_{plaque.serial}.pdf", render_pdf("documents/plaque.html", context))


def title_lines(title: str) -> list[str]:
    """A long title in lines that do not break a word: after 示范企业, where titles of notices may turn."""
    head, word, tail = title.partition("示范企业")
    return [head + word, tail] if word and tail and len(title) > 20 else [title]


def chinese_month(year: int, month: int) -> str:
    """二〇二六年九月, as a plaque is dated."""
    tens = "十" if month >= 10 else ""
    ones = CHINESE_DIGITS[month % 10] if month % 10 else ""
    return "".join(CHINESE_DIGITS[int(digit)] for digit in str(year)) + f"年{tens}{ones}月"


documents.register("notice", Kind("公告文件", make_notice, may_read_notice))
documents.register("plaque", Kind("牌匾样稿", make_plaque, may_read_plaque))

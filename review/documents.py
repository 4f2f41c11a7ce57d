"""Documents of this room, made in a worker."""

import base64
import io
from typing import Any

from PIL import Image

from accounts.models import Expert
from accounts.roles import reads_everything
from applications.versions import digest_of
from core import clock, documents
from core.documents import CannotBeMade, Kind, Made, Progress
from core.wording import cn_date
from policy.scoring import grade
from review import opinions, planning, visiting
from review.draw import Terms, replay
from review.models import Assignment, Draw, Panel, PanelCase, SitePhoto, SiteVisit

PROTOCOL = "protocol"


def protocol_context(record: Draw) -> dict[str, Any]:
    """A draw as page and protocol show it: who was drawn, on which terms, whether it comes out the same again."""
    rows = {one["id"]: one for one in record.eligible}
    terms = Terms.kept(record.terms)
    drawn = [rows[one] for one in record.outcome]
    last = Draw.objects.filter(panel=record.panel_id, case=None).order_by("-id").first()
    return {
        "record": record,
        "terms": terms,
        "drawn": drawn,
        "reserves": [rows[one] for one in record.reserves],
        "uncovered": [field for field in terms.fields if not any(field in one["modes"] for one in drawn)],
        "is_superseded": record.case_id is None and last is not None and last.pk != record.pk,
        "replay": replay(record),
    }


def may_read_protocol(user, record: Draw, key: str) -> bool:
    return reads_everything(user)


def make_draw_protocol(record: Draw, key: str, progress: Progress) -> Made:
    """The protocol of a draw, for the signatures of who drew and who watched (第十六条)."""
    from core.rendering import render_pdf

    context = protocol_context(record) | {
        "author": record.panel.round.measure.awarding_body,
        "dated": cn_date(clock.local(record.drawn_at).date(), "plain"),
    }
    return Made(f"专家抽取记录_{record.pk}.pdf", render_pdf("documents/draw_protocol.html", context))


def opinion_key(case: PanelCase) -> str:
    """The opinion as it reads, who gives it, and the signatures to it; so the document changes with each."""
    signed = [[one.expert_id, one.signed_at.isoformat()] for one in opinions.signatures_of(case)]
    people = [_at_work(case), _chair_of(case), case.opinion_by_id]
    return digest_of([opinions.opinion_digest(case), str(case.application.score), people, signed])[:32]


def _at_work(case: PanelCase) -> list[int]:
    on_it = case.assignments.filter(state=Assignment.State.CLEAR).order_by("id")
    return list(on_it.values_list("expert", flat=True))


def _chair_of(case: PanelCase) -> int | None:
    return case.panel.members.filter(is_chair=True).values_list("expert", flat=True).first()


def make_opinion(case: PanelCase, key: str, progress: Progress) -> Made:
    """The panel's opinion on a case with its result and who signed it when (第十六条)."""
    from core.rendering import render_pdf

    if key != opinion_key(case):
        raise CannotBeMade("审核意见或签署在文件生成之前又有变化，没有生成。请返回专家组页面重新生成。")
    if not case.opinion:
        raise CannotBeMade("这一件还没有专家组审核意见。")
    score, scheme = case.application.score, case.panel.round.scheme.spec()
    signed = {one.expert_id: one for one in opinions.signatures_of(case)}
    experts, chair = Expert.objects.select_related("user").in_bulk(_at_work(case)), _chair_of(case)
    context = {
        "author": case.panel.round.measure.awarding_body,
        "case": case,
        "application": case.application,
        "score": score,
        "grade": grade(score, scheme).label if score is not None else "",
        "experts": [(one, one.pk == chair, signed.get(one.pk)) for one in experts.values()],
    }
    name = f"专家组审核意见_{case.application.enterprise}.pdf"
    return Made(name, render_pdf("documents/panel_opinion.html", context))


def record_key(visit: SiteVisit) -> str:
    """The record as it reads, its photos, who went and the signatures to it; so the document changes with each."""
    signed = [[one.signed_by_id, one.signed_at.isoformat()] for one in visiting.signatures_of(visit)]
    visitors = [[one.pk, stepped_aside] for one, stepped_aside in visiting.visitors_of(visit)]
    return digest_of([visiting.record_digest(visit), visitors, signed])[:32]


def make_visit_record(visit: SiteVisit, key: str, progress: Progress) -> Made:
    """The record of a visit with its photos and who signed it when; or why none was needed (第十六条)."""
    from core.rendering import render_pdf

    if key != record_key(visit):
        raise CannotBeMade("考察记录在文件生成之前又有变化，没有生成。请返回现场考察页面重新生成。")
    application = visit.application
    signed = {one.signed_by_id: one for one in visiting.signatures_of(visit)}
    shown, photos = list(application.site_photos.shown()), []
    for number, one in enumerate(shown, 1):
        photos.append((one, _small(one)))
        progress(90 * number // len(shown))
    context = {
        "author": application.round.measure.awarding_body,
        "visit": visit,
        "application": application,
        "team": [
            (one, stepped_aside, signed.get(one.pk)) for one, stepped_aside in visiting.visitors_of(visit)
        ],
        "photos": photos,
    }
    name = f"现场考察记录_{application.enterprise}.pdf"
    return Made(name, render_pdf("documents/visit_record.html", context))


def _small(photo: SitePhoto) -> str:
    """A photo as a data address, small enough to print two in a line. Raises CannotBeMade."""
    out = io.BytesIO()
    try:
        with photo.file.open() as file, Image.open(file) as picture:
            picture.thumbnail((900, 900))
            picture.convert("RGB").save(out, "JPEG", quality=80)
    except OSError as problem:
        raise CannotBeMade(
            f"照片“{photo.name}”的文件读不出来，请移除后重新上传，再生成考察记录。"
        ) from problem
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"


def may_read_record(user, visit: SiteVisit, key: str) -> bool:
    """One whose photos or words have changed since is shown to nobody any more."""
    return reads_everything(user) and key == record_key(visit)


documents.register(
    "visit-record",
    Kind("现场考察记录", make_visit_record, may_read_record),
)
documents.register(
    "panel-opinion", Kind("专家组审核意见", make_opinion, lambda user, case, key: reads_everything(user))
)


def may_read_plan(user, panel: Panel, key: str) -> bool:
    return reads_everything(user)


documents.register(planning.PLAN, Kind("评审分配方案", planning.make_plan, may_read_plan))
documents.register("draw-protocol", Kind("专家抽取记录", make_draw_protocol, may_read_protocol))

"""Freezing what was submitted: a snapshot of everything a reader needs, its findings and their digest."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User
from applications.completeness import NARRATIVE_PARTS
from applications.facts import current_attachments, efficiency_category, findings_of
from applications.models import Application, ApplicationVersion
from applications.outlines import outline_of
from core import clock
from policy.figures import ROW_BY_KEY


def freeze(application: Application, *, by: User) -> ApplicationVersion:
    """Freeze the application as it stands under the next version number; the row is locked by the door."""
    whole = Application.objects.with_everything().get(pk=application.pk)
    snapshot = plain_snapshot(whole)
    findings = [finding.as_dict() for finding in findings_of(whole)]
    number = application.versions.count() + 1
    version = ApplicationVersion.objects.create(
        application=application,
        number=number,
        snapshot=snapshot,
        findings=findings,
        outline=outline_of(snapshot, findings),
        digest=digest_of({"number": number, "snapshot": snapshot, "findings": findings}),
        submitted_by=by,
        submitted_at=application.submitted_at or clock.now(),
    )
    application.current_version = version
    application.save(update_fields=["current_version"])
    return version


def plain_snapshot(application: Application, *, after: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The snapshot as JSON carries it: dates and amounts as text.

    ``after`` is the version it will be compared with: the official rating is taken from there, because another one is no
    change that the enterprise has made.
    """
    return json.loads(json.dumps(snapshot_of(application, after), cls=DjangoJSONEncoder))


def digest_of(content: Any) -> str:
    """SHA-256 of the content as JSON with sorted keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def snapshot_of(application: Application, after: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The application as plain values, grouped by section; names stand beside every code."""
    enterprise = application.enterprise
    category = (
        after["basic"]["efficiency_category"]
        if after
        else efficiency_category(enterprise.credit_code, application.round.latest_year)
    )
    projects = {one.pk: one.name for one in application.projects.all()}
    return {
        "basic": {
            "enterprise_name": enterprise.name,
            "credit_code": enterprise.credit_code,
            "legal_form": enterprise.get_legal_form_display(),
            "founded_on": enterprise.founded_on,
            "district": enterprise.district.region or enterprise.district.name,
            "channel": application.channel.name,
            "industry": str(enterprise.industry),
            "address": enterprise.address,
            "production_address": enterprise.production_address or enterprise.address,
            "legal_representative": enterprise.legal_representative,
            "employees": enterprise.employees,
            "main_mode": str(application.main_mode),
            "other_modes": [str(mode) for mode in application.other_modes.all()],
            "operating_since": application.operating_since,
            "contact_name": application.contact_name,
            "contact_mobile": application.contact_mobile,
            "contact_email": application.contact_email,
            "is_sound": application.is_sound,
            "efficiency_category": category,
            "conduct": [
                {
                    "question": one.get_question_display(),
                    "answer": one.get_answer_display(),
                    "level": one.get_level_display(),
                    "occurred_on": one.occurred_on,
                    "document": one.document,
                }
                for one in application.conduct_answers.all()
            ],
        },
        "figures": [
            {"year": row.year}
            | {name: getattr(row, name) for name in ROW_BY_KEY}
            | {"by_mode": {str(one.mode): one.amount for one in row.mode_revenues.all()}}
            for row in application.figures.all()
        ],
        "service_unit": {
            "kind": application.get_service_unit_kind_display(),
            "name": application.service_unit_name,
            "established_on": application.service_unit_established_on,
            "headcount": application.service_unit_headcount,
            "credit_code": application.service_unit_credit_code,
            "share_percent": application.service_unit_share,
        },
        "projects": [
            {
                "key": one.row_key,
                "name": one.name,
                "mode": str(one.mode),
                "client": one.client,
                "started_on": one.started_on,
                "ended_on": one.ended_on,
                "amount": one.amount,
                "description": one.description,
            }
            for one in application.projects.all()
        ],
        "capability": {
            "digitalisation": application.digitalisation,
            "intellectual_property": application.intellectual_property,
            "honours": application.honours,
        },
        "narrative": {name: getattr(application, name) for name in NARRATIVE_PARTS},
        "attachments": [
            {
                "id": one.pk,
                "kind": one.kind,
                "kind_label": one.get_kind_display(),
                "name": one.name,
                "size": one.size,
                "pages": one.pages,
                "sha256": one.sha256,
                "project": projects.get(one.project_id or 0, ""),
            }
            for one in current_attachments(application)
        ],
        "commitment": {
            "by": application.committed_by.name if application.committed_by else "",
            "at": application.committed_at,
        },
    }

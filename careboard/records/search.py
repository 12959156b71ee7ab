"""One box that finds what people name: a service, a reference, a few words, a record's name.

One statement over all tables; each group gives its first hits and how many there are in all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Integer,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from careboard.actions.models import Action
from careboard.assurance.models import Claim
from careboard.db import db
from careboard.evidence.models import Evidence
from careboard.records.models import AuditConcern, Concern
from careboard.records.names import RecordName, matching
from careboard.recovery.models import Indicator
from careboard.reviews.models import Review
from careboard.risks.models import Risk
from careboard.services.lists import containing, within, within_or_organisation
from careboard.services.models import Service
from careboard.tenancy import Actor

SHORTEST = 2
SHOWN = 6
SNIPPET = 160
GROUPS = {
    "service": "Services",
    "action": "Actions",
    "audit_concern": "Audit concerns",
    "concern": "Incidents, complaints and other concerns",
    "risk": "Risks",
    "claim": "Claims",
    "indicator": "Indicators",
    "evidence": "Evidence",
    "review": "Reviews",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """`code` is the state or kind of the thing; `snippet` is in pieces (words, whether found)."""

    subject_id: UUID
    title: str
    code: str
    service: str
    snippet: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    label: str
    total: int
    hits: list[Hit]


@dataclass(frozen=True, slots=True)
class Found:
    names: Sequence[RecordName]
    groups: list[Group]

    @property
    def total(self) -> int:
        return len(self.names) + sum(group.total for group in self.groups)


def search(*, actor: Actor, words: str) -> Found:
    """What contains every one of the words, within the person's services. One statement.

    Fewer than two characters find nothing.
    """
    if len(words) < SHORTEST:
        return Found((), [])
    rows = db.session.execute(union_all(*_parts(actor, words))).all()
    groups = []
    for key, label in GROUPS.items():
        own = [row for row in rows if row.kind == key]
        if own:
            groups.append(Group(key, label, own[0].total, [_hit(row, words) for row in own]))
    return Found(matching(words), groups)


def _parts(actor: Actor, words: str) -> list[Select]:
    return [*_records(actor, words), *_governance(actor, words)]


def _records(actor: Actor, words: str) -> list[Select]:
    return [
        _part(
            Service, "service", actor, words,
            title=Service.name, code=Service.kind, body=Service.local_authority,
            looked_in=(Service.name, Service.cqc_location_id, Service.local_authority,
                       Service.postcode),
            scope=within(actor, Service.id), newest=Service.active,
        ),
        _part(
            Action, "action", actor, words,
            title=Action.reference + " " + Action.title, code=Action.status,
            body=Action.outcome_measure, service=_service_of(Action),
            looked_in=(Action.reference, Action.title, Action.source_reference,
                       Action.outcome_measure, Action.owner_name),
            scope=within(actor, Action.service_id), newest=Action.created_at,
        ),
        _part(
            AuditConcern, "audit_concern", actor, words,
            title=func.concat_ws(" ", AuditConcern.source_key, AuditConcern.theme),
            code=AuditConcern.status, body=AuditConcern.text, service=_service_of(AuditConcern),
            looked_in=(AuditConcern.source_key, AuditConcern.theme, AuditConcern.text),
            scope=within(actor, AuditConcern.service_id), newest=AuditConcern.raised_on,
        ),
        _part(
            Concern, "concern", actor, words,
            title=func.concat_ws(" ", Concern.source_key, Concern.theme), code=Concern.kind,
            body=Concern.text, service=_service_of(Concern),
            looked_in=(Concern.source_key, Concern.theme, Concern.place, Concern.text),
            scope=within(actor, Concern.service_id), newest=Concern.occurred_on,
        ),
    ]  # fmt: skip


def _governance(actor: Actor, words: str) -> list[Select]:
    return [
        _part(
            Risk, "risk", actor, words,
            title=Risk.reference + " " + Risk.domain, code=Risk.rating, body=Risk.original_cause,
            service=_service_of(Risk),
            looked_in=(Risk.reference, Risk.domain, Risk.original_cause, Risk.outcome_position),
            scope=within(actor, Risk.service_id), newest=Risk.rated_on,
        ),
        _part(
            Claim, "claim", actor, words,
            title=Claim.reference, code=Claim.status, body=Claim.statement,
            service=_service_of(Claim), looked_in=(Claim.reference, Claim.statement),
            scope=and_(
                within(actor, Claim.service_id),
                or_(Claim.status != "draft", Claim.submitted_by_id == actor.membership_id),
            ),
            newest=Claim.created_at,
        ),
        _part(
            Indicator, "indicator", actor, words,
            title=Indicator.reference + " " + Indicator.name, code=Indicator.domain,
            service=_service_of(Indicator), looked_in=(Indicator.reference, Indicator.name),
            scope=within(actor, Indicator.service_id), newest=Indicator.created_at,
        ),
        _part(
            Evidence, "evidence", actor, words,
            title=Evidence.reference + " " + Evidence.title, code=Evidence.status,
            service=_service_of(Evidence), looked_in=(Evidence.reference, Evidence.title),
            scope=within_or_organisation(actor, Evidence.service_id), newest=Evidence.created_at,
        ),
        _part(
            Review, "review", actor, words,
            title=Review.reference, code=Review.forum, body=Review.summary,
            service=_service_of(Review),
            looked_in=(Review.reference, func.replace(Review.forum, "_", " "), Review.summary),
            scope=within_or_organisation(actor, Review.service_id), newest=Review.period_to,
        ),
    ]  # fmt: skip


def _service_of(model: Any) -> Any:
    return (
        select(Service.name)
        .where(Service.org_id == model.org_id, Service.id == model.service_id)
        .scalar_subquery()
    )


def _part(
    model: Any,
    kind: str,
    actor: Actor,
    words: str,
    *,
    title: Any,
    code: Any,
    looked_in: Sequence[Any],
    scope: Any,
    newest: Any,
    body: Any = None,
    service: Any = None,
) -> Select:
    part = (
        select(
            literal(kind).label("kind"),
            model.id.label("subject_id"),
            cast(title, Text).label("title"),
            cast(code, Text).label("code"),
            cast(null() if service is None else service, Text).label("service"),
            cast(literal("") if body is None else body, Text).label("body"),
            cast(func.count().over(), Integer).label("total"),
        )
        .where(model.org_id == actor.org_id, scope, containing(words, *looked_in))
        .order_by(newest.desc(), model.id.desc())
        .limit(SHOWN)
        .subquery()
    )
    return select(part)


def _hit(row: Any, words: str) -> Hit:
    return Hit(row.subject_id, row.title, row.code, row.service or "", snippet(row.body, words))


def snippet(body: str | None, words: str) -> list[tuple[str, bool]]:
    """The stretch of the text around the first word that occurs, cut into what was found and what
    stands between."""
    text = " ".join((body or "").split())
    sought = re.compile("|".join(re.escape(word) for word in words.split()) or "$^", re.I)
    first = sought.search(text)
    start = max(0, first.start() - SNIPPET // 3) if first else 0
    start = text.rfind(" ", 0, start) + 1 if start else 0
    cut = text[start : start + SNIPPET]
    pieces: list[tuple[str, bool]] = [("… ", False)] if start else []
    at = 0
    for match in sought.finditer(cut):
        pieces += [(cut[at : match.start()], False), (match[0], True)]
        at = match.end()
    pieces.append((cut[at:] + (" …" if start + SNIPPET < len(text) else ""), False))
    return [piece for piece in pieces if piece[0]]

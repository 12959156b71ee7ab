"""What an organisation already holds, as a check or a load needs to know it."""

from __future__ import annotations

import polars as pl
from sqlalchemy import literal, select, union_all

from careboard.accounts.models import Membership, Organisation, OrganisationKey
from careboard.db import db
from careboard.imports.checking import CheckContext
from careboard.imports.projected_rows import Lookups
from careboard.imports.services_matching import ServiceRef
from careboard.records.models import Audit, AuditConcern, Concern
from careboard.recovery.importing import own_measures
from careboard.recovery.models import Indicator
from careboard.services.models import Service
from careboard.tenancy import Actor

_RECORD = {
    "source_key": pl.String,
    "id": pl.String,
    "service_id": pl.String,
    "theme": pl.String,
    "domain": pl.String,
}


def check_context(*, actor: Actor, feed: str) -> CheckContext:
    """The organisation's services, identity and keys, for a check of that feed."""
    organisation = db.session.get(Organisation, actor.org_id)
    services = db.session.execute(
        select(
            Service.id,
            Service.name,
            Service.cqc_location_id,
            Service.ods_code,
            Service.local_authority,
        ).where(Service.org_id == actor.org_id)
    )
    known = {}
    if feed == "audit_concerns":
        keys = select(Audit.source_key).where(Audit.org_id == actor.org_id)
        known["audits"] = set(db.session.scalars(keys))
    return CheckContext(
        services=[
            ServiceRef(
                id=str(row.id),
                name=row.name,
                cqc_location_id=row.cqc_location_id,
                ods_code=row.ods_code,
                local_authority=row.local_authority,
            )
            for row in services
        ],
        provider_name=organisation.name,
        cqc_provider_id=organisation.cqc_provider_id,
        known_refs=known,
        today=actor.today,
    )


def lookups(*, actor: Actor, feed: str, source_label: str) -> Lookups:
    """What rows of that feed may point at; empty frames for what they do not."""
    members = db.session.execute(
        select(Membership.email, Membership.id).where(
            Membership.org_id == actor.org_id, Membership.active
        )
    )
    return Lookups(
        person_key=person_key(actor),
        audits=_records(_audits(actor)) if feed == "audit_concerns" else _records(None),
        concerns=_records(_concerns(actor), table=pl.String)
        if feed == "actions"
        else _records(None, table=pl.String),
        indicators=_indicators(actor) if feed == "indicator_readings" else _no_indicators(),
        members={row.email.lower(): str(row.id) for row in members},
        source_label=source_label,
    )


def own_words(*, actor: Actor, feed: str) -> dict[str, dict[str, str]]:
    """{field: {word: code}} that only this organisation uses: the names of its own indicators."""
    if feed != "indicator_readings":
        return {}
    return {"indicator": own_measures(actor=actor)}


def person_key(actor: Actor) -> bytes:
    """The organisation's key for hashes of person references."""
    return db.session.scalar(
        select(OrganisationKey.person_key).where(OrganisationKey.org_id == actor.org_id)
    )


_INDICATOR = {
    name: pl.String for name in ("service_id", "measure", "indicator_id", "cadence", "unit")
}


def _no_indicators() -> pl.DataFrame:
    return pl.DataFrame(schema=_INDICATOR)


def _indicators(actor: Actor) -> pl.DataFrame:
    found = db.session.execute(
        select(
            Indicator.service_id,
            Indicator.measure,
            Indicator.id,
            Indicator.cadence,
            Indicator.unit,
        ).where(Indicator.org_id == actor.org_id, Indicator.computed_by.is_(None))
    )
    rows = [tuple(str(cell) for cell in row) for row in found]
    return pl.DataFrame(rows, schema=_INDICATOR, orient="row")


def _audits(actor: Actor):
    return select(Audit.source_key, Audit.id, Audit.service_id, Audit.theme, Audit.domain).where(
        Audit.org_id == actor.org_id
    )


def _concerns(actor: Actor):
    return union_all(
        *(
            select(
                model.source_key,
                model.id,
                model.service_id,
                model.theme,
                model.domain,
                literal(model.__tablename__).label("table"),
            ).where(model.org_id == actor.org_id, model.source_key.is_not(None))
            for model in (AuditConcern, Concern)
        )
    )


def _records(statement, **more: type[pl.DataType]) -> pl.DataFrame:
    rows = [] if statement is None else db.session.execute(statement)
    plain = [tuple(None if cell is None else str(cell) for cell in row) for row in rows]
    return pl.DataFrame(plain, schema={**_RECORD, **more}, orient="row")

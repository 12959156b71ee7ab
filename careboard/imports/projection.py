"""Checked rows of a feed as rows of the table that keeps them.

Pure: takes and returns polars frames. Scores become hundredths; references to people become keyed
hashes; what only one feed knows goes to `details`. Source: domain/data-shapes.md 6.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
import uuid_utils

from careboard.imports.projected_rows import Lookups, Rows, domain_column, person_column
from careboard.imports.projection_recovery import doses, readings, reviews


@dataclass(frozen=True, slots=True)
class Target:
    """Where a feed's rows are kept. `keys` identify a row beside org_id."""

    table: str
    keys: tuple[str, ...]
    project: Callable[[Rows, Lookups], pl.DataFrame]


def project(feed: str, accepted: pl.DataFrame, lookups: Lookups) -> pl.DataFrame:
    """Rows for the feed's table: its columns beside org_id, batch_id and the times.

    `loser` is true for a row whose record comes again further down the same file.
    """
    target = TARGETS[feed]
    ids = [str(uuid_utils.uuid7()) for _ in range(accepted.height)]
    return (
        target.project(Rows(accepted), lookups)
        .with_columns(
            pl.Series("id", ids, dtype=pl.String),
            accepted["source_key"],
            accepted["row"].alias("row_no"),
        )
        .with_columns(loser=~pl.struct(target.keys).is_last_distinct())
    )


def _services(rows: Rows, lookups: Lookups) -> pl.DataFrame:
    types = rows.text("types")
    folded = types.str.to_lowercase()
    kind = (
        pl.when(folded.str.contains("supported living"))
        .then(pl.lit("living"))
        .when(folded.str.contains("homecare|domiciliary|home care agenc|care at home"))
        .then(pl.lit("homecare"))
        .when(folded.str.contains("residential|nursing|care home"))
        .then(pl.lit("home"))
        .otherwise(pl.lit("other"))
    )
    return rows.frame.select(
        rows.text("name").alias("name"),
        rows.value("id", pl.String()).alias("cqc_location_id"),
        rows.value("ods", pl.String()).alias("ods_code"),
        kind.alias("kind"),
        types.alias("types"),
        rows.text("la").alias("local_authority"),
        *(
            rows.text(name).alias(name)
            for name in ("region", "address", "postcode", "phone", "url")
        ),
    )


def _audits(rows: Rows, lookups: Lookups) -> pl.DataFrame:
    completed = rows.value("completed_on", pl.Date())
    cycle = rows.text("cycle")
    return rows.frame.select(
        pl.col("service_id"),
        rows.text("theme").alias("theme"),
        domain_column(rows, "audit", rows.text("theme")),
        pl.when(cycle == "").then(completed.dt.strftime("%b %Y")).otherwise(cycle).alias("cycle"),
        completed.alias("completed_on"),
        rows.hundredths("score").alias("score"),
        rows.hundredths("max_score").alias("max_score"),
        rows.value("rag", pl.String()).alias("rag"),
        rows.text("auditor").alias("auditor"),
        pl.lit(lookups.source_label).alias("evidence_source"),
    )


def _audit_concerns(rows: Rows, lookups: Lookups) -> pl.DataFrame:
    known = lookups.audits.rename({"source_key": "audit_key", "id": "audit_id"})
    frame = rows.frame.with_columns(rows.text("audit").alias("audit_key"))
    if not rows.has("service_id"):
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("service_id"))
    joined = frame.join(known, on="audit_key", how="left", suffix="_audit", maintain_order="left")
    theme = pl.coalesce("theme_audit", "theme") if rows.has("theme") else pl.col("theme")
    themed = joined.with_columns(theme.fill_null("").alias("theme"))
    inner = Rows(themed)
    return themed.select(
        pl.col("audit_id"),
        pl.coalesce("service_id_audit", "service_id").alias("service_id"),
        pl.col("theme"),
        domain_column(inner, "audit", pl.col("theme")),
        inner.value("raised_on", pl.Date()).alias("raised_on"),
        inner.text("text").alias("text"),
        pl.col("severity"),
        pl.col("status"),
        inner.value("closed_on", pl.Date()).alias("closed_on"),
    )


def _actions(rows: Rows, lookups: Lookups) -> pl.DataFrame:
    audit_concerns = lookups.concerns.filter(pl.col("table") == "audit_concern")
    others = lookups.concerns.filter(pl.col("table") == "concern")
    source = rows.text("source")
    email = rows.text("email").str.strip_chars()
    due = rows.value("due", pl.Date())
    frame = rows.frame.with_columns(source.alias("source_reference"), email.alias("owner_email"))
    return frame.select(
        rows.text("id").alias("reference"),
        pl.col("service_id"),
        _found(others.vstack(audit_concerns), "domain").alias("domain"),
        _found(audit_concerns, "id").alias("audit_concern_id"),
        _found(others, "id").alias("concern_id"),
        pl.col("source_reference"),
        rows.text("action").alias("title"),
        pl.col("owner_email")
        .str.to_lowercase()
        .replace_strict(lookups.members, default=None, return_dtype=pl.String)
        .alias("owner_id"),
        rows.text("owner").alias("owner_name"),
        pl.col("owner_email"),
        due.alias("due_on"),
        due.alias("original_due_on"),
        pl.col("status").replace({"awaiting": "completed"}),
        rows.text("evidence").alias("completion_detail"),
        rows.value("completed_on", pl.Date()).alias("completed_on"),
        rows.value("updated", pl.Date()).alias("updated_on"),
    )


def _found(known: pl.DataFrame, column: str) -> pl.Expr:
    unique = known.unique("source_key", keep="last")
    return pl.col("source_reference").replace_strict(
        unique["source_key"], unique[column], default=None, return_dtype=pl.String
    )


@dataclass(frozen=True, slots=True)
class _ConcernShape:
    """Which field of a feed fills which column of `concern`; `details` are kept by name."""

    kind: str
    day: str
    theme: tuple[str, ...] = ("theme",)
    level: tuple[str, ...] = ()
    closed: str = "closed_on"
    details: tuple[str, ...] = ()


_CONCERNS = {
    "incidents": _ConcernShape(
        "incident",
        "occurred_at.d",
        ("themes", "theme", "type"),
        ("harm",),
        details=(
            *("type", "reported_at", "reg18_flag", "reg20_flag", "safeguarding_flag"),
            "riddor_flag",
        ),
    ),
    "complaints": _ConcernShape(
        "complaint",
        "received_on",
        closed="responded_on",
        details=("channel", "formal", "ack_on", "due_on", "responded_on", "outcome", "lessons"),
    ),
    "feedback": _ConcernShape(
        "feedback", "received_on", level=("respondent",), details=("question", "sentiment")
    ),
    "safeguarding": _ConcernShape(
        "safeguarding",
        "raised_on",
        ("category", "theme"),
        ("level",),
        details=("service.la", "la_ref"),
    ),
    "commissioner_queries": _ConcernShape(
        "commissioner_query",
        "received_on",
        closed="answered_on",
        details=("service.la", "answered_on", "due_on"),
    ),
}


def _concern_projection(shape: _ConcernShape) -> Callable[[Rows, Lookups], pl.DataFrame]:
    def of_kind(rows: Rows, lookups: Lookups) -> pl.DataFrame:
        day = shape.day if rows.has(shape.day) else "occurred_at"
        closed = rows.value(shape.closed, pl.Date())
        status = pl.when(closed.is_null()).then(pl.lit("open")).otherwise(pl.lit("closed"))
        if rows.has("status"):
            status = pl.coalesce(pl.col("status").cast(pl.String), status)
        details = [pl.col(name) for name in shape.details if rows.has(name)]
        if rows.has("staff"):
            details.append(person_column(rows, "staff", lookups).alias("staff_ref"))
        return rows.frame.select(
            pl.lit(shape.kind).alias("kind"),
            pl.col("service_id"),
            domain_column(rows, shape.kind, rows.text(*shape.theme)),
            rows.value(day, pl.Date()).alias("occurred_on"),
            rows.value("occurred_at", pl.Datetime("us", "Europe/London"))
            .dt.convert_time_zone("UTC")
            .alias("occurred_at"),
            rows.text(*shape.theme).alias("theme"),
            rows.text(*shape.level).alias("level"),
            rows.text("place").alias("place"),
            rows.text("source_role").alias("source_role"),
            person_column(rows, "person", lookups).alias("person_ref"),
            status.alias("status"),
            closed.alias("closed_on"),
            rows.hundredths("score").alias("score"),
            rows.hundredths("max_score").alias("max_score"),
            rows.text("text").alias("text"),
            (pl.struct(details).struct.json_encode() if details else pl.lit("{}")).alias("details"),
        )

    return of_kind


TARGETS: dict[str, Target] = {
    "services": Target("service", ("source_key",), _services),
    "audits": Target("audit", ("source_key",), _audits),
    "audit_concerns": Target("audit_concern", ("source_key",), _audit_concerns),
    "actions": Target("action", ("source_key",), _actions),
    "indicator_readings": Target("reading", ("indicator_id", "period_start"), readings),
    "reviews": Target("care_review", ("source_key",), reviews),
    "emar": Target("medicine_dose", ("source_key",), doses),
    **{
        feed: Target("concern", ("kind", "source_key"), _concern_projection(shape))
        for feed, shape in _CONCERNS.items()
    },
}

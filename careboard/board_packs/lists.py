"""The lists of a pack, each one table: printed in the PDF, and whole in its CSV file."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text

from careboard import figures
from careboard.board_packs.models import BoardPack
from careboard.board_packs.tables import Column, Table
from careboard.clock import day_words
from careboard.dashboards.changes import Changes
from careboard.dashboards.queries import BoardRow
from careboard.dashboards.signals import MONTHS
from careboard.db import db
from careboard.figures import FIGURES, Count
from careboard.reviews.queries import open_challenges
from careboard.tenancy import Actor
from careboard.vocabulary import FORUMS, RATINGS, SERVICE_KINDS, in_words

# The states that are not assurance, in the order in which they overrule each other.
GRAVEST_FIRST = (
    "disputed",
    "not_sustained",
    "unsupported",
    "review_needed",
    "stale",
    "untested",
)
# Where the decision stands in a row of the rating decisions.
DECISION = 5


def defined(code: str, on: date) -> str:
    """The source of a list that is a figure's rows."""
    definition = FIGURES[code]
    version = f"definition version {definition.version}"
    return f"Figure “{definition.title}”, {version}, as at {day_words(on)}."


def figures_table(counted: dict[str, Count], on: date) -> Table:
    """The board's figures: values, the last readings before the period, definitions."""
    rows = []
    for code, count in counted.items():
        definition = FIGURES[code]
        before = before_on = None
        if count.before:
            before = _value(code, count.before[0], count.before[1])
            before_on = count.before[2]
        rows.append(
            (
                definition.title,
                _value(code, count.numerator, count.denominator),
                count.numerator,
                count.denominator,
                definition.of,
                before,
                before_on,
                f"{definition.target}%" if definition.target else "",
                definition.version,
                definition.definition,
                on,
            )
        )
    known = any(count.before for count in counted.values())
    return Table(
        "figures",
        "Figures",
        f"CareBoard’s figures, as at {day_words(on)}; what each counts stands under “Definitions”.",
        (
            Column("Figure", width=3),
            Column("Value", "number"),
            Column("Counted", "number", 0),
            Column("Of", "number"),
            Column("Of what", width=2.4),
            Column("Before", "number", 1.1 if known else 0),
            Column("Read on", "day", 1.5 if known else 0),
            Column("Target", "number", 0.9),
            Column("Definition version", "number", 1.2),
            Column("Definition", "prose", 0),
            Column("As at", "day", 0),
        ),
        rows,
        empty="No figure is defined.",
    )


def _value(code: str, numerator: int, denominator: int | None) -> str:
    if not FIGURES[code].percent:
        return f"{numerator:,}"
    percent = figures.percentage(numerator, denominator)
    return "–" if percent is None else f"{percent:g}%"


def board_table(rows: list[BoardRow], on: date) -> Table:
    """Every cell of the risk board. The PDF shows it as a board instead."""
    return Table(
        "risk-board",
        "Risk board",
        f"Ratings, their assurance by rules 3.3 and trends of the last {MONTHS} whole months, "
        f"as at {day_words(on)}.",
        tuple(
            Column(heading, width=0)
            for heading in (
                *("Service", "Kind", "Local authority", "Manager", "Domain", "Rating"),
                *("Assurance", "Why", "Trend", "Trend in words", "Live actions"),
                "Overdue actions",
            )
        ),
        [
            (
                *(row.name, SERVICE_KINDS.get(row.kind, "Service"), row.local_authority),
                *(row.manager, cell.domain, in_words(cell.rating)),
                in_words(cell.assurance.state if cell.assurance else None),
                cell.assurance.reason if cell.assurance else "Not rated yet.",
                *(cell.trend.direction, cell.trend.sentence, cell.live, cell.overdue),
            )
            for row in rows
            for cell in row.cells
        ],
    )


def changes_table(changed: Changes, pack: BoardPack) -> Table:
    """How much happened in the period, in numbers."""
    counts = (
        ("Ratings changed", changed.ratings_total),
        ("First ratings", changed.first_rated),
        ("Red or amber audit concerns raised", changed.concerns),
        ("New actions", changed.new),
        ("Actions that became overdue", changed.newly_overdue),
        ("Actions verified by someone else", changed.verified),
        ("Actions returned", changed.returned),
        ("Evidence items that ran out", changed.expired),
    )
    return Table(
        "changes",
        "What changed",
        f"Records of {day_words(pack.period_from)} to {day_words(pack.period_to)}.",
        (Column("What", width=5), Column("Number", "number")),
        counts,
    )


_DECISIONS = text("""
SELECT v.decided_on, r.reference, s.name AS service, r.domain, v.rating_from, v.rating_to,
  v.decision, v.rationale, v.urgent, v.same_person_reason, m.name AS decided_by,
  t.reference AS sitting, c.reference AS claim, x.reference AS dispute,
  a.name AS submitted_by, b.name AS validated_by, w.until AS watched_until, w.outcome, coalesce((
    SELECT string_agg(e.reference || ' ' || e.title, '; ' ORDER BY e.reference)
    FROM evidence_link l JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
    WHERE l.org_id = v.org_id AND l.rating_review_id = v.id), '') AS evidence
FROM rating_review v
JOIN risk r ON r.org_id = v.org_id AND r.id = v.risk_id
JOIN service s ON s.org_id = r.org_id AND s.id = r.service_id
LEFT JOIN membership m ON m.org_id = v.org_id AND m.id = v.decided_by_id
LEFT JOIN membership a ON a.org_id = v.org_id AND a.id = v.submitted_by_id
LEFT JOIN membership b ON b.org_id = v.org_id AND b.id = v.validated_by_id
LEFT JOIN review t ON t.org_id = v.org_id AND t.id = v.sitting_id
LEFT JOIN claim c ON c.org_id = v.org_id AND c.id = v.claim_id
LEFT JOIN rating_dispute x ON x.org_id = v.org_id AND x.id = v.dispute_id
LEFT JOIN rating_watch w ON w.org_id = v.org_id AND w.rating_review_id = v.id
WHERE v.org_id = :org AND v.decided_on BETWEEN :first AND :last
ORDER BY array_position(ARRAY['raise', 'moderated', 'lower', 'set', 'hold'], v.decision),
  v.decided_at DESC, r.reference
""")
_DECIDED = {
    "raise": "raised",
    "lower": "lowered",
    "hold": "held",
    "set": "first set",
    "moderated": "moderated",
}


def decisions_table(actor: Actor, pack: BoardPack) -> Table:
    """Every rating decision of the period: from, to, why, by whom, on what evidence."""
    rows = db.session.execute(
        _DECISIONS, {"org": actor.org_id, "first": pack.period_from, "last": pack.period_to}
    )
    return Table(
        "rating-decisions",
        "Rating decisions",
        "Rating reviews (record: dashboard review log) decided from "
        f"{day_words(pack.period_from)} to {day_words(pack.period_to)}.",
        (
            Column("Date", "day", 1.2),
            Column("Risk", width=0),
            Column("Service and domain", "prose", 1.7),
            Column("From", "rating", 1.15),
            Column("To", "rating", 1.15),
            Column("Decision", width=1),
            Column("Why", "prose", 3),
            Column("Decided by", "prose", 1.6),
            Column("On what evidence", "prose", 2.2),
            Column("Since then", "prose", 1.2),
            Column("Sitting", width=0),
            Column("Return", width=0),
            Column("Return submitted by", width=0),
            Column("Return validated by", width=0),
            Column("Same-person exception", width=0),
        ),
        [_decision(row) for row in rows],
        lede="Raised ratings come first, then moderated, lowered, first set and held ones.",
        empty="No rating was decided in this period.",
    )


def _decision(row: Row) -> tuple:
    why = row.rationale
    if row.same_person_reason:
        why += f"\nSame-person exception: {row.same_person_reason}"
    place = row.sitting or ("at once, not yet in a sitting" if row.urgent else "")
    rests = [
        row.claim
        and f"Return {row.claim}, submitted by {row.submitted_by}, validated by {row.validated_by}",
        row.dispute and f"Dispute {row.dispute}",
        row.evidence,
    ]
    since = ""
    if row.watched_until:
        watched = f"watched until {day_words(row.watched_until)}"
        since = in_words(row.outcome) if row.outcome else watched
    return (
        row.decided_on,
        row.reference,
        f"{row.service}, {row.domain}",
        row.rating_from,
        row.rating_to,
        _DECIDED.get(row.decision, row.decision),
        why,
        ", ".join(part for part in (row.decided_by or "CareBoard", place) if part),
        "; ".join(part for part in rests if part) or "none cited",
        since,
        row.sitting,
        row.claim,
        row.submitted_by,
        row.validated_by,
        row.same_person_reason,
    )  # fmt: skip


def challenges_table(actor: Actor, on: date) -> Table:
    """Challenges that nobody has answered, oldest first."""
    zone = ZoneInfo(actor.time_zone)
    rows = []
    for found in open_challenges(actor=actor):
        since = found.entered_at.astimezone(zone).date()
        place = f"{FORUMS[found.forum]} {found.reference}"
        rows.append((since, (on - since).days, place, found.matter or "the sitting as a whole",
                     found.text, found.by or "CareBoard"))  # fmt: skip
    return Table(
        "open-challenges",
        "Open challenges",
        f"Challenges recorded in reviews without an answer, as at {day_words(on)}.",
        (
            Column("Made on", "day", 1.15),
            Column("Days open", "number", 0.7),
            Column("In", width=1.6),
            Column("On", "prose", 1.8),
            Column("Challenge", "prose", 3.4),
            Column("By", width=1.1),
        ),
        rows,
        lede="A challenge stays open until someone other than the challenger answers it.",
        empty="No challenge is open.",
    )


def overdue_table(actor: Actor, on: date) -> Table:
    """The rows behind the figure of overdue actions, the longest overdue first."""
    found = figures.compute(
        actor=actor, code="overdue_actions", on=on, everything=False, page_rows=None
    )
    return Table(
        "overdue-actions",
        "Overdue actions",
        defined("overdue_actions", on),
        (
            Column("Action", width=1.2),
            Column("What is to be done", "prose", 3.2),
            Column("Service", width=2),
            Column("Owner", width=1.4),
            Column("Due", "day", 1.2),
            Column("Days late", "number", 0.7),
            Column("Status", width=1.1),
        ),
        [
            (row.reference, row.title, row.service, row.who or "nobody named", row.on_date,
             row.days, in_words(row.status))
            for row in found.rows
        ],
        empty="No action is overdue.",
    )  # fmt: skip


def doubts_table(services: list[BoardRow], on: date) -> Table:
    """Ratings that cannot be relied upon just now, gravest finding first."""
    rows = [
        (cell.assurance.state, cell.rating, row.name, cell.domain, cell.assurance.reason)
        for row in services
        for cell in row.cells
        if cell.assurance and cell.assurance.state != "assured"
    ]
    rows.sort(key=lambda row: (GRAVEST_FIRST.index(row[0]), -RATINGS.index(row[1])))
    return Table(
        "ratings-not-assured",
        "Ratings that are not assured",
        f"Assurance states by rules 3.3, as at {day_words(on)}.",
        (
            Column("State", "state", 1.3),
            Column("Rating", "rating", 1.2),
            Column("Service", width=2),
            Column("Domain", width=1.2),
            Column("Why", "prose", 4),
        ),
        rows,
        lede="A colour is a claim. These ratings are shown on the board with their state.",
        empty="Every rating is assured.",
    )

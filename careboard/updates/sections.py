"""The sections of an update, from what the records say: figures and references, nobody's prose.

What was not validated stands in a section of its own and is never claimed. Pure. Source: steps
S3-3.2 to S3-3.4; DESIGN section 4, Recovery update.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Row

from careboard.actions.lateness import LIVE, RED_AFTER
from careboard.clock import day_words
from careboard.packs.content import EvidenceLine, Figure, Section, Table
from careboard.updates.facts import Facts, is_news, proven, role_words
from careboard.updates.plain import Plain
from careboard.updates.progress import progress
from careboard.vocabulary import in_words

HEADINGS = {
    "asked": "What was asked",
    "progress": "Progress",
    "validated": "What has been validated",
    "not_validated": "Not yet validated",
    "remaining_risk": "What remains at risk",
    "next": "What is next",
}
OUTCOMES = {
    "proves": "Proven",
    "partly": "Proven in part",
    "does_not_prove": "Not proven",
}
KINDS = {
    "claim": "Claim",
    "assurance_return": "Service assurance return",
    "monitoring_return": "Weekly monitoring return",
    "recovery_update": "Evidence set of an update",
}
MOST = 40  # lines of a table; how many there are in all is said beside it
NOBODY = "nobody with access"
# Without the day, which changes by itself: drafting again brings what has changed.
AS_AT = "Figures, ratings and lists are as they were known on the last day of the period."


def sections(facts: Facts, plain: Plain) -> tuple[Section, ...]:
    """All six, in their order."""
    found = progress(facts.stands, facts.measures, facts.claims, plain)
    made = (
        _asked(facts, plain),
        _progress(facts, found.figures, found.charts, plain),
        _validated(facts, plain),
        _not_validated(facts, found.unvalidated),
        _remaining(facts),
        _next(facts, plain),
    )
    return made


def evidence(facts: Facts, plain: Plain) -> tuple[EvidenceLine, ...]:
    """What the claims that were proven since rest on."""
    return tuple(
        EvidenceLine(
            row.reference,
            plain.said(row.title),
            row.kind,
            row.sha256,
            role_words(row.roles),
            row.validated_on,
        )
        for row in facts.evidence
    )


def _asked(facts: Facts, plain: Plain) -> Section:
    head = facts.head
    return Section(
        "asked",
        HEADINGS["asked"],
        _lines(
            f"Concern {head.reference}, raised on {day_words(head.raised_on)}. Theme: "
            f"{plain.said(head.theme)}.",
            f"Assurance asked for: {plain.said(head.required_assurance)}",
            f"It is due by {day_words(head.due_on)}. This is update {head.number}.",
            AS_AT,
        ),
    )


def _progress(facts: Facts, figures: tuple, charts: tuple, plain: Plain) -> Section:
    done = [row for row in facts.actions if row.status == "verified"]
    since = day_words(facts.head.since)
    if figures:
        said = "Only readings within a claim that somebody else validated are shown here."
    elif facts.stands:
        said = "No reading has been validated yet, so none is shown as progress."
    else:
        said = "No indicator of this service is read for its recovery."
    verified = _plainly("Actions verified", len(done), facts.on, f"Since {since}.")
    return Section(
        "progress",
        HEADINGS["progress"],
        said,
        (*figures, verified),
        _table(
            f"Actions verified since {since}",
            ("Reference", "Action", "Domain", "Verified on"),
            [
                (
                    row.reference,
                    plain.said(row.title),
                    _words(row.domain),
                    day_words(row.verified_on),
                )
                for row in done
            ],
        ),
        charts,
    )


def _validated(facts: Facts, plain: Plain) -> Section:
    news = [row for row in facts.claims if is_news(row, facts.head.since) and proven(row)]
    since = day_words(facts.head.since)
    return Section(
        "validated",
        HEADINGS["validated"],
        "" if news else f"Nothing was validated since {since}.",
        tables=_table(
            f"Claims found proven by somebody else since {since}",
            ("Reference", "Claim", "Domain", "Period", "Found", "On", "By"),
            [
                (
                    *_claim(row),
                    _words(row.domain),
                    f"{day_words(row.period_from)} to {day_words(row.period_to)}",
                    OUTCOMES[row.outcome],
                    day_words(row.validated_on),
                    _words(role_words(row.roles) or NOBODY),
                )
                for row in news
            ],
        ),
    )


def _not_validated(facts: Facts, readings: tuple[Figure, ...]) -> Section:
    since = facts.head.since
    waiting = [row for row in facts.claims if row.status == "submitted"]
    failed = [row for row in facts.claims if is_news(row, since) and not proven(row)]
    anything = readings or waiting or failed or facts.waiting
    return Section(
        "not_validated",
        HEADINGS["not_validated"],
        "Nothing here is claimed: nobody else has found it proven."
        if anything
        else "Nothing is waiting to be validated.",
        readings,
        (
            *_table(
                "Claims that wait for validation",
                ("Reference", "Claim", "Domain", "Handed in on"),
                [
                    (*_claim(row), _words(row.domain), day_words(row.submitted_on))
                    for row in waiting
                ],
            ),
            *_table(
                f"Claims checked and not proven since {day_words(since)}",
                ("Reference", "Claim", "Domain", "Found", "On"),
                [
                    (
                        *_claim(row),
                        _words(row.domain),
                        _found(row),
                        day_words(row.validated_on),
                    )
                    for row in failed
                ],
            ),
            *_table(
                "Evidence that nobody has accepted",
                ("Reference", "Kind", "Status"),
                [(row.reference, _words(row.kind), _words(row.status)) for row in facts.waiting],
            ),
        ),
    )


def _remaining(facts: Facts) -> Section:
    live = [row for row in facts.actions if row.status in LIVE]
    days = [(facts.on - row.due_on).days for row in live if row.due_on]
    overdue, red = sum(late > 0 for late in days), sum(late > RED_AFTER for late in days)
    lines = [] if facts.risks else ["No risk of this service is open on the risk profile."]
    if overdue:
        said = f"{overdue} of {len(live)} open actions {'is' if overdue == 1 else 'are'} overdue"
        lines.append(f"{said}, {red or 'none'} by more than {RED_AFTER} days.")
    elif live:
        lines.append(f"{len(live)} open actions, none of them overdue.")
    return Section(
        "remaining_risk",
        HEADINGS["remaining_risk"],
        _lines(*lines),
        tables=_table(
            "Open risks of the service",
            ("Reference", "Domain", "Rating", "How far the rating is assured", "Rated on"),
            [
                (
                    row.reference,
                    _words(row.domain),
                    _words(row.rating),
                    _words(row.state),
                    day_words(row.rated_on),
                )
                for row in facts.risks
            ],
        ),
    )


def _next(facts: Facts, plain: Plain) -> Section:
    live = [row for row in facts.actions if row.status in LIVE]
    return Section(
        "next",
        HEADINGS["next"],
        "" if live else "No action is open.",
        tables=_table(
            "Open actions",
            ("Reference", "Action", "Owner", "Due", "Status"),
            [
                (
                    row.reference,
                    plain.said(row.title),
                    _words(role_words(row.roles) or NOBODY),
                    day_words(row.due_on) if row.due_on else "no date",
                    _words(row.status),
                )
                for row in live
            ],
        ),
    )


def _found(row: Row) -> str:
    if row.unsupported:
        return "Not supported by its sample"
    return "Its evidence stands no more" if row.fallen else OUTCOMES[row.outcome]


def _claim(row: Row) -> tuple[str, str]:
    """What a claim is, without what its author wrote: that may say more than was proven."""
    return row.reference, KINDS[row.kind]


def _plainly(label: str, number: int, on: date, definition: str) -> Figure:
    """A number of actions: they are nobody's records, so that it needs no hiding."""
    return Figure(label, f"{number:,}", None, None, on, definition, validated=True)


def _table(
    caption: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> tuple[Table, ...]:
    """The table, or none where it would be empty."""
    if len(rows) > MOST:
        caption = f"{caption} (the first {MOST} of {len(rows):,})"
    return (Table(caption, columns, tuple(rows[:MOST])),) if rows else ()


def _lines(*lines: str) -> str:
    return "\n".join(lines)


def _words(code: str | None) -> str:
    return in_words(code or "all").capitalize()

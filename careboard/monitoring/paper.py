"""An episode as one paper that an inspector can follow, from its first signal to its end.

The same story as its page, from the same reading. Source: S2, regulator and inspector expectation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from careboard import clock
from careboard.board_packs.typeset import pdf, printable
from careboard.clock import day_words as _day
from careboard.monitoring import episode_queries, return_queries
from careboard.monitoring.criteria import STATE_WORDS
from careboard.monitoring.entry import CHANGE_WORDS, KIND_WORDS
from careboard.monitoring.episode_queries import Whole
from careboard.monitoring.return_queries import WeekLine
from careboard.monitoring.reviews import DECISION_WORDS, ESCALATION_WORDS
from careboard.monitoring.story import KIND_WORDS as STORY_WORDS
from careboard.monitoring.story import Told, story
from careboard.monitoring.trigger_queries import rule_words
from careboard.tenancy import Actor
from careboard.vocabulary import in_words

STATUS = {
    "open": "Under enhanced monitoring",
    "stepped_down": "Stepped down, follow-up review to come",
    "closed": "Closed",
}
WEEK_STATES = {
    "awaited": "Awaited",
    "due": "Due",
    "late": "Late, none has come",
    "unverified": "Not verified yet",
    "verified": "Verified",
    "not_proved": "Not proved",
    "unsupported": "Unsupported assurance",
}
# A cell is not broken over pages; the record itself holds the rest.
MOST_TEXT = 1_200


def episode_pdf(*, actor: Actor, episode_id: UUID) -> tuple[str, bytes]:
    """The paper's file name and its content. Raises NotFound, Forbidden, NotSet."""
    data = episode_data(actor=actor, episode_id=episode_id)
    return f"{data['reference']}.pdf", pdf("episode.typ", data)


def episode_data(*, actor: Actor, episode_id: UUID) -> dict[str, Any]:
    """What `episode.typ` shows. Raises NotFound, Forbidden."""
    whole = episode_queries.whole(actor=actor, episode_id=episode_id)
    head = return_queries.head(actor=actor, episode_id=episode_id)
    weeks = return_queries.week_lines(actor=actor, heads=[head])[episode_id]
    told = story(actor=actor, episode_id=episode_id, on=actor.today)
    row = whole.episode.row
    organisation, now = printable(actor.org_name), clock.now().astimezone(ZoneInfo(actor.time_zone))
    until = f"to {_day(row.ended_on)}" if row.ended_on else f"as at {_day(actor.today)}"
    return {
        "reference": row.reference,
        "title": printable(f"{row.service}: {row.title}", 200),
        "organisation": organisation,
        "on": [actor.today.year, actor.today.month, actor.today.day],
        "foot": f"{organisation} · {row.reference} · printed {_day(actor.today)}, {now:%H:%M}",
        "period": f"Enhanced monitoring, {_day(row.started_on)} {until}",
        "facts": _facts(whole),
        "sections": list(_sections(whole, weeks, actor.today)),
        "story": [_told(one) for one in told],
    }


def _facts(whole: Whole) -> list[tuple[str, str]]:
    one, row = whole.episode, whole.episode.row
    facts = [
        ("Episode", row.reference),
        ("Kind", KIND_WORDS[row.kind]),
        ("State", STATUS[row.status]),
        ("Criteria met", f"{one.met} of {len(one.criteria)}"),
        ("Governance lead", row.governance_lead),
        ("Manager", row.manager),
        (
            "Reviewed",
            f"every {row.frequency_days} days, planned review {_day(row.planned_review_on)}",
        ),
    ]
    if row.status == "open":
        facts.insert(3, ("Week", f"{one.week} of {one.weeks}"))
    else:
        facts += [
            ("It comes back if", row.re_escalation),
            ("Follow-up review", _day(row.follow_up_on)),
        ]
    if row.same_person_reason:
        facts.append(("Same person leads and manages", row.same_person_reason))
    return [(name, printable(value)) for name, value in facts]


def _sections(whole: Whole, weeks: Sequence[WeekLine], on: date) -> Iterable[dict[str, Any]]:
    """The parts of the page, each with words or a list."""
    one, rules = whole.episode, rule_words()
    decision = whole.decision
    if decision:
        began = f"{decision['reason']}\n{decision['by']}, {_day(decision['decided_on'])}"
        yield _section("Why it started", f"{began} ({decision['reference']})")
    yield _section(
        "What made rules fire",
        "",
        [("Trigger", 1), ("Rule", 1.6), ("What it said", 4), ("Fired", 1.1)],
        [
            (t["reference"], rules.get(t["rule"], t["rule"]), t["sentence"], _day(t["fired_on"]))
            for t in whole.triggers
        ],
        "It was started on a person’s own judgement: no trigger is named.",
    )
    yield _section(
        "What it requires, and what changes",
        one.row.requires,
        [("Change", 1.4), ("What", 3.4), ("Owner", 1.4), ("By", 1.1), ("In place", 1.1)],
        [
            (CHANGE_WORDS[c["kind"]], c["what"], c["owner"], _day(c["due_on"]), _day(c["done_on"]))
            for c in whole.changes
        ],
        "No operational change was named.",
    )
    yield _section(
        "Criteria for stepping down",
        "" if one.row.status != "open" else "\n".join(whole.against),
        [("Criterion", 3), ("State", 1), ("Why", 4)],
        [(c.words, STATE_WORDS[c.standing.state], c.standing.sentence) for c in one.criteria],
        "",
    )
    yield _section(
        "Priority actions",
        "",
        [("Action", 3.4), ("Owner", 1.4), ("Due", 1.1), ("State", 1.2)],
        [
            (
                f"{a['reference']} {a['title']}",
                a["owner"] or "",
                _day(a["due_on"]),
                _said(a["status"]),
            )
            for a in whole.actions
        ],
        "The episode has no action.",
    )
    yield _section(
        "Week by week",
        "",
        [("Week", 1.7), ("Return", 2), ("State", 1.3), ("Verified by", 1.6), ("Report", 1.6)],
        [_week(line) for line in reversed(weeks)],
        "The first week has not begun.",
    )
    yield from _later(whole)


def _later(whole: Whole) -> Iterable[dict[str, Any]]:
    yield _section(
        "Provider visits",
        "",
        [("Day", 1.1), ("By", 1.4), ("Findings", 3.4), ("Verified", 2)],
        [
            (
                _day(v["on_date"]),
                v["by"] + (", independent" if v["independent"] else ""),
                v["findings"],
                v["verifies"],
            )
            for v in reversed(whole.visits)
        ],
        "No visit is recorded.",
    )
    if whole.statements:
        yield _section(
            "The commissioner’s statements",
            "",
            [("Day", 1.1), ("Statement", 4), ("Confidence", 1.3), ("Recorded by", 1.4)],
            [
                (_day(s["on"]), s["text"], "Restored" if s["restored"] else "Not yet", s["by"])
                for s in reversed(whole.statements)
            ],
            "",
        )
    yield _section(
        "Reviews",
        "",
        [("Review", 1.2), ("Decision", 1.6), ("Criteria met", 1), ("Reasons", 3.6), ("By", 1.3)],
        [_review(r) for r in reversed(whole.reviews)],
        "No review was held yet.",
    )


def _week(line: WeekLine) -> tuple[str, ...]:
    handed, report = line.handed, line.report
    came = f"due {_day(line.week.due_on)}"
    if handed:
        late = f", {line.days_late} days late" if line.days_late else ""
        came = f"{handed.reference}, {handed.submitted_by}, {_day(handed.submitted_on)}{late}"
    return (
        f"{line.week.number}: {_day(line.week.first)} to {_day(line.week.last)}",
        came,
        WEEK_STATES[line.state],
        f"{handed.validated_by}, {_day(handed.validated_on)}" if handed and handed.outcome else "",
        f"{report.report}, {report.written_by}" if report else "",
    )


def _review(one: Any) -> tuple[str, ...]:
    met = sum(kept["state"] == "met" for kept in one["criteria"])
    to = f": {ESCALATION_WORDS[one['escalated_to']].lower()}" if one["escalated_to"] else ""
    called = f" ({one['cause']})" if one["cause"] else ""
    same = one["same_person_reason"]
    alone = f" Same person visited and decided: {same}" if same else ""
    return (
        f"{one['number']}, {_day(one['held_on'])}",
        f"{DECISION_WORDS[one['decision']]}{to}",
        f"{met} of {len(one['criteria'])}",
        f"{one['reason']}{called}{alone}",
        one["by"] + (f", in {one['sitting']}" if one["sitting"] else ""),
    )


def _told(one: Told) -> dict[str, str]:
    when = " · ".join(part for part in (_day(one.on), STORY_WORDS[one.kind], one.who) if part)
    return {
        "when": printable(when),
        "title": printable(one.title),
        "text": printable(one.text or ""),
        "tone": one.tone or "",
    }


def _section(
    title: str,
    words: str,
    columns: Sequence[tuple[str, float]] = (),
    rows: Iterable[Sequence[str]] = (),
    empty: str = "",
) -> dict[str, Any]:
    """A heading with words and, where columns are given, a list as `paper.typ` shows one."""
    section: dict[str, Any] = {"title": title, "words": printable(words)}
    if columns:
        section["list"] = {
            "lede": "",
            "note": "",
            "caption": title,
            "empty": empty,
            "source": "",
            "columns": [
                {"heading": heading, "kind": "text", "width": width} for heading, width in columns
            ],
            "rows": [[printable(cell or "", MOST_TEXT) for cell in row] for row in rows],
        }
    return section


def _said(code: str) -> str:
    return in_words(code).capitalize()

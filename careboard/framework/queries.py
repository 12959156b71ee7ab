"""What is claimed for each topic, what that rests on, and what is missing.

A tag of another framework is carried over where the crosswalk pairs the topics, unless a person
refused the pair; until one confirmed it, it is shown as not confirmed. Source: domain/framework.md
1.2; the issue on recovery dashboards.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.framework import catalogue
from careboard.framework.catalogue import Framework, Pair, Topic
from careboard.risks.assurance import SUPPORTING
from careboard.risks.rated import rated
from careboard.tenancy import Actor
from careboard.vocabulary import EVIDENCE_KINDS, in_words

MOST_ROWS = 200  # of one kind at one topic
_SUPPORTING = ", ".join(f"'{status}'" for status in SUPPORTING)

_IN_USE = text("SELECT framework FROM framework_use WHERE org_id = :org ORDER BY id DESC LIMIT 1")


def in_use(*, actor: Actor) -> Framework:
    """The framework that the organisation works by; the one in force until it chose another."""
    code = db.session.execute(_IN_USE, {"org": actor.org_id}).scalar()
    return catalogue.FRAMEWORKS[code or catalogue.IN_FORCE]


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair of the crosswalk. `same` None: nobody has looked at it yet."""

    number: int
    pair: Pair
    same: bool | None
    decided_by: str | None
    decided_at: Any


_DECISIONS = text("""
SELECT DISTINCT ON (d.one_framework, d.one_topic, d.other_framework, d.other_topic)
  d.one_framework, d.one_topic, d.other_framework, d.other_topic, d.same, d.created_at, m.name
FROM crosswalk_decision d
LEFT JOIN membership m ON m.org_id = d.org_id AND m.id = d.decided_by_id
WHERE d.org_id = :org
ORDER BY d.one_framework, d.one_topic, d.other_framework, d.other_topic, d.id DESC
""")


def crosswalk(*, actor: Actor) -> list[JudgedPair]:
    """Every pair with the latest judgement on it. One statement."""
    decided = {tuple(row)[:4]: row for row in db.session.execute(_DECISIONS, {"org": actor.org_id})}
    judged = []
    for number, pair in enumerate(catalogue.PAIRS):
        key = (pair.one.framework, pair.one.slug, pair.other.framework, pair.other.slug)
        row = decided.get(key)
        judged.append(
            JudgedPair(
                number,
                pair,
                row.same if row else None,
                row.name if row else None,
                row.created_at if row else None,
            )
        )
    return judged


@dataclass(frozen=True, slots=True)
class Carried:
    """Where tags of a topic are shown. `confirmed` is false while nobody confirmed the pair."""

    topic: Topic
    shown: Topic
    confirmed: bool


def carried(*, actor: Actor, framework: Framework) -> list[Carried]:
    """Every topic whose tags show in the framework: its own, and those paired with them."""
    found = [Carried(topic, topic, True) for topic in framework.topics.values()]
    for judged in crosswalk(actor=actor):
        if judged.same is False:
            continue
        for topic, shown in (
            (judged.pair.one, judged.pair.other),
            (judged.pair.other, judged.pair.one),
        ):
            if shown.framework == framework.code:
                found.append(Carried(topic, shown, judged.same is True))
    return found


# Tags as they show in one framework; parameters :org, :on and the three arrays of `_arrays`.
_TAGGED = f"""
WITH carried (framework, topic, shown, confirmed) AS (
  SELECT * FROM unnest(CAST(:frameworks AS text[]), CAST(:topics AS text[]),
    CAST(:shown AS text[]), CAST(:confirmed AS boolean[]))),
tagged AS (
  SELECT c.shown, t.risk_id, t.indicator_id, t.action_id, t.evidence_id,
    bool_or(c.confirmed) AS confirmed
  FROM framework_tag t JOIN carried c ON c.framework = t.framework AND c.topic = t.topic
  WHERE t.org_id = :org AND t.removed_at IS NULL
  GROUP BY c.shown, t.risk_id, t.indicator_id, t.action_id, t.evidence_id),
risks AS (
  SELECT g.shown, g.confirmed, r.id, r.reference, r.service_id, r.domain, r.rating, r.state,
    r.rating_review_id, r.outcome_position
  FROM tagged g
  JOIN ({rated(columns=", r.outcome_position")}) r ON r.id = g.risk_id
  WHERE true {{within_r}}),
indicators AS (
  SELECT g.shown, g.confirmed, i.* FROM tagged g
  JOIN indicator i ON i.org_id = :org AND i.id = g.indicator_id WHERE i.active {{within_i}}),
actions AS (
  SELECT g.shown, g.confirmed, a.id, a.reference, a.title, a.service_id, a.status, a.due_on,
    a.due_on < :on AS late
  FROM tagged g JOIN action a ON a.org_id = :org AND a.id = g.action_id
  WHERE a.status IN ('open', 'in_progress', 'completed') {{within_a}}),
support AS (
  SELECT shown, evidence_id, confirmed FROM tagged WHERE evidence_id IS NOT NULL
  UNION ALL
  SELECT r.shown, l.evidence_id, r.confirmed FROM risks r JOIN evidence_link l ON l.org_id = :org
    AND (l.risk_id = r.id OR l.rating_review_id = r.rating_review_id)
  UNION ALL
  SELECT g.shown, l.evidence_id, g.confirmed FROM tagged g
  JOIN evidence_link l ON l.org_id = :org AND l.action_id = g.action_id),
items AS (
  SELECT s.shown, bool_or(s.confirmed) AS confirmed, e.id, e.reference, e.title, e.kind,
    e.service_id, e.status, e.valid_until
  FROM support s JOIN evidence e ON e.org_id = :org AND e.id = s.evidence_id
  WHERE e.valid_until >= :on AND e.status IN ({_SUPPORTING}) {{within_e}}
  GROUP BY s.shown, e.org_id, e.id)
"""

_OVERVIEW = (
    _TAGGED
    + """
SELECT shown, 'risk' AS kind, count(*) AS found, CAST(NULL AS text[]) AS kinds,
  count(*) FILTER (WHERE state IN ('unsupported', 'disputed', 'not_sustained')) AS weak,
  bool_and(confirmed) AS confirmed FROM risks GROUP BY shown
UNION ALL
SELECT shown, 'indicator', count(*), NULL, 0, bool_and(confirmed) FROM indicators GROUP BY shown
UNION ALL
SELECT shown, 'action', count(*), NULL, count(*) FILTER (WHERE late), bool_and(confirmed)
FROM actions GROUP BY shown
UNION ALL
SELECT shown, 'evidence', count(*), array_agg(DISTINCT kind), 0, bool_and(confirmed)
FROM items GROUP BY shown
"""
)


@dataclass(slots=True)
class Standing:
    """One topic: counts by kind, and of them the weak (unsupported ratings, overdue actions)."""

    topic: Topic
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    weak: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    kinds: tuple[str, ...] = ()
    confirmed: bool = True

    @property
    def tagged(self) -> bool:
        return any(self.counts.values())

    @property
    def missing(self) -> list[str]:
        """What stands in the way of showing this topic, in plain words."""
        if not self.tagged:
            return ["Nothing is tagged to it"]
        found = []
        if not (self.counts["risk"] or self.counts["indicator"]):
            found.append("No rating or indicator makes a claim")
        if not self.counts["evidence"]:
            found.append("No evidence in date")
        elif absent := [in_words(k) for k in EVIDENCE_KINDS if k not in self.kinds]:
            found.append("No " + ", ".join(absent))
        for kind, words in (("risk", "rating not supported"), ("action", "action overdue")):
            if number := self.weak[kind]:
                one, more = words.split(" ", 1)
                found.append(f"{number} {one}{'s' if number > 1 else ''} {more}")
        return found


def overview(*, actor: Actor, framework: Framework) -> dict[str, Standing]:
    """Every topic of the framework with what stands there. Two statements."""
    found = {slug: Standing(topic) for slug, topic in framework.topics.items()}
    for row in _run(_OVERVIEW, actor, framework):
        standing = found[row.shown]
        standing.counts[row.kind], standing.weak[row.kind] = row.found, row.weak
        standing.confirmed = standing.confirmed and row.confirmed
        if row.kind == "evidence":
            standing.kinds = tuple(kind for kind in EVIDENCE_KINDS if kind in row.kinds)
    return found


_ONE = (
    _TAGGED
    + """
SELECT * FROM (
SELECT x.*, s.name AS service, count(*) OVER (PARTITION BY x.kind) AS total,
  row_number() OVER (PARTITION BY x.kind
    ORDER BY s.name_norm NULLS FIRST, x.reference, x.id) AS place
FROM (
SELECT 'risk' AS kind, id, reference, domain AS title, service_id, rating AS status, state,
  outcome_position AS note, CAST(NULL AS date) AS on_date, false AS late, confirmed
FROM risks WHERE shown = :slug
UNION ALL
SELECT 'indicator', id, reference, name, service_id, '', '', '', NULL, false, confirmed
FROM indicators WHERE shown = :slug
UNION ALL
SELECT 'action', id, reference, title, service_id, status, '', '', due_on, late, confirmed
FROM actions WHERE shown = :slug
UNION ALL
SELECT 'evidence', id, reference, title, service_id, status, kind, '', valid_until, false,
  confirmed
FROM items WHERE shown = :slug) x
LEFT JOIN service s ON s.org_id = :org AND s.id = x.service_id
WHERE CAST(:service AS uuid) IS NULL OR x.service_id = :service) y
WHERE y.place <= :most ORDER BY y.kind, y.place
"""
)


def of_topic(
    *, actor: Actor, framework: Framework, slug: str, service_id: UUID | None = None
) -> dict[str, list[Any]]:
    """What stands at a topic (of that service, if given), by kind: of each the first rows, by
    service, and the `total`. Two statements."""
    found: dict[str, list[Any]] = {"risk": [], "indicator": [], "action": [], "evidence": []}
    for row in _run(_ONE, actor, framework, slug=slug, service=service_id, most=MOST_ROWS):
        found[row.kind].append(row)
    return found


def _run(statement: str, actor: Actor, framework: Framework, **values: Any) -> Any:
    shown = carried(actor=actor, framework=framework)
    values |= {
        "org": actor.org_id,
        "on": actor.today,
        "frameworks": [each.topic.framework for each in shown],
        "topics": [each.topic.slug for each in shown],
        "shown": [each.shown.slug for each in shown],
        "confirmed": [each.confirmed for each in shown],
    }
    scope = {"within_r": "", "within_i": "", "within_a": "", "within_e": ""}
    if actor.service_ids is not None:
        values["services"] = list(actor.service_ids)
        scope = {f"within_{x}": f"AND {x}.service_id = ANY(:services)" for x in "ria"}
        scope["within_e"] = "AND (e.service_id IS NULL OR e.service_id = ANY(:services))"
    return db.session.execute(text(statement.format(**scope)), values)


@dataclass(frozen=True, slots=True)
class Tag:
    """A topic that something is tagged to."""

    id: UUID
    topic: Topic
    by: str | None


def tags_of(*, actor: Actor, kind: str, row_id: UUID) -> list[Tag]:
    """What a row is tagged to, in every framework. One statement."""
    rows = db.session.execute(
        text(
            "SELECT t.id, t.framework, t.topic, m.name FROM framework_tag t "
            "LEFT JOIN membership m ON m.org_id = t.org_id AND m.id = t.tagged_by_id "
            f"WHERE t.org_id = :org AND t.{kind}_id = :row AND t.removed_at IS NULL "
            "ORDER BY t.id"
        ),
        {"org": actor.org_id, "row": row_id},
    )
    return [Tag(id_, catalogue.topic(code, slug), by) for id_, code, slug, by in rows]


_UNTAGGED = """
SELECT x.kind, x.id, x.domain FROM (
  SELECT 'risk' AS kind, id, domain, service_id FROM risk WHERE org_id = :org AND status = 'open'
  UNION ALL
  SELECT 'action', id, domain, service_id FROM action WHERE org_id = :org
    AND status IN ('open', 'in_progress', 'completed') AND domain IS NOT NULL
  UNION ALL
  SELECT 'indicator', id, domain, service_id FROM indicator WHERE org_id = :org AND active) x
WHERE NOT EXISTS (SELECT FROM framework_tag t WHERE t.org_id = :org AND t.framework = :framework
    AND t.removed_at IS NULL
    AND (t.risk_id = x.id OR t.action_id = x.id OR t.indicator_id = x.id)) {within}
"""


def untagged(*, actor: Actor, framework: str) -> list[tuple[str, UUID, str]]:
    """(kind, id, domain) of what the person reaches and nobody tagged in the framework."""
    values: dict[str, Any] = {"org": actor.org_id, "framework": framework}
    within = ""
    if actor.service_ids is not None:
        within, values["services"] = "AND x.service_id = ANY(:services)", list(actor.service_ids)
    rows = db.session.execute(text(_UNTAGGED.format(within=within)), values)
    return [tuple(row) for row in rows]

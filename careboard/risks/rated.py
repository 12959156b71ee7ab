"""Open risks with what their present rating rests on, as one SQL expression for every reader.

A rating rests on the evidence that its latest review cited and on what was attached to the risk.
The state in SQL says the same as `assurance.assess`, so that thousands of ratings can be counted
without fetching them. Source: rules 3.3.
"""

from __future__ import annotations

from typing import Any

from careboard.risks.assurance import (
    EVIDENCE_DAYS,
    IMPLIED,
    REVIEW_DAYS,
    SUPPORTING,
    Assurance,
    Dispute,
    NewAudit,
    Row,
    Support,
    assess,
)
from careboard.risks.sustained import RedAudit, Watch, latest_watches

_SUPPORTING = ", ".join(f"'{status}'" for status in SUPPORTING)
_IMPLIED = " ".join(f"WHEN '{rating}' THEN '{band}'" for rating, band in IMPLIED.items())

_OF_WATCH = (
    *("watch_id", "watch_from", "watch_until", "watch_signal", "watch_before", "watch_lowered_at"),
    *("watch_months", "watch_outcome", "watch_decided_on", "watch_stands"),
    *("red_id", "red_audit", "red_on"),
)
# What `rated` gives beside the risk itself; a query that selects from it may name these.
COLUMNS = (
    *("items", "in_date", "newest_on", "valid_until", "tested_on"),
    *("dispute_id", "dispute", "dispute_due_on", "escalated", "refuted_id", "refuted"),
    *("audit_id", "audit", "audit_band", "audit_on"),
    *_OF_WATCH,
)


def rated(where: str = "", columns: str = "", joins: str = "", of: str = "risk") -> str:
    """A SELECT of the organisation's open risks; parameters :org and :on.

    `where` adds conditions on `r` (risk), `columns` further columns of it, of `e` (the gathered
    evidence) or of what `joins` brings; `of` is where the risks are read from, such as `KNOWN_BY`.
    """
    return f"""
SELECT r.id, r.reference, r.service_id, r.domain, r.rating, r.rated_on, r.rating_review_id,
  e.items, e.in_date, e.newest_on, e.valid_until,
  greatest(e.tested_on, k.proved_on) AS tested_on,
  d.id AS dispute_id, d.reference AS dispute, d.due_on AS dispute_due_on, d.escalated,
  u.id AS refuted_id, u.reference AS refuted,
  n.id AS audit_id, n.source_key AS audit, n.rag AS audit_band, n.completed_on AS audit_on,
  {_WATCH},
  n.rag <> CASE r.rating {_IMPLIED} END AS evidence_changed,
  CASE WHEN d.id IS NOT NULL THEN 'disputed'
    WHEN w.watch_fires THEN 'not_sustained'
    WHEN e.in_date = 0 OR u.id IS NOT NULL THEN 'unsupported'
    WHEN n.rag <> CASE r.rating {_IMPLIED} END THEN 'review_needed'
    WHEN :on - r.rated_on > {REVIEW_DAYS} OR :on - e.newest_on > {EVIDENCE_DAYS} THEN 'stale'
    WHEN r.rating = 'low' AND coalesce(:on - greatest(e.tested_on, k.proved_on)
      > {EVIDENCE_DAYS}, true) THEN 'untested'
    ELSE 'assured' END AS state{columns}
FROM {of} r
CROSS JOIN LATERAL (
  SELECT count(DISTINCT e.id) AS items,
    count(DISTINCT e.id) FILTER (WHERE e.valid_until >= :on) AS in_date,
    max(coalesce(e.period_to, CAST(e.created_at AS date)))
      FILTER (WHERE e.valid_until >= :on) AS newest_on,
    max(e.valid_until) AS valid_until,
    max(e.decided_on) FILTER (WHERE e.status = 'accepted' AND e.valid_until >= :on) AS tested_on,
    array_agg(DISTINCT e.kind) FILTER (WHERE e.valid_until >= :on) AS kinds
  FROM evidence_link l JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
  WHERE l.org_id = r.org_id AND e.status IN ({_SUPPORTING})
    AND (l.risk_id = r.id OR l.rating_review_id = r.rating_review_id)
) e
LEFT JOIN LATERAL ({_DISPUTE}) d ON true
LEFT JOIN LATERAL ({_PROVED}) k ON true
LEFT JOIN LATERAL ({_REFUTED}) u ON true
LEFT JOIN LATERAL ({_NEW_AUDIT}) n ON true
LEFT JOIN ({latest_watches(where)}) w ON w.risk_id = r.id
{joins}
WHERE r.org_id = :org AND r.status = 'open' {where}
"""


# The risks that were open on the day :on, rated as they stood by then.
KNOWN_BY = """
(SELECT k.org_id, k.id, k.reference, k.service_id, k.domain, 'open' AS status,
    coalesce(v.rating_to, k.rating) AS rating, coalesce(v.decided_on, k.rated_on) AS rated_on,
    v.id AS rating_review_id
  FROM risk k
  LEFT JOIN LATERAL (SELECT v.id, v.rating_to, v.decided_on FROM rating_review v
    WHERE v.org_id = k.org_id AND v.risk_id = k.id AND v.decided_on <= :on
    ORDER BY v.decided_at DESC, v.id DESC LIMIT 1) v ON true
  WHERE k.opened_on <= :on AND (k.closed_on IS NULL OR k.closed_on > :on)
    AND coalesce(v.decided_on, k.rated_on) <= :on)"""
_WATCH = ", ".join(f"w.{name}" for name in (*_OF_WATCH, "watch_fires"))
_DISPUTE = """
SELECT d.id, d.reference, d.due_on, d.escalated FROM rating_dispute d
WHERE d.org_id = r.org_id AND d.risk_id = r.id AND d.status = 'open' AND d.filed_on <= :on
ORDER BY d.filed_on, d.id LIMIT 1
"""
_CHECKED = """
FROM claim k
WHERE k.org_id = r.org_id AND k.risk_id = r.id AND k.kind = 'assurance_return'
  AND k.status = 'validated' AND k.validated_on <= :on
"""
# When the last return proved, as long as something that it rests on still stands.
_PROVED = f"""
SELECT CASE WHEN k.outcome = 'proves' AND NOT k.unsupported AND EXISTS (
    SELECT FROM evidence_link l JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
    WHERE l.org_id = k.org_id AND l.claim_id = k.id AND e.status IN ({_SUPPORTING})
      AND e.valid_until >= :on)
  THEN k.validated_on END AS proved_on
{_CHECKED} ORDER BY k.validated_on DESC, k.id DESC LIMIT 1
"""
# A return since the review that turned out unsupported, and no later one that speaks for it.
_REFUTED = f"""
SELECT k.id, k.reference {_CHECKED} AND k.unsupported AND k.validated_on >= r.rated_on
  AND NOT EXISTS (SELECT FROM claim z WHERE z.org_id = k.org_id AND z.risk_id = k.risk_id
    AND z.kind = 'assurance_return' AND z.outcome IN ('proves', 'partly') AND NOT z.unsupported
    AND z.validated_on <= :on AND (z.validated_on, z.id) > (k.validated_on, k.id))
ORDER BY k.validated_on DESC, k.id DESC LIMIT 1
"""
_NEW_AUDIT = """
SELECT a.id, a.source_key, a.rag, a.completed_on FROM audit a
WHERE a.org_id = r.org_id AND a.service_id = r.service_id AND a.domain = r.domain
  AND a.rag IS NOT NULL AND a.completed_on > r.rated_on AND a.completed_on <= :on
ORDER BY a.completed_on DESC, array_position(ARRAY['red', 'amber', 'green'], a.rag), a.id LIMIT 1
"""


def support_of(row: Any) -> Support:
    """What a row of `rated` rests on."""
    return Support(
        items=row.items or 0,
        in_date=row.in_date or 0,
        newest_on=row.newest_on,
        valid_until=row.valid_until,
        tested_on=row.tested_on,
        dispute=row.dispute_id
        and Dispute(row.dispute_id, row.dispute, row.dispute_due_on, row.escalated),
        watch=row.watch_id and watch_of(row),
        refuted=row.refuted_id and Row("claim", row.refuted_id, row.refuted),
        audit=row.audit_id
        and NewAudit(row.audit_id, row.audit or "", row.audit_band, row.audit_on),
    )


def watch_of(row: Any) -> Watch:
    """The watch in a row of `rated`."""
    return Watch(
        id=row.watch_id,
        started_on=row.watch_from,
        until=row.watch_until,
        signal=row.watch_signal,
        before=row.watch_before,
        lowered_at=row.watch_lowered_at,
        months=row.watch_months or (None, None, None),
        red_audit=row.red_id and RedAudit(row.red_id, row.red_audit or "", row.red_on),
        outcome=row.watch_outcome,
        decided_on=row.watch_decided_on,
        stands=bool(row.watch_stands),
    )


def assurance_of(row: Any, on: Any) -> Assurance:
    """The assurance of a row of `rated`."""
    return assess(rating=row.rating, rated_on=row.rated_on, support=support_of(row), on=on)

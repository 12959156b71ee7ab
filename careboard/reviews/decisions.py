"""What a sitting decided on ratings and enhanced monitoring, found on controls and answered to
commissioners, beside what was written by hand.

Source: steps S0-3.3 (rating decision), S0-3.5 (was it sustained?), S2-1.5 (continue, step down),
S3-1.5 (four-week check) and S3-3.5 (commissioner's feedback).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.reviews.models import Review


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on a risk: `what` is raise, hold, lower, moderated (a rating), upheld, changed
    (a dispute), sustained or not_sustained (a watch). `claim` is the return that it rests on.

    Or the review of an episode of enhanced monitoring, with `episode_id` in place of the risk:
    continue, escalate, step_down, sustained or not_sustained. Or the check of controls four weeks
    after a sharing decision, `sharing_id`: check_reduced, check_not_reduced or
    check_too_little_data, with its counts in the reason. Or the answer to a commissioner's feedback
    on a recovery update, `update_id`: answered. `subject` is the reference of any.
    """

    id: UUID
    what: str
    rating_from: str | None
    rating_to: str | None
    reason: str
    decided_on: date
    by_id: UUID | None
    by: str | None
    same_person_reason: str
    claim_id: UUID | None
    claim: str | None
    risk_id: UUID | None
    episode_id: UUID | None
    sharing_id: UUID | None
    update_id: UUID | None
    subject: str
    about: str
    service_id: UUID
    service: str

    @property
    def _subject_id(self) -> UUID | None:
        return self.risk_id or self.episode_id or self.sharing_id or self.update_id

    @property
    def sealed(self) -> list[str | None]:
        """What the seal of the minutes covers, as plain values."""
        fields = (
            self.id, self._subject_id, self.what,
            self.rating_from, self.rating_to, self.reason, self.decided_on, self.by_id,
            self.same_person_reason, self.claim_id,
        )  # fmt: skip
        return [None if value is None else str(value) for value in fields]


_DECISIONS = text("""
SELECT d.id, d.what, d.rating_from, d.rating_to, d.reason, d.decided_on, d.by_id, m.name AS by,
  d.same_person_reason, d.claim_id, c.reference AS claim, r.id AS risk_id, e.id AS episode_id,
  h.id AS sharing_id, u.id AS update_id,
  coalesce(r.reference, e.reference, h.reference, u.reference) AS subject,
  coalesce(r.domain, e.title, 'controls since ' || to_char(h.control_on, 'FMDD Mon YYYY'),
    t.theme) AS about,
  s.id AS service_id, s.name AS service
FROM (
  SELECT v.id, v.risk_id, CAST(NULL AS uuid) AS episode_id, CAST(NULL AS uuid) AS sharing_id,
    CAST(NULL AS uuid) AS update_id, v.decision AS what, v.rating_from,
    v.rating_to, v.rationale AS reason, v.decided_on, v.decided_by_id AS by_id,
    v.same_person_reason, v.claim_id
  FROM rating_review v WHERE v.org_id = :org AND v.sitting_id = :sitting
  UNION ALL
  SELECT t.id, t.risk_id, NULL, NULL, NULL, t.status, NULL, NULL, t.moderation, t.moderated_on,
    t.moderated_by_id, t.same_person_reason, NULL
  FROM rating_dispute t WHERE t.org_id = :org AND t.sitting_id = :sitting
    AND t.status IN ('upheld', 'changed') AND NOT EXISTS (SELECT FROM rating_review v
      WHERE v.org_id = t.org_id AND v.dispute_id = t.id AND v.sitting_id = t.sitting_id)
  UNION ALL
  SELECT w.id, w.risk_id, NULL, NULL, NULL, w.outcome, NULL, NULL, w.reason, w.decided_on,
    w.decided_by_id, '', NULL
  FROM rating_watch w WHERE w.org_id = :org AND w.sitting_id = :sitting AND w.outcome IS NOT NULL
  UNION ALL
  SELECT p.id, NULL, p.episode_id, NULL, NULL, p.decision, NULL, NULL, p.reason, p.held_on,
    p.decided_by_id, p.same_person_reason, NULL
  FROM episode_review p WHERE p.org_id = :org AND p.sitting_id = :sitting
  UNION ALL
  SELECT k.id, NULL, NULL, k.decision_id, NULL, 'check_' || k.outcome, NULL, NULL,
    format('%s of %s before, %s of %s after. %s', k.before_count, k.before_of, k.after_count,
      k.after_of, k.findings), k.checked_on, k.by_id, '', NULL
  FROM control_check k WHERE k.org_id = :org AND k.sitting_id = :sitting
  UNION ALL
  SELECT a.id, NULL, NULL, NULL, f.update_id, 'answered', NULL, NULL,
    concat_ws(E'\\n', a.decision, nullif(a.next_steps, '')),
    CAST(a.created_at AT TIME ZONE 'Europe/London' AS date), a.by_id, '', NULL
  FROM feedback_answer a JOIN update_feedback f ON f.org_id = a.org_id AND f.id = a.feedback_id
  WHERE a.org_id = :org AND a.sitting_id = :sitting
) d
LEFT JOIN risk r ON r.org_id = :org AND r.id = d.risk_id
LEFT JOIN monitoring_episode e ON e.org_id = :org AND e.id = d.episode_id
LEFT JOIN sharing_decision h ON h.org_id = :org AND h.id = d.sharing_id
LEFT JOIN recovery_update u ON u.org_id = :org AND u.id = d.update_id
LEFT JOIN update_schedule n ON n.org_id = :org AND n.id = u.schedule_id
LEFT JOIN tracked_concern t ON t.org_id = :org AND t.id = n.tracked_id
JOIN service s ON s.org_id = :org
  AND s.id = coalesce(r.service_id, e.service_id, h.service_id, t.service_id)
LEFT JOIN membership m ON m.org_id = :org AND m.id = d.by_id
LEFT JOIN claim c ON c.org_id = :org AND c.id = d.claim_id
ORDER BY d.id
""")


def decisions_of(review: Review) -> list[Decision]:
    """In the order in which they were taken. One statement."""
    rows = db.session.execute(_DECISIONS, {"org": review.org_id, "sitting": review.id})
    return [Decision(*row) for row in rows]

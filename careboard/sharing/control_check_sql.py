"""The four-week checks that nobody has made yet, for reminders and agendas.

Source: step S3-1.5; rule N12.
"""

from __future__ import annotations

# Of each subject the last decision that says when controls began: 28 days later they are checked.
CHECK_OWED = """
SELECT d.id, d.reference, CASE WHEN d.what = '' THEN d.rationale ELSE d.what END AS title,
  d.service_id, d.control_on + 28 AS due_on
FROM sharing_decision d
WHERE d.org_id = :org AND d.control_on IS NOT NULL
  AND NOT EXISTS (SELECT FROM control_check k WHERE k.org_id = d.org_id AND k.decision_id = d.id)
  AND NOT EXISTS (SELECT FROM sharing_decision l WHERE l.org_id = d.org_id
    AND l.control_on IS NOT NULL AND (l.decided_at, l.id) > (d.decided_at, d.id)
    AND (l.risk_id = d.risk_id OR l.trigger_id = d.trigger_id OR l.concern_id = d.concern_id
      OR l.episode_id = d.episode_id))
"""

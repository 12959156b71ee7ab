"""What other pages ask of sharing: since when a rating has stood high, and on what nobody has
decided whether to share it.

Source: DESIGN section 5, screen 1; rules 3.3, safeguarding patterns.
"""

from __future__ import annotations

PATTERNS = ("safeguarding_repeated", "safeguarding_shared", "low_level_shared")
PATTERN_CODES = ", ".join(f"'{code}'" for code in PATTERNS)

# The review that raised a risk `r` to where it stands above moderate: since then it asks for a
# decision. Without one (an imported rating) the day of its rating.
_RAISES = """
rating_review v
  WHERE v.org_id = r.org_id AND v.risk_id = r.id AND v.rating_to IN ('high', 'very_high')
    AND (v.rating_from IS NULL OR v.rating_from IN ('low', 'moderate')
      OR (v.rating_from = 'high' AND v.rating_to = 'very_high'))"""
HIGH_SINCE = f"""
LATERAL (SELECT coalesce(max(v.decided_on), r.rated_on) AS on_date,
    coalesce(max(v.decided_at), CAST(r.rated_on AS timestamptz)) AS at
  FROM {_RAISES})"""

# The first raise that nobody has decided on since, while the risk stayed above moderate: one that
# rose again before anybody decided was known before. Beside `h`, which is HIGH_SINCE.
KNOWN_SINCE = f"""
LATERAL (SELECT coalesce(min(v.decided_on), h.on_date) AS on_date
  FROM {_RAISES} AND v.decided_at > greatest(
    (SELECT max(l.decided_at) FROM rating_review l WHERE l.org_id = r.org_id
      AND l.risk_id = r.id AND l.rating_to IN ('low', 'moderate')),
    (SELECT max(d.decided_at) FROM sharing_decision d WHERE d.org_id = r.org_id
      AND d.risk_id = r.id), '-infinity'))"""

# The decisions that answer a pattern `t`: one on a pattern of a service looks at all that stood
# there by then.
ANSWERED = f"""SELECT FROM sharing_decision d
    JOIN trigger o ON o.org_id = d.org_id AND o.id = d.trigger_id
    WHERE d.org_id = t.org_id AND d.service_id = t.service_id AND d.decided_on >= t.fired_on
      AND o.rule_code IN ({PATTERN_CODES})"""
UNDECIDED_FIGURE = f"""
SELECT 'risk' AS kind, r.id, r.reference, initcap(r.domain) || ': ' || r.original_cause AS title,
  r.service_id, NOT EXISTS (SELECT FROM sharing_decision d
    WHERE d.org_id = r.org_id AND d.risk_id = r.id AND d.decided_at >= h.at) AS counted,
  :on - h.on_date AS days, NULL AS who, h.on_date AS on_date, r.rating AS status,
  CAST('{{}}' AS text[]) AS faults
FROM risk r CROSS JOIN {HIGH_SINCE} h
WHERE r.org_id = :org AND (r.closed_on IS NULL OR r.closed_on > :on)
  AND r.rating IN ('high', 'very_high')
UNION ALL
SELECT 'trigger', t.id, t.reference, t.sentence, t.service_id,
  NOT EXISTS ({ANSWERED}),
  :on - t.fired_on, NULL, t.fired_on, 'open', CAST('{{}}' AS text[])
FROM trigger t
WHERE t.org_id = :org AND t.closed_on IS NULL AND t.service_id IS NOT NULL
  AND t.rule_code IN ({PATTERN_CODES})
"""

# Decisions that stand, by which somebody is to be told or asked, and nobody was.
UNTOLD = """
SELECT d.id, d.reference, d.what AS title, d.service_id, d.tell_by
FROM sharing_decision d
WHERE d.org_id = :org AND d.decision <> 'do_not_share'
  AND NOT EXISTS (SELECT FROM communication k WHERE k.org_id = d.org_id
    AND k.decision_id = d.id AND k.direction = 'out')
  AND NOT EXISTS (SELECT FROM sharing_decision l WHERE l.org_id = d.org_id
    AND (l.decided_at, l.id) > (d.decided_at, d.id)
    AND (l.risk_id = d.risk_id OR l.trigger_id = d.trigger_id OR l.concern_id = d.concern_id
      OR l.episode_id = d.episode_id))
"""

"""Which organisations a round of reminders is about: one function, told what more to look at.

Each migration that adds a kind of duty gives all the pieces that hold from then on.
"""

from __future__ import annotations

DUE_WORK = """
CREATE OR REPLACE FUNCTION app.organisations_with_due_work(
  day date, latest date, since timestamptz, summary_month date, forums text[], ends date[])
RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id FROM organisation o
  LEFT JOIN heartbeat h ON h.name = 'reminders:' || o.id
  WHERE (since IS NULL OR h.beat_at IS NULL OR h.beat_at < since) AND (
    EXISTS (SELECT FROM action a WHERE a.org_id = o.id
      AND a.status IN ('open', 'in_progress', 'completed') AND a.due_on <= latest)
    OR EXISTS (SELECT FROM action a WHERE a.org_id = o.id
      AND a.status = 'completed' AND a.completed_by_id IS NOT NULL)
    OR EXISTS (SELECT FROM evidence e WHERE e.org_id = o.id
      AND e.status IN ('submitted', 'in_review', 'accepted')
      AND e.valid_until BETWEEN day - 14 AND latest + 30)
    OR EXISTS (SELECT FROM claim c WHERE c.org_id = o.id AND c.status = 'submitted')
    OR EXISTS (SELECT FROM response r WHERE r.org_id = o.id AND r.status = 'open')
{more}    OR EXISTS (SELECT FROM rating_dispute d WHERE d.org_id = o.id AND d.status = 'open')
    OR EXISTS (SELECT FROM rating_watch w WHERE w.org_id = o.id
      AND w.outcome IS NULL AND w.until <= latest + 7)
    OR EXISTS (SELECT FROM risk r WHERE r.org_id = o.id AND r.status = 'open'
      AND r.rated_on BETWEEN day - 50 AND latest - 29)
    OR EXISTS (SELECT FROM review_entry e WHERE e.org_id = o.id AND e.kind = 'challenge'
      AND NOT EXISTS (SELECT FROM challenge_answer w
        WHERE w.org_id = e.org_id AND w.entry_id = e.id))
    OR EXISTS (SELECT FROM experience_summary p WHERE p.org_id = o.id) AND EXISTS (
      SELECT FROM service s WHERE s.org_id = o.id AND s.active AND NOT EXISTS (
        SELECT FROM experience_summary p WHERE p.org_id = o.id AND p.service_id = s.id
          AND p.month = summary_month AND p.superseded_at IS NULL))
    OR EXISTS (SELECT FROM unnest(forums, ends) f (forum, period_end)
      WHERE (EXISTS (SELECT FROM review v WHERE v.org_id = o.id AND v.forum = f.forum
            AND v.status = 'signed')
          OR EXISTS (SELECT FROM forum_rule u WHERE u.org_id = o.id AND u.forum = f.forum
            AND u.in_use_from <= f.period_end))
        AND (f.forum NOT IN ('weekly_manager', 'weekly_monitoring') AND NOT EXISTS (
            SELECT FROM review v WHERE v.org_id = o.id AND v.forum = f.forum
              AND v.status = 'signed' AND v.period_to >= f.period_end)
          OR f.forum IN ('weekly_manager', 'weekly_monitoring') AND EXISTS (
            SELECT FROM service s WHERE s.org_id = o.id AND s.active AND NOT EXISTS (
              SELECT FROM review v WHERE v.org_id = o.id AND v.forum = f.forum
                AND v.service_id = s.id AND v.status = 'signed'
                AND v.period_to >= f.period_end)))))
$$
"""
# A suggestion that nobody has decided on, or an episode that goes on.
MONITORING = """\
    OR EXISTS (SELECT FROM trigger t WHERE t.org_id = o.id AND t.suggests AND t.closed_on IS NULL
      AND NOT EXISTS (SELECT FROM decision_trigger d
        WHERE d.org_id = t.org_id AND d.trigger_id = t.id))
    OR EXISTS (SELECT FROM monitoring_episode e WHERE e.org_id = o.id
      AND e.status IN ('open', 'stepped_down'))
"""
# A rating that somebody must decide on, or what was decided to be shared.
SHARING = """\
    OR EXISTS (SELECT FROM risk r WHERE r.org_id = o.id AND r.status = 'open'
      AND r.rating IN ('high', 'very_high'))
    OR EXISTS (SELECT FROM trigger t WHERE t.org_id = o.id AND t.closed_on IS NULL
      AND t.rule_code IN ('safeguarding_repeated', 'safeguarding_shared', 'low_level_shared'))
    OR EXISTS (SELECT FROM sharing_decision d WHERE d.org_id = o.id
      AND d.decision <> 'do_not_share')
"""

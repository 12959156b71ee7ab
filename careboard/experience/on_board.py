"""The themes that stand on the board and on a service's page, as one column of their statements.

Source: step S0-2.3 (dashboard notes).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

MOST_THEMES = 5

# Parameters :org and :service. What was complained of in the latest summary, and every theme that
# somebody put on the board; those rated highest first.
THEMES = f"""
(SELECT jsonb_build_object('month', p.month, 'sample_size', p.sample_size, 'invited', p.invited,
  'themes', (SELECT coalesce(jsonb_agg(x), '[]') FROM (
    SELECT theme, coalesce(t.positive, 0) AS positive, coalesce(t.negative, 0) AS negative,
      r.rating, r.rationale, r.rated_on, m.name AS rated_by
    FROM (SELECT t.theme, t.positive, t.negative FROM experience_theme t
      WHERE t.org_id = :org AND t.summary_id = p.id AND t.negative > 0) t
    FULL JOIN (SELECT DISTINCT ON (r.theme) r.theme, r.rating, r.rationale, r.rated_on,
        r.rated_by_id
      FROM theme_rating r WHERE r.org_id = :org AND r.service_id = :service
      ORDER BY r.theme, r.created_at DESC, r.id DESC) r USING (theme)
    LEFT JOIN membership m ON m.org_id = :org AND m.id = r.rated_by_id
    ORDER BY array_position(ARRAY['very_high', 'high', 'moderate', 'low'], r.rating),
      t.negative DESC NULLS LAST, theme LIMIT {MOST_THEMES}) x))
FROM (VALUES (1)) one (one) LEFT JOIN LATERAL (
  SELECT s.id, s.month, s.sample_size, s.invited FROM experience_summary s
  WHERE s.org_id = :org AND s.service_id = :service AND s.superseded_at IS NULL
  ORDER BY s.month DESC LIMIT 1) p ON true)
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """The latest summary's month (None: there is none) and the themes, as mappings with theme,
    positive, negative, rating, rationale, rated_on and rated_by."""

    month: date | None
    sample_size: int | None
    invited: int | None
    themes: list[dict[str, Any]]


def shown(found: dict[str, Any] | None) -> Shown | None:
    """What the column `THEMES` holds; None where it was not asked for."""
    if found is None:
        return None
    return Shown(
        _day(found["month"]),
        found["sample_size"],
        found["invited"],
        [theme | {"rated_on": _day(theme["rated_on"])} for theme in found["themes"]],
    )


def _day(words: str | None) -> date | None:
    return date.fromisoformat(words) if words else None

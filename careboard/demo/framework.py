"""Tags to the regulator's topics, and the first judgements on the crosswalk."""

from __future__ import annotations

from careboard.framework import service

# Pairs that somebody has looked at; the others wait.
_SAME = (2, 7)


def seed_framework(story) -> None:
    """The governance lead tags by domain and confirms two pairs of the crosswalk."""
    grace = story.person("grace")
    service.tag_by_domain(actor=grace)
    for number in _SAME:
        service.judge_pair(actor=grace, number=number, same=True)

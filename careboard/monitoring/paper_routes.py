"""An episode to be printed."""

from __future__ import annotations

from uuid import UUID

from flask import g

from careboard import audit
from careboard.access import requires
from careboard.downloads import attachment
from careboard.monitoring import paper
from careboard.monitoring.blueprint import blueprint
from careboard.permissions import Permission


@blueprint.get("/episodes/<uuid:episode_id>/paper")
@requires(Permission.READ)
def episode_paper(episode_id: UUID):
    name, content = paper.episode_pdf(actor=g.actor, episode_id=episode_id)
    audit.witness(actor=g.actor, tag="monitoring:printed", subject_id=episode_id)
    return attachment(content, name)

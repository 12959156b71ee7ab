"""Records of what commissioners ask and what they are told. Source: domain/records.md 2.1."""

from __future__ import annotations

from careboard.records.named import held

COMMISSIONER_NAMES = (
    *held(
        "Records",
        "records.concerns",
        ("commissioner queries", "S2-3.1 S3-3.1", "What commissioners asked, and when answered."),
        kind="commissioner_query",
    ),
    *held(
        "Monitoring",
        "monitoring.intelligence",
        ("commissioner intelligence log", "S2-3.1", "A commissioner's concerns by service and "
         "theme."),
    ),
    *held(
        "Sharing",
        "sharing.index",
        ("external communication log", "S3-1.2", "Decisions to share and not to share, and why."),
    ),
    *held(
        "Updates",
        "updates.index",
        ("external assurance tracker", "S3-3.1", "The assurance that a commissioner requires."),
    ),
    *held(
        "Sharing",
        "sharing.communications",
        ("contract monitoring file", "S3-1.3 S3-3.4", "What the commissioner was told, and when."),
    ),
)  # fmt: skip

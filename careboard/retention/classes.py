"""The classes of records that are disposed of: how long each is kept, which rows are due, and what
disposal leaves.

Rows stay where figures rest on them; what leaves is what could tell of a person, and the bytes of
files. Source: expectations 7, retention.
"""

from __future__ import annotations

from dataclasses import dataclass

YEAR = 365.25


@dataclass(frozen=True, slots=True)
class RecordClass:
    """`due` is SQL for the rows (id, on_date) older than :before; `dispose` are statements over
    :ids in their order; `files` says that what it returns are the hashes of content to remove."""

    code: str
    name: str
    days: int
    leaves: str
    due: str
    dispose: tuple[str, ...]
    files: bool = False


_FILES = """
SELECT f.id, {on} AS on_date FROM {table} x
JOIN stored_file f ON f.org_id = x.org_id AND f.id IN ({columns})
WHERE x.org_id = :org AND f.state <> 'disposed' AND {on} < :before
"""
_DISPOSE_FILES = """
UPDATE stored_file SET state = 'disposed', finding = '', looked_at = '9999-12-31'
WHERE org_id = :org AND id = ANY(:ids)
RETURNING sha256
"""
_ZONE = "AT TIME ZONE 'Europe/London')::date"

CLASSES = {
    one.code: one
    for one in (
        RecordClass(
            "import_files",
            "Files that were imported",
            90,
            "The rows, their positions and the file's SHA-256 stay; its content goes.",
            _FILES.format(table="import_batch", columns="x.file_id", on=f"(x.created_at {_ZONE}"),
            (_DISPOSE_FILES,),
            files=True,
        ),
        RecordClass(
            "held_text",
            "Original words that were held back",
            90,
            "Who decided what and when stays; the words that were held go.",
            f"""
SELECT h.id, (h.decided_at {_ZONE} AS on_date FROM held_text h
WHERE h.org_id = :org AND h.status <> 'held' AND h.original <> ''
  AND (h.decided_at {_ZONE} < :before
""",
            ("UPDATE held_text SET original = '' WHERE org_id = :org AND id = ANY(:ids)",),
        ),
        RecordClass(
            "concerns",
            "Incidents, complaints, feedback, safeguarding concerns and queries",
            round(8 * YEAR),
            "Kind, service, theme and day stay, so that figures can still be counted; the words, "
            "the place, the keyed person and every earlier version go.",
            """
SELECT c.id, c.occurred_on AS on_date FROM concern c
WHERE c.org_id = :org AND c.disposed_on IS NULL AND c.occurred_on < :before
  AND (c.closed_on IS NULL OR c.closed_on < :before)
""",
            (
                """
UPDATE concern SET text = '', place = '', person_ref = '', source_role = '', details = '{}',
  disposed_on = :on WHERE org_id = :org AND id = ANY(:ids)
""",
                """
DELETE FROM superseded_row WHERE org_id = :org AND table_name = 'concern' AND record_id = ANY(:ids)
""",
                """
DELETE FROM row_version WHERE org_id = :org AND table_name = 'concern' AND record_id = ANY(:ids)
""",
            ),
        ),
        RecordClass(
            "mail",
            "E-mails that were sent",
            round(2 * YEAR),
            "That a mail went, when and about what stays; its words and the address go.",
            f"""
SELECT o.id, (o.created_at {_ZONE} AS on_date FROM outbox o
WHERE o.org_id = :org AND o.status IN ('sent', 'dead', 'suppressed') AND o.to_email <> ''
  AND (o.created_at {_ZONE} < :before
""",
            (
                """
UPDATE outbox SET content = '{}', to_email = '', to_name = ''
WHERE org_id = :org AND id = ANY(:ids)
""",
            ),
        ),
        RecordClass(
            "packs",
            "Board packs",
            round(6 * YEAR),
            "That a pack was made, by whom and with which hashes stays; its files go.",
            _FILES.format(
                table="board_pack",
                columns="x.pdf_file_id, x.zip_file_id",
                on=f"(x.created_at {_ZONE}",
            ),
            (_DISPOSE_FILES,),
            files=True,
        ),
    )
}

# What is never disposed of while the organisation is with us, and why.
KEPT = {
    "Ratings, decisions, reviews and minutes": "they are sealed, name no resident, and tell for "
    "six years and longer why something was decided",
    "Actions, evidence, claims and validations": "what was decided rests on them; evidence is "
    "withdrawn, not removed",
    "Packs that commissioners were given, and who read them": "what was told outside, and when, is "
    "frozen and signed; a withdrawn one is closed to its readers, not removed",
    "The audit trail": "a chain that lost a part could not be verified; it holds ids and states, "
    "no words and no names",
    "Audits, indicators and readings": "numbers about services, not about persons",
}

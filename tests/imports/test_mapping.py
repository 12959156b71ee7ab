"""Data maps: proposed by titles and words, kept as JSON, bound to columns in any order."""

import pytest

from careboard.imports import headers
from careboard.imports.feeds import FEEDS, get_feed
from careboard.imports.mapping import DataMap, propose
from careboard.imports.tables import table_of_rows


def fields(feed, *titles, rows=()):
    table = table_of_rows(list(titles), [(n, row) for n, row in enumerate(rows, start=2)])
    return propose(table, get_feed(feed))


@pytest.mark.parametrize(
    ("feed", "titles", "expected"),
    [
        ("incidents",
         ["Incident Reference", "Home", "Date of Incident", "Time of incident", "Date reported",
          "Incident Type", "Level of Harm", "Exact location", "Resident ID", "Status"],
         ["id", "service.name", "occurred_at.d", "occurred_at.t", "reported_at", "type", "harm",
          "place", "person", "status"]),
        ("incidents", ["ID", "CQC Location ID", "Date/Time", "Category", "Description"],
         ["id", "service.id", "occurred_at", "type", "text"]),
        ("complaints",
         ["Complaint Ref.", "Branch", "Date received", "How received", "Nature of complaint",
          "Formal complaint?", "Date acknowledged", "Response due", "Date responded", "Outcome"],
         ["id", "service.name", "received_on", "channel", "theme", "formal", "ack_on", "due_on",
          "responded_on", "outcome"]),
        ("actions",
         ["Action No.", "Home / Branch", "Linked record", "Action required", "Assigned to",
          "E-mail", "Target date", "Action status", "Date completed", "Evidence", "Last updated"],
         ["id", "service.name", "source", "action", "owner", "email", "due", "status",
          "completed_on", "evidence", "updated"]),
        ("audits",
         ["Audit ID", "Location name", "Audit", "Month", "Audit date", "Overall score",
          "Maximum score", "RAG rating", "Completed by"],
         ["id", "service.name", "theme", "cycle", "completed_on", "score", "max_score", "rag",
          "auditor"]),
        ("audit_concerns",
         ["Finding ID", "Audit", "Date raised", "Finding", "Risk rating", "State", "Date closed"],
         ["id", "audit", "raised_on", "text", "severity", "status", "closed_on"]),
        ("safeguarding",
         ["Safeguarding ref", "Service", "Date of concern", "Threshold", "Type of abuse", "Where",
          "Source of risk", "Adult at risk", "Council", "Case status", "Date closed", "Details"],
         ["id", "service.name", "raised_on", "level", "category", "place", "source_role", "person",
          "service.la", "status", "closed_on", "text"]),
        ("feedback",
         ["Response ID", "Care home", "Submitted", "Respondent type", "Survey question", "Rating",
          "Max", "Topic", "Free text"],
         ["id", "service.name", "received_on", "respondent", "question", "score", "max_score",
          "theme", "text"]),
        ("commissioner_queries",
         ["Enquiry ref", "Date received", "Council", "Service", "Topic", "Query", "Date answered"],
         ["id", "received_on", "service.la", "service.name", "theme", "text", "answered_on"]),
        ("services",
         ["locationId", "name", "odsCode", "postalCode", "region", "providerId", "localAuthority",
          "numberOfBeds", "mainPhoneNumber"],
         ["id", "name", "ods", "postcode", "region", "provider_id", "la", "beds", "phone"]),
    ],
)  # fmt: skip
def test_titles_of_other_sources(feed, titles, expected):
    assert [column.field for column in fields(feed, *titles).columns] == expected


def test_a_strange_reference_column_is_found_by_its_cells():
    rows = [[f"Z{n}", str(n % 3), "1-101"] for n in range(20)]
    columns = fields("incidents", "Datix No.", "Ward code", "Home", rows=rows).columns
    assert [column.field for column in columns] == ["id", None, "service.name"]
    columns = fields("incidents", "Incident Ref No", "NHS no", rows=[["1", "2"]]).columns
    assert [column.field for column in columns] == ["id", None]


def test_a_map_fits_columns_in_another_order_and_other_case():
    data_map = DataMap.from_json(
        {
            "columns": [
                {"header": "Location", "field": "service.name"},
                {"header": "Location", "field": "place"},
                {"header": "Outcome ", "field": "type"},
                {"header": "Gone", "field": "harm"},
            ]
        }
    )
    columns = ["OUTCOME", " location", "New", "Location  "]
    assert data_map.bind(columns) == ["type", "service.name", None, "place"]
    assert data_map.missing(columns) == ["Gone"]


def test_a_map_survives_json():
    data_map = fields("actions", "Ref", "Status", rows=[["A1", "WIP"], ["A2", "Parked"]])
    assert data_map.codes == {"status": {"WIP": "in_progress"}}
    assert DataMap.from_json(data_map.to_json()) == data_map


@pytest.mark.parametrize("broken", [{}, {"columns": "x"}, {"columns": ["x"]},
                                    {"columns": [], "codes": {"status": "open"}}])  # fmt: skip
def test_a_broken_map_is_refused(broken):
    with pytest.raises(ValueError, match="columns|codes"):
        DataMap.from_json(broken)


def test_private_columns_are_dropped_at_the_door():
    data_map = fields("incidents", "Incident ID", "NHS Number", "Key Safe Number", "DOB", "Type",
                      "Client name")  # fmt: skip
    assert data_map.drop_columns == ["NHS Number", "Key Safe Number", "DOB", "Client name"]


@pytest.mark.parametrize("feed", FEEDS.values(), ids=list(FEEDS))
def test_feeds_are_sound(feed):
    names = [item.name for item in feed.fields]
    assert len(names) == len(set(names))
    assert set(feed.keys) <= set(names)
    for item in feed.fields:
        assert item.maximum is None or item.maximum in names
        assert not item.strict or item.codes
        # Each title of its own leads to the field itself when it stands alone.
        table = table_of_rows([item.label], [])
        assert propose(table, feed).columns[0].field == item.name


def test_header_words():
    assert headers.key("Date of Incident") == headers.key("incident date")
    assert (
        headers.normalise("CQC Location (for office use only") == "cqc location for office use only"
    )
    assert headers.unique(["A", "A", "", "A "]) == ["A", "A (2)", "Column 3", "A (3)"]

"""The feeds themselves, as data.

Rule source: domain/data-shapes.md 6.2 (canonical layouts; required columns carry a star there).
"""

from careboard.imports import feed_codes as codes
from careboard.imports.feeds import Feed, Field, register


def when(*verbs: str) -> tuple[str, ...]:
    """Return the titles under which a date goes: `raised`, `raised on`, `date raised`, …"""
    shapes = ("{}", "{} on", "date {}", "{} at", "{} date time", "date and time {}", "{} by")
    return tuple(shape.format(verb) for verb in verbs for shape in shapes)


def id_field(label: str, *nouns: str, more: tuple[str, ...] = ()) -> Field:
    """Return the field of a record's own reference; a bare noun (`Query`) is the weakest title."""
    shapes = ("{} ref", "{} id", "{} no", "{} code", "source {} id", "{} uid", "{} unique id")
    aliases = tuple(shape.format(noun) for noun in nouns for shape in shapes)
    bare = (
        "ref",
        "id",
        "no",
        "record id",
        "record ref",
        "record uid",
        "unique id",
        "uid",
        "ref no",
    )
    return Field("id", label, "id", True, True, (*aliases, *bare, *more, *nouns))


SERVICE = (
    Field(
        "service.name", "Service", "service", True,
        aliases=(
            "service name", "location", "location name", "home", "home branch", "branch", "site",
            "care home", "home name", "branch name", "site name", "scheme", "setting", "unit",
            "registered location", "service location", "home or branch", "name of service",
            "care home name", "office", "registered service", "service or branch", "premises",
            "home service", "service home", "branch home", "team", "scheme name", "establishment",
        ),
    ),
    Field(
        "service.id", "CQC location ID", "service", True,
        aliases=(
            "location id", "cqc id", "service id", "service ref", "service code", "location ref",
            "location code", "cqc location", "cqc location ref", "cqcid", "locationid", "ods",
            "ods code", "odscode", "branch id", "branch code", "site id", "site code", "home id",
            "home code", "location no", "cqc no", "cqc ref", "cqc location no", "unit code",
            "cqc service id", "service no", "care home id", "location_id",
        ),
    ),
    Field(
        "service.la", "Local authority",
        aliases=(
            "la", "council", "commissioner", "commissioning authority", "authority", "borough",
            "funding authority", "commissioning council", "lead commissioner", "purchaser",
        ),
    ),
)  # fmt: skip

STATUS_WORDS = ("current status", "state", "record status", "position", "stage", "progress")
TEXT_WORDS = (
    "notes", "note", "comments", "comment", "summary", "details", "detail", "description",
    "narrative", "free text", "additional information", "further information", "remarks", "text",
)  # fmt: skip
THEME_WORDS = ("category", "topic", "area", "domain", "subject", "theme category", "type")

SERVICES = register(
    Feed(
        "services", "Services", ("id",),
        (
            Field(
                "name", "Name", "text", True, True,
                ("service name", "location name", "home", "home name", "branch", "service", "site",
                 "location", "establishment name", "registered name", "trading name", "site name"),
            ),
            Field(
                "id", "CQC location ID", "id", True, True,
                ("location id", "cqc id", "service id", "id", "cqc location", "cqcid",
                 "cqc location for office use only", "cqc location id for office use only",
                 "locationid", "service code", "location ref", "service ref", "cqc location no",
                 "location code", "cqc no"),
            ),
            Field("address", "Address", aliases=("postal address", "full address", "address line 1",
                                                "postal address line 1", "street")),
            Field("postcode", "Postcode", aliases=("post code", "postal code")),
            Field("phone", "Phone number", "phone",
                  aliases=("phone", "telephone", "tel", "main phone number", "telephone number",
                           "contact number", "main phone")),
            Field("types", "Service types", "list",
                  aliases=("service type", "type", "types", "gac service types", "main service",
                           "care type", "kind", "type of service")),
            Field("checked_at", "Date of latest check", "datetime",
                  aliases=("latest check", "last inspection", "last inspection date",
                           "date of last inspection", "publication date", "checked")),
            Field("bands", "Specialisms", "list",
                  aliases=("specialisms services", "specialism", "service user bands",
                           "service users", "user bands")),
            Field("provider", "Provider name", required=False,
                  aliases=("provider", "registered provider", "org", "org name", "group", "company",
                           "registered provider name", "operator", "owner")),
            Field("provider_id", "CQC provider ID", "id",
                  aliases=("provider id", "cqc provider", "providerid", "provider code",
                           "cqc provider id for office use only",
                           "cqc provider for office use only")),
            Field("la", "Local authority",
                  aliases=("council", "la", "commissioning authority", "authority", "borough")),
            Field("region", "Region", aliases=("area",)),
            Field("url", "Location URL", "url", aliases=("url", "link", "cqc link", "cqc url",
                                                        "cqc page", "web link", "location link")),
            Field("ods", "ODS code", aliases=("ods", "odscode", "org data service code")),
            Field("beds", "Number of beds", "number",
                  aliases=("beds", "care homes beds", "capacity", "bed count", "max capacity",
                           "maximum capacity", "registered beds", "places")),
        ),
        service_bound=False, own_provider=True,
    )
)  # fmt: skip

AUDITS = register(
    Feed(
        "audits", "Audits", ("id",),
        (
            id_field("Audit ref", "audit", "inspection", "check", "review", "visit"),
            *SERVICE,
            Field("theme", "Theme", "text", True,
                  aliases=("audit theme", "audit", "audit type", "audit name", "audit title",
                           "audit area", "audit topic", "audit category", *THEME_WORDS)),
            Field("cycle", "Cycle", "text",
                  aliases=("audit cycle", "period", "month", "audit period", "audit month",
                           "round", "quarter", "reporting period")),
            Field("completed_on", "Completed on", "date", True, True,
                  (*when("completed", "audit", "audited", "done", "carried out", "undertaken",
                          "inspection", "completion"), "date", "date of audit")),
            Field("score", "Score", "number", maximum="max_score",
                  aliases=("audit score", "result", "percentage", "percent", "compliance",
                           "score percent", "score achieved", "overall score", "total score",
                           "compliance score", "points", "points scored", "compliance percent",
                           "score pct", "mark", "marks")),
            Field("max_score", "Maximum score", "number",
                  aliases=("max", "out of", "maximum", "possible score", "possible", "of",
                           "available", "points available", "max points", "marks available",
                           "total possible", "highest score", "max possible score")),
            Field("rag", "RAG", "code", codes=codes.RAG, strict=True,
                  aliases=("rag rating", "rag status", "rating", "colour", "color", "risk rating")),
            Field("auditor", "Auditor", "person",
                  aliases=("audited by", "completed by", "auditor name", "auditor ref", "lead",
                           "carried out by", "inspector", "done by", "by", "reviewer",
                           "name of auditor", "undertaken by", "lead auditor", "assessor")),
        ),
    )
)  # fmt: skip

AUDIT_CONCERNS = register(
    Feed(
        "audit_concerns", "Audit concerns", ("id",),
        (
            id_field("Concern ref", "concern", "finding", "issue", "risk", "non conformance",
                "observation", "nc"),
            Field("audit", "Audit ref", "id", True, refers_to="audits",
                  aliases=("audit", "audit id", "audit no", "source audit", "parent audit",
                           "audit reference", "from audit", "audit record", "linked audit")),
            Field("raised_on", "Raised on", "date", True,
                  aliases=(*when("raised", "found", "identified", "opened", "logged", "reported",
                                  "recorded", "created", "concern", "finding"), "date")),
            Field("text", "Concern", "free_text",
                  aliases=("finding", "issue", "concern description", "finding description",
                           "what was found", "concern text", "concern detail", "issue description",
                           "concern details", "finding details", "observation", *TEXT_WORDS)),
            Field("severity", "Severity", "code", True, codes=codes.SEVERITY, strict=True,
                  aliases=("rag", "rating", "risk", "risk level", "priority", "grade", "level",
                           "risk rating", "rag rating", "severity rating", "seriousness", "impact",
                           "category", "rag status")),
            Field("status", "Status", "code", codes=codes.OPEN_CLOSED, strict=True,
                  aliases=(*STATUS_WORDS, "open closed", "concern status", "finding status")),
            Field("closed_on", "Closed on", "date",
                  aliases=when("closed", "resolved", "completed", "closure", "signed off")),
        ),
        service_bound=False,
    )
)  # fmt: skip

ACTIONS = register(
    Feed(
        "actions", "Actions", ("id",),
        (
            id_field("Action ref", "action", "task", "item", "tracker", more=("#",)),
            *SERVICE,
            Field("source", "Source record", "id",
                  aliases=("source", "source ref", "linked record", "linked to", "origin",
                           "related record", "concern ref", "raised from", "arising from",
                           "related to", "source id", "linked ref", "parent ref", "trigger",
                           "originating record", "linked concern", "concern", "concern id",
                           "audit concern", "relations", "from")),
            Field("action", "Action", "free_text", True,
                  aliases=("action required", "description", "task", "title", "what", "details",
                           "action description", "action to be taken", "action needed",
                           "improvement action", "actions", "action text", "agreed action",
                           "action detail", "required action", "action title", "summary")),
            Field("owner", "Owner", "person", warn_empty="missing_owner",
                  aliases=("action owner", "assigned to", "responsible", "responsible person",
                           "lead", "who", "assignee", "person responsible", "named lead",
                           "owner name", "by whom", "action lead", "responsibility",
                           "accountable person", "assignee id", "allocated to", "lead person")),
            Field("email", "Owner email", "email",
                  aliases=("email", "e mail", "owner e mail", "email address", "assignee email",
                           "lead email", "responsible email", "owner email address",
                           "contact email")),
            Field("due", "Due date", "date", warn_empty="missing_due",
                  aliases=(*when("due", "target", "deadline", "completion due"), "deadline",
                           "target completion date", "complete by", "by when", "when",
                           "target date", "to be completed by", "timescale", "due for completion")),
            Field("status", "Status", "code", True, codes=codes.ACTION_STATUS, strict=True,
                  aliases=(*STATUS_WORDS, "action status")),
            Field("completed_on", "Completed on", "date",
                  aliases=when("completed", "closed", "done", "actual completion", "finished",
                                "completion", "actioned")),
            Field("evidence", "Evidence note", "free_text",
                  aliases=("evidence", "evidence notes", "evidence of completion", "outcome",
                           "completion evidence", "evidence comment", "evidence detail",
                           "evidence seen", "evidence of action", *TEXT_WORDS)),
            Field("updated", "Last update", "date",
                  aliases=(*when("updated", "last updated", "last update", "reviewed",
                                  "last reviewed", "modified", "last modified", "last change"),
                           "latest update", "update date", "date of last update")),
        ),
    )
)  # fmt: skip

from careboard.imports import feed_definitions_events, feed_definitions_recovery  # noqa: E402, F401

"""The feeds of things that happened: incidents, complaints, feedback, safeguarding, queries.

Rule source: domain/data-shapes.md 6.1 J (names of the national minimum data standard) and 6.2.
"""

from careboard.imports import feed_codes as codes
from careboard.imports.feed_definitions import (
    SERVICE,
    STATUS_WORDS,
    TEXT_WORDS,
    THEME_WORDS,
    id_field,
    when,
)
from careboard.imports.feeds import Feed, Field, register

PERSON_WORDS = (
    "person ref", "person id", "service user", "resident", "client", "client ref", "resident ref",
    "service user ref", "service user id", "client id", "resident id", "person affected",
    "person involved", "customer", "customer id", "individual", "su ref", "involved", "tenant",
    "person supported", "person code",
)  # fmt: skip
PLACE_WORDS = (
    "location area", "area", "where", "location within service", "room", "exact location",
    "place of incident", "location in home", "location of incident", "incident location", "location",
    "where did it happen", "location detail", "place within service", "specific location",
    "where it happened", "place it happened",
)  # fmt: skip

INCIDENTS = register(
    Feed(
        "incidents", "Incidents", ("id",),
        (
            id_field("Incident ID", "incident", "accident", "event", "accident incident"),
            *SERVICE,
            Field("occurred_at.d", "Date", "datetime", True,
                  aliases=("incident date", "date of incident", "occurred on", "event date",
                           "date occurred", "date of event", "accident date", "date of occurrence",
                           "when", "date it happened", "incident on", "date of accident")),
            Field("occurred_at.t", "Time", "time",
                  aliases=("incident time", "time of incident", "event time", "time occurred",
                           "occurred time", "time of event", "accident time", "at",
                           "time of occurrence", "time it happened")),
            Field("occurred_at", "Occurred at", "datetime", True,
                  aliases=("date and time", "date time", "incident date time", "occurred",
                           "date and time of incident", "incident date and time", "timestamp",
                           "datetime", "incident datetime", "happened at", "event date time")),
            Field("reported_at", "Reported", "datetime",
                  aliases=when("reported", "logged", "recorded", "entered", "created", "notified")),
            Field("type", "Type", "text", True,
                  aliases=("incident type", "category", "incident category", "type of incident",
                           "event type", "nature of incident", "incident", "kind", "accident type",
                           "classification", "nature")),
            Field("harm", "Harm", "code", codes=codes.HARM,
                  aliases=("severity", "level of harm", "harm level", "degree of harm", "injury",
                           "severity of harm", "impact", "outcome severity", "harm severity",
                           "injury level", "actual harm", "harm caused", "consequence", "grade")),
            Field("place", "Place", aliases=PLACE_WORDS),
            Field("person", "Person", "person", aliases=PERSON_WORDS),
            Field("staff", "Staff", "person",
                  aliases=("staff ref", "staff member", "staff id", "employee", "carer", "worker",
                           "staff involved", "employee id", "carer ref", "reported by",
                           "staff on duty", "care worker", "staff code", "reporter", "informed",
                           "employee ref", "carer id")),
            Field("themes", "Themes", "list",
                  aliases=("theme", "tags", "contributing factors", "factors", "categories",
                           "labels", "keywords", "contributory factors", "topics", "causes")),
            Field("status", "Status", "code", True, codes=codes.OPEN_CLOSED, strict=True,
                  aliases=(*STATUS_WORDS, "open closed", "incident status", "investigation status")),
            Field("closed_on", "Closed on", "date",
                  aliases=when("closed", "closure", "completed", "resolved", "signed off")),
            Field("text", "What happened", "free_text",
                  aliases=("incident description", "description of incident", "account", "incident details",
                           "incident summary", "incident narrative", "event description",
                           "details of incident", "brief description", *TEXT_WORDS)),
            Field("reg18_flag", "Regulation 18 notification", "bool",
                  aliases=("reg 18", "regulation 18", "cqc notified", "cqc notification")),
            Field("reg20_flag", "Duty of candour", "bool",
                  aliases=("reg 20", "regulation 20", "duty of candour", "candour")),
            Field("safeguarding_flag", "Safeguarding raised", "bool",
                  aliases=("safeguarding", "safeguarding flag", "safeguarding referral made")),
            Field("riddor_flag", "RIDDOR", "bool", aliases=("riddor reportable", "riddor reported")),
        ),
    )
)  # fmt: skip

COMPLAINTS = register(
    Feed(
        "complaints", "Complaints", ("id",),
        (
            id_field("Complaint no", "complaint", "case", "compliment", "concern"),
            *SERVICE,
            Field("received_on", "Received on", "date", True, True,
                  (*when("received", "complaint", "raised", "made", "opened", "logged"), "date",
                   "date of complaint", "date of receipt")),
            Field("channel", "Channel",
                  aliases=("method", "how received", "received by", "received via", "source",
                           "route", "how made", "contact method", "mode", "means", "received how")),
            Field("theme", "Theme", "text", True,
                  aliases=("complaint theme", "complaint type", "nature of complaint",
                           "complaint category", "about", "nature", "complaint about", "reason",
                           "complaint subject", *THEME_WORDS)),
            Field("formal", "Formal", "bool", True,
                  aliases=("formal complaint", "formal y n", "formal informal", "is formal",
                           "formal or informal", "formal yes no")),
            Field("ack_on", "Acknowledged on", "date",
                  aliases=when("acknowledged", "ack", "acknowledgement", "acknowledgement sent")),
            Field("due_on", "Due on", "date",
                  aliases=(*when("due", "response due", "target", "reply due", "deadline"),
                           "deadline", "target response date", "respond by", "reply by")),
            Field("responded_on", "Responded on", "date",
                  aliases=when("responded", "response", "replied", "response sent", "answered",
                                "reply", "final response", "closed", "completed", "resolved",
                                "reply sent", "resolution")),
            Field("outcome", "Outcome", "code", codes=codes.COMPLAINT_OUTCOME,
                  aliases=("result", "decision", "finding", "complaint outcome", "upheld",
                           "conclusion", "findings")),
            Field("text", "Summary", "free_text",
                  aliases=("complaint", "complaint summary", "complaint details", "lessons",
                           "details of complaint", "lessons learnt", "lessons learned",
                           "complaint description", "learning", *TEXT_WORDS)),
        ),
    )
)  # fmt: skip

FEEDBACK = register(
    Feed(
        "feedback", "Feedback", ("id",),
        (
            id_field("Response ID", "response", "answer", "feedback", "survey", "submission", "reply"),
            *SERVICE,
            Field("received_on", "Received on", "date", True, True,
                  (*when("received", "response", "submitted", "survey", "answered", "completed",
                          "feedback", "returned", "submission"), "date", "timestamp")),
            Field("respondent", "Respondent", "code", codes=codes.RESPONDENT, strict=True,
                  aliases=("from", "respondent type", "who", "responder", "type of respondent",
                           "completed by", "answered by", "given by", "role", "respondent group",
                           "feedback from", "source", "person type", "relationship", "group",
                           "who answered", "audience", "i am a", "you are")),
            Field("question", "Question", "code", True, codes=codes.QUESTION, strict=True,
                  aliases=("question code", "question text", "statement", "measure", "item",
                           "survey question", "question asked", "q", "indicator", "question id")),
            Field("score", "Score", "number", maximum="max_score", answer=True,
                  aliases=("rating", "answer", "points", "mark", "stars", "value", "result",
                           "answer score", "score given", "rating given", "response score",
                           "response value", "score value")),
            Field("max_score", "Out of", "number",
                  aliases=("max", "maximum", "max score", "scale", "maximum score", "possible",
                           "of", "best score", "highest", "top score", "scale max", "max rating",
                           "top of scale")),
            Field("theme", "Theme", aliases=("feedback theme", "tag", *THEME_WORDS)),
            Field("sentiment", "Sentiment", aliases=("tone", "positive negative")),
            Field("text", "Comment", "free_text",
                  aliases=("verbatim", "what they said", "feedback text", "their words", "feedback comment",
                           "other comments", "anything else", *TEXT_WORDS)),
        ),
    )
)  # fmt: skip

SAFEGUARDING = register(
    Feed(
        "safeguarding", "Safeguarding concerns", ("id",),
        (
            id_field("Concern ref", "concern", "safeguarding", "alert", "referral", "case",
                "safeguarding concern"),
            *SERVICE,
            Field("raised_on", "Raised on", "date", True, True,
                  (*when("raised", "concern", "alert", "reported", "opened", "logged", "referral",
                          "referred", "received", "identified"), "date", "date of concern")),
            Field("level", "Level", "code", True, codes=codes.LEVEL, strict=True,
                  aliases=("threshold", "concern level", "tier", "level of concern", "pathway",
                           "threshold level", "referral level", "safeguarding level", "severity",
                           "referral type", "concern type")),
            Field("category", "Category",
                  aliases=("type of abuse", "abuse type", "category of abuse", "type", "nature",
                           "abuse category", "kind of abuse", "theme", "form of abuse")),
            Field("place", "Place", aliases=PLACE_WORDS),
            Field("source_role", "Source role",
                  aliases=("source", "source of risk", "alleged source", "role of source",
                           "person alleged to have caused harm", "alleged source role",
                           "source of harm", "relationship of source", "patch", "alleged by",
                           "source of concern", "alleged perpetrator role", "role")),
            Field("person", "Person", "person", aliases=("adult at risk", "adult", *PERSON_WORDS)),
            Field("la_ref", "Local authority ref",
                  aliases=("council ref", "la ref", "la case no", "local authority case no")),
            Field("status", "Status", "code", codes=codes.OPEN_CLOSED, strict=True,
                  aliases=(*STATUS_WORDS, "open closed", "case status", "concern status")),
            Field("closed_on", "Closed on", "date",
                  aliases=when("closed", "closure", "completed", "concluded", "resolved", "ended")),
            Field("text", "Notes", "free_text",
                  aliases=("concern details", "concern description", "what happened", "concern",
                           "details of concern", "concern summary", *TEXT_WORDS)),
        ),
    )
)  # fmt: skip

COMMISSIONER_QUERIES = register(
    Feed(
        "commissioner_queries", "Commissioner queries", ("id",),
        (
            id_field("Query ref", "query", "enquiry", "request", "inquiry", "question"),
            *SERVICE,
            Field("received_on", "Received on", "date", True, True,
                  (*when("received", "query", "asked", "raised", "request", "requested", "sent"),
                   "date")),
            Field("theme", "Theme", "text", True,
                  aliases=("query theme", "about", "query type", "query category", *THEME_WORDS)),
            Field("text", "Question", "free_text",
                  aliases=("query text", "question text", "query details", "what was asked",
                           "request text", "enquiry", "query", "question asked", "query description",
                           *TEXT_WORDS)),
            Field("answered_on", "Answered on", "date",
                  aliases=when("answered", "responded", "replied", "response", "reply", "closed",
                                "answer", "response sent", "completed", "reply sent")),
            Field("due_on", "Due on", "date",
                  aliases=(*when("due", "response due", "reply due", "deadline"), "deadline",
                           "respond by", "reply by")),
        ),
    )
)  # fmt: skip

"""The forms of actions: the action itself, each step that it can take, and the list's filters."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import FileField, SelectField

from careboard.actions.baselines import FIELDS, MOST_THEME
from careboard.actions.lateness import GAPS, gaps
from careboard.actions.measures import DEFAULT_LAG, MEASURES, Measure
from careboard.actions.outcomes import STATES
from careboard.actions.queries import VIEWS, Filters
from careboard.form_fields import Day, Line, Number, RowChoice, Version, Words, known_id, one_line
from careboard.uploads import ACCEPT, MOST_BYTES
from careboard.vocabulary import DOMAIN_NAMES, DOMAINS, KIND_NAMES

MEASURE_WORDS = {"": "Not named"} | {code: one.words for code, one in MEASURES.items()}
LAGS = {days: f"{days} days" for days in (0, 7, DEFAULT_LAG, 28, 56, 84)}
STATUSES = ("draft", "open", "in_progress", "completed", "verified", "cancelled")
# Preserved, so that a form that comes back with errors still holds the chosen file.
FILE = {"accept": ACCEPT, "data-max-bytes": MOST_BYTES, "hx-preserve": "true"}


class MeasureFields(FlaskForm):
    """The measure that tells whether the action worked. Source: rule 3.3, no improvement."""

    measure = SelectField("Measure", choices=MEASURE_WORDS, default="")
    measure_theme = Line(
        "Theme",
        most=MOST_THEME,
        render_kw={"list": "known-themes", "autocomplete": "off"},
    )
    baseline_value = Number("Where it stands today")
    target_value = Number("Target")
    lag_days = SelectField(
        "Days until it can show",
        choices=LAGS,
        default=DEFAULT_LAG,
        coerce=int,
        description="Counted from completion; the first two full periods after them decide.",
    )

    @property
    def chosen(self) -> Measure | None:
        return MEASURES.get(self.measure.data or "")

    def measured(self) -> dict:
        """The fields of `baselines.FIELDS`."""
        return {name: self[name].data for name in FIELDS}


class MeasureForm(MeasureFields):
    """The measure of an action that is under way without one."""

    lock_version = Version()


class ReadingForm(FlaskForm):
    """A value of a measure that is taken by hand."""

    on_date = Day("Day of the value", "Give the day of the value.")
    value = Number("Value")
    note = Line("Note", most=500, description="Where it comes from, or how it was counted.")
    lock_version = Version()


class ActionForm(MeasureFields):
    """An action. Opening it needs all that keeps it from being vague; a draft needs a title."""

    title = Words("What is to be done", "Say what is to be done.", most=500, render_kw={"rows": 2})
    service_id = RowChoice("Service", "Choose the service.")
    domain = SelectField(
        "Domain of risk", choices={"": "Choose a domain"} | DOMAIN_NAMES, default=""
    )
    owner_id = RowChoice("Owner")
    due_on = Day("Due date")
    outcome_measure = Words(
        "Measurable outcome",
        description="What will be different, in a number or a check that anyone can repeat.",
    )
    baseline = Words("Baseline", description="Where it stands today.")
    evidence_required = Words(
        "Evidence needed", description="What will show that it is done and that it worked."
    )
    lock_version = Version()

    def not_vague(self) -> bool:
        """Whether it may be opened; each gap leaves its message at its field."""
        missing = [name for name in GAPS if not self[name].data and not self[name].errors]
        for name in missing:
            self[name].errors = [GAPS[name]]
        return not missing

    def values(self) -> dict:
        """The keywords of `service.create_action` and `service.edit_draft`."""
        names = ("title", "domain", "owner_id", "due_on", *list(GAPS)[2:])
        return {name: self[name].data for name in names} | self.measured()


class GapsForm(FlaskForm):
    """What a vague imported action lacks; the fields it has are taken out."""

    owner_id = RowChoice("Owner")
    due_on = Day("Due date")
    outcome_measure = Words("Measurable outcome")
    baseline = Words("Baseline")
    evidence_required = Words("Evidence needed")
    lock_version = Version()

    def only_gaps_of(self, action) -> None:
        for name in set(GAPS) - set(gaps(action)):
            del self[name]

    def values(self) -> dict:
        return {name: self[name].data for name in GAPS if name in self}


class NoteForm(FlaskForm):
    note = Words("What was done, or what stands in the way", "Say what was done.")
    lock_version = Version()


class CompletionForm(FlaskForm):
    """Completion and its evidence in one form. Source: step S0-1.4."""

    completion_detail = Words(
        "What was done, and what changed",
        "Say what was done and what changed.",
        description="Set it against the baseline and the measurable outcome.",
    )
    kind = SelectField("Kind of evidence", choices={"": "Choose the kind"} | KIND_NAMES, default="")
    file = FileField("Evidence file", render_kw=FILE)
    source_link = Line(
        "Or a link to the source record",
        most=2_000,
        description="An address in the care system, or the record's reference there.",
    )
    period_from = Day("Evidence covers from")
    period_to = Day("Evidence covers to")
    lock_version = Version()


class VerificationForm(FlaskForm):
    note = Words("What was checked")
    same_person_reason = Words(
        "Why nobody else can verify it",
        description="It stays on show that the same person did the work and verified it.",
    )
    lock_version = Version()


class ReturnForm(FlaskForm):
    reason = Words("What is still missing", "Say what is still missing.")
    lock_version = Version()


class ExtensionForm(FlaskForm):
    due_on = Day("New due date", "Give the new date.")
    reason = Words("Why it needs longer", "Say why it needs longer.")
    lock_version = Version()


class AssignmentForm(FlaskForm):
    owner_id = RowChoice("New owner", "Choose the new owner.")
    note = Words("Note to the timeline")
    lock_version = Version()


class CancellationForm(FlaskForm):
    reason = Words("Why it is cancelled", "Say why it is cancelled.")
    lock_version = Version()


class ConfirmationForm(FlaskForm):
    lock_version = Version()


class BulkForm(FlaskForm):
    """The ticked actions come as `actions`, read by the route."""

    owner_id = RowChoice("New owner", "Choose the new owner.")


FILTERS = ("view", "service", "domain", "owner", "status", "outcome", "text")


def asked(args) -> dict[str, str]:
    """The filters of an address, to be carried into the links of the page."""
    return {name: args[name] for name in FILTERS if args.get(name)}


def filters_from(args) -> Filters:
    """Filters of an address; a value that is none of the choices is left out."""

    def choice(name: str, known: tuple[str, ...]) -> str | None:
        value = args.get(name, "")
        return value if value in known else None

    def row(name: str):
        try:
            return known_id(args.get(name))
        except ValueError:
            return None

    return Filters(
        view=choice("view", VIEWS) or "all",
        service_id=row("service"),
        domain=choice("domain", DOMAINS),
        owner_id=row("owner"),
        status=choice("status", STATUSES),
        outcome=choice("outcome", tuple(STATES)),
        text=one_line(args.get("text"))[:200],
    )

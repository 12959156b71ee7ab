"""Forms of the risk profile: a rating always comes with its cause, reasons and evidence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional

from careboard import uploads
from careboard.clock import day_words
from careboard.form_fields import FreeText, Ticks, known_id
from careboard.risks.basis import Basis, NewEvidence
from careboard.risks.queries import Filters
from careboard.vocabulary import (
    ASSURANCE_STATES,
    DOMAIN_NAMES,
    DOMAINS,
    FORUMS,
    KIND_NAMES,
    RATINGS,
    in_words,
    titles,
)

MOST_TEXT = 4_000
RATING_WORDS = titles(RATINGS)
RETURN_WORDS = {
    "proves": "proves the improvement",
    "partly": "partly proves it",
    "does_not_prove": "does not prove it",
    "unsupported": "unsupported by its sample",
}


def clean(value: str | None) -> str:
    """Without what a database text cannot hold, and with one kind of line end."""
    return (value or "").replace("\x00", "").replace("\r\n", "\n").strip()


class EvidenceForm(FlaskForm):
    """What something rests on: items on record, a new one, or none. `offer` gives the choices."""

    evidence = Ticks("Evidence on record", coerce=known_id)
    new_title = StringField("Title", [Length(max=200)], [clean])
    new_kind = SelectField(
        "Kind of evidence", default="", choices={"": "Choose a kind"} | KIND_NAMES
    )
    new_link = StringField(
        "Link to the source record",
        [Length(max=2_000)],
        [clean],
        description="An address, or the reference of the record in your care system.",
    )
    new_file = FileField("Or a file")
    new_period_to = DateField(
        "Up to which day it speaks", [Optional()], description="The end of its period."
    )
    new_valid_until = DateField(
        "Valid until", [Optional()], description="Left empty: 92 days after its period."
    )
    none_yet = BooleanField("There is no evidence yet: show this rating as unsupported")
    same_person_reason = FreeText(
        "Why you do both",
        [Length(max=MOST_TEXT)],
        [clean],
        description="You took part before, so this is an exception: it stands in the register of "
        "exceptions, and is possible only where nobody else could do it.",
    )
    accept = uploads.ACCEPT

    def offer(self, items: list[Any]) -> None:
        """The items on record that may be cited."""
        self.evidence.choices = {
            item.id: f"{item.reference} {item.title} ({in_words(item.kind)}, valid until "
            f"{day_words(item.valid_until)})"
            for item in items
        }

    def basis(self) -> Basis:
        """What was cited. Raises Invalid for a file that is not taken."""
        upload = uploads.received(self.new_file.data, field="new_file")
        given = (self.new_title.data, self.new_kind.data, self.new_link.data, upload)
        new = None
        if any(given):
            new = NewEvidence(
                title=self.new_title.data or "",
                kind=self.new_kind.data or "",
                period_to=self.new_period_to.data,
                valid_until=self.new_valid_until.data,
                upload=upload,
                source_link=self.new_link.data or "",
            )
        return Basis(self.evidence.data or [], new, self.none_yet.data)

    def refuse(self, message: str, name: str | None) -> None:
        """Put a service's refusal at its field; those of the new evidence are prefixed here."""
        known = name if name in self._fields else f"new_{_EVIDENCE_FIELDS.get(name, name)}"
        target = self._fields.get(known)
        if target is None:
            self.form_errors.append(message)
        else:
            target.errors = [*target.errors, message]


class RatingForm(EvidenceForm):
    """A rating with its reasons and evidence."""

    rating = RadioField("Rating", [InputRequired("Choose a rating.")], choices=RATING_WORDS)
    rationale = FreeText(
        "Reasons for this rating",
        [InputRequired("Give the reasons for this rating."), Length(max=MOST_TEXT)],
        [clean],
        description="What the evidence shows about the original cause. Name no resident.",
    )
    outcome_position = FreeText(
        "Outcome position",
        [Length(max=MOST_TEXT)],
        [clean],
        description="Where things stand against the outcome, for example "
        "“0 new concerns in 9 days; 4 in 61 days before”.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_order(self, "rating", "rationale", "outcome_position")


class DecisionForm(RatingForm):
    """A decision of the governance group on a rating, or a raise at once."""

    sitting = SelectField("Decided in", coerce=known_id)
    claim = SelectField(
        "Service assurance return",
        coerce=known_id,
        description="A return that was checked against the original cause. Its evidence is cited "
        "with it. A rating is lowered on nothing less.",
    )
    seen = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_order(self, "sitting", "claim")

    def offer_grounds(self, sittings: list[Any], returns: list[Any]) -> None:
        """The open sittings and the checked returns of the risk."""
        self.sitting.choices = _sittings(sittings, "No sitting: raise it at once")
        self.claim.choices = {"": "None"} | {
            row.id: f"{row.reference}, {RETURN_WORDS[row.finding]}" for row in returns
        }

    def seen_review(self) -> UUID | None:
        return id_of(self.seen.data)


class DisputeForm(EvidenceForm):
    """A service's dispute of its rating."""

    reason = FreeText(
        "Why the rating is wrong",
        [InputRequired("Say why the rating is wrong."), Length(max=MOST_TEXT)],
        [clean],
        description="What the rating left out or misread. Name no resident.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.none_yet.label.text = "There is no counter-evidence on record: the reasons speak alone"
        _in_order(self, "reason")


class _Decision(FlaskForm):
    """Something decided on a dispute or a watch, as a rule in a sitting."""

    sitting = SelectField("Decided in", coerce=known_id)
    same_person_reason = EvidenceForm.same_person_reason
    refuse = EvidenceForm.refuse

    def offer_sittings(self, sittings: list[Any], nothing: str) -> None:
        self.sitting.choices = _sittings(sittings, nothing)


class ModerationForm(_Decision):
    """Provider moderation of a dispute."""

    outcome = RadioField(
        "Outcome",
        [InputRequired("Say whether the rating is upheld or changed.")],
        choices={"upheld": "The rating is upheld", "changed": "The rating is changed"},
    )
    rating = SelectField("Changed to", choices={"": "Not changed"} | RATING_WORDS, default="")
    moderation = FreeText(
        "Reasons",
        [InputRequired("Give the reasons."), Length(max=MOST_TEXT)],
        [clean],
        description="What the counter-evidence shows about the original cause.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_order(self, "outcome", "rating", "moderation")


class WatchForm(_Decision):
    """Whether a lowered rating was sustained."""

    outcome = RadioField(
        "Outcome",
        [InputRequired("Say whether the improvement was sustained.")],
        choices={"sustained": "Sustained", "not_sustained": "Not sustained"},
    )
    reason = FreeText(
        "Reasons", [InputRequired("Give the reasons."), Length(max=MOST_TEXT)], [clean]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.same_person_reason
        _in_order(self, "outcome", "reason")


class NoteForm(FlaskForm):
    """A note on the risk profile tracker."""

    note = FreeText(
        "What was seen",
        [InputRequired("Write what was seen."), Length(max=MOST_TEXT)],
        [clean],
        description="What the agreed monitoring showed since. Name no resident.",
    )
    concern = StringField(
        "New concern",
        [Length(max=100)],
        [clean],
        description="The reference of a record of this service, for example INC-0042.",
    )
    refuse = EvidenceForm.refuse


def _in_order(form: FlaskForm, *first: str) -> None:
    """Errors are told in the order of the page, and these fields stand first on it."""
    form._fields = {name: form._fields[name] for name in (*first, *form._fields)}


def _sittings(sittings: list[Any], nothing: str) -> dict[Any, str]:
    """The empty choice, then each open sitting by its forum and reference."""
    return {"": nothing} | {row.id: f"{FORUMS[row.forum]}, {row.reference}" for row in sittings}


def id_of(value: str | None) -> UUID | None:
    """The id in an address or a hidden field; None for anything else."""
    try:
        return UUID(value or "")
    except ValueError:
        return None


_EVIDENCE_FIELDS = {"source_link": "link"}


class RiskForm(RatingForm):
    """A risk's entry on the profile, with its first rating."""

    service_id = SelectField("Service", [InputRequired("Choose a service.")], coerce=known_id)
    domain = SelectField(
        "Domain",
        [InputRequired("Choose a domain.")],
        choices={"": "Choose a domain"} | DOMAIN_NAMES,
    )
    original_cause = FreeText(
        "Original cause",
        [InputRequired("Say what the original cause is."), Length(max=MOST_TEXT)],
        [clean],
        description="What brought the risk about. Later evidence is checked against it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.same_person_reason
        _in_order(self, "service_id", "domain", "original_cause")

    def offer_services(self, services: list[tuple[UUID, str]]) -> None:
        self.service_id.choices = {"": "Choose a service"} | dict(services)


def read_filters(args: MultiDict[str, str]) -> Filters:
    """What a list asks for; unknown values are ignored, as a shared link grows old."""

    def one_of(name: str, allowed) -> str:
        return args.get(name) if args.get(name) in allowed else ""

    page = args.get("page", 1, type=int)
    return Filters(
        rating=one_of("rating", RATINGS),
        domain=one_of("domain", DOMAINS),
        state=one_of("state", ASSURANCE_STATES),
        q=args.get("q", "").replace("\x00", "").strip()[:100],
        order="latest" if args.get("order") == "latest" else "gravest",
        page=page if 1 <= page <= 10_000 else 1,
    )


def service_asked_for(args: MultiDict[str, str]) -> UUID | None:
    """The service of the address, if it names one."""
    return id_of(args.get("service", "") or args.get("service_id", ""))


def read_changes(args: MultiDict[str, str], today: date) -> dict[str, Any]:
    """`since`, `until` and `page` of the list of changes; by default the last quarter's days."""

    def day(name: str, otherwise: date) -> date:
        try:
            return date.fromisoformat(args.get(name, ""))
        except ValueError:
            return otherwise

    until = day("until", today)
    page = args.get("page", 1, type=int)
    return {
        "since": day("since", until - timedelta(days=min(92, (until - date.min).days))),
        "until": until,
        "page": page if 1 <= page <= 10_000 else 1,
    }

"""The form of a service's facts."""

from __future__ import annotations

from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from careboard.services.service import ServiceFacts
from careboard.vocabulary import SERVICE_KINDS


def _stripped(value: str | None) -> str:
    return " ".join((value or "").replace("\x00", " ").split())


def _known_id(value: str | UUID | None) -> UUID | None:
    """None for nothing; what is no id raises ValueError, and so is refused as not a choice."""
    return UUID(str(value)) if value else None


class ServiceForm(FlaskForm):
    """Choices for the manager are given by the route."""

    name = StringField(
        "Name",
        [InputRequired("Enter the name of the service."), Length(max=200)],
        [_stripped],
        description="As people say it, for example “Alder House”.",
    )
    kind = SelectField(
        "Kind of service",
        [InputRequired("Choose what kind of service it is.")],
        choices=[("", "Choose a kind"), *SERVICE_KINDS.items()],
    )
    cqc_location_id = StringField(
        "CQC location ID",
        [
            Optional(),
            Regexp(
                r"^[A-Za-z0-9]{1,6}(-[A-Za-z0-9]{1,14})?$",
                message="Enter the ID as CQC writes it, for example 1-1234567890.",
            ),
        ],
        [_stripped],
        description="It stands on the service's page of the CQC website, for example 1-1234567890.",
    )
    local_authority = StringField("Local authority", [Length(max=120)], [_stripped])
    region = StringField("Region", [Length(max=120)], [_stripped])
    manager_id = SelectField("Registered manager", coerce=_known_id)
    active = BooleanField("CareBoard follows this service", default=True)

    def facts(self) -> ServiceFacts:
        return ServiceFacts(
            name=self.name.data,
            kind=self.kind.data,
            cqc_location_id=self.cqc_location_id.data or None,
            local_authority=self.local_authority.data,
            region=self.region.data,
            manager_id=self.manager_id.data,
            active=self.active.data,
        )

    def give_managers(self, managers: list[tuple[UUID, str]]) -> None:
        self.manager_id.choices = [("", "Nobody named"), *managers]

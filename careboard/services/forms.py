"""The form of a service's facts."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Regexp

from careboard.form_fields import Line, RowChoice
from careboard.services.service import ServiceFacts
from careboard.vocabulary import SERVICE_KINDS

_LOCATION_ID = Regexp(
    r"^[A-Za-z0-9]{1,6}(-[A-Za-z0-9]{1,14})?$",
    message="Enter the ID as CQC writes it, for example 1-1234567890.",
)


class ServiceForm(FlaskForm):
    """The route offers the managers."""

    name = Line(
        "Name",
        "Enter the name of the service.",
        most=200,
        description="As people say it, for example “Alder House”.",
    )
    kind = SelectField(
        "Kind of service",
        [InputRequired("Choose what kind of service it is.")],
        choices={"": "Choose a kind"} | SERVICE_KINDS,
    )
    cqc_location_id = Line(
        "CQC location ID",
        description="It stands on the service's page of the CQC website, for example 1-1234567890.",
    )
    local_authority = Line("Local authority", most=120)
    region = Line("Region", most=120)
    manager_id = RowChoice("Registered manager")
    active = BooleanField("CareBoard follows this service", default=True)

    def validate_cqc_location_id(self, field: Line) -> None:
        if field.data:
            _LOCATION_ID(self, field)

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

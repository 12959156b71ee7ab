"""Forms for people and their rights."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, StringField
from wtforms.validators import DataRequired, Email, InputRequired, Length

from careboard.form_fields import Ticks
from careboard.permissions import PROVIDER_ROLES, Role
from careboard.vocabulary import titles


class PersonForm(FlaskForm):
    """A person's standing. Without services and without `all_services`, nothing is in reach."""

    name = StringField("Name", [InputRequired("Enter the person's name."), Length(max=120)])
    email = EmailField(
        "E-mail address",
        [InputRequired("Enter an e-mail address."), Email("This is not an e-mail address.")],
    )
    job_title = StringField("Job title", [Length(max=120)], default="")
    roles = Ticks("Roles", DataRequired("Choose at least one role."))
    all_services = BooleanField("All services, also those added later", default=True)
    services = Ticks("Or only these services")

    def offer(self, *, org_kind: str, services: dict[str, str]) -> PersonForm:
        """Fill in the choices for that kind of organisation."""
        roles = PROVIDER_ROLES if org_kind == "provider" else (Role.COMMISSIONER_READER,)
        self.roles.choices = titles(roles)
        self.services.choices = services
        return self


class StandingForm(PersonForm):
    """As above, for someone who is a member: the address is fixed."""

    email = None
    active = BooleanField("May sign in to this organisation", default=True)

"""The forms by which commissioners and their readers are let in and shut out."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Email

from careboard.form_fields import Line, RowChoice, Words, one_line


class ConfirmForm(FlaskForm):
    """That a commissioner is who it says it is."""

    commissioner_id = RowChoice("Commissioner", "Choose the commissioner.")
    email_domain = Line(
        "Official e-mail domain",
        "Write the domain.",
        most=200,
        description="What stands after the @ of its staff, such as northshire.gov.uk, as your "
        "contract has it. CareBoard's operator must have confirmed it too; only people with an "
        "address there can read.",
    )
    how_confirmed = Words(
        "How you confirmed it",
        "Say how you know that it is them.",
        most=1_000,
        description="For example: called the switchboard number of the contract and asked for the "
        "quality team.",
    )


class ReaderForm(FlaskForm):
    """Somebody of the commissioner who is to read."""

    name = Line("Name", "Give the person's name.", most=200)
    email = StringField(
        "E-mail",
        [DataRequired("Give the address."), Email("This is not an e-mail address.")],
        filters=[one_line],
        render_kw={"type": "email"},
    )


class EndForm(FlaskForm):
    """Why a commissioner's access ends."""

    reason = Words("Why its access ends", "Say why its access ends.", most=1_000)


class EndReaderForm(FlaskForm):
    """Whose access ends, by their account."""

    account_id = RowChoice("Reader", "Choose the reader.")

"""What the forms of all features share."""

from __future__ import annotations

from flask_wtf import FlaskForm

from careboard.errors import Invalid


def show_error(form: FlaskForm, error: Invalid) -> None:
    """Put a service's refusal at the field that it names, or above the form."""
    field = form._fields.get(error.field or "")
    if field is None:
        form.form_errors.append(error.message)
    else:
        field.errors = [*field.errors, error.message]

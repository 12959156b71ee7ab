"""The form of a rule's thresholds, made from what the rule declares."""

from __future__ import annotations

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms.validators import StopValidation

from careboard.form_fields import Day, Line, Number, Words
from careboard.rules.rule import Parameter, Rule, Value


class Threshold(Number):
    """A number that must be given."""

    def pre_validate(self, form: FlaskForm) -> None:
        if self.data is None and not self.process_errors:
            raise StopValidation("Give a number.")


class ThresholdsForm(FlaskForm):
    """From when on, and why; the thresholds come before, each in the field of its name."""

    in_use_from = Day("In use from", "Give the day from which they count.")
    reason = Words("Why they change", "Say why the thresholds change.", most=2_000)

    def values(self, rule: Rule) -> dict[str, Value]:
        """The thresholds by name, without the fixed ones."""
        return {
            parameter.name: _value(parameter, self[parameter.name].data)
            for parameter in changeable(rule)
        }


def changeable(rule: Rule) -> list[Parameter]:
    """The parameters that an organisation may set."""
    return [parameter for parameter in rule.parameters if not parameter.fixed]


def form_for(rule: Rule, used: Mapping[str, Value], **kwargs) -> ThresholdsForm:
    """A form that begins with the thresholds in use."""
    fields = {parameter.name: _field(parameter) for parameter in changeable(rule)}
    begun = {name: _shown(used[name]) for name in fields}
    return type("RuleForm", (ThresholdsForm,), fields)(data=begun, **kwargs)


def _field(parameter: Parameter):
    ours = f"CareBoard’s own: {_shown(parameter.value)}"
    if isinstance(parameter.value, tuple):
        return Line(
            parameter.words, "Name at least one.", description=f"{ours}. Part them by commas."
        )
    bounds = f"from {parameter.least:g} to {parameter.most:g}" if parameter.most else ""
    return Threshold(_label(parameter), description=f"{ours}; {bounds}".removesuffix("; ") + ".")


def _label(parameter: Parameter) -> str:
    return f"{parameter.words} ({parameter.unit})" if parameter.unit else parameter.words


def _shown(value: Value):
    return ", ".join(value) if isinstance(value, tuple) else f"{value:g}"


def _value(parameter: Parameter, given) -> Value:
    if isinstance(parameter.value, tuple):
        return tuple(word for word in (part.strip() for part in given.split(",")) if word)
    return int(given) if given == int(given) else float(given)

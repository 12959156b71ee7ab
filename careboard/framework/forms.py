"""Forms of the framework pages."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from careboard.form_fields import Words
from careboard.framework.catalogue import FRAMEWORKS, Framework


class TagForm(FlaskForm):
    """One topic of the framework in use."""

    topic = SelectField("Topic", [InputRequired("Choose a topic.")])

    def offer(self, framework: Framework) -> None:
        self.topic.choices = {"": "Choose a topic"} | {
            question: {topic.slug: topic.title for topic in topics}
            for question, topics in framework.by_key_question.items()
        }


class UseForm(FlaskForm):
    """Which framework, and why now."""

    framework = SelectField(
        "Framework",
        [InputRequired("Choose a framework.")],
        choices={code: each.name for code, each in FRAMEWORKS.items()},
    )
    reason = Words("Reason", "Say why the organisation changes now.", most=2_000)

"""Every macro on one page, in a Flask app of its own (no database, none of CareBoard's routes).

Run it to write the pages to a folder of your choice and look at them:
    python -m tests.front_end.kitchen_sink FOLDER
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from types import SimpleNamespace as Item

from flask import Flask, flash, render_template
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    MultipleFileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)

from careboard.form_fields import Ticks
from careboard.web import counted

ROOT = Path(__file__).resolve().parents[2]
CONTENT_POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'"


class SampleForm(FlaskForm):
    title = StringField("What will be done", [validators.InputRequired("Say what will be done.")])
    outcome = TextAreaField(
        "Measurable outcome",
        [validators.InputRequired("Say how you will know that it worked.")],
        description="A number and a date, for example “no missed doses in 28 days”.",
    )
    service = SelectField(
        "Service",
        choices={"": "Choose a service", "a": "Alder House"},
        validators=[validators.InputRequired("Choose a service.")],
    )
    due = DateField("Due date", [validators.Optional()])
    decision = RadioField(
        "Decision",
        choices={"start": "Start enhanced monitoring", "not": "Do not start; record why"},
        validators=[validators.InputRequired("Choose one.")],
    )
    kinds = Ticks("Evidence it will need", choices={"audits": "Audits", "feedback": "Feedback"})
    several = SelectMultipleField(
        "Services affected", choices={"a": "Alder House", "r": "Rowan Court"}
    )
    file = FileField("Evidence file")
    files = MultipleFileField("More files")
    agree = BooleanField("I have read the source rows")


class LoginForm(FlaskForm):
    email = EmailField("E-mail address", [validators.InputRequired()])
    password = PasswordField("Password", [validators.InputRequired()])
    remember = BooleanField("Keep me signed in on this device")


DOMAINS = [
    "Safety",
    "Medicines",
    "Safeguarding",
    "Staffing",
    "Complaints",
    "Experience",
    "Records",
    "Audits",
]
LONG_NAME = (
    "St Bartholomew-in-the-Marshes Extra Care and Supported Living Partnership (Northshire East)"
)
H, V, M, L = "high", "very_high", "moderate", "low"
SERVICES = [
    (
        "Alder House",
        "Nursing home · Northshire",
        "Enhanced monitoring, week 3 of 8",
        [
            (M, "assured", "stable"),
            (H, "assured", "improving"),
            (V, "assured", "worsening"),
            (M, "assured", "stable"),
            (L, "untested", None),
            (M, "stale", None),
            (L, "untested", None),
            (H, "assured", "worsening"),
        ],
    ),
    (
        "Rowan Court",
        "Residential home · Eastmoor",
        None,
        [
            (L, "assured", "stable"),
            (M, "assured", "improving"),
            (L, "assured", "stable"),
            (H, "unsupported", None),
            (L, "assured", "improving"),
            (M, "assured", "stable"),
            (L, "assured", "stable"),
            (M, "review_needed", None),
        ],
    ),
    (
        "Birch Homecare, North",
        "Homecare · Northshire",
        None,
        [
            (L, "assured", "stable"),
            (L, "untested", None),
            (L, "assured", "stable"),
            (H, "disputed", None),
            (M, "assured", "stable"),
            (M, "assured", "stable"),
            (None, "assured", None),
            (L, "assured", "improving"),
        ],
    ),
    (
        LONG_NAME,
        "Supported living · Westvale",
        None,
        [
            (L, "assured", "stable"),
            (L, "assured", "stable"),
            (V, "not_sustained", None),
            (M, "assured", "improving"),
            (L, "assured", "stable"),
            (L, "assured", "stable"),
            (L, "assured", "stable"),
            (L, "stale", None),
        ],
    ),
]
CHANGES = [
    ("Rating", "Alder House safeguarding: High to Very high"),
    ("Trigger", "Rowan Court: 3 audit themes fell by 5 points or more"),
    ("Action", "6 verified, 4 new, 3 newly overdue"),
    ("Dispute", "Birch North staffing: counter-evidence filed"),
    ("Sustained", "Willow staffing held for 92 days"),
    ("Shared", "Northshire Council told of Alder House in 1 day"),
]
NAVIGATION = [
    ("Risk board", None, False),
    ("Actions", "9 overdue", True),
    ("Evidence", "6 to check", False),
    ("Recovery", "4 plans", False),
    ("Monitoring", "2 to decide", True),
    ("Sharing", "update due Tue", False),
    ("Reviews", None, False),
    ("KPIs", None, False),
    ("Records", None, False),
    ("Imports", None, False),
    ("Settings", None, False),
]
FRAME = {
    "navigation": [
        Item(label=a, url=f"#{i}", active=i == 0, badge=b, hot=h)
        for i, (a, b, h) in enumerate(NAVIGATION)
    ],
    "org_name": "Oakfield Care Group",
    "org_url": "/",
    "person_name": "Grace Oyelaran",
    "role_words": "governance lead",
    "organisations_count": 2,
    "demo_banner": "Demonstration with made-up services and people.",
}


def _policed(answer):
    answer.headers["Content-Security-Policy"] = CONTENT_POLICY
    return answer


def make_app() -> Flask:
    """A Flask app with one page per template, and a stand-in for each address they use."""
    app = Flask(
        __name__,
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.update(SECRET_KEY="kitchen-sink", TESTING=True)
    app.add_template_filter(counted)
    app.jinja_loader.searchpath.append(str(Path(__file__).parent))
    CSRFProtect(app)
    app.add_url_rule(
        "/login",
        "security.login",
        lambda: render_template("accounts/login.html", form=LoginForm()),
        methods=["GET", "POST"],
    )
    app.add_url_rule("/sign-out", "security.logout", lambda: "", methods=["POST"])
    app.add_url_rule("/switch", "sessions.switch", lambda: "", methods=["POST"])
    app.add_url_rule("/forgot", "security.forgot_password", _forgot)
    app.add_url_rule("/choose", "home.choose", _choose)
    app.add_url_rule("/board", "board", _board)
    app.add_url_rule("/parts", "parts", _parts)
    app.add_url_rule(
        "/error",
        "error",
        lambda: render_template(
            "errors/error.html",
            status=404,
            title="Page not found",
            message="It may have been moved, or you may have no access to it.",
            action=None,
        ),
    )
    app.add_url_rule(
        "/fails",
        "fails",
        lambda: (
            render_template(
                "errors/_fragment.html",
                status=403,
                title="Not allowed",
                message="Only a verifier may do this",
                action=None,
            ),
            403,
        ),
    )
    app.add_url_rule(
        "/swapped",
        "swapped",
        lambda: (
            '<div id="target"><button id="again" data-focus>Fresh</button></div>',
            {"HX-Trigger": '{"announce": "Saved"}'},
        ),
    )
    app.after_request(_policed)
    return app


def _forgot() -> str:
    return render_template("accounts/forgot_password.html", forgot_password_form=LoginForm())


def _choose() -> str:
    return render_template(
        "accounts/choose_organisation.html",
        organisations=[
            Item(name="Oakfield Care Group", url="#a", role_words="governance lead"),
            Item(name=LONG_NAME, url="#b", role_words="board member"),
        ],
    )


def _board() -> str:
    return render_template(
        "board_sample.html",
        domains=DOMAINS,
        services=SERVICES,
        changes=CHANGES,
        today=dt.date(2026, 11, 20),
        **FRAME,
    )


def _parts() -> str:
    form = SampleForm(formdata=None)
    wrong = SampleForm(formdata=None, prefix="wrong-")
    wrong.title.errors = ["Say what will be done."]
    wrong.outcome.errors = ["Say how you will know that it worked."]
    wrong.decision.errors = ["Choose one."]
    wrong.due.errors = ["Enter a date such as 24/11/2026."]
    for kind in ("success", "info", "warning", "error"):
        flash(f"A message of the kind {kind}, <b>escaped</b>.", kind)
    when = dt.datetime(2026, 11, 20, 9, 12)
    items = [
        Item(
            when=when,
            title="Rating raised to Very high",
            text="4 concerns in 61 days, same place.",
            who="Grace Oyelaran",
            tone="bad",
            url="#t",
        ),
        Item(
            when=when.date(),
            title="Action verified",
            text=None,
            who="Vic Osei",
            tone="good",
            url=None,
        ),
        Item(when=when.date(), title=LONG_NAME, text=None, who=None, tone=None, url=None),
    ]
    return render_template(
        "parts_sample.html",
        form=form,
        wrong=wrong,
        items=items,
        now=when,
        page=Item(number=4, pages=12, total=1184),
        long_name=LONG_NAME,
        **FRAME,
    )


PAGES = ("/board", "/parts", "/login", "/forgot", "/choose", "/error")

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    client = make_app().test_client()
    for page in PAGES:
        (folder / f"{page[1:]}.html").write_text(client.get(page).get_data(as_text=True))

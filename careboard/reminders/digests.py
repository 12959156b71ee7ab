"""One mail a day for one person: what it lists, its subject, and why it came. Pure."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from careboard.reminders.duties import RULES, Duty
from careboard.reminders.recipients import Due, Person

# Headings, in the order in which a person should read them. An action that stands under several
# is listed under the first.
_OF_ACTIONS = {
    "overdue": "Overdue",
    "governance": "Escalated to you: 28 days overdue or more",
    "manager": "Escalated to you: 7 days overdue or more",
    "unreachable": "Due or overdue, and the owner cannot be reached",
    "due_today": "Due today",
    "due_soon": "Due soon",
    "verification": "Awaiting verification",
}
GROUPS = _OF_ACTIONS | {rule.code: rule.heading for rule in RULES.values()}
_SUBJECT_WORDS = {
    "overdue": "overdue",
    "governance": "escalated",
    "manager": "escalated",
    "unreachable": "without a reachable owner",
    "due_today": "due today",
    "due_soon": "due soon",
    "verification": "to verify",
}
_OWNER = "you own actions that are due or overdue"
_REASONS = {
    "overdue": _OWNER,
    "due_today": _OWNER,
    "due_soon": _OWNER,
    "governance": "you lead governance, and actions are 28 days overdue or more",
    "manager": "you are responsible for a service where actions are 7 days overdue or more",
    "unreachable": "you are responsible for a service where an action's owner cannot be reached",
    "verification": "you may verify actions that others have completed",
} | {rule.code: rule.reason for rule in RULES.values()}
# Words of what people wrote that a line repeats.
MOST_TITLE = 160
# Kinds of things that a subject counts one by one, so that it is read whole on a phone.
MOST_KINDS = 4


def by_person(dues: Iterable[Due]) -> dict[str, list[Due]]:
    """Everything due, under each person's address."""
    people: dict[str, list[Due]] = {}
    for due in dues:
        people.setdefault(due.person.key, []).append(due)
    return people


def groups(dues: list[Due], on: date) -> dict[str, list[dict[str, Any]]]:
    """The lines of one person's digest by heading, earliest due date first."""
    listed: dict[str, list[dict[str, Any]]] = {}
    seen = set()
    order = {group: place for place, group in enumerate(GROUPS)}
    for due in sorted(dues, key=lambda d: (order[d.group], d.about.due_on or on, d.about.id)):
        if due.about.key not in seen:
            seen.add(due.about.key)
            listed.setdefault(due.group, []).append(line(due, on))
    return listed


def line(due: Due, on: date) -> dict[str, Any]:
    """One thing as the mail shows it; `endpoint` and `args` are those of its page."""
    about = due.about
    endpoint, args = about.link
    return {
        "endpoint": endpoint,
        "args": {name: str(value) for name, value in args.items()},
        "reference": about.reference,
        "title": textwrap.shorten(about.title, MOST_TITLE, placeholder="…"),
        "service": "" if about.service == about.reference else about.service,
        "owner": about.owner_name,
        "when": _when(due, on),
    }


def content(dues: list[Due], on: date) -> dict[str, Any]:
    """What the `digest` template is given."""
    sections = [
        {"title": GROUPS[group], "lines": lines} for group, lines in groups(dues, on).items()
    ]
    return {"day": day_words(on), "sections": sections}


def subject(dues: list[Due], on: date) -> str:
    """The one thing and how it stands, or how many of each."""
    listed = groups(dues, on)
    if sum(len(lines) for lines in listed.values()) == 1:
        ((group, (only,)),) = listed.items()
        kind = f"{RULES[group].counted[0].capitalize()}: " if group in RULES else ""
        return f"{kind}{only['reference']}{', ' if kind else ': '}{only['when']}"
    actions, others = Counter(), Counter()
    for group, lines in listed.items():
        if group in RULES:
            others[RULES[group].counted[len(lines) > 1]] = len(lines)
        else:
            actions[_SUBJECT_WORDS[group]] += len(lines)
    kinds = [*actions.items(), *others.items()]
    told = kinds if len(kinds) <= MOST_KINDS else kinds[: MOST_KINDS - 1]
    said = [f"{count} {words}" for words, count in told]
    first, rest = ", ".join(said[: len(actions)]), ", ".join(said[len(actions) :])
    left = sum(count for _, count in kinds[len(told) :])
    return "; ".join(filter(None, [first and f"Actions: {first}", rest])) + (
        f", and {left} more" if left else ""
    )


def why(dues: list[Due]) -> str:
    """The sentence that says why the mail came."""
    reasons = dict.fromkeys(_REASONS[due.group] for due in sorted(dues, key=_place))
    return f"You get this because {'; and because '.join(reasons)}."


def person_of(dues: list[Due]) -> Person:
    return dues[0].person


def day_words(day: date) -> str:
    """`20 Nov 2026`."""
    return f"{day.day} {day:%b %Y}"


def _place(due: Due) -> int:
    return list(GROUPS).index(due.group)


def _when(due: Due, on: date) -> str:
    if isinstance(due.about, Duty):
        return _duty_when(due.about, on)
    action = due.about
    if due.group == "verification" or action.due_on is None:
        return f"completed on {day_words(action.completed_on or on)}"
    days = (on - action.due_on).days
    if days == 0:
        return "due today"
    if days < 0:
        return f"due on {day_words(action.due_on)}, in {_days(-days)}"
    return f"{_days(days)} overdue, was due on {day_words(action.due_on)}"


def _duty_when(duty: Duty, on: date) -> str:
    days = (on - duty.due_on).days
    words = duty.rule.when[0 if days < 0 else 1 if days == 0 else 2]
    return words.format(day=day_words(duty.due_on), days=_days(abs(days)))


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"

"""One mail a day for one person: what it lists, its subject, and why it came. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from careboard.reminders.recipients import Due, Person

# Headings, in the order in which a person should read them. An action that stands under several
# is listed under the first.
GROUPS = {
    "overdue": "Overdue",
    "governance": "Escalated to you: 28 days overdue or more",
    "manager": "Escalated to you: 7 days overdue or more",
    "unreachable": "Due or overdue, and the owner cannot be reached",
    "due_today": "Due today",
    "due_soon": "Due soon",
    "verification": "Awaiting verification",
}
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
}


def by_person(dues: Iterable[Due]) -> dict[str, list[Due]]:
    """Everything due, under each person's address."""
    people: dict[str, list[Due]] = {}
    for due in dues:
        people.setdefault(due.person.key, []).append(due)
    return people


def groups(dues: list[Due], on: date) -> dict[str, list[dict[str, str]]]:
    """The lines of one person's digest by heading, earliest due date first."""
    listed: dict[str, list[dict[str, str]]] = {}
    seen = set()
    order = {group: place for place, group in enumerate(GROUPS)}
    for due in sorted(dues, key=lambda d: (order[d.group], d.action.due_on or on, d.action.id)):
        if due.action.id not in seen:
            seen.add(due.action.id)
            listed.setdefault(due.group, []).append(line(due, on))
    return listed


def line(due: Due, on: date) -> dict[str, str]:
    """One action as the mail shows it."""
    action = due.action
    return {
        "action_id": str(action.id),
        "reference": action.reference,
        "title": action.title,
        "service": action.service,
        "owner": action.owner_name,
        "when": _when(due, on),
    }


def content(dues: list[Due], on: date) -> dict[str, Any]:
    """What the `digest` template is given."""
    sections = [
        {"title": GROUPS[group], "lines": lines} for group, lines in groups(dues, on).items()
    ]
    return {"day": day_words(on), "sections": sections}


def subject(dues: list[Due], on: date) -> str:
    """The one action and its state, or how many of each."""
    listed = groups(dues, on)
    if sum(len(lines) for lines in listed.values()) == 1:
        (only,) = next(iter(listed.values()))
        return f"{only['reference']}: {only['when']}"
    counts: dict[str, int] = {}
    for group, lines in listed.items():
        words = _SUBJECT_WORDS[group]
        counts[words] = counts.get(words, 0) + len(lines)
    return "Actions: " + ", ".join(f"{count} {words}" for words, count in counts.items())


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
    action = due.action
    if due.group == "verification" or action.due_on is None:
        return f"completed on {day_words(action.completed_on or on)}"
    days = (on - action.due_on).days
    if days == 0:
        return "due today"
    if days < 0:
        return f"due on {day_words(action.due_on)}, in {_days(-days)}"
    return f"{_days(days)} overdue, was due on {day_words(action.due_on)}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"

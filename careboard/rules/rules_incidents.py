"""Rules on incidents, and on reviews of care that are not done. Source: rules 3.3 and 3.4."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from careboard import patterns
from careboard.rules.facts import Concern, Facts
from careboard.rules.rule import FIRES, Finding, Parameter, Parameters, Rule
from careboard.rules.telling import (
    DAY,
    answer,
    count,
    day,
    leaves_on,
    listed,
    next_of,
    of_services,
    quiet,
    refs,
    seen,
    too_little,
    words,
)

NEVER = "no incident was ever recorded in this organisation."
# What a source flags, and the regulation that it stands for.
FLAGS = {"reg18_flag": "regulation 18", "reg20_flag": "regulation 20"}
HARM = {"death": "a death (regulation 16)"}


def _open_long(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    incidents, days = facts.concerns_of("incident"), given["days"]
    for service_id, name, own in of_services(facts, incidents):
        items = [seen(incident) for incident in own]
        found = patterns.incidents_open_long(items, on, days=days)
        turns = (i.on + (days + 1) * DAY for i in items if i.status == "open")
        said = f"{count(len(found), 'incident')} open for more than {days} days at {name}."
        more = {"rows": refs("concern", found), "next_on": next_of(on, *turns)}
        if not incidents:
            yield too_little(service_id, NEVER)
        elif found:
            yield answer(FIRES, service_id, said, **more)
        else:
            yield quiet(service_id, said.replace("0 incidents", "No incident"), **more)


def _grounds(incident: Concern, harm: tuple[str, ...]) -> list[str]:
    """Why an incident is serious, in words; none where it is not."""
    found = [name for flag, name in FLAGS.items() if incident.details.get(flag) in (True, "true")]
    if incident.level in harm:
        found.append(HARM.get(incident.level, f"{words(incident.level)} harm"))
    return found


def _serious(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    incidents, days = facts.concerns_of("incident"), given["days"]
    for service_id, name, own in of_services(facts, incidents):
        recent = patterns.within(own, on, days)
        grounds = {one.id: _grounds(one, given["harm"]) for one in recent}
        found = [one for one in recent if grounds[one.id]]
        if not incidents:
            yield too_little(service_id, NEVER)
        elif found:
            why = sorted({ground for one in found for ground in grounds[one.id]})
            said = f"{count(len(found), 'serious incident')} in {days} days at {name}, the latest "
            said += f"on {day(found[-1].on)}: {listed(why)}."
            rows, next_on = refs("concern", found), leaves_on(found, days)
            yield answer(FIRES, service_id, said, rows=rows, next_on=next_on)
        else:
            yield quiet(service_id, f"No serious incident in {days} days at {name}.")


def _reviews_overdue(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, own in of_services(facts, facts.care_reviews):
        waiting = [one for one in own if one.completed_on is None or one.completed_on > on]
        overdue = [one for one in waiting if one.due_on < on]
        turns = (turn for one in waiting for turn in (one.due_on + DAY, one.completed_on))
        next_on = next_of(on, *turns)
        if not own:
            yield too_little(service_id, f"no care review of {name} is on record.")
        elif overdue:
            said = f"{count(len(overdue), 'care review')} overdue at {name}, the first since "
            said += f"{day(min(one.due_on for one in overdue))}."
            rows = refs("care_review", overdue, lambda one: one.due_on)
            yield answer(FIRES, service_id, said, rows=rows, next_on=next_on)
        else:
            yield quiet(service_id, f"No care review is overdue at {name}.", next_on=next_on)


RULES = (
    Rule(
        "incidents_open",
        1,
        "Unresolved incident",
        "Rules 3.3",
        (Parameter("days", "Open for more than", patterns.INCIDENT_DAYS, "days", 7, 366),),
        frozenset({"services", "concerns"}),
        _open_long,
    ),
    Rule(
        "serious_incident",
        1,
        "Serious incident",
        "Rules 3.3 and 3.4: flagged under regulation 18 or 20, or a death (regulation 16)",
        (
            Parameter("days", "Within", 28, "days", 1, 366),
            Parameter("harm", "Or harm of these levels", tuple(HARM)),
        ),
        frozenset({"services", "concerns"}),
        _serious,
        suggests=True,
    ),
    Rule(
        "care_reviews_overdue",
        1,
        "Overdue review",
        "Rules 3.3",
        (),
        frozenset({"services", "care_reviews"}),
        _reviews_overdue,
    ),
)

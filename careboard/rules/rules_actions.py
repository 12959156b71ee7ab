"""Rules on actions: late, put off, vague, or without effect. Source: rules 3.3 and 3.4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from careboard.actions import triggers
from careboard.actions.lateness import ESCALATED_AFTER, FINISHED, GAP_WORDS, LIVE, RED_AFTER
from careboard.actions.watched import JUDGED_DAYS
from careboard.clock import add_working_days
from careboard.rules.facts import Action, Facts
from careboard.rules.rule import (
    FIRES,
    QUIET,
    TOO_LITTLE,
    Finding,
    Parameter,
    Parameters,
    RowRef,
    Rule,
)
from careboard.rules.telling import (
    DAY,
    answer,
    count,
    day,
    fixed,
    listed,
    next_of,
    of_services,
    quiet,
    refs,
    too_little,
)

NONE = "no action of {name} is on record."


def _refs(actions: Sequence[Action]) -> tuple[RowRef, ...]:
    return refs("action", actions, lambda action: action.due_on or action.opened_on)


def _overdue(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, own in of_services(facts, facts.actions):
        live = [action for action in own if action.status not in FINISHED]
        dated = [action for action in live if action.due_on]
        late = [action for action in dated if action.due_on < on]
        turns = (a.due_on + n * DAY for a in dated for n in (1, RED_AFTER + 1, ESCALATED_AFTER + 1))
        next_on = next_of(on, *turns)
        if not own:
            yield too_little(service_id, NONE.format(name=name))
        elif late:
            said = f"{len(late)} of {count(len(live), 'action')} under way overdue at {name}"
            for most in (RED_AFTER, ESCALATED_AFTER):
                more = sum((on - action.due_on).days > most for action in late)
                said += f", {more} by more than {most} days" if more else ""
            yield answer(FIRES, service_id, f"{said}.", rows=_refs(late), next_on=next_on)
        else:
            yield quiet(service_id, f"No action is overdue at {name}.", next_on=next_on)


def _weak_closure(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, own in of_services(facts, facts.actions):
        verdict = triggers.weak_closure(own, on, **given)
        closed = triggers.closed_in(own, on, given["days"])
        late = [action for action in closed if action.closed_on > action.original_due_on]
        state = verdict.state
        if own and state == TOO_LITTLE and 100 * len(late) < given["share"] * max(len(closed), 1):
            # Few as they are, they do not look late; it is only where they do that more must tell.
            state = QUIET
        under_way = (action for action in own if action.status in LIVE and action.due_on)
        yield Finding(
            service_id,
            "",
            state,
            f"{name}: {verdict.sentence}.",
            _refs([action for action in own if action.id in verdict.ids]),
            next_of(
                on,
                *(action.closed_on + given["days"] * DAY for action in closed),
                *(action.due_on + (RED_AFTER + 1) * DAY for action in under_way),
            ),
        )


def _put_off(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, own in of_services(facts, facts.actions):
        live = [action for action in own if action.status in LIVE]
        often = [
            action
            for action in live
            if triggers.repeated_overdue_dates(action, least=given["times"]).fires
        ]
        for action in often:
            said = f"The due date of {action.reference} at {name} was put off "
            said += f"{action.extensions} times."
            yield answer(FIRES, service_id, said, key=action.reference, rows=_refs([action]))
        if not own:
            yield too_little(service_id, NONE.format(name=name))
        elif not often:
            times = given["times"]
            yield quiet(service_id, f"No action under way at {name} was put off {times} times.")


def _no_improvement(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, own in of_services(facts, facts.actions):
        measured = [action for action in own if action.id in facts.outcomes]
        if not measured:
            yield too_little(service_id, f"no verified action of {name} names a measure.")
        for action in measured:
            position = facts.outcomes[action.id]
            verdict = triggers.no_improvement(action.id, position)
            said = f"{action.reference} at {name}: {verdict.sentence}"
            until = position.until
            if verdict.fires and until and until + JUDGED_DAYS * DAY <= on:
                yield quiet(service_id, f"{said} That was over a year ago.", key=action.reference)
                continue
            yield Finding(
                service_id,
                action.reference,
                verdict.state,
                said,
                _refs([action]),
                next_of(on, until, until and until + JUDGED_DAYS * DAY),
            )


def _lacks(action: Action) -> list[str]:
    """What an action needs before it may be opened, and does not have."""
    there = {
        "owner_id": action.owned,
        "due_on": action.due_on is not None,
        "outcome_measure": bool(action.outcome_measure),
        "evidence_required": bool(action.evidence_required),
    }
    return [GAP_WORDS[name] for name, known in there.items() if not known]


def _vague(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, own in of_services(facts, facts.actions):
        live = [action for action in own if action.status in LIVE]
        vague = [action for action in live if _lacks(action)]
        if not own:
            yield too_little(service_id, NONE.format(name=name))
        elif vague:
            lacks = {gap for action in vague for gap in _lacks(action)}
            missing = [gap for gap in GAP_WORDS.values() if gap in lacks]
            said = f"{len(vague)} of {count(len(live), 'action')} under way at {name} lacking "
            yield answer(FIRES, service_id, f"{said}{', '.join(missing)}.", rows=_refs(vague))
        else:
            yield quiet(service_id, f"Every action under way at {name} says what it needs to.")


def _delayed_controls(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, own in of_services(facts, facts.actions):
        controls = [a for a in own if a.priority and a.status in LIVE]
        start_by = {
            action.id: add_working_days(action.opened_on, given["working_days"])
            for action in controls
            if action.status == "open" and action.started_on is None and action.opened_on
        }
        idle = [a for a in controls if a.id in start_by and start_by[a.id] < on]
        late = [a for a in controls if a.status != "completed" and a.due_on and a.due_on < on]
        turns = [*start_by.values(), *(a.due_on for a in controls if a.due_on)]
        next_on = next_of(on, *(turn + DAY for turn in turns))
        if not controls:
            yield quiet(service_id, f"No priority control is under way at {name}.")
        elif idle or late:
            within = count(given["working_days"], "working day")
            told = [f"{len(idle)} not started within {within}"] if idle else []
            told += [f"{len(late)} overdue"] if late else []
            said = f"{count(len(controls), 'priority control')} under way at {name}: "
            rows = _refs([action for action in controls if action in idle or action in late])
            yield answer(FIRES, service_id, f"{said}{listed(told)}.", rows=rows, next_on=next_on)
        else:
            said = f"{count(len(controls), 'priority control')} under way at {name}, none delayed."
            yield quiet(service_id, said, next_on=next_on)


def _red_priority(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    least, days = given["least"], given["days"]
    for service_id, name, own in of_services(facts, facts.actions):
        priority = [action for action in own if action.priority and action.status in LIVE]
        late = [action for action in priority if triggers.overdue_days(action, on) >= days]
        told = f"{count(len(late), 'priority action')} at {name} overdue by {days} days or more"
        next_on = next_of(on, *(a.due_on + days * DAY for a in priority if a.due_on))
        if not own:
            yield too_little(service_id, NONE.format(name=name))
        elif len(late) >= least:
            first = min(action.due_on for action in late)
            said = f"{told}, the first since {day(first)}."
            yield answer(FIRES, service_id, said, rows=_refs(late), next_on=next_on)
        else:
            yield quiet(service_id, f"{told}.", rows=_refs(late), next_on=next_on)


_READS = frozenset({"services", "actions"})
RULES = (
    Rule(
        "actions_overdue",
        1,
        "Overdue actions, overdue recovery actions",
        "Rules 3.3; S0-1, S2-2",
        (
            fixed("red", "Red when overdue by more than", RED_AFTER, "days"),
            fixed("escalated", "Escalated when overdue by more than", ESCALATED_AFTER, "days"),
        ),
        _READS,
        _overdue,
    ),
    Rule(
        "actions_closed_late",
        1,
        "Late, weak or delayed action closure",
        "Rules 3.3; S2",
        (
            Parameter("share", "Closed late", triggers.LATE_SHARE, "%", 1, 100),
            Parameter("closures", "Of at least", triggers.LEAST_CLOSURES, "closures", 3, 100),
            Parameter("days", "Within", triggers.CLOSURE_DAYS, "days", 14, 366),
            Parameter("red", "Or red overdue", triggers.RED_ACTIONS, "actions", 1, 50),
        ),
        _READS,
        _weak_closure,
    ),
    Rule(
        "actions_put_off",
        1,
        "Repeated overdue dates",
        "Rules 3.3",
        (Parameter("times", "Due date extended", triggers.EXTENSIONS, "times", 2, 10),),
        _READS,
        _put_off,
    ),
    Rule(
        "no_improvement",
        1,
        "No improvement after action, after support, after controls",
        "Rules 3.3; S2",
        (fixed("days", "Judged within the last", JUDGED_DAYS, "days"),),
        _READS | {"outcomes"},
        _no_improvement,
    ),
    Rule(
        "actions_vague",
        1,
        "Vague actions",
        "Rules 3.3",
        (),
        _READS,
        _vague,
    ),
    Rule(
        "delayed_controls",
        1,
        "Delayed controls",
        "Rules 3.3; S2-1",
        (Parameter("working_days", "Started within", 2, "working days", 1, 10),),
        _READS,
        _delayed_controls,
    ),
    Rule(
        "priority_overdue",
        1,
        "Priority actions red overdue",
        "Rules 3.4",
        (
            Parameter("least", "Priority actions", 2, "", 1, 20),
            Parameter("days", "Overdue by at least", 14, "days", RED_AFTER + 1, 92),
        ),
        _READS,
        _red_priority,
        suggests=True,
    ),
)

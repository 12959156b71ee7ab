"""Which steps a person may take with an action as it stands; the services check them again."""

from __future__ import annotations

from dataclasses import dataclass

from careboard.actions.lateness import gaps
from careboard.actions.lifecycle import LIVE, UNDER_WAY, works_on
from careboard.actions.measures import MEASURES
from careboard.actions.models import Action
from careboard.actions.verifiers import own_work
from careboard.permissions import Permission
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its endpoint is `actions.<name>`, opened in place or as a page of its own."""

    name: str
    label: str
    title: str
    button: str
    tone: str = ""


STEPS = {
    step.name: step
    for step in (
        Step("edit", "Edit draft", "Edit the draft", "Save draft", "primary"),
        Step(
            "completion", "Complete with evidence", "Complete with evidence", "Complete", "primary"
        ),
        Step("verification", "Verify", "Verify the work", "Verify", "primary"),
        Step("return_", "Return", "Return to the owner", "Return"),
        Step("reading", "Enter a value", "A value of its measure", "Save value"),
        Step("note", "Add progress", "Progress", "Save progress"),
        Step("measure", "Name its measure", "The measure that shows whether it worked", "Save"),
        Step("gaps", "Fill the gaps", "What this action lacks", "Save"),
        Step("extension", "Extend", "Give a later due date", "Extend"),
        Step("assignment", "Reassign", "Give to someone else", "Reassign"),
        Step("cancellation", "Cancel action", "Cancel this action", "Cancel action", "danger"),
    )
}


def steps_for(actor: Actor, action: Action) -> list[Step]:
    """The steps open to this person now, the most likely first."""
    assigns = actor.may(Permission.ASSIGN_ACTION) and actor.reaches(action.service_id)
    verifies = actor.may(Permission.VERIFY_ACTION) and actor.reaches(action.service_id)
    status, works = action.status, works_on(actor, action)
    offered = {
        "edit": assigns and status == "draft",
        "completion": works and status in UNDER_WAY,
        "verification": verifies and status == "completed",
        "return_": verifies and status == "completed",
        "reading": works and status in (*LIVE, "verified") and by_hand(action),
        "note": works and status in UNDER_WAY,
        "measure": assigns and status in UNDER_WAY and not action.measure,
        "gaps": assigns and status in LIVE and bool(gaps(action)),
        "extension": assigns and status in UNDER_WAY and action.due_on is not None,
        "assignment": assigns and status in ("draft", *LIVE) and action.owner_id is not None,
        "cancellation": assigns and status in ("draft", *UNDER_WAY),
    }
    return [step for name, step in STEPS.items() if offered[name]]


def by_hand(action: Action) -> bool:
    """Whether values of its measure are entered by hand."""
    measure = MEASURES.get(action.measure or "")
    return measure is not None and measure.by_hand


def may_confirm(actor: Actor, action: Action) -> bool:
    """Whether the person may say that the status is still true today."""
    return action.status in LIVE and action.updated_on != actor.today and works_on(actor, action)


def marks_own_work(actor: Actor, action: Action) -> bool:
    """Whether verifying would need the exception for the same person."""
    return action.status == "completed" and own_work(actor, action)

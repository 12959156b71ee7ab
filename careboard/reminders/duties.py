"""What people are reminded of beside actions: one row of a table for each kind of duty. Pure.

Source: rules 3.3 and N2, N3, N14; DESIGN section 4 (evidence, rating review).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from careboard.clock import add_working_days
from careboard.permissions import Permission
from careboard.reminders.schedule import WEEK, Occurrence

# Whom a rule tells, beside holders of a permission where the service is concerned: the people whom
# its row names, the service's registered manager, the governance leads.
PEOPLE, MANAGER, LEADS = "people", "manager", "leads"
# What fell due longer ago than this and is not told of weekly is not caught up.
CAUGHT_UP = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of duty (`reminder.rule`).

    It is told `steps` days before its day, and `weekly` after it until it is done. `waits` counts
    working days from the row's day to the rule's. `when` says how it stands: ahead, on the day,
    and after it, with {day} and {days}. `counted` are the words of a subject line for one and for
    several.
    """

    code: str
    heading: str
    counted: tuple[str, str]
    reason: str
    when: tuple[str, str, str]
    endpoint: str
    to: tuple[str | Permission, ...]
    steps: tuple[int, ...] = (0,)
    weekly: bool = True
    waits: int = 0


_DUE = ("due on {day}, in {days}", "due today", "{days} overdue, was due on {day}")
_SINCE = ("since {day}", "since today", "waiting since {day}")

RULES = {
    rule.code: rule
    for rule in (
        Rule(
            "sitting_overdue",
            "Reviews overdue",
            ("review overdue", "reviews overdue"),
            "you chair reviews that are overdue, or answer for them",
            _DUE,
            "reviews.sittings",
            (PEOPLE,),
        ),
        Rule(
            "response_escalated",
            "Escalated to you: declines that nobody has answered",
            ("decline escalated", "declines escalated"),
            "you lead governance, and declines have had no answer for 5 working days",
            _SINCE,
            "recovery.response",
            (LEADS,),
            waits=5,
        ),
        Rule(
            "response_unanswered",
            "Declines to answer",
            ("decline to answer", "declines to answer"),
            "you answer for indicators or recovery plans that have declined",
            _SINCE,
            "recovery.response",
            (PEOPLE,),
        ),
        Rule(
            "trigger_undecided",
            "Enhanced monitoring suggested: decide whether it starts",
            ("suggestion to decide on", "suggestions to decide on"),
            "you decide on enhanced monitoring",
            ("decide by {day}, in {days}", "decide today", "{days} overdue, decide by {day}"),
            "monitoring.trigger",
            (Permission.DECIDE_MONITORING,),
            steps=(7, 2, 0),
        ),
        Rule(
            "sharing_undecided",
            "Decide whether to share: high risks and safeguarding patterns",
            ("decision on sharing due", "decisions on sharing due"),
            "you decide what is shared with others",
            _SINCE,
            "sharing.decide",
            (Permission.DECIDE_SHARING,),
        ),
        Rule(
            "sharing_untold",
            "Decided to be shared, and not told yet",
            ("decision to tell others of", "decisions to tell others of"),
            "you tell others what was decided to be shared",
            ("to be told by {day}, in {days}", "to be told today", "{days} overdue, by {day}"),
            "sharing.decision",
            (Permission.RECORD_COMMUNICATION,),
        ),
        Rule(
            "control_check_due",
            "Did controls help? Four-week checks due",
            ("four-week check due", "four-week checks due"),
            "you lead governance, and controls have been in place for four weeks",
            _DUE,
            "sharing.control_check",
            (LEADS,),
            steps=(2, 0),
        ),
        Rule(
            "weekly_return_late",
            "Escalated to you: weekly returns that have not come",
            ("weekly return late", "weekly returns late"),
            "you lead enhanced monitoring of a service whose weekly return is late",
            _DUE,
            "monitoring.episode",
            (PEOPLE,),
            waits=2,
        ),
        Rule(
            "weekly_return",
            "Enhanced monitoring returns due",
            ("weekly return due", "weekly returns due"),
            "you manage a service under enhanced monitoring",
            _DUE,
            "monitoring.new_return",
            (PEOPLE,),
            steps=(2, 0, -1),
        ),
        Rule(
            "episode_review",
            "Reviews of enhanced monitoring due",
            ("review of enhanced monitoring due", "reviews of enhanced monitoring due"),
            "you lead enhanced monitoring of a service",
            _DUE,
            "monitoring.review",
            (PEOPLE,),
            steps=(4, 0),  # one out of cycle is due in two working days: told at once
        ),
        Rule(
            "episode_follow_up",
            "Follow-up reviews after enhanced monitoring",
            ("follow-up review due", "follow-up reviews due"),
            "you led enhanced monitoring of a service that was stepped down",
            _DUE,
            "monitoring.review",
            (PEOPLE,),
            steps=(7, 0),
        ),
        Rule(
            "return_unverified",
            "Weekly returns that wait for verification",
            ("weekly return to verify", "weekly returns to verify"),
            "you may verify weekly returns that others have handed in",
            _SINCE,
            "assurance.show",
            (Permission.VALIDATE_EVIDENCE,),
            waits=2,
        ),
        Rule(
            "update_evidence_due",
            "Evidence sets due for recovery updates",
            ("evidence set due", "evidence sets due"),
            "you gather the evidence for recovery updates to a commissioner",
            _DUE,
            "updates.show",
            (PEOPLE,),
            steps=(0, -1),
        ),
        Rule(
            "update_validation_due",
            "Recovery updates to validate",
            ("recovery update to validate", "recovery updates to validate"),
            "you may validate what is told to commissioners",
            _DUE,
            "updates.show",
            (Permission.VALIDATE_EVIDENCE,),
            steps=(0, -1),
        ),
        Rule(
            "update_approval_due",
            "Recovery updates to approve",
            ("recovery update to approve", "recovery updates to approve"),
            "you may approve what is told to commissioners",
            _DUE,
            "updates.show",
            (Permission.APPROVE_UPDATE,),
            steps=(0, -1),
        ),
        Rule(
            "update_publication_due",
            "Recovery updates to publish",
            ("recovery update to publish", "recovery updates to publish"),
            "you write recovery updates to a commissioner",
            _DUE,
            "updates.show",
            (PEOPLE,),
            steps=(0, -1),
        ),
        Rule(
            "update_missed",
            "Recovery updates missed",
            ("recovery update missed", "recovery updates missed"),
            "you lead governance, and a commissioner did not get a recovery update",
            ("missed on {day}", "missed today", "missed on {day}"),
            "updates.show",
            (LEADS,),
            weekly=False,
        ),
        Rule(
            "dispute_due",
            "Disputed ratings to be moderated",
            ("dispute to moderate", "disputes to moderate"),
            "you may moderate disputes of ratings",
            _DUE,
            "risks.moderate",
            (Permission.RATE_RISK,),
            steps=(3, 0),
        ),
        Rule(
            "claim_waiting",
            "Claims that wait for validation",
            ("claim to validate", "claims to validate"),
            "you may validate claims that others have submitted",
            _SINCE,
            "assurance.show",
            (Permission.VALIDATE_EVIDENCE,),
            waits=4,
        ),
        Rule(
            "challenge_open",
            "Challenges without an answer",
            ("challenge to answer", "challenges to answer"),
            "you are responsible for a service that was challenged in a review",
            ("made on {day}", "made today", "made on {day}"),
            "reviews.challenge",
            (MANAGER,),
            steps=(-1,),
        ),
        Rule(
            "return_due",
            "Assurance returns due: these ratings get stale",
            ("assurance return due", "assurance returns due"),
            "you are responsible for a service whose ratings get stale",
            ("stale on {day}, in {days}", "stale today", "stale since {day}"),
            "risks.show",
            (MANAGER,),
            steps=(7, 0),
            weekly=False,
        ),
        Rule(
            "experience_due",
            "Experience summaries due",
            ("experience summary due", "experience summaries due"),
            "you are responsible for a service whose experience summary is due",
            _DUE,
            "experience.service",
            (MANAGER,),
        ),
        Rule(
            "watch_ending",
            "Watches over lowered ratings that end",
            ("watch that ends", "watches that end"),
            "you watch ratings that were lowered",
            ("ends on {day}, in {days}", "ends today", "ended on {day}"),
            "risks.watch",
            (MANAGER, LEADS),
            steps=(7, 0),
        ),
        Rule(
            "evidence_expiry",
            "Evidence that expires",
            ("item of evidence expires", "items of evidence expire"),
            "you submitted evidence, or are responsible for its service",
            ("valid until {day}, {days} more", "valid until today", "expired after {day}"),
            "evidence.show",
            (PEOPLE, MANAGER),
            steps=(30, 7, 0),
            weekly=False,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that somebody must do or know. `from_on` is the day that its rule counts from,
    `due_on` the day that people are told; `people` are those to be told by name, `not_for` those
    who must not be asked. `args` fill the address of its page. `claimed` as a candidate's.
    """

    rule: Rule
    id: UUID
    reference: str
    title: str
    service_id: UUID | None
    service: str
    manager_id: UUID | None
    from_on: date
    due_on: date
    people: tuple[UUID, ...] = ()
    not_for: frozenset[UUID] = frozenset()
    args: dict[str, Any] = field(default_factory=dict)
    claimed: frozenset[tuple[str, str, str]] = frozenset()
    owner_name = ""

    @property
    def key(self) -> tuple[str, UUID]:
        return self.rule.code, self.id

    @property
    def link(self) -> tuple[str, dict[str, Any]]:
        """The endpoint of its page and what fills the address."""
        return self.rule.endpoint, self.args


def occurrence(duty: Duty, until: date) -> Occurrence | None:
    """The newest time at which its rule told of it up to that day; None before the first, or
    when it was too long ago."""
    rule = duty.rule
    day = add_working_days(duty.from_on, rule.waits) if rule.waits else duty.from_on
    told = [day - timedelta(days=step) for step in rule.steps]
    told = [one for one in told if one <= until]
    if not told:
        return None
    newest = max(told)
    if rule.weekly:
        newest += (until - newest) // WEEK * WEEK if newest >= day else timedelta()
    elif until - newest > CAUGHT_UP:
        return None
    return Occurrence(rule.code, newest)


def all_of(rows: Iterator[Any]) -> list[Duty]:
    """Duties from rows of `duty_rows`."""
    return [
        Duty(
            rule=RULES[row.rule],
            id=row.id,
            reference=row.reference,
            title=row.title,
            service_id=row.service_id,
            service=row.service or "",
            manager_id=row.manager_id,
            from_on=row.from_on,
            due_on=row.due_on,
            people=tuple(one for one in row.people if one is not None),
            not_for=frozenset(one for one in row.not_for if one is not None),
            args=row.args,
            claimed=frozenset(tuple(claim) for claim in row.claimed),
        )
        for row in rows
    ]

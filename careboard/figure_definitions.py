"""What each figure counts, in words and with a version.

A changed meaning is a new version; the rows behind each stand in `figure_rows`. Source: DESIGN
section 1, promise 3; rules N1-N3 and 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure counts. `good` is the better direction of its value.

    `attention` says which rows of the denominator ask for work: those that count, or those that
    do not.
    """

    code: str
    version: int
    title: str
    definition: str
    of: str
    good: Literal["up", "down"]
    attention: Literal["counted", "uncounted"] = "counted"
    target: int | None = None
    percent: bool = False


FIGURES = {
    definition.code: definition
    for definition in (
        Definition(
            "audit_risks_linked",
            1,
            "Audit risks with a live action",
            "Audit concerns that are open and amber or red, and of these the ones answered by at "
            "least one action that has an owner, a due date, a live status (open, in progress, "
            "completed or verified) and an update at most 31 days old, or is verified.",
            "open audit risks",
            "up",
            attention="uncounted",
            target=95,
            percent=True,
        ),
        Definition(
            "overdue_actions",
            1,
            "Actions overdue",
            "Actions whose due date has passed and which are neither verified nor cancelled. One "
            "that is done and awaits verification counts as overdue until someone verified it.",
            "actions not closed",
            "down",
        ),
        Definition(
            "evidence_missing",
            1,
            "Evidence missing",
            "Ratings, and actions completed in the last 92 days, without a single item of "
            "evidence in date. Drafts, refused and withdrawn items do not count as evidence.",
            "ratings and completed actions",
            "down",
        ),
        Definition(
            "ratings_stale",
            1,
            "Ratings stale",
            "Ratings not reviewed for more than 35 days, or whose newest evidence is older than "
            "92 days.",
            "ratings",
            "down",
        ),
        Definition(
            "greens_untested",
            1,
            "Low ratings untested",
            "Ratings of low of which nobody but the submitter has checked and accepted an item "
            "of evidence in the last 92 days.",
            "low ratings",
            "down",
        ),
        Definition(
            "ratings_reviewed_monthly",
            1,
            "Ratings reviewed in the month",
            "Active services with a rating: of these the ones for which the governance group "
            "raised, held or lowered a rating in the last whole month, with reasons, on at least "
            "one item of evidence that was dated at most 62 days before and had not expired.",
            "services with a rating",
            "up",
            attention="uncounted",
            target=100,
            percent=True,
        ),
        Definition(
            "ratings_disputed",
            1,
            "Ratings disputed",
            "Ratings that their service disputes and that nobody has moderated yet. Moderation is "
            "due in 10 working days.",
            "ratings",
            "down",
        ),
        Definition(
            "ratings_review_needed",
            1,
            "Ratings to review",
            "Ratings whose domain was audited since their last review with a band that differs "
            "from theirs: low stands for green, moderate for amber, high and very high for red. "
            "A review is due in 5 working days.",
            "ratings",
            "down",
        ),
        Definition(
            "ratings_not_sustained",
            1,
            "Improvements not sustained",
            "Ratings that were lowered and are still watched, where the monthly signal of the "
            "domain went back to where it stood at the higher rating, or worse, in at least 2 of "
            "the next 3 months, or where a red audit followed; and ratings whose improvement the "
            "governance group found not sustained, until the next review.",
            "ratings",
            "down",
        ),
        Definition(
            "audit_weakness_repeated",
            1,
            "Audit weakness repeated",
            "Themes of a service on which an action was closed and which were audited at least "
            "twice since: of these the ones with amber or red in two of the last three audits.",
            "themes worked on",
            "down",
        ),
        Definition(
            "domains_unrated",
            1,
            "Domains not rated",
            "Domains of active services for which no rating has been entered. They are shown as "
            "“Not enough data”, never as low.",
            "domains of services",
            "down",
        ),
        Definition(
            "actions_without_improvement",
            1,
            "Actions without improvement",
            "Verified actions whose measure can be judged, as it became known in the last 365 "
            "days: of these the ones whose mean over the first two full periods after completion "
            "and lag did not go the good way by at least two percentage points, or a tenth of the "
            "way from baseline to target, whichever is more.",
            "actions with a known outcome",
            "down",
        ),
        Definition(
            "experience_monthly",
            1,
            "Experience summaries in time",
            "Active services with an experience summary of the month, of at least one answer, "
            "submitted by the tenth working day of the next month. The month is the last one "
            "whose day of submission has passed.",
            "services",
            "up",
            attention="uncounted",
            target=100,
            percent=True,
        ),
        Definition(
            "experience_unanswered",
            1,
            "Repeated themes unanswered",
            "Themes of feedback with three negative comments within 61 days at one service (two "
            "on safety or dignity), for which nobody has opened an action or recorded an "
            "acknowledgement within ten working days of the day on which they began to repeat.",
            "repeated themes",
            "down",
        ),
        Definition(
            "sittings_overdue",
            1,
            "Reviews overdue",
            "Sittings of the forums in use whose minutes are not signed within the days allowed "
            "after the period's end: 3 working days for a week, 1 for a fortnight, 10 for a "
            "month, 20 for a quarter. A forum that never sat counts from the day on which it was "
            "put in use, and before such a day is set not at all.",
            "expected sittings",
            "down",
        ),
        Definition(
            "responses_unanswered",
            1,
            "Declines unanswered",
            "Indicators and recovery plans that have become worse by rule and are not better yet, "
            "and of these the ones to which nobody has answered: no escalation on the risk "
            "register, no provider oversight, no additional audit, no revised controls, and no "
            "reasoned decision that none is needed.",
            "declines that stand",
            "down",
        ),
        Definition(
            "claims_waiting",
            1,
            "Claims awaiting validation",
            "Claims and service assurance returns that are handed in and not validated yet, with "
            "the days since; beside them those validated in the last 92 days.",
            "claims handed in",
            "down",
        ),
        Definition(
            "claims_unsupported",
            1,
            "Unsupported assurance",
            "Claims and service assurance returns validated in the last 92 days: of these the "
            "ones whose sample matched its source in fewer than 90% of rows, or showed a "
            "critical mismatch, whatever the outcome says.",
            "claims validated",
            "down",
        ),
        Definition(
            "triggers_undecided",
            1,
            "Triggers undecided",
            "Rules that fire and suggest enhanced monitoring, and of these the ones on which "
            "nobody has decided: neither to start it nor not to, with reasons.",
            "suggestions that stand",
            "down",
        ),
        Definition(
            "sharing_undecided",
            1,
            "Sharing undecided",
            "Open risks rated high or very high, and safeguarding patterns that stand: of these "
            "the ones on which nobody has decided whether to share them, since the rating was "
            "raised to where it is or the rule fired. A decision on one pattern answers the others "
            "that stood at the service by then. Deciding not to share counts as a decision.",
            "high risks and safeguarding patterns",
            "down",
        ),
        Definition(
            "updates_on_time",
            1,
            "Recovery updates in time",
            "Fortnightly recovery updates to commissioners that fell due in the last 92 days and "
            "are published, missed or late: of these the ones published within 14 days and one "
            "working day of the update before. After a missed one the days count from its due "
            "date, so that each failure counts once.",
            "recovery updates",
            "up",
            attention="uncounted",
            target=100,
            percent=True,
        ),
    )
}

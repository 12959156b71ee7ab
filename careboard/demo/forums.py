"""The demo's forums: who belongs to them, a year of board sittings, and the latest reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard.clock import add_working_days
from careboard.db import db, load
from careboard.reviews import forums, minutes, service
from careboard.reviews.cadence import period_containing
from careboard.reviews.models import Review, ReviewItem
from careboard.tenancy import Actor

MEMBERS = {
    "monthly_governance": (
        ("grace", "chair"), ("vic", "member"), ("martin", "member"), ("sunita", "member"),
    ),
    "quarterly_board": (
        ("beth", "chair"), ("grace", "member"), ("cora", "member"), ("adam", "member"),
    ),
    "quarterly_safeguarding": (("grace", "chair"), ("martin", "member")),
}  # fmt: skip
QUORUMS = {"monthly_governance": 3, "quarterly_board": 3}


@dataclass(frozen=True, slots=True)
class Board:
    """One board sitting. `answer` None: its challenge is still open; `withheld`: on what assurance
    was withheld."""

    summary: str
    assurance: str
    challenge: str
    answer: str | None
    withheld: str = ""
    absent: tuple[str, ...] = ()
    inquorate: str = ""


BOARDS = (
    Board(
        "Experience trends: feedback is collected in three services of eight. Ratings were entered "
        "for the first time; none has been reviewed yet.",
        "withheld",
        "How do we hear people in the five services without feedback?",
        "Every service collects feedback from this month; the summary is due by the tenth working "
        "day.",
        withheld="No service can show that an action changed what people say.",
    ),
    Board(
        "Experience trends: six services of eight reported. Two ratings were lowered on accepted "
        "audits; both are watched.",
        "partial",
        "The two lowered ratings rest on one audit each. When is the second?",
        "Both were audited again within six weeks; the scores held.",
        absent=("cora",),
    ),
    Board(
        "Experience trends: all services reported. Complaints about late evening calls match the "
        "feedback, and an action is in hand. Rating changes of the quarter were sustained.",
        "given",
        "Evening calls were on the agenda in January as well. What is different this time?",
        "Travel time is now planned; the punctuality report goes to the group every month.",
        absent=("cora", "adam"),
        inquorate="Two of four members were at the inspection of Harbour View; the chair and the "
        "director of quality decided to go ahead, and nothing was put to the vote.",
    ),
    Board(
        "Experience trends: families at Alder House still wait for answers. Overdue actions in "
        "medicines were gone through one by one; the rise to very high was confirmed.",
        "partial",
        "Medicines at Alder House has been high since spring. What would make you ask for help "
        "from outside?",
        None,
        withheld="Medicines at Alder House: two seniors have not been re-assessed.",
    ),
)


def seed_forums(story: Any) -> None:
    """Appoint members and play the sittings; `story` is the demo's calendar and look-ups."""
    with story.days_ago(400):
        _appoint(story)
    ends, running = [], period_containing("quarterly_board", story.today).first
    for _ in BOARDS:
        ends.append(running - timedelta(days=1))
        running = period_containing("quarterly_board", ends[-1]).first
    for board, end in zip(BOARDS, reversed(ends), strict=True):
        held = add_working_days(end, 14)
        if held < story.today:
            _board(story, board, end, (story.today - held).days)
    _month(story)
    # Nobody has signed a weekly review of Rowan Court since: it is overdue.
    _week(story, "Rowan Court", 4, "No overdue work; one audit concern has a new owner.")
    _week(
        story, "Alder House", 1, "Overdue work looked at one by one.",
        "Agency senior on nights until the second checker is trained.",
    )  # fmt: skip


def _appoint(story: Any) -> None:
    for forum, members in MEMBERS.items():
        for local, part in members:
            forums.appoint(
                actor=story.person("grace"),
                forum=forum,
                service_id=None,
                membership_id=story.member(local),
                part=part,
                from_on=None,
            )
    for forum, quorum in QUORUMS.items():
        forums.set_rule(
            actor=story.person("grace"),
            forum=forum,
            service_id=None,
            quorum=quorum,
            in_use_from=None,
        )


def _board(story: Any, board: Board, end: date, days: int) -> None:
    first = period_containing("quarterly_board", end).first
    with story.days_ago(days):
        beth = story.person("beth")
        review_id = _open(beth, "quarterly_board", None, first, end)
        challenge_id = _record(beth, review_id, "challenge", board.challenge)
        if board.withheld:
            _record(beth, review_id, "withheld", board.withheld)
        who = [local for local, _ in MEMBERS["quarterly_board"]]
        present = _statuses(story, who, board.absent)
        _sign(beth, review_id, present, board.summary, board.assurance, board.inquorate)
    if board.answer is not None:
        with story.days_ago(max(0, days - 12)):
            service.answer_challenge(
                actor=story.person("grace"), entry_id=challenge_id, text=board.answer
            )


def _month(story: Any) -> None:
    end = (story.today - timedelta(days=14)).replace(day=1) - timedelta(days=1)
    with story.days_ago(15):
        grace, beth = story.person("grace"), story.person("beth")
        review_id = _open(grace, "monthly_governance", None, end.replace(day=1), end)
        _record(
            beth, review_id, "challenge",
            "Why has the second checker not been found in six weeks, and who covers nights now?",
            _first_item(review_id, beth),
        )  # fmt: skip
        _record(
            grace, review_id, "decision",
            "Focused medicines audit at Alder House before the next sitting.",
        )  # fmt: skip
        _sign(
            grace,
            review_id,
            _statuses(story, ["grace", "vic", "martin", "sunita", "beth"], ("sunita",)),
            "Medicines at Alder House and open findings at Sycamore Grange were challenged. The "
            "group is not yet assured that overdue work is moving.",
            "partial",
        )


def _week(story: Any, place: str, weeks: int, summary: str, decision: str = "") -> None:
    """Martin's weekly review of that many weeks ago, held on the Friday."""
    monday = story.today - timedelta(days=story.today.weekday() + 7 * weeks)
    with story.days_ago((story.today - monday).days - 4):
        martin = story.person("martin")
        review_id = _open(
            martin, "weekly_manager", story.services[place], monday, monday + timedelta(days=6)
        )
        if decision:
            _record(martin, review_id, "decision", decision, _first_item(review_id, martin))
        present = _statuses(story, ["martin", "amara"])
        _sign(martin, review_id, present, summary, "partial")


def _open(actor: Actor, forum: str, service_id: UUID | None, first: date, last: date) -> UUID:
    return service.open_sitting(
        actor=actor, forum=forum, service_id=service_id, period_from=first, period_to=last
    )


def _record(
    actor: Actor, review_id: UUID, kind: str, text: str, item_id: UUID | None = None
) -> UUID:
    return service.record_entry(
        actor=actor, review_id=review_id, item_id=item_id, kind=kind, text=text
    )


def _statuses(story: Any, who: list[str], absent: tuple[str, ...] = ()) -> dict[UUID, str]:
    return {story.member(one): "apologies" if one in absent else "present" for one in who}


def _first_item(review_id: UUID, actor: Actor) -> UUID | None:
    return db.session.scalar(
        select(ReviewItem.id)
        .where(ReviewItem.org_id == actor.org_id, ReviewItem.review_id == review_id)
        .order_by(ReviewItem.position)
        .limit(1)
    )


def _sign(
    actor: Actor,
    review_id: UUID,
    present: dict[UUID, str],
    summary: str,
    assurance: str,
    inquorate: str = "",
) -> None:
    review = load(Review, actor.org_id, review_id)
    service.save_minutes(
        actor=actor,
        review_id=review_id,
        attendance="",
        summary=summary,
        assurance=assurance,
        seen=minutes.version_of(review),
        present=present,
        inquorate_reason=inquorate,
    )
    parts = minutes.load_parts(review)
    service.sign(actor=actor, review_id=review_id, seen=minutes.seal(review, parts))

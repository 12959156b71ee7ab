"""How the demo's ratings moved: first ratings, raises at once, monthly sittings that hold and lower
on checked returns, watches, disputes.

The sitting of 15 days ago stays open, for the story of the forums to sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard.assurance import service as claims
from careboard.assurance.models import SampleItem
from careboard.db import db, load
from careboard.demo.ratings import SITTINGS, Rated, Step
from careboard.evidence import judging
from careboard.reviews import minutes
from careboard.reviews import service as reviews
from careboard.reviews.models import Review, ReviewItem
from careboard.risks import disputes, history, watching
from careboard.risks import service as risks
from careboard.risks.models import RatingWatch
from careboard.tenancy import Actor
from careboard.uploads import Upload

LATEST = SITTINGS[-1]
_ONLY_LEAD = "There is one governance lead; the registered manager sees every return and decision."


class Ratings:
    """The ratings of one provider; `lead` decides, `checker` (else the lead) checks returns."""

    def __init__(self, story: Any, rated: Sequence[Rated], lead: str, checker: str | None) -> None:
        self.story, self.rated, self.lead, self.checker = story, rated, lead, checker

    def before_latest_sitting(self) -> None:
        """Everything that happened before the sitting of 15 days ago."""
        for rated in self.rated:
            first = rated.steps[0]
            with self.story.days_ago(first[0]) as day:
                self._open(rated, first, day)
        events = [event for event in self._later() if event[1][0] > LATEST]
        for days in sorted({event[1][0] for event in events}, reverse=True):
            self._day(days, [event for event in events if event[1][0] == days])
            if days in SITTINGS:
                self._sign(days)

    def latest_sitting(self) -> None:
        """The decisions of 15 days ago; the sitting stays open."""
        self._day(LATEST, [event for event in self._later() if event[1][0] == LATEST])

    def since(self) -> None:
        """What was raised at once since, and the evidence that somebody else accepted."""
        for event in self._later():
            if event[1][0] < LATEST:
                self._day(event[1][0], [event])
        for rated in self.rated:
            if rated.tested and self.checker:
                with self.story.days_ago(rated.steps[-1][0] - 1):
                    judging.accept_for_risk(
                        actor=self.story.person(self.checker),
                        risk_id=self.story.risk(rated.service, rated.domain),
                        note="A sample of five entries matches the source.",
                    )

    def sign_latest(self) -> None:
        self._sign(LATEST)

    def _later(self) -> list[tuple[Rated, Step, str]]:
        """(rated, step, rating before) of every step but the first."""
        return [
            (rated, step, before[1])
            for rated in self.rated
            for before, step in zip(rated.steps, rated.steps[1:], strict=False)
        ]

    def _open(self, rated: Rated, step: Step, day: date) -> None:
        risks.open_risk(
            actor=self.story.person(self.lead),
            service_id=self.story.services[rated.service],
            domain=rated.domain,
            original_cause=rated.cause,
            rating=step[1],
            rationale=step[2],
            basis=_basis(rated, day),
            outcome_position=rated.outcome,
        )

    def _day(self, days: int, events: list[tuple[Rated, Step, str]]) -> None:
        claim_ids = {
            rated: self._return(rated, days)
            for rated, step, before in events
            if risks.decision_of(before, step[1]) == "lower"
        }
        sitting_id = self._sitting(days) if days in SITTINGS else None
        for rated, step, _ in events:
            with self.story.days_ago(days) as day:
                claim_id = claim_ids.get(rated)
                risks.rate(
                    actor=self.story.person(self.lead),
                    risk_id=self.story.risk(rated.service, rated.domain),
                    rating=step[1],
                    rationale=step[2],
                    basis=risks.Basis() if claim_id else _basis(rated, day),
                    outcome_position=rated.outcome,
                    sitting_id=sitting_id,
                    claim_id=claim_id,
                    same_person_reason="" if self.checker else _ONLY_LEAD,
                )

    def _sitting(self, days: int) -> UUID:
        """The governance group's sitting of that day, for the month before."""
        with self.story.days_ago(days) as day:
            end = day.replace(day=1) - timedelta(days=1)
            return reviews.open_sitting(
                actor=self.story.person(self.lead),
                forum="monthly_governance",
                service_id=None,
                period_from=end.replace(day=1),
                period_to=end,
            )

    def _sign(self, days: int) -> None:
        sitting_id = self._sitting(days)
        with self.story.days_ago(days):
            actor = self.story.person(self.lead)
            review = load(Review, actor.org_id, sitting_id)
            reviews.save_minutes(
                actor=actor,
                review_id=sitting_id,
                attendance="",
                summary="Ratings were gone through with the returns of the month.",
                assurance="partial",
                seen=minutes.version_of(review),
                present={actor.membership_id: "present"},
                inquorate_reason="",
            )
            seen = minutes.seal(review, minutes.load_parts(review))
            reviews.sign(actor=actor, review_id=sitting_id, seen=seen)

    def _return(self, rated: Rated, days: int) -> UUID:
        """A checked return that nobody decided on yet, made where the story of the claims has
        none: handed in nine days before, checked five days before."""
        risk_id = self.story.risk(rated.service, rated.domain)
        with self.story.days_ago(days):
            held = history.checked_returns(actor=self.story.person(self.lead), risk_id=risk_id)
        for row in held:
            if not row.decided and row.finding in ("proves", "partly"):
                return row.id
        with self.story.days_ago(days + 9) as day:
            new = _basis(rated, day).new
            claim_id = claims.submit_claim(
                actor=self.story.person(rated.manager),
                kind="assurance_return",
                risk_id=risk_id,
                statement=f"{rated.domain.capitalize()}: what brought the risk about has been put "
                "right and has stayed so for six weeks.",
                period_from=day - timedelta(days=42),
                period_to=day - timedelta(days=1),
                new=new,
            )
        with self.story.days_ago(days + 5):
            self._check(claim_id)
        return claim_id

    def _check(self, claim_id: UUID) -> None:
        checker = self.story.person(self.checker or self.lead)
        claims.start_validation(actor=checker, claim_id=claim_id)
        sample_id = claims.draw_sample(actor=checker, claim_id=claim_id, size=5)
        for item_id in list(
            db.session.scalars(
                select(SampleItem.id).where(
                    SampleItem.org_id == checker.org_id, SampleItem.sample_id == sample_id
                )
            )
        ):
            claims.record_item(
                actor=checker, claim_id=claim_id, item_id=item_id, result="matches", description="",
                critical=False,
            )  # fmt: skip
        claims.complete_validation(
            actor=checker,
            claim_id=claim_id,
            relevant="yes",
            is_current="yes",
            sufficient="yes",
            findings="Every drawn record agrees with its source and speaks to the original cause.",
            outcome="proves",
        )


def decide_watch(story: Any) -> None:
    """In the open sitting: staffing of Birch Homecare, South did not stay as it was."""
    with story.days_ago(LATEST):
        grace = story.person("grace")
        watching.decide(
            actor=grace,
            watch_id=_watch(story, "Birch Homecare, South", "staffing"),
            outcome="not_sustained",
            reason="Supervisions are overdue again for four of nine staff.",
            sitting_id=_open_sitting(grace),
        )


def challenge(story: Any) -> None:
    """In the open sitting: the board asks how a rating came to be low."""
    with story.days_ago(LATEST):
        beth = story.person("beth")
        sitting_id = _open_sitting(beth)
        risk_id = story.risk("Rowan Court", "records")
        item_id = db.session.scalar(
            select(ReviewItem.id).where(
                ReviewItem.org_id == beth.org_id,
                ReviewItem.review_id == sitting_id,
                ReviewItem.risk_id == risk_id,
            )
        )
        reviews.record_entry(
            actor=beth,
            review_id=sitting_id,
            item_id=item_id,
            kind="challenge",
            text="Care records at Rowan Court go to low on one return. What would show us by "
            "February that it has held?",
        )


def since(story: Any) -> None:
    """A note on a watch; a dispute that was upheld, and one that waits for moderation."""
    with story.days_ago(5):
        watching.note(
            actor=story.person("martin"),
            watch_id=_watch(story, "Rowan Court", "records"),
            text="Weekly sample of five records: all five reviewed in time.",
        )
    with story.days_ago(13):
        upheld = _dispute(
            story, "martin", "Alder House", "staffing",
            "Both seniors have been booked for re-assessment, so the rating should be low.",
        )  # fmt: skip
    with story.days_ago(6):
        disputes.moderate(
            actor=story.person("vic"),
            dispute_id=upheld,
            outcome="upheld",
            moderation="A booking is not a competency: one senior still gives medicines on nights "
            "without it.",
        )
    with story.days_ago(4):
        _dispute(
            story, "sunita", "Birch Homecare, North", "staffing",
            "The rating counts the two weeks of the flu; since then 12 of 14 calls are on time.",
        )  # fmt: skip


def _dispute(story: Any, who: str, service: str, domain: str, reason: str) -> UUID:
    return disputes.file(
        actor=story.person(who),
        risk_id=story.risk(service, domain),
        reason=reason,
        basis=risks.Basis(
            new=risks.NewEvidence(
                title=f"Counter-evidence, {domain}",
                kind="staff_practice",
                source_link=f"{service}, workforce file",
            )
        ),
    )


def _watch(story: Any, service: str, domain: str) -> UUID:
    return db.session.scalar(
        select(RatingWatch.id)
        .where(
            RatingWatch.org_id == story.system.org_id,
            RatingWatch.risk_id == story.risk(service, domain),
        )
        .order_by(RatingWatch.started_on.desc())
        .limit(1)
    )


def _open_sitting(actor: Actor) -> UUID:
    return db.session.scalar(
        select(Review.id).where(
            Review.org_id == actor.org_id,
            Review.forum == "monthly_governance",
            Review.status == "open",
        )
    )


def _basis(rated: Rated, day: date) -> risks.Basis:
    if rated.kind is None:
        return risks.Basis(none_yet=True)
    text = f"{rated.service}, {rated.domain}: sample for {day:%B %Y}.\n"
    return risks.Basis(
        new=risks.NewEvidence(
            title=f"{rated.kind_words} sample, {day:%b %Y}",
            kind=rated.kind,
            period_to=day - timedelta(days=1),
            valid_until=day + timedelta(days=rated.valid_days),
            upload=Upload(f"{rated.domain}-{day:%Y-%m}.txt", "text/plain", text.encode()),
        )
    )

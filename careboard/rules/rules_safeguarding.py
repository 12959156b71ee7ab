"""Rules on safeguarding concerns: what repeats across records that were each managed alone.

Patterns go by theme, place, role and keyed reference; no name is among them. Source: rules 3.3 and
N8; steps S2-1.1 and S3-2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from careboard import patterns
from careboard.clock import add_working_days
from careboard.rules.facts import Concern, Episode, Facts
from careboard.rules.rule import FIRES, Finding, Parameter, Parameters, Rule
from careboard.rules.telling import (
    Seen,
    answer,
    count,
    day,
    leaves_on,
    of_services,
    quiet,
    refs,
    seen,
    too_little,
)

NEVER = "no safeguarding concern was ever recorded in this organisation."


def _repeated(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    concerns = facts.concerns_of("safeguarding")
    least, days = given["least"], given["days"]
    for service_id, name, own in of_services(facts, concerns):
        if not concerns:
            yield too_little(service_id, NEVER)
            continue
        recent = patterns.within(map(seen, own), on, days)
        told = f"{count(len(recent), 'concern')} in {days} days at {name}"
        more = {"rows": refs("concern", recent), "next_on": leaves_on(recent, days)}
        if patterns.repeated_safeguarding(recent, on, least=least, days=days):
            yield answer(FIRES, service_id, f"{told}{_in_common(recent)}.", **more)
        else:
            yield quiet(service_id, f"{told}; {least} would be a repetition.", **more)


def _in_common(concerns: Sequence[Seen]) -> str:
    """What every concern of several has in common, or most of them; nothing where none has."""
    shared = patterns.shared_groups(concerns, max(c.on for c in concerns), least=2, days=10_000)
    for (_, feature, what), own in sorted(shared.items(), key=lambda found: -len(found[1])):
        if len(own) == len(concerns):
            return f", {_all(len(own))} {_sharing(feature, what)}"
        if 2 * len(own) > len(concerns):
            return f", {len(own)} of them {_sharing(feature, what)}"
    return ""


def _all(number: int) -> str:
    return "both" if number == 2 else "all"


def _sharing(feature: str, what: str) -> str:
    return {
        "person": "about the same person",
        "place": f"in the {what.removeprefix('the ')}",
        "source_role": f"with the same alleged source: {what}",
        "theme": f"on the same theme: {what}",
    }[feature]


def _shared(facts: Facts, given: Parameters, on: date, *, low: bool) -> Iterator[Finding]:
    concerns = facts.concerns_of("safeguarding")
    looked_at = [one for one in concerns if one.level == "low"] if low else concerns
    least, days = given["least"], given["days"]
    noun = "low-level concern" if low else "concern"
    for service_id, name, own in of_services(facts, looked_at):
        if not concerns:
            yield too_little(service_id, NEVER)
            continue
        recent = patterns.within(map(seen, own), on, days)
        groups = patterns.shared_groups(recent, on, least=least, days=days)
        for (_, feature, what), alike in groups.items():
            yield answer(
                FIRES,
                service_id,
                f"{count(len(alike), noun)} in {days} days at {name}, {_all(len(alike))} "
                f"{_sharing(feature, what)}.",
                key=f"{feature}:{what}",
                rows=refs("concern", alike),
                next_on=leaves_on(alike, days),
            )
        if not groups:
            said = f"{count(len(recent), noun)} in {days} days at {name}; no {least} of them share"
            said += " a theme, a place, an alleged source or a person."
            yield quiet(service_id, said, next_on=leaves_on(recent, days))


def _new_information(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    concerns = {
        service_id: own
        for service_id, _, own in of_services(facts, facts.concerns_of("safeguarding"))
    }
    for service_id, name, episodes in of_services(facts, facts.episodes):
        if not episodes:
            yield quiet(service_id, f"{name} is not under enhanced monitoring.")
        for episode in episodes:
            yield _since_review(episode, name, concerns[service_id], given["working_days"])


def _since_review(
    episode: Episode, name: str, concerns: Sequence[Concern], working_days: int
) -> Finding:
    since = episode.reviewed_on or episode.started_on
    new = [
        concern
        for concern in concerns
        if concern.on >= episode.started_on and _became_known(concern, episode, since)
    ]
    looked = "its last review" if episode.reviewed_on else "monitoring began"
    told = f"{count(len(new), 'safeguarding concern')} at {name} since {looked} on {day(since)}"
    if not new:
        return quiet(episode.service_id, f"{told}.", key=episode.reference)
    due = add_working_days(min(c.recorded_on or c.on for c in new), working_days)
    told += f": {episode.reference} is to be reviewed out of cycle by {day(due)}."
    rows = refs("concern", new)
    return answer(FIRES, episode.service_id, told, key=episode.reference, rows=rows)


def _became_known(concern: Concern, episode: Episode, since: date) -> bool:
    """Whether it became known after the episode was last looked at: by the moment, where both
    are known, so that what comes in on the day of a review is not lost."""
    if concern.recorded_at is not None and episode.looked_at is not None:
        return concern.recorded_at > episode.looked_at
    return (concern.recorded_on or concern.on) > since


def _low_level(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    return _shared(facts, given, on, low=True)


def _any_level(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    return _shared(facts, given, on, low=False)


def _window(least: int, days: int) -> tuple[Parameter, ...]:
    return (
        Parameter("least", "Concerns that are a repetition", least, "", 2, 20),
        Parameter("days", "Within", days, "days", 7, 366),
    )


_READS = frozenset({"services", "concerns"})
RULES = (
    Rule(
        "safeguarding_repeated",
        1,
        "Repeated safeguarding concerns",
        "Rule N8; step S2-1.1",
        _window(*patterns.SAFEGUARDING),
        _READS,
        _repeated,
        suggests=True,
    ),
    Rule(
        "safeguarding_shared",
        1,
        "Similar allegations, repeated locations, recurring signals",
        "Rules 3.3; steps S2-1.1 and S3-2.1",
        _window(*patterns.SHARED_CONCERNS),
        _READS,
        _any_level,
    ),
    Rule(
        "low_level_shared",
        1,
        "Repeated indicators in low-level concerns",
        "Rules 3.3; step S3-2.1",
        _window(*patterns.SHARED_LOW_LEVEL),
        _READS,
        _low_level,
    ),
    Rule(
        "safeguarding_new",
        2,
        "New safeguarding information",
        "Rules 3.3; S2-1",
        (Parameter("working_days", "Reviewed out of cycle within", 2, "working days", 1, 10),),
        _READS | {"episodes"},
        _new_information,
    ),
)

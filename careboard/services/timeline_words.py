"""What a service's timeline calls the things that happened."""

from __future__ import annotations

from careboard.vocabulary import CONCERN_KINDS, FORUMS, in_words

MONITORING = {
    "start": "Enhanced monitoring started",
    "do_not_start": "Enhanced monitoring not started",
    "continue": "Enhanced monitoring continues",
    "escalate": "Enhanced monitoring escalated",
    "step_down": "Enhanced monitoring stepped down",
    "sustained": "Follow-up review, sustained",
    "not_sustained": "Follow-up review, not sustained",
}
SHARING = {
    "share": "Decided to share",
    "do_not_share": "Decided not to share",
    "seek_advice": "Decided to seek advice",
}
COMMUNICATION = {"out": "Told", "in": "Heard from"}
TONES = {
    "red": "bad",
    "amber": "warn",
    "green": "good",
    "raise": "bad",
    "lower": "good",
    "verified": "good",
    "returned": "warn",
    "escalated": "warn",
    "accepted": "good",
    "rejected": "bad",
    "closed": "good",
    "fired": "warn",
    "start": "warn",
    "step_down": "good",
    "sustained": "good",
    "escalate": "bad",
    "not_sustained": "bad",
    "share": "warn",
    "withdrawn": "warn",
}


def title(kind: str, code: str, name: str) -> str:
    """What happened, of a row of the timeline."""
    words = in_words(code)
    if kind == "audit":
        return f"Audit of {name}" + (f": {words}" if words else "")
    if kind == "audit_concern":
        return (
            f"Audit concern closed: {name}"
            if code == "closed"
            else f"{words.title()} audit concern: {name}"
        )
    if kind == "concern":
        return f"{CONCERN_KINDS[code]}: {name}" if name else CONCERN_KINDS[code]
    if kind == "action":
        return f"Action {words}: {name}"
    if kind == "trigger":
        return f"Trigger fired: {name}"
    if kind == "monitoring":
        return f"{MONITORING[code]}: {name}"
    if kind == "sharing":
        return f"{SHARING[code]}: {name}"
    if kind == "communication":
        return f"{COMMUNICATION[code]} {name}"
    if kind == "pack":
        return f"Pack {words}: {name}"
    if kind == "rating":
        domain, _, rating = name.partition("|")
        verb = {
            "set": "set to",
            "raise": "raised to",
            "hold": "held at",
            "lower": "lowered to",
            "moderated": "moderated to",
        }
        return f"{domain.capitalize()} rating {verb[code]} {rating.replace('_', ' ')}"
    if kind == "evidence":
        return f"Evidence {words}: {name}"
    return f"{FORUMS[name]} {words}"

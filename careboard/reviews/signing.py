"""What minutes need before they are signed, and who signs them.

Source: steps S0-1.5, S0-3.3 and S0-3.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from careboard.errors import Invalid
from careboard.reviews.attendance import Attendance
from careboard.reviews.models import Review
from careboard.tenancy import Actor


def lacks(actor: Actor, review: Review, found: Attendance, *, withheld: bool) -> Iterator[Invalid]:
    """What keeps the person from signing these minutes, in the order in which to mend it.

    `withheld`: assurance was withheld on some matter of the sitting.
    """
    if not review.summary:
        yield Invalid("The minutes need a summary before they can be signed.", "summary")
    if review.assurance is None:
        yield Invalid(
            "State the assurance before you sign: given, partial or withheld.", "assurance"
        )
    if review.assurance == "given" and withheld:
        yield Invalid(
            "Assurance was withheld on a matter of this sitting, so it cannot be given as a "
            "whole. State that it is partial or withheld.",
            "assurance",
        )
    if not found.quorate and not review.inquorate_reason:
        yield Invalid(
            f"{found.members_present} of the {found.quorum} members that make a quorum were "
            "present. Record who was, or say why the sitting went ahead without them.",
            "inquorate_reason",
        )
    try:
        signs_as(actor, found)
    except Invalid as error:
        yield error


def signs_as(actor: Actor, found: Attendance) -> str:
    """`chair`, or `acting_chair` where the chair was absent or nobody is appointed.

    Raises Invalid where the chair was present and is somebody else, and for whoever sent
    apologies.
    """
    own = found.of(actor.membership_id)
    if own is not None and own.status == "apologies":
        raise Invalid("You are recorded as having sent apologies, so you cannot sign.", "read")
    if own is not None and own.part == "chair":
        return "chair"
    if found.chair is not None and found.chair.status == "present":
        raise Invalid(f"{found.chair.name} was in the chair, and signs these minutes.", "read")
    return "acting_chair"

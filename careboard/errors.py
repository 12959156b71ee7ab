"""What can go wrong in a service or a query, in words for people."""

from __future__ import annotations


class CareBoardError(Exception):
    """Base of all refusals. `message` says what happened and what to do."""

    status = 400

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class NotFound(CareBoardError):
    """No such row for this organisation: answered as 404, the same for foreign and absent."""

    status = 404


class Forbidden(CareBoardError):
    """One's own organisation's row, without the right: answered as 403."""

    status = 403


class Conflict(CareBoardError):
    """The row has moved on since the person saw it: answered as 409."""

    status = 409


class Held(CareBoardError):
    """A file that is held back until it is known to be clean: answered as 423."""

    status = 423


class Gone(CareBoardError):
    """What was disposed of when its time was over: answered as 410."""

    status = 410


class Invalid(CareBoardError):
    """Bad input. `field` names the form field that the message belongs to."""

    status = 422

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

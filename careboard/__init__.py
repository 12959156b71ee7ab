"""CareBoard: a risk board that can be defended, for adult social care providers."""

from careboard.app import create_app

__all__ = ["create_app"]

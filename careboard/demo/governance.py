"""What the demo's people did about their records."""


def fill() -> None:
    """Nothing yet."""

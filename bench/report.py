"""The table that `make bench` prints."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Report:
    """Rows of (what, measured, target, met)."""

    rows: list[tuple[str, str, str, bool]] = field(default_factory=list)

    def add(
        self, what: str, value: float, *, most: float | None = None, least: float | None = None
    ) -> None:
        """Add a figure with its bound."""
        met = (most is None or value <= most) and (least is None or value >= least)
        target = f"≤ {most:g}" if most is not None else f"≥ {least:g}"
        self.rows.append((what, f"{value:.2f}", target, met))
        print(f"  {what}: {value:.2f} ({target})", flush=True)

    @property
    def all_met(self) -> bool:
        return all(row[3] for row in self.rows)

    def __str__(self) -> str:
        width = max(len(row[0]) for row in self.rows)
        lines = [
            f"{what:<{width}}  {value:>9}  {target:>8}  {'met' if met else 'NOT MET'}"
            for what, value, target, met in self.rows
        ]
        return "\n".join(["", *lines])

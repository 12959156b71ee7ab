"""Where a row came from, and what it said before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Text, func
from sqlalchemy.orm import Mapped, mapped_column


class Imported:
    """Columns of a table that imports fill.

    The row holds its present version; when a later one arrives, the earlier is copied to
    `superseded_row` first, so nothing is lost and the row's id stays. `batch_id` and `row_no`
    (physical row in the original file) are None for rows entered by hand.
    """

    source_key: Mapped[str | None] = mapped_column(Text, sort_order=80)
    batch_id: Mapped[UUID | None] = mapped_column(sort_order=81)
    row_no: Mapped[int | None] = mapped_column(sort_order=82)
    recorded_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), sort_order=83
    )

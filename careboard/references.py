"""Short references that people say aloud: ACT-0147, EV-0031."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, db, new_id


class ReferenceCounter(Base, TenantRow):
    """The last number given out for a prefix within an organisation."""

    __tablename__ = "reference_counter"

    prefix: Mapped[str] = mapped_column(Text)
    last: Mapped[int]

    __table_args__ = (Unique("org_id", "prefix"),)


def next_references(org_id: UUID, prefix: str, count: int = 1) -> list[str]:
    """The next `count` references in order; two transactions never get the same one."""
    statement = insert(ReferenceCounter).values(
        org_id=org_id, id=new_id(), prefix=prefix, last=count
    )
    statement = statement.on_conflict_do_update(
        index_elements=["org_id", "prefix"], set_={"last": ReferenceCounter.last + count}
    ).returning(ReferenceCounter.last)
    last = db.session.execute(statement).scalar_one()
    return [f"{prefix}-{number:04d}" for number in range(last - count + 1, last + 1)]


def next_reference(org_id: UUID, prefix: str) -> str:
    """The next reference, e.g. `ACT-0148`."""
    return next_references(org_id, prefix)[0]

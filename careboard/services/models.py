"""Services: registered locations and branches."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent
from careboard.imports.provenance import Imported


class Service(Base, TenantRow, Imported):
    """A registered location or branch. `source_key` is its CQC location id."""

    __tablename__ = "service"

    name: Mapped[str] = mapped_column(Text)
    name_norm: Mapped[str] = mapped_column(Text, Computed("lower(name)", persisted=True))
    cqc_location_id: Mapped[str | None] = mapped_column(Text)
    ods_code: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="other")
    types: Mapped[str] = mapped_column(Text, server_default="")
    local_authority: Mapped[str] = mapped_column(Text, server_default="")
    region: Mapped[str] = mapped_column(Text, server_default="")
    address: Mapped[str] = mapped_column(Text, server_default="")
    postcode: Mapped[str] = mapped_column(Text, server_default="")
    phone: Mapped[str] = mapped_column(Text, server_default="")
    url: Mapped[str] = mapped_column(Text, server_default="")
    manager_id: Mapped[UUID | None]
    active: Mapped[bool] = mapped_column(server_default="true")

    __table_args__ = (
        Unique("org_id", "source_key"),
        parent("manager_id", "membership"),
        parent("batch_id", "import_batch"),
        CheckConstraint("kind IN ('home', 'homecare', 'living', 'other')", name="kind"),
        Index("ix_service_org_id_name_norm", "org_id", "name_norm"),
    )

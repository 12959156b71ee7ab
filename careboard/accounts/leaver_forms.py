"""The form for when somebody leaves."""

from __future__ import annotations

from flask_wtf import FlaskForm

from careboard.accounts.leavers import OWNED
from careboard.form_fields import RowChoice


class LeaverForm(FlaskForm):
    """Who takes over; for each kind somebody else may."""

    to = RowChoice("Give everything to")

    def offer(self, heirs) -> LeaverForm:
        """Fill in who stays."""
        self.to.offer(heirs, "Choose a person")
        for owned in OWNED:
            self[owned.key].offer(heirs, "The person above")
        return self

    def instead(self) -> dict:
        """Who takes over what in place of the person above, by the key of `Owned`."""
        return {owned.key: self[owned.key].data for owned in OWNED if self[owned.key].data}


for _owned in OWNED:
    setattr(LeaverForm, _owned.key, RowChoice(f"{_owned.words}: give to"))

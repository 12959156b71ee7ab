"""A file that goes along is handed to the reader as it was accepted, and the provider is told."""

from __future__ import annotations

from tests.packs.published import confirm, publish
from tests.packs.test_attachments import CLEAN, submitted, with_lines


def test_a_reader_takes_a_file_that_goes_along(world, monkeypatch):
    line, revision = submitted(world, "rota.csv", CLEAN)
    with_lines(monkeypatch, line)
    pack_id = publish(world, confirm(world), attachments=[revision])
    carol = world.client("carol")
    address = f"/portal/packs/{pack_id}/attachments/1"
    assert address in carol.get(f"/portal/packs/{pack_id}").text
    answer = carol.get(address)
    assert answer.data == CLEAN and "rota.csv" in answer.headers["Content-Disposition"]
    assert answer.mimetype == "application/octet-stream"
    assert carol.get(f"/portal/packs/{pack_id}/attachments/2").status_code == 404
    assert len(world.sql("SELECT * FROM pack_read WHERE what = 'attachment'")) == 1
    assert world.client("alice").get(f"/o/alder/packs/{pack_id}").text.count("rota.csv") >= 1

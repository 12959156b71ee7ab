"""Which files are taken, and under what name."""

from __future__ import annotations

import pytest

from careboard import inspection, uploads
from careboard.errors import Invalid
from tests.evidence import files
from tests.evidence.files import BAD, GOOD, PDF


@pytest.mark.parametrize("name", GOOD)
def test_good_files_are_taken(name):
    upload = uploads.check(name, GOOD[name])
    assert upload.content == GOOD[name]
    assert (
        upload.media_type
        == uploads.MEDIA_TYPES[name.rsplit(".", 1)[1].lower().replace("jpeg", "jpg")]
    )


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_at_their_field(name):
    with pytest.raises(Invalid) as caught:
        uploads.check(name, BAD[name], field="file")
    assert caught.value.field == "file"
    assert name in caught.value.message


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(Invalid, match="too large. The most is 25 MB"):
        uploads.check("a.pdf", PDF + b" " * (25 * 1024 * 1024))
    with pytest.raises(Invalid, match="too large"):
        uploads.check("a.pdf", PDF, most_bytes=10)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\sheet.pdf", "sheet.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"),
        ("a\x00b\x1b[0m.pdf", "ab[0m.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("  .pdf", "pdf"),
        ("", "file"),
        ("...", "file"),
        ("Café – Übergabe.pdf", "Café – Übergabe.pdf"),
    ],
)
def test_names_are_cleaned(given, kept):
    assert uploads.clean_name(given) == kept


def test_a_long_name_keeps_its_extension():
    name = uploads.clean_name("x" * 400 + ".docx")
    assert len(name) == 150 and name.endswith(".docx")


def test_a_corrupt_document_is_never_a_fault(tmp_path):
    path = tmp_path / "file"
    for extension, content in (("docx", files.DOCX), ("odt", files.ODT)):
        for place in range(0, len(content) - 1, 3):
            path.write_bytes(content[:place])
            assert inspection.document(path, extension) == inspection.NOT_WHAT_IT_SAYS
            for value in (0, 8, 14, 255):
                path.write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
                inspection.document(path, extension)

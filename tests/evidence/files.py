"""Small files of each kind that is taken, and some that are not what they say."""

from __future__ import annotations

import io
import zipfile

from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF"


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (0, 96, 64)).save(out, kind)
    return out.getvalue()


PNG, JPG, WEBP = _picture("PNG"), _picture("JPEG"), _picture("WEBP")


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


TYPES = b"<Types/>"
DOCX = zipped({"[Content_Types].xml": TYPES, "word/document.xml": b"<w/>"})
XLSX = zipped({"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<x/>"})
ODS = zipped(
    {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<o/>"}
)
ODT = zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<o/>"})
EML = b"From: a@alder.example\r\nSubject: Sheets\r\n\r\nAttached."

GOOD = {
    "sheet.pdf": PDF,
    "photo.png": PNG,
    "photo.jpg": JPG,
    "PHOTO.JPEG": JPG,
    "photo.webp": WEBP,
    "minutes.docx": DOCX,
    "rota.xlsx": XLSX,
    "rota.ods": ODS,
    "minutes.odt": ODT,
    "rows.csv": "Näme;Wert\n1;2\n".encode(),
    "old.csv": b"Caf\xe9;1\n",
    "wide.txt": "breite Zeichen".encode("utf-16"),
    "mail.eml": EML,
}
BOMB = zipped({"[Content_Types].xml": TYPES, "word/document.xml": b"\0" * 30_000_000})
BAD = {
    "page.html": b"<html></html>",
    "run.exe": b"MZ\x90\x00",
    "sheet": PDF,
    "archive.zip": DOCX,
    "empty.pdf": b"",
    "page.pdf": b"<html><script>alert(1)</script></html>",
    "run.png": b"MZ\x90\x00" + b"\x00" * 100,
    "rota.docx": XLSX,
    "rota.xlsx": b"PK\x03\x04 broken",
    "text.odt": ODS,
    "pdf.csv": PDF,
    "zip.txt": DOCX,
    "binary.csv": b"a,b\n\x00\x01\x02",
    "words.eml": b"no header at all",
    "bomb.docx": BOMB,
    "huge.docx": zipped(
        {"[Content_Types].xml": TYPES, "word/document.xml": b"x" * 51 * 1024 * 1024},
        zipfile.ZIP_DEFLATED,
    ),
    "many.docx": zipped(
        {"[Content_Types].xml": TYPES, "word/document.xml": b"<w/>"}
        | {f"word/{n}": b"" for n in range(2_001)}
    ),
    "slip.docx": zipped(
        {"[Content_Types].xml": TYPES, "word/document.xml": b"<w/>", "../../evil": b"x"}
    ),
    "macro.docx": zipped(
        {"[Content_Types].xml": TYPES, "word/document.xml": b"<w/>", "word/vbaProject.bin": b"x"}
    ),
}

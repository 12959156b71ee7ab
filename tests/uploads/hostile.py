"""Files that mean harm, or lie: what each is, by the name that it comes under.

All are made here; none does anything, and none is larger than a person could send.
"""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

from tests.evidence.files import DOCX, JPG, ODS, PDF, PNG, TYPES, WEBP, XLSX, zipped

# Written apart, so that no scanner takes this file for the test virus that it speaks of.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + rb"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
HTML = b"<html><body><script>alert(document.cookie)</script></body></html>"
PE = b"MZ\x90\x00" + bytes(200)
WORD = {"[Content_Types].xml": TYPES, "word/document.xml": b"<w/>"}
_SHEET = b"<worksheet><sheetData>%s</sheetData></worksheet>"


def _png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
        )

    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _lying_directory() -> bytes:
    """A document whose directory says one byte where ten million unpack."""
    content = zipped(WORD | {"word/media/a.bin": b"\0" * 10_000_000})
    at = content.rindex(b"PK\x01\x02")
    changed = bytearray(content)
    changed[at + 24 : at + 28] = struct.pack("<I", 1)
    return bytes(changed)


def _overlapping() -> bytes:
    """Two thousand names for one and the same packed content."""
    content = zipped({"a": b"\0" * 3_000_000})
    start = content.index(b"PK\x01\x02")
    entry = content[start : content.index(b"PK\x05\x06")]
    entries = b"".join(entry[:46] + b"%01x" % (n % 16) + entry[47:] for n in range(2_000))
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 2_000, 2_000, len(entries), start, 0)
    return content[:start] + entries + end


def _swollen_directory(names: int) -> bytes:
    """Little but a directory, of more names than memory is worth."""
    entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, *[0] * 16)
    entries = entry * names
    many = min(names, 65_535)
    return b"PK\x03\x04" + entries + struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, many, many, len(entries), 4, 0
    )  # fmt: skip


def _encrypted() -> bytes:
    content = bytearray(zipped(WORD))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(mark)
        content[at + offset] |= 1
    return bytes(content)


def _twice() -> bytes:
    other = zipped({**WORD, "word/document.xm2": b"<other/>"})
    return other.replace(b"word/document.xm2", b"word/document.xml")


def _frames(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16_000, 9_000)).save(out, kind)
    return out.getvalue()


def book(rows: bytes) -> bytes:
    """A workbook of one sheet with those rows."""
    return zipped(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": b'<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats'
            b'.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
            b"</Relationships>",
            "xl/workbook.xml": b'<workbook xmlns:r="http://schemas.openxmlformats.org/'
            b'officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="s"/>'
            b"</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": b'<Relationships><Relationship Id="s" Type="http://'
            b'schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
            b'Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": _SHEET % rows,
        }
    )


EVIDENCE = {
    # more than it looks
    "bomb.docx": zipped(WORD | {"word/a.xml": b"\0" * 45_000_000}),
    "huge.docx": zipped(WORD | {"word/a.xml": b"x" * 51 * 1024 * 1024}),
    "many.docx": zipped(WORD | {f"word/{n}": b"" for n in range(2_001)}),
    "lying.docx": _lying_directory(),
    "overlapping.xlsx": _overlapping(),
    "directory.docx": _swollen_directory(400_000),
    "pixels.png": _png(60_000, 60_000, zlib.compress(bytes(1_000_000))),
    "pixels.jpg": _frames("JPEG"),
    "pixels.webp": _frames("WEBP"),
    # not what it says
    "short.png": PNG[:-30],
    "header.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40),
    "header.jpg": JPG[:120],
    "header.webp": WEBP[:24] + bytes(50),
    "program.png": PE,
    "program.pdf": PE + PDF,
    "page.pdf": HTML,
    "page.jpg": HTML,
    "page.csv": HTML,
    "script.txt": b"#!/bin/sh\nrm -rf /\n",
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "sheet.docx": XLSX,
    "text.odt": ODS,
    "old.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000),
    "archive.pdf": DOCX,
    "rich.txt": rb"{\rtf1\object\objdata 0105}",
    # two things at once
    "picture.jpg": JPG + zipped({"run.class": b"\xca\xfe\xba\xbe"}),
    "picture.png": PNG + DOCX,
    "both.pdf": PDF + zipped({"a": b"b"}),
    "page-first.pdf": HTML + PDF,
    "program-first.docx": PE + DOCX,
    # holding what it must not
    "macro.docx": zipped(WORD | {"word/vbaProject.bin": b"x"}),
    "macro.ods": zipped(
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "Basic/a.xml": b"<b/>"}
    ),
    "slip.docx": zipped(WORD | {"../../etc/cron.d/evil": b"* * * * *"}),
    "slip.xlsx": zipped(WORD | {"C:\\Windows\\evil.dll": b"x"}),
    "laughs.docx": zipped(
        WORD | {"word/styles.xml": b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l/>'}
    ),
    "secret.docx": _encrypted(),
    "twice.docx": _twice(),
    # odd names
    "run.exe": PE,
    "run.pdf.exe": PE,
    "page.html": HTML,
    "x" * 300 + ".exe": PE,
    "a\r\nContent-Type: text/html\r\n\r\n.exe": PE,
    "../../../etc/passwd": b"root:x:0:0",
    "\u202efdp.exe": PE,
    "CON": PE,
    ".pdf": b"",
}

IMPORTS = {
    "bomb.xlsx": book(b'<row r="1"><c r="A1"><v>1</v></c></row>' + b" " * 49_000_000),
    "wide.xlsx": book(b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>'),
    "empty-rows.xlsx": book(b"".join(b'<row r="%d"/>' % n for n in range(1, 400_001))),
    "repeats.ods": zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": b'<o><table:table-row table:number-rows-repeated="1000000">'
            b'<table:table-cell office:value-type="string" '
            b'table:number-columns-repeated="1000"></table:table-cell></table:table-row></o>',
        }
    ),
    "many.xlsx": zipped({f"xl/{n}": b"" for n in range(2_001)}),
    "directory.xlsx": _swollen_directory(400_000),
    "old.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000),
    "program.csv": PE,
    "picture.csv": PNG,
    "quotes.csv": b'"' * 2_000_000,
    "commas.csv": b"," * 3_000_000,
    "lines.csv": b"\n" * 3_000_000,
    "columns.csv": b",".join(b"c%d" % n for n in range(20_000)) + b"\n",
    "one-line.csv": b"a" * 8_000_000,
    "nothing.csv": b"",
    "run.exe": PE,
}

"""Sets one document and ends: `python -I typesetter.py TEMPLATE`.

Data comes in as JSON, the PDF goes out. It is a process of its own because typst keeps what it
worked out for ten further documents, a gigabyte for large ones, and knows no time limit. It needs
nothing of CareBoard and is given none of its settings.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typst

FOLDER = Path(__file__).parents[2] / "templates" / "board_packs"


def main() -> None:
    """Fonts are typst's own alone; no package is fetched, so nothing is asked of the network."""
    pdf = typst.compile(
        FOLDER / sys.argv[1],
        root=FOLDER,
        sys_inputs={"data": sys.stdin.buffer.read().decode()},
        ignore_system_fonts=True,
        pdf_standards="ua-1",
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()

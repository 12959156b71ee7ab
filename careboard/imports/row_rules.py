"""What is wrong with a row as a whole: totals below the table, titles repeated, exact repeats.

Rule source: domain/data-shapes.md 6.3 points 10 and 12; `rejection_codes` of expected.json.
"""

import polars as pl

_TOTAL = (
    r"(?i)^\W*((grand|sub|overall|report|column|page)[\s\-]*)?(totals?|count|sum|average|mean)\b"
    r"|^\W*(no\.?|number|count)\s+of\s+(rows|records|entries|audits|incidents|complaints|responses)"
    r"|^\W*(rows?|records?|entries)\s*(count|total|exported|:|=|\d)"
    r"|^\W*\d+\s+(rows?|records?|entries)\b"
    r"|^\W*end\s+of\s+(the\s+)?(report|file|data|export|list|table|register)"
    r"|^\W*(report\s+)?(generated|printed|exported|produced|run|extracted)\s+(on|by|at|from|:|\d)"
    r"|^\W*page\s+\d+(\s+of\s+\d+)?\W*$"
    r"|^\W*(source|notes?|key|disclaimer|confidential|official[\s\-]*sensitive)\b\W"
)
# A count with its word in one cell and its number in the next.
_COUNT = r"(?i)^\W*(rows?|records?|entries|lines?|items?)\W+\d[\d,]*\s*$"


def footers(cells: pl.DataFrame, titles: list[str]) -> pl.Series:
    """Return a mask of the rows that are no records: totals, counts, closing remarks.

    `cells` are stripped text columns in the file's order.
    """
    names = cells.columns
    filled = pl.sum_horizontal([(pl.col(n) != "").cast(pl.UInt16) for n in names])
    first = pl.coalesce([pl.when(pl.col(n) != "").then(pl.col(n)) for n in names])
    few = max(3, len(names) // 2)
    facts = cells.select(filled.alias("filled"), first.alias("first"))
    total = (facts["filled"] <= few) & facts["first"].str.contains(_TOTAL).fill_null(False)
    pairs = (facts["filled"] == 2).arg_true()
    counts = cells[pairs].select(pl.concat_str(names, separator=" ")).to_series()
    total = total.scatter(pairs.filter(counts.str.contains(_COUNT)), True)
    # Remarks stand alone in their row and after the last record.
    full_rows = (facts["filled"] > 1).arg_true()
    last = full_rows[-1] if full_rows.len() else -1
    after = pl.int_range(cells.height, eager=True) > last
    remark = after & facts["first"].str.contains(r"\S\s+\S").fill_null(False)
    return (total | remark) if len(titles) > 1 else total


def repeats(cells: pl.DataFrame, titles: list[str]) -> pl.Series:
    """Return a mask of the rows that repeat an earlier row, or the titles, cell by cell."""
    hashes = cells.hash_rows(seed=11)
    again = ~hashes.is_first_distinct()
    titled = cells.select(
        pl.all_horizontal(
            [pl.col(n) == t.strip() for n, t in zip(cells.columns, titles, strict=True)]
        )
    ).to_series()
    return again | titled

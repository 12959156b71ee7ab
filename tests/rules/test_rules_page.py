"""The page on rules names every rule as it is.

To write its table afresh: .venv/bin/python -m tests.rules.test_rules_page
"""

from __future__ import annotations

from pathlib import Path

from careboard.rules.registry import all_rules
from careboard.rules.rule import Rule

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
HEAD = "| code | fires on | thresholds | source |\n|---|---|---|---|"


def table() -> str:
    return "\n".join([HEAD, *map(_line, all_rules())])


def _line(rule: Rule) -> str:
    told = "; ".join(
        parameter.said(parameter.value) + (" (fixed)" if parameter.fixed else "")
        for parameter in rule.parameters
    )
    asks = " **Asks for a decision.**" if rule.suggests else ""
    return f"| `{rule.code}` | {rule.words}.{asks} | {told or 'none'} | {rule.source} |"


def test_the_page_has_every_rule():
    assert PAGE.read_text().endswith(f"{table()}\n")


if __name__ == "__main__":
    words = PAGE.read_text()
    PAGE.write_text(f"{words[: words.index(HEAD)]}{table()}\n")

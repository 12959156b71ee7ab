"""What the browser tests look with sees what it is there to see."""

from __future__ import annotations

import pytest

from tests.browsing import check, needs_browser

pytestmark = needs_browser


@pytest.mark.parametrize(
    ("part", "look", "value"), [("h1", "color", "#ddd"), ("main", "backgroundColor", "#666")]
)
def test_what_cannot_be_read_is_found_where_all_could_be_before(site, part, look, value):
    page = site.page("alice")
    page.goto("/o/alder/actions/")
    assert check(page) == []
    page.locator(part).evaluate(
        "(element, [look, value]) => element.style[look] = value", [look, value]
    )
    assert "color-contrast" in "".join(check(page))

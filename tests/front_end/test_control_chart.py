"""Control charts on a page: what they say without a script, and what a browser makes of them."""

from __future__ import annotations

import datetime as dt
import json
import threading

import pytest
from bs4 import BeautifulSoup
from flask import render_template_string
from playwright.sync_api import expect
from werkzeug.serving import make_server

from careboard.control_chart import Mark, control_chart
from tests.browsing import WIDTHS, check, needs_browser
from tests.front_end.charts import CHARTS, MEDICINES, STARTED, make_charts, one, weeks

MEDICINE_CHART = CHARTS[0]


def in_browser(test):
    for mark in needs_browser:
        test = mark(test)
    return test


# ---- What a chart holds ----


def test_limits_start_afresh_at_a_rebase():
    before, after = MEDICINE_CHART.segments
    assert (before.first, before.last, after.first, after.last) == (0, 25, 26, 41)
    assert before.mean == pytest.approx(92.485, abs=0.001) and after.mean > 97
    assert MEDICINE_CHART.judgement.sentence == (
        "Improving: 7 weeks above the mean of 97.8%; target met 4 of 4 weeks."
    )


@pytest.mark.parametrize(
    ("day", "starts"), [(-3, 0), (0, 0), (1, 1), (14, 2), (9 * 7, 9), (400, None)]
)
def test_a_rebase_counts_from_the_first_reading_on_or_after_it(day, starts):
    chart = one("x", "x", [90.0, 92.0] * 5,
                marks=[Mark(STARTED + dt.timedelta(days=day), "rebase", "New rounds")])  # fmt: skip
    assert chart.segments[-1].first == (starts or 0)


def test_a_segment_too_short_for_limits_shows_neither_limits_nor_special_causes():
    values = [*[90, 94] * 6, *[60.0, 61, 60, 61, 60, 90]]
    mark = Mark(STARTED + dt.timedelta(weeks=12), "rebase", "New rounds")
    chart = one("x", "x", values, marks=[mark])
    assert [part.limited for part in chart.segments] == [True, False]
    assert chart.kinds() == [None] * 18
    assert chart.data()["segments"][1][3:] == [None, None]
    assert "concern" in one("x", "x", values).kinds()


def test_the_drawn_data_is_json_and_small():
    data = json.loads(json.dumps(MEDICINE_CHART.data()))
    assert data["days"][0] == 20486 and data["values"] == MEDICINES
    assert data["targets"] == [[0, 95.0], [20, 98.0]]
    assert data["causes"]["13"] == ["concern", "below the lower limit"]
    assert [kind for _, kind in data["marks"]] == ["action", "action", "rebase", "action"]


def test_an_empty_series_and_uneven_arguments():
    empty = one("x", "x", [])
    assert (empty.segments, empty.latest, empty.target) == ([], None, None)
    with pytest.raises(ValueError, match="target"):
        control_chart(key="x", name="x", days=weeks(2), values=[1.0, 2.0], improvement="increase",
                      targets=[1.0])  # fmt: skip


# ---- The page without a script ----


@pytest.fixture(scope="module")
def soup():
    html = make_charts().test_client().get("/charts").get_data(as_text=True)
    return BeautifulSoup(html, "html.parser")


def test_the_page_keeps_the_content_policy(soup):
    assert not [s for s in soup.find_all("script") if not s.get("src")]
    assert not [t for t in soup.find_all(True) if t.get("style") or t.get("onclick")]
    ids = [t["id"] for t in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_two_years_of_weeks_fit_a_fragment():
    app = make_charts()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    template = """{% import "_macros/control_chart.html" as control %}{{ control.chart(one) }}"""
    chart = one("x", "Medicines compliance", MEDICINES[:26] * 4, targets=95.0)
    with app.test_request_context():
        assert len(render_template_string(template, one=chart)) < 15_000


def test_sentence_table_and_canvas_say_the_same(soup):
    section = soup.find(id="chart-medicines")
    sentence = MEDICINE_CHART.judgement.sentence
    assert section.p.get_text() == sentence
    assert section.canvas["aria-label"] == f"Medicines compliance. {sentence}"
    assert json.loads(section.canvas["data-control-chart"])["values"] == MEDICINES
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
        for row in section.table.find_all("tr")
    ]
    assert rows[1] == ["From 3 Aug 2026 : mean 97.8%, limits 96% to 99.7%"]
    assert rows[2] == [
        "16 Nov 2026", "98.7%", "98%", "Improvement : 7 or more above the mean; target met"
    ]  # fmt: skip
    assert len(rows) == 1 + 2 + len(MEDICINES)
    assert [li.get_text(" ", strip=True) for li in section.select(".chart-marks li")][2] == (
        "3 3 Aug 2026 : Electronic records on both floors (limits start afresh)"
    )


def test_key_and_notes_name_only_what_is_there(soup):
    short = soup.find(id="chart-short").get_text(" ", strip=True)
    assert "Fewer than 12 readings" in short and "Limits of usual variation" not in short
    neutral = soup.find(id="chart-neutral").get_text(" ", strip=True)
    assert "Change (special cause)" in neutral and "Target" not in neutral.split("Table")[0]
    assert soup.find(id="chart-empty").canvas is None


# ---- In a browser ----


@pytest.fixture(scope="module")
def address():
    server = make_server("127.0.0.1", 0, make_charts(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture
def open_charts(browser, address):
    contexts = []

    def open_(width=1440, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("console", lambda m: page.problems.append(m.text))
        page.on("pageerror", lambda e: page.problems.append(str(e)))
        page.goto(f"{address}/charts")
        return page

    yield open_
    for context in contexts:
        context.close()


DRAWN = "Object.values(Chart.instances).length"
CANVASES = 2 * sum(bool(chart.values) for chart in CHARTS)


@in_browser
@pytest.mark.parametrize("width", WIDTHS)
def test_charts_are_drawn_and_accessible(open_charts, width):
    page = open_charts(width)
    page.locator("#chart-medicines summary").click()
    assert page.evaluate(DRAWN) == CANVASES
    assert check(page) == [] and page.problems == []
    outside = page.evaluate("""() => [...document.querySelectorAll('.card')].flatMap((card) => {
        const edge = card.getBoundingClientRect().right + 1;
        return [...card.querySelectorAll('canvas, table, li')]
            .filter((e) => e.getBoundingClientRect().right > edge)
            .map((e) => e.outerHTML.slice(0, 90)); })""")
    assert outside == []


@in_browser
def test_special_causes_differ_by_shape_and_colour(open_charts):
    points = open_charts().evaluate("""() => {
        const { data } = Chart.getChart(document.querySelector('#chart-medicines canvas'));
        const { pointStyle, pointBackgroundColor } = data.datasets[0];
        return [0, 13, 41].map((i) => [pointStyle[i], pointBackgroundColor[i]]); }""")
    assert [shape for shape, _ in points] == ["circle", "triangle", "rectRot"]
    assert len({colour for _, colour in points}) == 3


@in_browser
def test_a_swapped_chart_is_drawn_and_the_old_one_let_go(open_charts):
    page = open_charts()
    for _ in range(3):
        page.evaluate(
            "htmx.ajax('GET', '/chart-swapped', { target: 'section.control-chart',"
            " swap: 'outerHTML' })"
        )
        page.wait_for_timeout(200)
    assert page.evaluate(DRAWN) == CANVASES
    assert page.evaluate(
        "Object.values(Chart.instances).every((c) => c.canvas && c.canvas.isConnected)"
    )
    assert page.problems == []


@in_browser
def test_paper_has_its_own_width(open_charts):
    page = open_charts(390)
    wide = "Chart.getChart(document.querySelector('#chart-medicines canvas')).width"
    before = page.evaluate(wide)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(wide) == 680
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(wide) == before


@in_browser
def test_nothing_moves_and_tooltips_speak(open_charts):
    page = open_charts(reduced_motion="reduce")
    assert page.evaluate(
        "Object.values(Chart.instances).every((c) => c.options.animation === false)"
    )
    said = page.evaluate("""() => {
        const chart = Chart.getChart(document.querySelector('#chart-medicines canvas'));
        chart.tooltip.setActiveElements([{ datasetIndex: 0, index: 13 }], { x: 0, y: 0 });
        chart.update();
        const { title, body } = chart.tooltip;
        return [...title, ...body.flatMap((part) => [...part.lines, ...part.after])]; }""")
    assert said == ["4 May 2026", "88.2%", "Concern: below the lower limit"]


@in_browser
def test_without_script_the_words_and_the_table_stand(open_charts):
    page = open_charts(390, java_script_enabled=False)
    expect(page.locator("#chart-medicines canvas")).to_be_hidden()
    page.locator("#chart-medicines summary").click()
    expect(page.locator("#chart-medicines table")).to_be_visible()

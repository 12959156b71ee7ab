"""The house rules that a machine can keep: sizes, directions of import, templates, words."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from careboard.config import ROOT

CODE = [
    path
    for folder in ("careboard", "workers", "migrations", "tests", "bench")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = [
    path
    for path in sorted((ROOT / "static").rglob("*"))
    if path.suffix in (".js", ".css") and "vendor" not in path.parts
]


def _outside_macros(path: Path) -> str:
    """What the template itself renders; a file of macros renders nothing."""
    text = re.sub(r"\{%-? macro .*?endmacro -?%\}", "", path.read_text(), flags=re.S)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", text, flags=re.S)
    return re.sub(r"\{\{.*?\}\}", "x", text, flags=re.S)


PARTIALS = [
    path
    for path in TEMPLATES
    if path.name.startswith("_")
    and path.parent.name not in ("_macros", "mail")
    and _outside_macros(path).strip()
]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CODE + TEMPLATES + STATIC, ids=_name)
def test_no_file_is_over_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", [p for p in CODE if "versions" not in p.parts], ids=_name)
def test_no_function_is_over_60_lines(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 60, node.name


@pytest.mark.parametrize("path", PARTIALS, ids=_name)
def test_a_swapped_form_says_on_top_what_is_wrong(path):
    """The button that was pressed is gone; without the summary the focus is lost with it."""
    text = path.read_text()
    for form in re.findall(r"<form[^>]*hx-post.*?</form>", text, flags=re.S):
        for name in set(re.findall(r"ui\.field\((\w+)\.", form)):
            assert f"error_summary({name})" in text, name


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(
    "path", [p for p in CODE if p.name == "routes.py" and "careboard" in p.parts], ids=_name
)
def test_routes_never_import_models_or_the_database(path):
    wrong = {name for name in _imports(path) if name.endswith(".models") or ".models." in name} | (
        _imports(path) & {"careboard.db", "careboard.db.db", "sqlalchemy"}
    )
    assert wrong == set()


@pytest.mark.parametrize(
    "path",
    [p for p in CODE if p.name in ("service.py", "queries.py") and "careboard" in p.parts],
    ids=_name,
)
def test_services_and_queries_never_import_flask(path):
    assert {name for name in _imports(path) if name.split(".")[0] == "flask"} == set()


@pytest.mark.parametrize(
    "path", [p for p in CODE if p.name == "routes.py" and "careboard" in p.parts], ids=_name
)
def test_a_view_is_under_20_lines(path):
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            assert node.end_lineno - node.lineno < 20 + len(node.args.args), node.name


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_has_no_inline_script_style_or_handler(path):
    text = path.read_text()
    if "mail" in path.parts:
        return
    assert not re.search(r"<style|<script(?![^>]*(src=|application/json))", text)
    assert not re.search(r"\s(style|on[a-z]+|hx-on[a-z:-]*|hx-vals)=[\"']", text)
    assert "hx-boost" not in text and "|safe" not in text.replace(" ", "")


def test_every_template_compiles(app):
    for name in app.jinja_env.list_templates():
        if name.endswith((".html", ".txt")):
            app.jinja_env.get_template(name)


class _Roots(HTMLParser):
    VOID = {"input", "br", "img", "hr", "meta", "link", "use", "path"}

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.roots = 0, []

    def handle_starttag(self, tag, attrs):
        if self.depth == 0:
            self.roots.append((tag, dict(attrs)))
        self.depth += tag not in self.VOID

    def handle_endtag(self, tag):
        self.depth -= tag not in self.VOID


@pytest.mark.parametrize("path", PARTIALS, ids=_name)
def test_a_partial_has_one_root_with_an_id(path):
    roots = _Roots()
    roots.feed(_outside_macros(path))
    assert len(roots.roots) == 1, roots.roots
    assert roots.roots[0][1].get("id"), roots.roots


def test_nothing_in_the_tree_is_left_open_or_names_a_registry():
    hosts = ("py" + "pi.org", "python" + "hosted", "registry.npm" + "js")
    open_ends = ("TO" + "DO", "FIX" + "ME", "coming " + "soon")
    locks = [ROOT / "package-lock.json", ROOT / "requirements.lock"]
    for path in CODE + TEMPLATES + STATIC + locks:
        text = path.read_text()
        assert not [word for word in hosts + open_ends if word in text], path

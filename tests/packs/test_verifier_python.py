"""The verifiers run wherever Python 3.9 does: their grammar, and all that they take from it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from careboard.audit_log.export import carrying
from careboard.config import ROOT
from careboard.packs import bundle

OLDEST = (3, 9)
KEYS = {"ab" * 32: ""}
# Whoever adds to this looks up first since when it is there.
THERE = {
    *("argparse.ArgumentParser", "datetime.datetime", "datetime.datetime.fromisoformat"),
    *("hashlib.sha256", "hashlib.sha512", "io.BytesIO", "json.dumps", "json.loads"),
    *("pathlib.Path", "sys.exit", "sys.stdout", "zipfile.BadZipFile", "zipfile.ZIP_STORED"),
    *("zipfile.ZipFile", "zipfile.ZipInfo", "zlib.error", "__future__.annotations"),
    *("argparse", "hashlib", "io", "json", "sys", "zipfile", "zlib"),
}
# Of what has no module: keywords, methods and built-in names that came after 3.9.
LATER_KEYWORDS = {"strict", "slots", "kw_only", "walk_up", "case_sensitive", "metadata_encoding"}
LATER_METHODS = {"bit_count", "add_note", "hardlink_to", "walk", "full_match", "is_junction"}
LATER_BUILTINS = {"aiter", "anext", "EncodingWarning", "ExceptionGroup", "BaseExceptionGroup"}

AUDIT = (ROOT / "careboard" / "audit_verifier.py").read_text()
TEXTS = {
    "audit": AUDIT,
    "audit as downloaded": carrying(AUDIT, KEYS),
    "pack": (ROOT / "careboard" / "pack_verifier.py").read_text(),
    "pack as downloaded": bundle.verifier(KEYS).decode(),
}


def too_new(text: str) -> list[str]:
    """What of a program may not be there in Python 3.9. Raises SyntaxError for its grammar."""
    tree = ast.parse(text, feature_version=OLDEST)
    names = _imported(tree)
    taken = set(names.values())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id in names:
                taken.add(f"{names[node.value.id]}.{node.attr}")
            found |= {node.attr} & LATER_METHODS
        elif isinstance(node, ast.keyword):
            found |= {node.arg} & LATER_KEYWORDS
        elif isinstance(node, ast.Name):
            found |= {node.id} & LATER_BUILTINS
        elif isinstance(node, ast.Call):
            found |= set(_short(node))
    ours = {name for name in taken if name.startswith("careboard.")}
    return sorted(found | (taken - THERE - ours))


def _imported(tree: ast.Module) -> dict[str, str]:
    """What the names that are imported stand for."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.asname or one.name: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return names


def _short(call: ast.Call) -> Iterator[str]:
    """Calls that leave out what had to be said, or take a union where a tuple was needed."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in ("to_bytes", "from_bytes") and len(call.args) + len(call.keywords) < 2:
        yield name
    if name in ("isinstance", "issubclass") and isinstance(call.args[1], ast.BinOp):
        yield name


@pytest.mark.parametrize("name", TEXTS)
def test_it_takes_nothing_newer(name):
    assert too_new(TEXTS[name]) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from datetime import UTC", "datetime.UTC"),
        ("import sys as s\ns.stdlib_module_names", "sys.stdlib_module_names"),
        ("import hashlib\nhashlib.file_digest(a, 'sha256')", "hashlib.file_digest"),
        ("from itertools import pairwise", "itertools.pairwise"),
        ("import tomllib", "tomllib"),
        ("zip(a, b, strict=True)", "strict"),
        ("(7).bit_count()", "bit_count"),
        ("(7).to_bytes()", "to_bytes"),
        ("isinstance(a, int | str)", "isinstance"),
        ("raise ExceptionGroup('Both', both)", "ExceptionGroup"),
    ],
)
def test_what_is_newer_is_found(text, found):
    assert too_new(text) == [found]


@pytest.mark.parametrize(
    "text", ["match a:\n  case 1: pass", "try: pass\nexcept* OSError: pass", "def f[T](a: T): pass"]
)
def test_grammar_that_is_newer_is_found(text):
    with pytest.raises(SyntaxError):
        too_new(text)


def test_what_was_there_is_left_alone():
    assert too_new("'a.py'.removesuffix('.py')\n{} | {}\n(7).to_bytes(1, 'big')") == []

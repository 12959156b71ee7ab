"""Every queue is served, and every job that is rung for exists."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module

from careboard.config import ROOT
from careboard.jobs import QUEUES

JOB = re.compile(r'"(workers\.[a-z_]+\.[a-z_]+)"')


def test_the_deployment_serves_every_queue():
    processes = tomllib.loads((ROOT / "fly.toml").read_text())["processes"]
    served = set()
    for command in processes.values():
        if "workers.run" in command:
            named = command.partition("workers.run")[2].split()
            served |= set(named or QUEUES)
    assert served == set(QUEUES)


def test_every_job_that_is_rung_for_exists():
    rung = {
        name
        for folder in ("careboard", "workers")
        for path in (ROOT / folder).rglob("*.py")
        for name in JOB.findall(path.read_text())
    }
    assert rung
    for name in rung:
        module, _, function = name.rpartition(".")
        assert callable(getattr(import_module(module), function)), name


def test_jobs_are_under_ten_lines():
    import ast

    for path in (ROOT / "workers").glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            marked = isinstance(node, ast.FunctionDef) and node.decorator_list
            if marked and any(getattr(d, "id", "") == "job" for d in node.decorator_list):
                body = node.end_lineno - node.body[0].lineno + 1
                assert body < 10, f"{path.name}: {node.name}"

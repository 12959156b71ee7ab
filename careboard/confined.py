"""Work on a stranger's bytes in a child process, which knows no secret and may not grow or dawdle.

A task is a function `work(file, asked) -> answer` of one of the modules below; what it is asked
and what it answers is JSON, and it may leave further files beside the one it was given. The child
has an empty environment and bounds of memory, time and written bytes, set before it reads anything.
Source: DESIGN section 9, bad input.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

TASKS = {"inspect": "careboard.inspection", "table": "careboard.imports.confined"}
MEGABYTE = 1024 * 1024
_MOST_WRITTEN = 600 * MEGABYTE


class Unbearable(Exception):
    """The child was stopped at a bound, or fell over: the file is more than it looks."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`megabytes` of address space, `seconds` of processor time; thrice that by the clock."""

    megabytes: int
    seconds: int


def run(task: str, file: Path, asked: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    """The task's answer on that file, with `peak`, the most memory that it held, in bytes.

    Raises Unbearable.
    """
    question = {**asked, "megabytes": bounds.megabytes, "seconds": bounds.seconds}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "careboard.confined", task, file],
            env={"POLARS_MAX_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
            input=json.dumps(question).encode(),
            capture_output=True,
            # A busy machine may keep it waiting; its own processor time is bounded more tightly.
            timeout=bounds.seconds * 3,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unbearable(f"{task} took more than {bounds.seconds * 3} s") from error
    if done.returncode != 0:
        raise Unbearable(f"{task} ended with {done.returncode}: {_last_line(done.stderr)}")
    return json.loads(done.stdout)


def _last_line(words: bytes) -> str:
    return (words.decode(errors="replace").strip().splitlines() or ["nothing said"])[-1][:200]


def main(task: str, file: str) -> None:
    """In the child: bound itself, do the task, answer."""
    asked = json.load(sys.stdin)
    most = asked.pop("megabytes") * MEGABYTE
    seconds = asked.pop("seconds")
    for what, bound in (
        (resource.RLIMIT_AS, most),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, _MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (bound, bound))
    answer = import_module(TASKS[task]).work(Path(file), asked)
    sys.stdout.write(json.dumps({**answer, "peak": _peak()}))


def _peak() -> int:
    """The most memory that this process has held, in bytes; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(*sys.argv[1:])

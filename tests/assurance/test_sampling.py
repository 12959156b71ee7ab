"""A sample follows from its seed and its population, and from nothing else."""

from __future__ import annotations

import subprocess
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from careboard.assurance import sampling

LINES = st.sets(st.uuids().map(lambda one: f"concern {one}"), min_size=1, max_size=60)
SEEDS = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(lines=LINES, seed=SEEDS, size=st.integers(1, 70), data=st.data())
def test_the_same_seed_gives_the_same_sample_in_whatever_order_rows_come(lines, seed, size, data):
    population = sampling.population_text(lines)
    drawn = sampling.draw(seed=seed, population=population, size=size)
    shuffled = data.draw(st.permutations(sorted(lines)))
    assert sampling.population_text(shuffled) == population
    assert sampling.draw(seed=seed, population=population, size=size) == drawn
    assert len(drawn) == len(set(drawn)) == min(size, len(lines))
    assert set(drawn) <= lines


@given(lines=LINES, seed=SEEDS)
def test_a_larger_sample_goes_on_where_the_smaller_ended(lines, seed):
    population = sampling.population_text(lines)
    all_of_it = sampling.draw(seed=seed, population=population, size=len(lines))
    for size in range(1, len(lines) + 1):
        assert sampling.draw(seed=seed, population=population, size=size) == all_of_it[:size]


@settings(max_examples=5)
@given(seed=SEEDS)
def test_anyone_can_draw_it_with_a_shell(tmp_path_factory, seed):
    population = sampling.population_text(f"audit {number}" for number in range(9))
    path = tmp_path_factory.mktemp("draw") / "population.txt"
    path.write_text(population)
    script = (
        "while IFS= read -r line; do printf '%s %s\\n' "
        '"$(printf \'%s\\n%s\' "$1" "$line" | sha256sum | cut -c1-64)" "$line"; '
        "done < \"$2\" | LC_ALL=C sort | head -n 4 | cut -d' ' -f2-"
    )
    told = subprocess.run(
        ["sh", "-c", script, "sh", seed, str(path)], capture_output=True, text=True, check=True
    )
    drawn = sampling.draw(seed=seed, population=population, size=4)
    assert told.stdout.splitlines() == drawn


def test_no_row_is_favoured():
    population = sampling.population_text(f"audit {number}" for number in range(10))
    drawn = Counter(
        line
        for number in range(2_000)
        for line in sampling.draw(seed=f"{number:032x}", population=population, size=3)
    )
    assert len(drawn) == 10 and all(500 < count < 700 for count in drawn.values())


def test_seeds_are_new():
    assert len({sampling.new_seed() for _ in range(100)}) == 100
    assert len(sampling.new_seed()) == 32

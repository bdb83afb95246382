"""Rows of two parts that are equal, or whose numbers lie near each other, found by joins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlci.data.sources.engine import Engine

_CELLS = 3


def equal_rows(engine: Engine, columns: Sequence[int]) -> None:
    """Make the tables `pairs` and `touched` of the rows of `both_` whose `columns` are equal across parts.

    Missing values are equal to each other; a row without any value is left out.
    """
    names = [f"k{position}" for position in columns]
    same = " and ".join(f"a.{name} is not distinct from b.{name}" for name in names)
    present = " or ".join(f"{name} is not null" for name in names)
    engine.connection.execute(f"""
        create temp table firsts as select {", ".join(names)}, part, min(row) as row from both_
        where {present} group by {", ".join(names)}, part;
        create temp table pairs as
        select a.part, a.row, b.part as other_part, b.row as other, 1.0 as similarity
        from both_ a join firsts b on {same} and a.part < b.part;
        create temp table touched as
        select part, row from pairs union
        select a.part, a.row from both_ a semi join firsts b on {same} and a.part > b.part;
    """)


def within_tolerance(engine: Engine, columns: Sequence[int], numbers: Sequence[int], tolerance: float) -> None:
    """Make the same tables of the rows whose `numbers` lie at most `tolerance` apart, other `columns` being equal.

    Rows meet in the cells, as wide as the tolerance, of the numbers that have most of them, and in cells beside.
    """
    chosen = _finest(engine, numbers, tolerance)
    cells = ", ".join(f"{_cell(position, tolerance)} as c{position}" for position in chosen)
    beside = ", ".join(f"{_cell(position, tolerance)} + d{position}.d as c{position}" for position in chosen)
    steps = ", ".join(f"(select unnest([-1, 0, 1]) as d) d{position}" for position in chosen)
    exact = [position for position in columns if position not in numbers]
    meet = [f"a.c{position} is not distinct from b.c{position}" for position in chosen]
    same = [f"a.k{position} is not distinct from b.k{position}" for position in exact]
    present = " or ".join(f"k{position} is not null" for position in columns)
    engine.connection.execute(f"""
        create temp table near_rows as
        select distinct a.part, a.row, b.part as other_part, b.row as other
        from (select both_.*, {beside} from both_, {steps} where part = 0 and ({present})) a
        join (select *, {cells} from both_ where part = 1) b on {" and ".join([*meet, *same])}
        where {" and ".join(_near(position, tolerance) for position in numbers)};
        create temp table pairs as
        select part, row, other_part, min(other) as other, 1.0 as similarity from near_rows group by all;
        create temp table touched as select part, row from near_rows union select other_part, other from near_rows;
    """)


def _cell(position: int, tolerance: float) -> str:
    return f"floor(k{position} / {tolerance!r}::double)"


def _near(position: int, tolerance: float) -> str:
    one, other = f"a.k{position}", f"b.k{position}"
    rounding = f"1e-9 * greatest(abs({one}), abs({other}))"
    return f"(({one} is null and {other} is null) or abs({one} - {other}) <= {tolerance!r}::double + {rounding})"


def _finest(engine: Engine, numbers: Sequence[int], tolerance: float) -> list[int]:
    counts = ", ".join(f"approx_count_distinct({_cell(position, tolerance)})" for position in numbers)
    found = engine.connection.execute(f"select {counts} from both_").fetchone()
    finest = sorted(zip(found, numbers, strict=True), key=lambda pair: (-pair[0], pair[1]))
    return [position for _, position in finest[:_CELLS]]

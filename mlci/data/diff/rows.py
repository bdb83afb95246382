"""Which rows are new, gone and changed: matched by a key, or counted as wholes where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlci.data.diff.tables import BEFORE, NOW, Pair, Tables

_EXAMPLES = 5
_ALIKE = 0.95
"""The share of its values that a new column must share with one that is gone to look like the same one renamed."""
_FEW = 5
_MOST_TRIED = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class RowDiff:
    """How the rows differ."""

    added: int
    removed: int
    changed: int | None = None
    by_column: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyProblem:
    """Why rows cannot be matched by their key."""

    side: str
    """`BEFORE` or `NOW`."""
    says: str


def key_problem(tables: Tables, key: Sequence[str]) -> KeyProblem | None:
    """Return what is wrong with a key: a column that is not there, without a value, or a key that stands twice."""
    named = ", ".join(f"`{name}`" for name in key)
    for side, alone in ((NOW, tables.removed), (BEFORE, tables.added)):
        gone = next((name for name in key if name in alone), None)
        if gone is not None:
            return KeyProblem(side=side, says=f"the key column `{gone}` does not exist {_when(side)}")
    known = {pair.name: pair for pair in tables.pairs}
    missing = next((name for name in key if name not in known), None)
    if missing is not None:
        return KeyProblem(side=NOW, says=f"the key column `{missing}` does not exist")
    columns = [known[name].sql for name in key]
    for side in (NOW, BEFORE):
        empty = " or ".join(f"{column} is null" for column in columns)
        counted = f"select bool_or({empty}) as empty, count(*) as n from {side} group by {', '.join(columns)}"
        nulls, twice = tables.ask(
            f"select coalesce(sum(n) filter (empty), 0), coalesce(sum(n) filter (n > 1), 0) from ({counted})"
        )[0]
        if nulls:
            return KeyProblem(side=side, says=f"the key {named} has no value in {nulls:,} rows {_when(side)}")
        if twice:
            return KeyProblem(
                side=side, says=f"the key {named} is not unique: {twice:,} rows share theirs {_when(side)}"
            )
    return None


def _when(side: str) -> str:
    return "at the base" if side == BEFORE else "now"


def by_whole_rows(tables: Tables) -> RowDiff:
    """Count the rows that one version has more often than the other."""
    row = f"hash({', '.join(pair.sql for pair in tables.pairs)})" if tables.pairs else "1"
    added, removed = tables.ask(
        "select coalesce(sum(greatest(n, 0)), 0), coalesce(sum(greatest(-n, 0)), 0) from (select sum(one) as n from "
        f"(select {row} as h, 1 as one from {NOW} union all select {row}, -1 from {BEFORE}) group by h)"
    )[0]
    return RowDiff(added=int(added), removed=int(removed))


def by_key(tables: Tables, key: Sequence[str], *, examples: bool) -> RowDiff:
    """Match the rows by a key that stands once on either side; the first changed ones are told where `examples`."""
    keys = [pair for pair in tables.pairs if pair.name in key]
    others = [pair for pair in tables.pairs if pair.name not in key]
    differs = [f"(b.{pair.sql} is distinct from n.{pair.sql})" for pair in others]
    any_differs = " or ".join(differs) or "false"
    on = " and ".join(f"b.{pair.sql} = n.{pair.sql}" for pair in keys)
    joined = f"(select *, 1 as has from {BEFORE}) b full join (select *, 1 as has from {NOW}) n on {on}"
    both = "b.has is not null and n.has is not null"
    wanted = ["count(*) filter (b.has is null)", "count(*) filter (n.has is null)"]
    wanted += [f"count(*) filter ({both} and ({each}))" for each in (any_differs, *differs)]
    added, removed, changed, *columns = tables.ask(f"select {', '.join(wanted)} from {joined}")[0]
    return RowDiff(
        added=added,
        removed=removed,
        changed=changed,
        by_column={pair.name: count for pair, count in zip(others, columns, strict=True) if count},
        examples=_examples(tables, keys, others, f"{joined} where {both} and ({any_differs})") if examples else (),
    )


def _examples(tables: Tables, keys: Sequence[Pair], others: Sequence[Pair], rest: str) -> tuple[Mapping[str, Any], ...]:
    """Return the first changed rows in the order of their keys: the key, and each changed column's two values."""
    chosen = [f"n.{pair.sql}::varchar" for pair in keys]
    chosen += [f"{side}.{pair.sql}::varchar" for pair in others for side in ("b", "n")]
    order = ", ".join(f"n.{pair.sql}" for pair in keys)
    found = []
    for values in tables.ask(f"select {', '.join(chosen)} from {rest} order by {order} limit {_EXAMPLES}"):
        told = {pair.name: value for pair, value in zip(keys, values, strict=False)}
        pairs = zip(values[len(keys) :: 2], values[len(keys) + 1 :: 2], strict=True)
        moved = {pair.name: list(each) for pair, each in zip(others, pairs, strict=True) if each[0] != each[1]}
        found.append({"key": told, "columns": moved})
    return tuple(found)


def renamed(tables: Tables) -> tuple[tuple[str, str], ...]:
    """Return the columns that are gone and new with nearly the same values, each at most once."""
    found: list[tuple[str, str]] = []
    if len(tables.added) * len(tables.removed) > _MOST_TRIED:
        return ()
    free = list(tables.added)
    for position, old in enumerate(tables.removed):
        new = next((each for each in free if _alike(tables, position, tables.added.index(each))), None)
        if new is not None:
            free.remove(new)
            found.append((old, new))
    return tuple(found)


def _alike(tables: Tables, removed: int, added: int) -> bool:
    """Whether two columns share nearly all of their values; all of them where there are few different ones."""
    old, new = f"r{removed}", f"a{added}"
    common, distinct = tables.ask(
        "select coalesce(sum(least(b, n)), 0), count(v) from (select v, sum(b) as b, sum(n) as n from "
        f"(select {old} as v, 1 as b, 0 as n from {BEFORE} union all select {new}, 0, 1 from {NOW}) group by v)"
    )[0]
    most = max(tables.rows)
    return bool(distinct > 1 and common >= most * (_ALIKE if distinct > _FEW else 1))

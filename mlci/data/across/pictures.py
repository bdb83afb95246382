"""Image files that are the same, or look the same, in one folder or in two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlci.data.across.joint import bring, joint, written
from mlci.expectations.columns import CannotJudge

if TYPE_CHECKING:
    from mlci.data.across.found import Overlap
    from mlci.data.batch import Batch
    from mlci.data.sources.engine import Engine

BITS = 64
USUAL = 0.93
_MOST_BITS = 8
_LEVELS = 1
"""How far grey levels, 0 to 15, of pictures that look the same lie apart on average."""


def pictures_in_common(batch: Batch, other: Batch, near: float | bool) -> Overlap:  # noqa: FBT001 - as configured
    """Return the images of one folder that stand in another, as the same file or, with `near`, the same picture."""
    with joint() as engine:
        for name, each in (("here", batch), ("there", other)):
            bring(engine, name, each, _columns(each, near=bool(near)))
        engine.connection.execute(
            "create table both_ as select 0 as part, * from here union all select 1 as part, * from there"
        )
        return _found(engine, near, one_asset=False)


def same_pictures(batch: Batch, near: float | bool) -> Overlap:  # noqa: FBT001 - as configured
    """Return the images of one folder that stand in it more than once."""
    with joint() as engine:
        bring(engine, "here", batch, _columns(batch, near=bool(near)))
        engine.connection.execute("create table both_ as select 0 as part, * from here")
        return _found(engine, near, one_asset=True)


def _columns(batch: Batch, *, near: bool) -> list[Any]:
    columns = [written(batch.table().column(name)) for name in ("path", "digest", "perceptual_hash")]
    return columns if near else columns[:2]


def _found(engine: Engine, near: float | bool, *, one_asset: bool) -> Overlap:  # noqa: FBT001 - as configured
    from mlci.data.across.found import overlap_of

    beside = "a.row < b.row" if one_asset else "a.part < b.part"
    engine.connection.execute(f"""
        create temp table pairs as select a.part, a.row, b.part as other_part, b.row as other, 1.0::double as similarity
        from both_ a join (select part, k1, min(row) as row from both_ group by all) b on a.k1 = b.k1
        and {"a.row > b.row" if one_asset else beside};
    """)
    notes = {}
    if near:
        bits = _bits(near)
        _near(engine, bits, beside)
        notes = {"similarity": f"perceptual hashes of {BITS} bits that differ in at most {bits}"}
    engine.connection.execute(
        "create temp table touched as select part, row from pairs union select other_part, other from pairs"
    )
    if not one_asset:
        engine.connection.execute("""
            insert into touched select part, row from both_ where part = 1
            and k1 in (select k1 from both_ where part = 0) except select part, row from touched
        """)
    return overlap_of(engine, [0], one_asset=one_asset, notes=notes)


def _bits(near: float | bool) -> int:  # noqa: FBT001 - as configured
    bits = int((1 - (USUAL if isinstance(near, bool) else near)) * BITS + 1e-9)
    if bits > _MOST_BITS:
        raise CannotJudge(f"`near` of images is at least {1 - _MOST_BITS / BITS:g}, not {near:g}")
    return bits


def _near(engine: Engine, bits: int, beside: str) -> None:
    """Add pictures whose hashes differ in at most `bits`: they are equal in one of `bits` + 1 blocks of them.

    Of a file that stands in a folder more than once the first is looked at.
    """
    (hashed,) = engine.connection.execute("select count(k2) from both_").fetchone()
    if not hashed:
        raise CannotJudge("no image has a perceptual hash: set `images: {verify: true}`, or they are all plain")
    width = -(-BITS // (bits + 1))
    blocks = ", ".join(f"[{at}, (h >> {at * width}) & {(1 << width) - 1}]" for at in range(bits + 1))
    engine.connection.execute(f"""
        create temp table hashed as
        select part, min(row) as row, k1, ('0x' || any_value(k2)[:16])::ubigint as h, any_value(k2)[17:] as levels
        from both_ where k2 is not null group by part, k1;
        create temp table blocks as select part, row, unnest([{blocks}]) as block from hashed;
    """)
    engine.connection.execute(f"""
        insert into pairs
        select part, row, other_part, other, 1 - bit_count(xor(h, g)) / {BITS} as similarity
        from (
            select distinct a.part, a.row, b.part as other_part, b.row as other
            from blocks a join blocks b on a.block = b.block and {beside}
        ) met
        join hashed using (part, row)
        join (select part as other_part, row as other, h as g, k1 as l1, levels as other_levels from hashed) x
        using (other_part, other)
        where bit_count(xor(h, g)) <= {bits} and hashed.k1 <> l1
        and list_sum(list_transform(range(1, {BITS + 1}), lambda i:
            abs(('0x' || levels[i])::integer - ('0x' || other_levels[i])::integer))) <= {_LEVELS * BITS}
    """)

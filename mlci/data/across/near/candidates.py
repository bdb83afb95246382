"""Pairs of texts that may be nearly the same, found by the rarest phrases that they share.

Each text is taken for the set of its phrases of three words. Phrases that stand on one side alone say nothing and are
left out; the others are put in an order that all texts share, rare ones first. Two texts with at least 2 phrases in
common, of which neither has more than 7 others, are bound to share 2 of the first 9, so texts meet that agree in 2 of
their first 9 (the prefix filter of Chaudhuri, Ganti and Kaushik, 2006, and Xiao et al., 2008): two words replaced break
up 6 phrases. Phrases of under 1 % of the texts count as equally rare and stand in the order of their hashes, so that
words replaced at random in long texts leave enough of the others.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

_WORDS = 3
_PREFIX = 9
_SHARED = 2
_RARE = 100
_MOST_MEETINGS = 20_000_000
_CROWDS = ((1024, 4), (256, 4), (64, 4), (64, 1), (16, 1), (4, 1))
"""From how many texts that share two phrases on each meets only the first few of them, and how many those are."""
_BEST = 8
"""Candidates of each text that are verified, those that share most words first."""


def find_candidates(connection: Any, *, threshold: float, within: bool) -> tuple[int, int]:
    """Make the table `candidates` (a, b) of documents in the table `docs` (doc, part, every, length, n_words, words).

    Documents of one part do not meet unless `within`. Where many share their rarest phrases, each is compared with the
    first of them alone.

    Returns:
        How many those first are, and how many documents have no other phrases.
    """
    _order(connection, within=within)
    _keys(connection)
    crowd, concerned = _crowds(connection, within=within)
    beside = "a.doc < b.doc" if within else "a.part < b.part"
    connection.execute(f"""
        create temp table met as
        select a.doc as a, b.doc as b from chosen a join (from chosen where first) b on a.key = b.key and {beside}
        union select a.doc, b.doc from (from chosen where first) a join chosen b on a.key = b.key and {beside}
    """)
    _best(connection, threshold)
    return crowd, concerned


def _order(connection: Any, *, within: bool) -> None:
    wanted = "count(*) > 1" if within else "min(part) < max(part)"
    shingle = ", ".join(f"every[i + {offset}]" for offset in range(_WORDS))
    connection.execute(f"""
        create temp table features as
        select doc, part,
            unnest(list_distinct(list_transform(range(1, length - {_WORDS - 2}), lambda i: hash({shingle})))) as feature
        from docs where n_words > 0;
        create temp table shared as
        select feature,
            row_number() over (order by greatest(n, (select count(*) from docs) // {_RARE}), feature) as rank
        from (select feature, count(*) as n from features group by feature having {wanted});
        create temp table prefix as select doc, any_value(part) as part, min(rank, {_PREFIX}) as p
        from features join shared using (feature) group by doc having count(*) >= {_SHARED};
        drop table features; drop table shared;
    """)


def _keys(connection: Any) -> None:
    hashes = (
        f"case when len(p) >= {chosen[-1]} then hash({', '.join(f'p[{each}]' for each in chosen)}) end"
        for chosen in combinations(range(1, _PREFIX + 1), _SHARED)
    )
    connection.execute(f"""
        create temp table keys as select * from (select unnest([{", ".join(hashes)}]) as key, doc, part from prefix)
        where key is not null;
        drop table prefix;
    """)


def _crowds(connection: Any, *, within: bool) -> tuple[int, int]:
    """Make the table `chosen` of the keys that documents meet at; in a crowd all meet the first of them alone."""
    met = "count(*) > 1" if within else "min(part) < max(part)"
    connection.execute(f"create temp table buckets as select key, count(*) as n from keys group by key having {met}")
    costs = ", ".join(f"sum(case when n <= {crowd} then n * n else n * {first} end)" for crowd, first in _CROWDS)
    meetings = connection.execute(f"select {costs} from buckets").fetchone()
    fitting = (choice for choice, found in zip(_CROWDS, meetings, strict=True) if (found or 0) <= _MOST_MEETINGS)
    crowd, first = next(fitting, _CROWDS[-1])
    connection.execute(f"""
        create temp table chosen as
        select key, doc, part, n > {crowd} as crowded,
            n <= {crowd} or row_number() over (partition by key, part order by doc) <= {first} as first
        from keys join buckets using (key);
        drop table keys; drop table buckets;
    """)
    (concerned,) = connection.execute(
        "select count(*) from (select doc from chosen group by doc having bool_and(crowded))"
    ).fetchone()
    return first, int(concerned)


def _best(connection: Any, threshold: float) -> None:
    """Keep what has words enough in common: words may stand elsewhere, or be joined, so a tenth less than asked."""
    least = f"{max(threshold - 0.1, 0.0)} * (x.length + y.length) / 2"
    connection.execute(f"""
        create temp table candidates as select a, b from (
            select a, b, row_number() over (partition by a order by shared desc, b) as of_a,
                row_number() over (partition by b order by shared desc, a) as of_b
            from (
                select a, b, x.n_words as nx, y.n_words as ny, x.length - {least} as dx, y.length - {least} as dy,
                    len(list_intersect(x.words, y.words)) as shared
                from met join docs x on met.a = x.doc join docs y on met.b = y.doc
                where least(x.length, y.length) >= {least}
            ) where shared >= nx - dx and shared >= ny - dy
        ) where of_a <= {_BEST} or of_b <= {_BEST};
        drop table met; drop table chosen;
    """)

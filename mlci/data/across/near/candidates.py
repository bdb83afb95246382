"""Pairs of texts that may be nearly the same, found by the rarest words that they share.

The different words of a text are put in an order that all texts share: rare ones first. Two texts of which neither has
more than 3 words that the other has not are bound to share 4 of the first 7, so texts meet that agree in 4 of their
first 7 (the prefix filter of Chaudhuri, Ganti and Kaushik, 2006, and Xiao et al., 2008). Words of under 1 % of the
texts count as equally rare and stand in the order of their digests, so that words replaced at random, in long texts,
leave enough of the others. A word on one side alone says nothing and is left out.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

_PREFIX = 7
_SHARED = 4
_RARE = 100
_MOST_MEETINGS = 10_000_000
_CROWDS = (1024, 256, 64, 16, 4, 1)
_BEST = 8
"""Candidates of each text that are verified, those that share most words first."""


def find_candidates(connection: Any, *, threshold: float, within: bool) -> tuple[int, int]:
    """Make the table `candidates` (a, b) of documents in the table `docs` (doc, part, n_words, words).

    Documents of one part do not meet unless `within`. Where many texts share their rarest words, each is compared with
    the first of them alone.

    Returns:
        How many that is, and how many documents it concerns.
    """
    _order(connection, within=within)
    _keys(connection)
    crowd, concerned = _crowds(connection, within=within)
    beside = "a.doc < b.doc" if within else "a.part < b.part"
    connection.execute(f"""
        create temp table met as select distinct a.doc as a, b.doc as b
        from chosen a join chosen b on a.key = b.key and {beside} and (a.first or b.first)
    """)
    _best(connection, threshold)
    return crowd, concerned


def _order(connection: Any, *, within: bool) -> None:
    wanted = "count(*) > 1" if within else "min(part) < max(part)"
    connection.execute(f"""
        create temp table word as select doc, part, unnest(words) as word from docs where n_words > 0;
        create temp table vocabulary as
        select word, row_number() over (order by greatest(n, (select count(*) from docs) // {_RARE}), digest, word)
            ::integer as rank
        from (select word, count(*) as n, md5(word) as digest from word group by word having {wanted});
        create temp table prefix as select doc, any_value(part) as part, min(rank, {_PREFIX}) as p
        from word join vocabulary using (word) group by doc having count(*) >= {_SHARED};
        drop table word; drop table vocabulary;
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
    """Make the table `chosen` of the keys that documents meet at, and cap those with too many."""
    met = "count(*) > 1" if within else "min(part) < max(part)"
    connection.execute(f"create temp table buckets as select key, count(*) as n from keys group by key having {met}")
    sums = ", ".join(f"sum(n * least(n, {crowd}))" for crowd in _CROWDS)
    meetings = connection.execute(f"select {sums} from buckets").fetchone()
    fitting = (crowd for crowd, found in zip(_CROWDS, meetings, strict=True) if (found or 0) <= _MOST_MEETINGS)
    crowd = next(fitting, _CROWDS[-1])
    connection.execute(f"""
        create temp table chosen as
        select key, doc, part, n > {crowd} as crowded,
            row_number() over (partition by key, part order by doc) <= {crowd} as first
        from keys join buckets using (key);
        drop table keys; drop table buckets;
    """)
    concerned = connection.execute("select count(distinct doc) from chosen where crowded").fetchone()[0]
    return crowd, int(concerned)


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

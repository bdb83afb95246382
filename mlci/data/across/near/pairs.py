"""Near copies among the rows of a table of texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlci.data.across.near.candidates import find_candidates
from mlci.data.across.near.similarity import closed_up, similarity
from mlci.data.sources.engine import Engine, literal

_CHUNK = 5_000
_ALONE = r"[\x{0E00}-\x{0E7F}\x{3040}-\x{30FF}\x{3400}-\x{9FFF}\x{F900}-\x{FAFF}]"
"""Letters of scripts that put no spaces between words: each counts as a word."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Near:
    """How texts were compared; what was found is in the tables `pairs` and `touched`."""

    short: int
    """Rows whose text has too few words, compared exactly."""
    crowd: int
    """Texts that share their rarest words with more others than this were compared with so many of them."""
    crowded: int
    """How many texts that was."""


def near_copies(engine: Engine, *, threshold: float, min_words: int, within: bool = False) -> Near:
    """Find the rows of the view `texts` (part, row, text) whose texts are nearly the same.

    They are in the tables `pairs` (part, row, other_part, other, similarity), of a row of one part and the first row of
    each like text in a later part, or `within` one part, and `touched` (part, row), of all rows that have a like one.
    Texts equal but for case, punctuation and whitespace have similarity 1. A row without text is left out.
    """
    connection = engine.connection
    _documents(connection, min_words)
    crowd, crowded = find_candidates(connection, threshold=threshold, within=within)
    _verify(engine, threshold)
    _pairs(connection, within=within)
    short = connection.execute("select coalesce(sum(n), 0) from docs where n_words = 0").fetchone()[0]
    return Near(short=int(short), crowd=crowd, crowded=crowded)


def _documents(connection: Any, min_words: int) -> None:
    """Make the tables `keyed` of rows and `docs` of the different texts of each part; short ones have no words."""
    normal = r"regexp_replace(replace(replace(lower(text), '''', ''), '’', ''), '[^\p{L}\p{N}\p{M}]+', ' ', 'g')"
    alone = connection.execute(f"select count(*) from texts where regexp_matches(text, '{_ALONE}')").fetchone()[0]
    if alone:
        normal = rf"regexp_replace(regexp_replace({normal}, '({_ALONE})', ' \1 ', 'g'), ' +', ' ', 'g')"
    connection.execute(f"""
        create temp table normal as select part, row, text, trim(nfc_normalize({normal})) as said
        from texts where text is not null;
        create temp table sayings as select said, part, min(row) as row from normal group by said, part;
    """)
    connection.execute(f"""
        create temp table enough as select said, string_split(said, ' ') as every, list_distinct(every) as words
        from (select distinct said from sayings) where len(list_distinct(string_split(said, ' '))) >= {min_words};
        drop table sayings;
        create temp table keyed as
        select part, row, coalesce(enough.said, chr(1) || text) as key
        from normal left join enough on normal.said = enough.said;
        drop table normal;
        create temp table docs as
        select row_number() over (order by part, first) as doc, part, first, n, key,
            coalesce(len(words), 0) as n_words, coalesce(len(every), 0) as length, words
        from (select part, key, min(row) as first, count(*) as n from keyed group by part, key)
        left join enough on key = enough.said;
        drop table enough;
    """)


def _verify(engine: Engine, threshold: float) -> None:
    path = engine.folder / "verified.csv"
    with path.open("w", encoding="ascii") as file:
        file.writelines(f"{a},{b},{value:.4f}\n" for a, b, value in _verified(engine.connection, threshold))
    engine.connection.execute(
        f"create temp table verified as select * from read_csv({literal(str(path))}, auto_detect=false, header=false, "
        "columns={'a': 'bigint', 'b': 'bigint', 'similarity': 'double'}, delim=',')"
    )


def _verified(connection: Any, threshold: float) -> Iterator[tuple[int, int, float]]:
    found = connection.execute("""
        select a, b, x.key, y.key, s.text, t.text from candidates
        join docs x on a = x.doc join docs y on b = y.doc
        join texts s on s.part = x.part and s.row = x.first
        join texts t on t.part = y.part and t.row = y.first
        order by a, b
    """)
    while rows := found.fetchmany(_CHUNK):
        for a, b, one, other, *texts in rows:
            value = similarity(one.split(" "), other.split(" "))
            if value < threshold:
                value = max(value, similarity(*map(closed_up, texts)))
            if value >= threshold:
                yield a, b, value


def _pairs(connection: Any, *, within: bool) -> None:
    """Make the tables `pairs`, each row of a text with the first row of every like text, and `touched`, their rows."""
    connection.execute("""
        create temp table alike as select a, b, similarity from verified union all
        select x.doc, y.doc, 1.0 from docs x join docs y on x.key = y.key and x.part < y.part;
        create temp table pairs as
        select k.part, k.row, y.part as other_part, y.first as other, similarity
        from alike join docs x on a = x.doc join docs y on b = y.doc join keyed k on k.part = x.part and k.key = x.key;
    """)
    again = " union select doc from docs where n > 1" if within else ""
    if within:
        connection.execute("""
            insert into pairs select docs.part, first, docs.part, row, 1.0
            from docs join keyed on docs.part = keyed.part and docs.key = keyed.key where n > 1 and row > first
        """)
    connection.execute(f"""
        create temp table touched as select keyed.part, keyed.row
        from docs join keyed on docs.part = keyed.part and docs.key = keyed.key
        where doc in (select a from alike union select b from alike{again})
    """)

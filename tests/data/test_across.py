"""Checks across assets, on real files through the data gate."""

import csv
import random

import pytest

from mlci.config.check import check
from mlci.config.load import load
from mlci.errors import ConfigError
from mlci.gates import Context
from mlci.gates.data import run

PROJECTS = "id,name\n1,a\n2,b\n3,c\n"
TAGS = "project_id,tag\n1,x\n2,y\n9,z\n,q\n3,r\n8,s\n"


@pytest.fixture
def gate(tmp_path):
    def outcome(config, files=None, **data):
        for name, content in data.items():
            (tmp_path / name.replace("__", ".")).write_text(content)
        (tmp_path / "mlci.yaml").write_text(f"version: 1\ndata:\n{config}")
        loaded = load(tmp_path / "mlci.yaml", start=tmp_path, use_cache=False)
        out = tmp_path / "mlci-report"
        only = None if files is None else frozenset((tmp_path / file).resolve() for file in files)
        context = Context(
            root=tmp_path, config=loaded.config, where=loaded.where, find_python=lambda: None, out=out, files=only
        )
        found = run(context)
        return {one.id.removeprefix("data."): one for one in found.gate.checks}

    return outcome


def rows_of(path):
    with path.open() as file:
        return list(csv.reader(file))


PARENT = "  projects: {path: projects.csv, expect: [expect_column_to_exist: {column: id}]}\n"


def test_rows_without_their_parent_are_named_and_written(gate, tmp_path):
    key = "foreign-keys: [{columns: project_id, asset: projects, references: id}]"
    checks = gate(f"{PARENT}  tags: {{path: tags.csv, {key}}}\n", projects__csv=PROJECTS, tags__csv=TAGS)
    found = checks["tags.foreign-keys.project_id"]
    assert (found.status, found.where.line) == ("failed", 4)
    assert found.reason == "column `project_id`: 2 of 5 rows have a key that `projects` has not (mostly 1); rows 3, 6"
    assert (found.details["missing_count"], found.details["values"]) == (1, {"keys": [["9"], ["8"]]})
    assert [row[:3] for row in rows_of(tmp_path / "mlci-report/failing-rows/tags.csv")[1:]] == [
        ["3", "4", "foreign-keys.project_id"],
        ["6", "7", "foreign-keys.project_id"],
    ]
    healthy = gate(f"{PARENT}  tags: {{path: tags.csv, {key}}}\n", tags__csv="project_id,tag\n1,x\n,y\n3,z\n")
    assert (
        healthy["tags.foreign-keys.project_id"].summary
        == "column `project_id`: every key stands in `projects` (2 rows)"
    )


@pytest.mark.slow
def test_keys_of_several_columns_of_different_types_with_a_share_that_may_fail(gate):
    keys = "{columns: [p, t], asset: projects, references: [id, name], mostly: 0.5}, {columns: p, asset: projects, references: [id, name]}"
    checks = gate(
        f"{PARENT}  tags:\n    path: tags.csv\n    foreign-keys: [{keys}]\n",
        projects__csv="id,name\n1,a\nx2,b\n",
        tags__csv="p,t\n1,a\n1,b\n",
    )
    assert checks["tags.foreign-keys.p+t"].status == "passed"
    assert "1 column cannot match 2 columns of `projects`" in checks["tags.foreign-keys.p"].reason


@pytest.mark.slow
def test_a_changed_parent_feeds_the_asset_that_refers_to_it(gate):
    config = f"{PARENT}  tags: {{path: tags.csv, foreign-keys: [{{columns: project_id, asset: projects, references: id}}]}}\n"
    checks = gate(config, ["projects.csv"], projects__csv=PROJECTS, tags__csv=TAGS)
    assert "tags.foreign-keys.project_id" in checks


@pytest.mark.slow
def test_the_number_of_rows_beside_another_asset(gate):
    same = "expect_table_row_count_to_equal_other_table: {other_table_name: projects}"
    ratio = "expect_table_row_count_ratio_to_other_table_to_be_between: {other_table_name: projects, max_value: 2}"
    checks = gate(
        f"{PARENT}  tags: {{path: tags.csv, expect: [{same}, {ratio}]}}\n", projects__csv=PROJECTS, tags__csv=TAGS
    )
    equal, near = list(checks.values())[1:]
    assert equal.summary == "table: it has 6 rows, the other 3; expected: the table has as many rows as projects"
    assert (near.status, near.details["observed_value"]) == ("passed", 2)


TRAIN = "id,text,size\n1,one fine day,1.0\n2,two fine days,2.0\n3,,3.0\n4,one fine day,4.5\n"
BOTH = "  hold: {path: hold.csv, expect: [expect_column_to_exist: {column: id}]}\n  train:\n    path: train.csv\n    no-overlap-with: "


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "rows"),
    [
        ("{asset: hold, columns: text}", [1, 4]),
        ("{asset: hold}", []),
        ("{asset: hold, columns: size, tolerance: 0.1}", [2]),
        ("{asset: hold, columns: [text, size], tolerance: 0.1}", []),
        ("{asset: hold, columns: text, max-share: 0.7}", []),
    ],
)
def test_rows_in_two_assets(gate, setting, rows):
    checks = gate(BOTH + setting, train__csv=TRAIN, hold__csv="id,text,size\n7,one fine day,2.1\n8,,9.0\n9,else,7.7\n")
    found = checks["train.no-overlap-with.hold"]
    assert found.status == ("failed" if rows else "passed")
    assert "max-share" in setting or found.details.get("rows", []) == rows


@pytest.mark.slow
def test_splits_of_one_asset(gate):
    config = "  a: {path: a.csv, no-overlap-between: {split: part, columns: text}}\n"
    leaky = gate(config, a__csv="part,text\ntrain,a\ntrain,a\ntest,b\ntest,a\n,b\n")
    assert leaky["a.no-overlap-between.part"].details["rows"] == [1, 2, 4]
    healthy = gate(config, a__csv="part,text\ntrain,a\ntrain,a\ntest,b\n")
    assert healthy["a.no-overlap-between.part"].status == "passed"
    single = gate(config, a__csv="part,text\ntrain,a\ntrain,b\n")
    assert single["a.no-overlap-between.part"].status == "errored"


def texts(rng, amount, words):
    return [rng.choices(words, k=rng.randint(20, 30)) for _ in range(amount)]


def reworded(rng, text, words):
    changed = list(text)
    for position in rng.sample(range(len(text)), 2):
        changed[position] = rng.choice(words)
    dressed = [rng.choice((word, word.upper(), word.title(), f"{word},", f"“{word}”")) for word in changed]
    return "".join(word + rng.choice((" ", "  ", "\t", " - ")) for word in dressed)


def write(path, column):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in column)])


@pytest.mark.slow
@pytest.mark.parametrize("vocabulary", [300, pytest.param(20_000, marks=pytest.mark.slow)])
def test_planted_near_copies_are_found_and_nothing_else(gate, tmp_path, vocabulary):
    rng = random.Random(vocabulary)
    words = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(3, 8))) for _ in range(vocabulary)]
    train, hold = texts(rng, 400, words), texts(rng, 400, words)
    planted = dict(zip(rng.sample(range(400), 40), rng.sample(range(400), 40), strict=True))
    copies = [" ".join(text) for text in hold]
    for source, target in planted.items():
        copies[target] = reworded(rng, train[source], words)
    write(tmp_path / "train.csv", [" ".join(text) for text in train])
    write(tmp_path / "hold.csv", copies)
    config = BOTH.replace("column: id", "column: text") + "{asset: hold, columns: text, near: true}\n"
    found = gate(config)["train.no-overlap-with.hold"]
    pairs = rows_of(tmp_path / "mlci-report" / found.details["file"])[1:]
    assert {(int(one) - 1, int(other) - 1) for one, other, _ in pairs} == set(planted.items())
    assert found.details["count"] == 40


FORM = "Dear customer, your order number {} was sent today and will be with you within five working days, {}."


@pytest.mark.slow
def test_boilerplate_is_no_copy_and_short_texts_are_compared_exactly(gate, tmp_path):
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdefghij", k=6)) for _ in range(2000)]
    body = [" ".join(rng.choices(words, k=15)) for _ in range(60)]
    letters = [FORM.format(position, text) for position, text in enumerate(body)]
    write(tmp_path / "train.csv", [*letters[:30], "great film", "so so", "Very good!"])
    write(tmp_path / "hold.csv", [*letters[30:], "great film", "very good"])
    config = BOTH.replace("column: id", "column: text") + "{asset: hold, columns: text, near: true}\n"
    found = gate(config)["train.no-overlap-with.hold"]
    assert found.details["rows"] == [31]
    assert found.details["too_short"] == "5 rows with fewer than 8 different words, compared exactly"


@pytest.mark.slow
def test_near_duplicates_within_an_asset_and_its_splits(gate, tmp_path):
    text = "the quick brown fox jumps over the lazy dog while seven wizards watch from a distant hill"
    rows = [
        ["part", "text"],
        ["a", text],
        ["a", text.upper()],
        ["b", text.replace("quick", "slow")],
        ["b", "nothing like it"],
    ]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    checks = gate(
        "  a:\n    path: a.csv\n    no-near-duplicates: {columns: text}\n"
        "    no-overlap-between: {split: part, columns: text, near: 0.9}\n"
    )
    assert checks["a.no-near-duplicates.text"].details["rows"] == [1, 2, 3]
    assert checks["a.no-overlap-between.part"].details["rows"] == [1, 2, 3]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("no-overlap-with: {asset: hodl}", 'no-overlap-with.asset: there is no asset "hodl", did you mean "hold"?'),
        (
            "foreign-keys: [{asset: hodl, columns: a}]",
            "mlci.yaml:5 data.train.foreign-keys[0].asset: there is no asset",
        ),
        ("no-overlap-with: {asset: train}", "is the asset itself"),
        ("no-overlap-with: {asset: hold, near: true}", "`near` needs `columns`"),
        ("no-overlap-with: {asset: hold, near: 0.2, columns: a}", "near: must be between 0.5 and 1"),
        ("expect: [expect_table_row_count_to_equal_other_table: {other_table_name: hodl}]", 'did you mean "hold"?'),
        ("images: {min-per-class: 3}", "needs `format: images`"),
    ],
)
def test_wrong_settings_are_named_with_their_line(setting, said):
    text = f"version: 1\ndata:\n  train:\n    path: t.csv\n    {setting}\n  hold: {{path: h.csv}}\n"
    with pytest.raises(ConfigError) as caught:
        check(text.encode(), "mlci.yaml")
    assert said in str(caught.value)


LABELS = "  hold: {path: hold.csv, expect: [expect_column_to_exist: {column: label}]}\n  train:\n    path: train.csv\n    same-distribution-as: "


def labels(**counts):
    return "label\n" + "".join(f"{name}\n" * times for name, times in counts.items())


@pytest.mark.parametrize(
    ("train", "hold", "status", "said"),
    [
        ({"a": 800, "b": 200}, {"a": 75, "b": 25}, "passed", "5% of the values"),
        ({"a": 800, "b": 200}, {"a": 50, "b": 50}, "failed", "30% of the values"),
        ({"a": 8, "b": 2}, {"a": 5, "b": 5}, "passed", "p = 0."),
        ({"a": 950, "b": 50}, {"a": 500}, "failed", "1 label missing in `hold`"),
        ({"a": 999, "b": 1}, {"a": 500}, "passed", "0.1% of the values"),
    ],
)
def test_labels_of_splits(gate, train, hold, status, said):
    config = LABELS + "{asset: hold, columns: label}\n"
    found = gate(config, train__csv=labels(**train), hold__csv=labels(**hold))["train.same-distribution-as.hold.label"]
    assert found.status == status
    assert said in found.summary


@pytest.mark.slow
def test_labels_written_as_other_numbers_are_the_same(gate):
    config = LABELS + "{asset: hold, columns: label}\n"
    checks = gate(config, train__csv="label\n1\n2\n" * 1, hold__csv="label\n1.0\n2.00\n")
    assert checks["train.same-distribution-as.hold.label"].details["distance"] == 0


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("{asset: hold}", "lacks `d` of `hold`; has `c`, which `hold` has not; `b` is text here and integer in `hold`"),
        ("{asset: hold, types: false, apart-from: [c, d]}", None),
        (
            "{asset: hold, types: false, apart-from: [c, d], order: true}",
            "from column 1 on the order is not that of `hold`",
        ),
    ],
)
def test_columns_of_another_asset(gate, setting, said):
    config = f"  hold: {{path: hold.csv, expect: [expect_column_to_exist: {{column: b}}]}}\n  train: {{path: train.csv, same-columns-as: {setting}}}\n"
    found = gate(config, train__csv="a,b,c\n1,x,2\n", hold__csv="b,a,d\n1,2,3\n")["train.same-columns-as.hold"]
    assert (found.status, found.reason) == ("failed" if said else "passed", said)


@pytest.mark.slow
def test_numbers_too_large_for_a_double_stay_apart(gate):
    checks = gate(
        BOTH + "{asset: hold, columns: id}\n",
        train__csv="id\n10000000000000000000001\n",
        hold__csv="id\n10000000000000000000002\n",
    )
    assert checks["train.no-overlap-with.hold"].status == "passed"


@pytest.mark.slow
def test_tables_of_different_engines_meet():
    import polars as pl

    from mlci.data.across.foreign_keys import orphans
    from mlci.data.across.joint import alike
    from mlci.data.frames import batch_of

    here = batch_of(pl.DataFrame({"k": ['a"b', "", None, "c\nd", "e"]}))
    there = batch_of(pl.DataFrame({"k": ['a"b', "", "c\nd"]}).to_pandas())
    found = orphans(here, there, [alike(here.columns["k"], there.columns["k"])])
    assert (found.rows, found.keyed) == ((5,), 4)


@pytest.mark.slow
@pytest.mark.parametrize("empty", ["train", "hold"])
def test_nothing_to_compare_is_no_pass(gate, empty):
    files = {"train__csv": TRAIN, "hold__csv": TRAIN} | {f"{empty}__csv": "id,text,size\n1,,\n"}
    found = gate(BOTH + "{asset: hold, columns: text}\n", **files)["train.no-overlap-with.hold"]
    assert found.status == "errored"
    assert found.reason.startswith("nothing to compare: no row ")
    keys = "foreign-keys: [{columns: text, asset: hold}]"
    checks = gate(f"  hold: {{path: hold.csv}}\n  train: {{path: train.csv, {keys}}}\n", **files)
    assert checks["train.foreign-keys.text"].status == ("errored" if empty == "train" else "failed")


def test_an_asset_that_may_be_empty_is_skipped(gate):
    setting = "{asset: hold, columns: text}\n    allow-empty: true\n"
    checks = gate(BOTH + setting, train__csv="id,text,size\n", hold__csv=TRAIN)
    assert checks["train.no-overlap-with.hold"].status == "skipped"

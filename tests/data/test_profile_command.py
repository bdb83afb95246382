"""`mlci profile`, as it is called."""

import csv
import random

import pandas as pd
import pytest
import yaml

from mlci.cli import main
from mlci.config.load import load

pytestmark = pytest.mark.slow

ROWS = 400


def rows(seed, n=ROWS):
    rng = random.Random(seed)
    head = ["id", "age", "city", "mail", "code", "note", "joined", "paid", "ok", "always", "nothing"]
    return [
        head,
        *(
            [
                at + 1000 * seed,
                round(rng.gauss(40, 9), 1),
                rng.choices(["Oslo", "Rome", "Paris"], [5, 3, 2])[0],
                f"u{at}{seed}@example.org",
                f"AB-{rng.randrange(10**6):06d}",
                " ".join(["word"] * rng.randint(1, 12)) + f" {at}",
                f"2023-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
                "" if rng.random() < 0.1 else round(rng.expovariate(0.02), 2),
                rng.choice(["true", "false"]),
                7,
                "",
            ]
            for at in range(n)
        ),
    ]


def save(path, table):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(table)
    return str(path)


@pytest.fixture
def profiled(tmp_path, capsys):
    def run(table, *arguments):
        code = main(["profile", save(tmp_path / "a.csv", table), *arguments])
        return code, capsys.readouterr().out

    return run


def suggested(out):
    found = yaml.safe_load(out)
    return {(name, kwargs.get("column")): kwargs for entry in found for name, kwargs in entry.items()}


def test_suite_says_what_a_person_would_keep(profiled):
    code, out = profiled(rows(1))
    suite = suggested(out)
    assert code == 0
    assert suite["expect_table_columns_to_match_set", None]["column_set"] == rows(1, 0)[0]
    assert suite["expect_table_row_count_to_be_between", None] == {"min_value": 100, "max_value": 4000}
    assert ("expect_column_values_to_be_unique", "id") in suite
    assert suite["expect_column_values_to_not_be_null", "id"] == {"column": "id"}
    assert suite["expect_column_values_to_be_in_set", "city"]["value_set"] == ["Oslo", "Paris", "Rome"]
    assert suite["expect_column_values_to_be_in_set", "ok"]["value_set"] == [False, True]
    assert suite["expect_column_values_to_match_regex", "mail"]["regex"].startswith("^[^@")
    assert suite["expect_column_values_to_match_regex", "code"]["regex"] == "^[A-Z]+\\-[0-9]+$"
    assert suite["expect_column_values_to_be_in_type_list", "joined"]["type_list"] == ["date", "datetime"]
    assert suite["expect_column_values_to_be_between", "joined"]["min_value"] == "2022-01-01"
    assert 0.8 <= suite["expect_column_values_to_not_be_null", "paid"]["mostly"] < 0.9
    assert not [key for key in suite if key[1] == "nothing"]
    assert "# nothing: no value at all, so nothing is suggested" in out
    assert "# age: numbers, 400 values, half of them" in out


def test_limits_are_never_what_was_seen(profiled):
    table = rows(1)
    _, out = profiled(table)
    frame = pd.DataFrame(table[1:], columns=table[0])
    numbers = {"age": frame["age"], "paid": pd.to_numeric(frame["paid"]), "note": frame["note"].str.len()}
    seen = {name: set(column.agg(["min", "max", "mean", "median", "std"])) for name, column in numbers.items()}
    for (name, column), kwargs in suggested(out).items():
        limits = {kwargs.get("min_value"), kwargs.get("max_value")} - {None}
        if column in seen and "between" in name:
            assert not limits & seen[column], (name, column)
            assert kwargs["min_value"] <= min(seen[column]) or "median" in name
            assert kwargs["max_value"] > max(seen[column]) or "median" in name


def test_next_file_keeps_to_it(profiled, tmp_path):
    code, out = profiled(rows(1), "--check", save(tmp_path / "b.csv", rows(2)))
    assert (code, "expectations hold" in out) == (0, True), out


def defects():
    def swapped(table):
        return [[row[0], *row[2:0:-1], *row[3:]] if at else row for at, row in enumerate(table)]

    def emptied(table):
        return [[*row[:1], "" if at % 3 == 0 and at else row[1], *row[2:]] for at, row in enumerate(table)]

    def thousandfold(table):
        return [[*row[:1], row[1] * 1000 if at else row[1], *row[2:]] for at, row in enumerate(table)]

    def other_unit(table):
        return [[*row[:1], round(row[1] * 2.54, 1) if at else row[1], *row[2:]] for at, row in enumerate(table)]

    def new_category(table):
        return [[*row[:2], "Lima" if at and at % 20 == 0 else row[2], *row[3:]] for at, row in enumerate(table)]

    def cut_mail(table):
        return [[*row[:3], row[3].partition("@")[0], *row[4:]] for row in table]

    def twice(table):
        return [*table, *table[1:]]

    def short(table):
        return table[:40]

    def dropped(table):
        return [[*row[:4], *row[5:]] for row in table]

    return [swapped, emptied, thousandfold, other_unit, new_category, cut_mail, twice, short, dropped]


@pytest.mark.parametrize("defect", defects(), ids=lambda defect: defect.__name__)
def test_planted_defect_is_caught(profiled, tmp_path, defect):
    code, out = profiled(rows(1), "--check", save(tmp_path / "b.csv", defect(rows(2))))
    assert code == 1
    assert out.startswith(("failed ", "errored "))


@pytest.mark.parametrize("name", ["madewithml/2023/datasets/titanic.csv", "madewithml/2022/data/labeled_projects.csv"])
def test_one_half_says_what_holds_of_the_other(corpora, tmp_path, profiled, capsys, name):
    with (corpora / name).open(newline="") as file:
        head, *lines = csv.reader(file)
    failed = []
    for seed in range(8):
        random.Random(seed).shuffle(lines)
        half = len(lines) // 2
        other = save(tmp_path / "b.csv", [head, *lines[half:]])
        code, out = profiled([head, *lines[:half]], "--check", other)
        failed += [] if code == 0 else [out.splitlines()[0]]
    assert len(failed) <= 1, failed


def test_next_year_of_a_real_project(corpora, capsys):
    data = corpora / "madewithml"
    before, now = data / "2022/data/labeled_projects.csv", data / "2023/datasets/dataset.csv"
    assert main(["profile", str(before), "--check", str(now)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("failed  column `tag`: 106 of 764 values are none of")  # a category that is new that year
    assert out[-1].endswith("16 of 17 expectations hold.")
    assert main(["profile", str(data / "2022/data/tags.csv"), "--check", str(data / "2023/datasets/tags.csv")]) == 1
    assert "id" in capsys.readouterr().out  # the column that the year lost


def test_suite_file_and_configuration_are_read_back(profiled, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert profiled(rows(1), "-o", "suite.yaml")[0] == 0
    assert main(["profile", "a.csv", "-o", "suite.yaml"]) == 2
    (tmp_path / "mlci.yaml").write_text("version: 1\ndata: {a: {path: a.csv, suite: suite.yaml}}\n")
    assert main(["data", "--quiet"]) == 0
    assert main(["profile", "a.csv", "-o", "mlci.yaml", "--force"]) == 0
    loaded = load(tmp_path / "mlci.yaml", start=tmp_path, use_cache=False)
    assert loaded.config.data["a"].path == "a.csv"
    assert len(loaded.config.data["a"].expect) > 20
    assert main(["data", "--quiet"]) == 0


def test_names_that_yaml_reads_otherwise(profiled, tmp_path):
    table = [
        ["yes", "a: b", "#x", "it's", "null", "1e3"],
        *[["on", "é", "a, b", "[x]", "y", at % 2] for at in range(60)],
    ]
    assert profiled(table, "--check", save(tmp_path / "b.csv", table))[0] == 0
    assert suggested(profiled(table)[1])["expect_table_columns_to_match_set", None]["column_set"] == table[0]


@pytest.mark.parametrize("content", ["a,b\n", "a\n1\n"])
def test_tiny_files(tmp_path, content, capsys):
    (tmp_path / "a.csv").write_text(content)
    code = main(["profile", str(tmp_path / "a.csv")])
    assert (code, "Traceback" in capsys.readouterr().err) == (3 if content != "a\n1\n" else 0, False)


def test_parquet(tmp_path, capsys):
    frame = pd.DataFrame(rows(1)[1:], columns=rows(1)[0]).astype({"id": int, "age": float})
    frame["joined"] = pd.to_datetime(frame["joined"])
    frame["nested"] = [[1, 2]] * len(frame)
    frame["paid"] = pd.to_numeric(frame["paid"])
    frame.to_parquet(tmp_path / "a.parquet")
    assert main(["profile", str(tmp_path / "a.parquet"), "--check", str(tmp_path / "a.parquet")]) == 0
    assert "failed" not in capsys.readouterr().out

"""`drift:` of assets and of predictions, on real files."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from mlci.config.load import load
from mlci.errors import UsageError
from mlci.gates import Context
from mlci.gates.data import run

pytestmark = pytest.mark.slow

ROWS = 3000


def table(seed, rows=ROWS, *, shift=0.0, cities=(0.5, 0.3, 0.2)):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": np.arange(rows) + seed * rows,
            "age": rng.normal(34 + shift, 10, rows).round(1),
            "rooms": rng.integers(1, 6, rows),
            "city": rng.choice(["Paris", "Rome", "Oslo"], rows, p=cities),
            "note": [" ".join(["word"] * length) + f" {at}" for at, length in enumerate(rng.integers(1, 9, rows))],
            "ok": rng.random(rows) < 0.3,
            "paid": np.where(rng.random(rows) < 0.7, 0.0, rng.exponential(20, rows).round(2)),
            "always": 5,
            "nothing": [None] * rows,
            "at": pd.date_range("2024-01-01", periods=rows, freq="h"),
        }
    )


@pytest.fixture(scope="module")
def before():
    return table(1)


@pytest.fixture
def checks(tmp_path):
    def found(now, then, settings="{asset: then}", *, more=""):
        then.to_csv(tmp_path / "then.csv", index=False)
        now.to_csv(tmp_path / "now.csv", index=False)
        (tmp_path / "mlci.yaml").write_text(
            "version: 1\ndata:\n  then: {path: then.csv, allow-empty: true}\n"
            f"  now: {{path: now.csv, drift: {settings}{more}}}\n"
        )
        loaded = load(tmp_path / "mlci.yaml", start=tmp_path, use_cache=False)
        context = Context(
            root=tmp_path, config=loaded.config, where=loaded.where, find_python=lambda: None, out=tmp_path / "out"
        )
        return {check.id.removeprefix("data.now."): check for check in run(context).gate.checks}

    return found


def bad(found):
    return {name.removeprefix("drift."): check.reason for name, check in found.items() if check.status != "passed"}


def test_another_sample_of_the_same_does_not_drift(checks, before):
    found = checks(table(2), before)
    assert bad(found) == {}
    assert {name for name in found if name.startswith("drift.")} == {f"drift.{name}" for name in before}
    assert "its distribution is not compared: each row has a number of its own" in found["drift.id"].summary
    assert "dates move on by themselves" in found["drift.at"].summary


def test_each_kind_of_drift_is_found_and_said(checks, before):
    now = table(2, shift=7, cities=(0.2, 0.5, 0.3))
    now.loc[:99, "city"] = "Lima"
    now.loc[: ROWS // 5 - 1, "rooms"] = None
    now["note"] = now["note"].str.replace(" ", "_")
    now["ok"] = np.random.default_rng(5).random(ROWS) < 0.6
    now["always"] = 6
    now["paid"] *= 1000
    found = bad(checks(now, before))
    assert set(found) == {"age", "city", "rooms", "note", "ok", "always", "paid"}
    assert found["age"].startswith("`age` shifted up: PSI 0.")
    assert ", median 34" in found["age"]
    assert found["age"].endswith(", adjusted p < 1e-6")
    assert found["rooms"] == "`rooms` is missing in 20% of the rows, 0% in `then`, adjusted p < 1e-6"
    assert "`city` has a category that `then` has not, in 3.33% of the rows" in found["city"]
    assert found["note"].startswith("shapes of `note` changed: PSI")
    assert "Lima" not in json.dumps(found)


def test_values_of_rows_are_in_values_alone(checks, before):
    now = table(2, cities=(0.2, 0.5, 0.3))
    check = checks(now, before)["drift.city"]
    assert check.details["values"] == {"categories": ["Rome", "Paris", "Oslo"]}
    told = {key: value for key, value in check.details.items() if key != "values"}
    assert "Paris" not in json.dumps([told, check.summary, check.reason])
    assert [name for name, _, _ in check.details["cells"]] == ["category 1", "category 2", "category 3"]


def test_pictures_hold_the_shares_of_both_sides_and_no_extreme(checks, before):
    check = checks(table(2, shift=7), before)["drift.age"]
    labels, then, now = zip(*check.details["cells"], strict=True)
    assert sum(then) == pytest.approx(1, abs=1e-9)
    assert sum(now) == pytest.approx(1, abs=1e-9)
    assert labels[0].startswith("up to ")
    assert labels[-1].startswith("above ")
    assert str(before["age"].max()) not in json.dumps(check.details)


def test_a_difference_that_only_many_rows_show_does_not_matter(checks):
    rng = np.random.default_rng(3)
    then, now = (pd.DataFrame({"x": rng.normal(mean, 1, 60_000).round(3)}) for mean in (0, 0.05))
    found = checks(now, then)
    assert found["drift.x"].details["distribution"]["adjusted p"] < 1e-6
    assert found["drift.x"].status == "passed"
    assert bad(checks(now, then, "{asset: then, min-distance: 0.01}"))


def test_value_beside_a_frequent_one_is_not_taken_for_it(checks):
    then, now = (pd.DataFrame({"x": [0.0, value] * 200}) for value in (10.0, 5.0))
    assert bad(checks(now, then))["x"].startswith("`x` ")
    constant = pd.DataFrame({"x": [5.0] * 400})
    assert bad(checks(pd.DataFrame({"x": [3.0] * 400}), constant))["x"].startswith("`x` shifted down")


def test_too_few_rows_are_said_once(checks, before):
    found = checks(table(2, rows=25), before)
    undecided = {name: check.reason for name, check in found.items() if check.status == "inconclusive"}
    assert list(undecided) == ["drift"]
    assert "25 values: only a shift of" in undecided["drift"]
    assert "drift.age" in checks(table(2, rows=25, shift=100), before)


def test_columns_that_one_side_lacks(checks, before):
    now = table(2).drop(columns="rooms").assign(extra=1)
    found = checks(now, before)
    assert (found["drift.rooms"].status, found["drift.extra"].status) == ("failed", "warned")
    assert found["drift.rooms"].reason == "`rooms` is in `then` and not in `now.csv`"


def test_columns_that_hold_something_else(checks, before):
    now = table(2).astype({"rooms": str})
    now.loc[7, "rooms"] = "many"
    assert bad(checks(now, before))["rooms"] == "`rooms` holds text, and numbers in `then`"


def test_columns_and_exclude(checks, before):
    now = table(2, shift=7, cities=(0.2, 0.5, 0.3))
    assert set(checks(now, before, "{asset: then, columns: [city, rooms]}")) == {"drift.city", "drift.rooms"}
    none = checks(now, before, f"{{asset: then, exclude: {json.dumps(list(now))}}}")["drift"]
    assert (none.status, "leaves no column" in none.reason) == ("errored", True)
    found = checks(now, before, "{asset: then, exclude: [age, cty], severity: warning}")
    assert bad(found)["cty"] == '`exclude` names `cty`, which is no column; did you mean "city"?'
    assert (found["drift.city"].status, "drift.age" in found) == ("warned", False)
    missing = bad(checks(now, before, "{asset: then, columns: [rooms, agee]}"))
    assert missing == {"agee": 'there is no column `agee`; did you mean "age"?'}
    dates = bad(checks(now.assign(at=now["at"] + pd.Timedelta(days=90)), before, "{asset: then, columns: [at]}"))
    assert dates["at"].startswith("times in `at` shifted up")
    assert "median 2024-03-03 → 2024-06-01" in dates["at"]


def test_empty_tables_are_no_pass(checks, before):
    assert checks(table(2), before.head(0))["drift"].status == "errored"
    empty = checks(before.head(0), before, more=", allow-empty: true")
    assert empty["drift"].status == "inconclusive"


def test_frames_of_other_engines_give_the_same_answers(before):
    from mlci.data.drift.judging import Limits, judge
    from mlci.data.drift.profiling import counted_like, profile_of
    from mlci.data.frames import batch_of

    pl = pytest.importorskip("polars")
    now = table(2, shift=2, cities=(0.4, 0.4, 0.2))
    told = []
    for engine in (lambda frame: frame, pl.from_pandas):
        reference = profile_of(batch_of(engine(before)), list(before), ROWS)
        profile = counted_like(reference, batch_of(engine(now)), list(now), ROWS)
        judged = judge(reference, profile, Limits(distance=0.1, new=0.01, false_alarm_rate=0.01))
        told.append({each.name: [(e.what, round(e.distance, 2)) for e in each.evidence] for each in judged})
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("{}", "needs one of `asset` and `baseline: true`"),
        ("{asset: thn}", 'did you mean "then"'),
        ("{asset: now}", "cannot be its own reference"),
        ("{baseline: true}", "needs `baseline:`"),
        ("{asset: then, min-distance: 2}", "between 0 and 1"),
        ("{asset: then, columns: [a], exclude: [a]}", "is in `columns` too"),
    ],
)
def test_mistakes_in_the_settings(checks, before, settings, said):
    with pytest.raises(UsageError, match=said):
        checks(before, before, settings)


def test_without_scipy_the_error_names_the_command(tmp_path, before):
    before.to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "mlci.yaml").write_text(
        "version: 1\ndata:\n  a: {path: a.csv, allow-empty: true}\n  b: {path: a.csv, drift: {asset: a}}\n"
    )
    hidden = "import sys; sys.modules['scipy'] = None; from mlci.cli import main; sys.exit(main(['data']))"
    done = subprocess.run([sys.executable, "-c", hidden], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert 'SciPy, which is not installed, pip install "mlci[data]"' in " ".join(done.stdout.split())


def test_stored_profile_tells_nothing_of_few_rows():
    from mlci.data.drift.profiling import profile_of
    from mlci.data.frames import batch_of

    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "few": np.where(np.arange(3000) < 15, rng.normal(size=3000), np.nan),
            "some": np.where(np.arange(3000) < 100, rng.normal(size=3000), np.nan),
            "many": rng.normal(size=3000),
            "name": [f"n{at % 40}" if at else "only one" for at in range(3000)],
        }
    )
    found = profile_of(batch_of(frame), list(frame), len(frame), private=True).columns
    assert (found["few"].edges, found["few"].median) == ((), None)
    assert len(found["some"].edges) == 9
    for name in ("some", "many"):
        assert min(found[name].counts) >= 8  # ten, and rounded bounds
        values = frame[name].dropna()
        assert not {values.min(), values.max()} & set(found[name].edges)
    assert "only one" not in found["name"].categories
    assert all(column.is_whole for column in found.values())

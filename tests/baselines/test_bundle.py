"""What a paired store keeps comes back exactly, and nothing else is taken for it."""

import contextlib
import io
import json
import random
import zipfile
from dataclasses import replace

import pytest

from mlci.baselines import archive, bundle, rows
from mlci.baselines.archive import RefusedError
from mlci.baselines.bundle import Expected
from mlci.baselines.model import Computed, Stored
from mlci.model.behaviour.outcomes import TestOutcomes
from mlci.model.paired import Predicted, paired_changes
from mlci.results.model import Metric
from mlci.statistics.comparison import ByExample

pytestmark = pytest.mark.slow
COMMIT = "a" * 40
EXPECTED = Expected(project="p", commit=COMMIT)
N = 60


def predicted(prediction, *, order=None, **columns):
    n = len(prediction)
    shuffled = random.Random(1).sample(range(n), n) if order is None else order
    return Predicted(
        columns={"id": list(range(n)), "label": list(prediction), "prediction": list(prediction), **columns},
        slices={},
        positive=None,
        order=shuffled,
    )


def computed(said, **rest):
    metric = Metric(name="model.m.accuracy", value=0.9, n=N, higher_is_better=True, interval=(0.8, 0.95))
    prints = {"model.m.evaluate": "e1", "model.m.metric-code": "c1"}
    stored = Stored(
        schema=1,
        mlci="0.1.0",
        created="2026-01-01T00:00:00+00:00",
        commit=COMMIT,
        metrics=(metric,),
        fingerprints=prints,
    )
    return Computed(stored=stored, predicted={"m": said}, **rest)


def packed(said=None):
    return bundle.dumps(computed(said or predicted(["a", "b"] * (N // 2))), project="p")


@pytest.mark.parametrize(
    "values",
    [
        ["spam", "ham", "", "é😀", "a\x00b", "'quoted\"", "\ud800"] * 5,
        [0, 1, -5, 2**63 - 1],
        [0, 2**63, -(2**80)],
        [True, False, True],
        [0.1, 1 / 3, 1e308, -0.0, 5e-324],
        [0.5, 0.25, 1.0],
        [1, 0.5, 2, "mixed", True, 1.0],
    ],
    ids=["texts", "whole", "huge", "truth", "f64", "f32", "mixed"],
)
def test_predictions_come_back_exactly_in_the_order_of_their_digests(values):
    said = replace(predicted(values, score_a=[0.1 * (at % 7) for at in range(len(values))]), seed=7)
    found = bundle.loads(packed(said), EXPECTED).predicted["m"]
    for name in ("prediction", "score_a"):
        there, wanted = found.columns[name], [said.columns[name][at] for at in said.order]
        assert [(type(one), one) for one in there] == [(type(one), one) for one in wanted]
    assert found.stored
    assert found.seed == 7


def test_neither_ids_nor_labels_nor_clusters_are_in_it():
    said = predicted(["x", "y"] * 5)
    said = replace(
        said,
        columns={**said.columns, "id": [f"patient-{at}" for at in range(10)], "label": ["SECRET"] * 10},
        suites={"model.m.behaviour.s": {"t": TestOutcomes(fingerprint="f", signs="110", clusters=("PRIVATE",) * 3)}},
    )
    raw = packed(said)
    archive_ = zipfile.ZipFile(io.BytesIO(raw))
    inside = b"".join(archive_.read(name) for name in archive_.namelist())
    for private in (b"patient", b"SECRET", b"PRIVATE"):
        assert private not in inside
    assert set(rows.loads(archive_.read("predictions-0.parquet"))[0]) == {"prediction"}


def test_the_footer_says_what_the_rows_belong_to():
    parts = archive.unpack(packed())[1]
    _, footer = rows.loads(parts["predictions-0.parquet"])
    assert {key: footer[key] for key in ("fingerprint", "metric-code", "rows", "commit")} == {
        "fingerprint": "e1",
        "metric-code": "c1",
        "rows": N,
        "commit": COMMIT,
    }


def test_the_same_run_gives_the_same_bytes():
    assert packed() == packed()


def test_a_stored_run_is_compared_as_one_in_memory():
    label = [at % 2 for at in range(N)]
    order = random.Random(2).sample(range(N), N)
    now_order = random.Random(3).sample(range(N), N)

    def said(wrong, order, rows=range(N)):
        prediction = [label[at] ^ (at in wrong) for at in rows]
        part = [at < 30 for at in rows]
        return Predicted(
            columns={
                "id": [f"e{at}" for at in rows],
                "label": [label[at] for at in rows],
                "prediction": prediction,
                "score_1": [0.3 + 0.4 * one for one in prediction],
                "slice_0": part,
                "value_0": [float(at in wrong) for at in rows],
            },
            slices={"low": "slice_0"},
            positive=1,
            values={"own": ByExample(column="value_0", higher_is_better=False)},
            order=order,
        )

    before = said({1, 2}, order)
    # the file of the examples is in another order now, and so its rows stand elsewhere; digests order them alike
    now = said(set(range(20)), [now_order.index(at) for at in order], rows=now_order)
    back = bundle.loads(packed(before), EXPECTED).predicted["m"]
    metrics = [
        Metric(name=f"model.m.{name}", value=0.5, slice=part, n=N, higher_is_better=True, max_drop=0.05)
        for name in ("accuracy", "roc_auc", "own")
        for part in (None, "low")
    ]
    direct = {(one.metric, one.slice): one for one in paired_changes(before, now, metrics, false_alarm_rate=0.05)}
    through = {(one.metric, one.slice): one for one in paired_changes(back, now, metrics, false_alarm_rate=0.05)}
    assert len(direct) == 6
    assert through == direct
    assert through["model.m.accuracy", None].status == "failed"


def test_case_outcomes_pair_by_test_and_only_where_the_cases_are_the_same():
    def outcomes(**tests):
        return predicted_suites(
            {name: TestOutcomes(fingerprint=mark, signs=signs) for name, (mark, signs) in tests.items()}
        )

    def predicted_suites(tests):
        return Predicted(columns={}, slices={}, positive=None, suites={"model.m.behaviour.s": tests})

    before = bundle.loads(packed_suites(outcomes(same=("f", "1" * 200), changed=("g", "1" * 50))), EXPECTED).predicted[
        "m"
    ]
    now = outcomes(same=("f", "0" * 40 + "1" * 160), changed=("h", "0" * 50), new=("i", "0" * 9))
    metric = Metric(name="model.m.behaviour.s.failure_rate", value=0.2, n=259, higher_is_better=False, max_drop=0.05)
    (change,) = paired_changes(before, now, [metric], false_alarm_rate=0.05)
    assert (change.status, change.n) == ("failed", 200)
    assert (change.baseline, change.candidate, change.drop) == (0.0, pytest.approx(0.2), pytest.approx(0.2))
    (shown,) = paired_changes(before, now, [replace(metric, max_drop=None)], false_alarm_rate=0.05)
    assert shown.status == "passed"


def packed_suites(said):
    return bundle.dumps(computed(said), project="p")


def test_the_runs_before_it_are_kept_with_their_numbers():
    run = computed(predicted(["a"])).stored
    past = tuple(
        replace(run, commit=f"{at:040x}", created=f"2026-01-{at + 1:02}", new_level=at == 1) for at in range(30)
    )
    raw = bundle.dumps(replace(computed(predicted(["a"])), history=past), project="p")
    found = bundle.loads(raw, EXPECTED).history
    assert [one.commit for one in found] == [one.commit for one in past[:20]]
    assert found[0].metrics[0].value == 0.9
    assert found[0].fingerprints == run.fingerprints
    assert [one.new_level for one in found[:3]] == [False, True, False]
    manifest, parts = archive.unpack(raw)
    for wrong in (
        b'{"runs": 3}',
        b'{"runs": [{}]}',
        b'{"runs": [{"commit": null, "created": "", "mlci": "", "values": {"a": "b"}}]}',
        b'{"runs": [{"commit": null, "created": "", "mlci": "", "values": {}, "fingerprints": {"a": 1}}]}',
    ):
        with pytest.raises(RefusedError, match="form that mlci writes"):
            bundle.loads(archive.pack(manifest, {**parts, "history.json": wrong}), EXPECTED)


def rewritten(raw, *, drop=(), compress=zipfile.ZIP_DEFLATED, **changed):
    """Return a bundle with parts changed and a manifest that says what it said."""
    archive_ = zipfile.ZipFile(io.BytesIO(raw))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compress) as copy:
        parts = {name: archive_.read(name) for name in archive_.namelist() if name not in drop}
        for name, data in {
            **parts,
            **{key.replace("__", "/").replace("_", "."): one for key, one in changed.items()},
        }.items():
            copy.writestr(name, data)
    return written.getvalue()


def remade(**head):
    """Return a bundle whose manifest agrees with its parts and says something else."""
    manifest, parts = archive.unpack(packed())
    return archive.pack({**manifest, **head}, parts)


def bomb():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive_:
        archive_.writestr("manifest.json", b" " * (8 * 1024 * 1024))
    return written.getvalue()


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (lambda raw: b"", "no zip file"),
        (lambda raw: b"<html>not found</html>", "no zip file"),
        (lambda raw: raw[: len(raw) // 2], "no zip file"),
        (lambda raw: raw[:200] + bytes(50) + raw[250:], "damaged"),
        (lambda raw: rewritten(raw, baseline_json=b"{}"), "not what its manifest says"),
        (lambda raw: rewritten(raw, drop=["baseline.json"]), "not those that its manifest lists"),
        (lambda raw: rewritten(raw, drop=["manifest.json"]), "no manifest"),
        (lambda raw: rewritten(raw, extra_py=b"import os"), "not those that its manifest lists"),
        (lambda raw: rewritten(raw, **{"..__..__evil_py": b""}), "a name that no part has"),
        (lambda raw: rewritten(raw, compress=zipfile.ZIP_LZMA), "packed in another way"),
        (lambda raw: rewritten(raw, manifest_json=b"[" * 100_000), "is not JSON"),
        (lambda raw: bomb(), "larger than it says"),
        (lambda raw: remade(schema=99, mlci="9.9.9"), 'schema 99: install the mlci that wrote it, "mlci==9.9.9"'),
        (lambda raw: remade(format="other"), "no baseline of mlci"),
        (lambda raw: remade(project="other"), 'of the project "other", not of "p"'),
        (lambda raw: remade(commit="b" * 40), "another commit, bbbbbbbbbb"),
        (lambda raw: remade(models=[]), "names no models"),
        (lambda raw: remade(models={"m": {"file": "gone.parquet", "values": {}}}), "predictions of m are missing"),
        (lambda raw: remade(models={"m": {"file": "baseline.json", "values": {}}}), "cannot be read"),
        (lambda raw: remade(models={"m": {"file": "predictions-0.parquet", "values": {"own": 3}}}), "form that mlci writes"),
        (lambda raw: remade(models={"z": {"file": "predictions-0.parquet", "values": {}}}), "of other examples"),
    ],
)  # fmt: skip
def test_what_is_no_baseline_of_this_project_is_refused(raw, why):
    with pytest.raises(RefusedError, match=why):
        bundle.loads(raw(packed()), EXPECTED)


def test_every_single_damaged_byte_is_refused_or_harmless():
    raw = packed()
    whole = bundle.loads(raw, EXPECTED)
    for at in range(0, len(raw), 37):
        damaged = raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :]
        with contextlib.suppress(RefusedError):
            assert bundle.loads(damaged, EXPECTED) == whole


def test_too_large_is_not_even_opened(monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 100)
    with pytest.raises(RefusedError, match="larger than"):
        archive.unpack(packed())


def test_a_manifest_that_lies_about_sizes_is_refused():
    manifest, parts = archive.unpack(packed())
    honest = archive.pack(manifest, parts)
    lying = rewritten(
        honest,
        manifest_json=json.dumps(
            {**manifest, "files": {**manifest["files"], "baseline.json": {"size": 3, "sha256": ""}}}
        ).encode(),
    )
    with pytest.raises(RefusedError, match="larger than it says"):
        bundle.loads(lying, EXPECTED)

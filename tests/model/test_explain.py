"""Importance, surrogate tree and saliency: each finds the fault that a model was built with, and none where there is none."""

import csv
import sys
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from mlci.config.common import Limits
from mlci.config.explain import Explain, Importance, Saliency, Surrogate, Top
from mlci.config.models import Evaluate, Model
from mlci.errors import CannotRun, UsageError, Where
from mlci.model.evaluation import Evaluation
from mlci.model.explain.check import explained, look_at
from mlci.model.measure import Measured
from mlci.model.predictions import normalise


def rows(seed, size=400):
    rng = Random(seed)
    found = [
        {"income": rng.uniform(0, 10), "debts": rng.uniform(0, 10), "zip": rng.randint(1, 9), "town": rng.choice("abc")}
        for _ in range(size)
    ]
    return found, ["yes" if row["income"] > row["debts"] else "no" for row in found]


def sound(given):
    """Decide by income and debts, as the labels do."""
    return ["yes" if row["income"] > row["debts"] else "no" for row in given]


def by_zip(given):
    """Decide by where people live, and a little by the rest: the fault."""
    return ["yes" if row["zip"] > 6 or (row["zip"] > 3 and row["income"] > row["debts"]) else "no" for row in given]


def look(predict, seed=0, data=None, **explain):
    inputs, labels = data or rows(seed)
    asked = Explain(**explain)
    evaluation = Evaluation(
        path=Path("d.csv"),
        shown="d.csv",
        rows=inputs,
        ids=tuple(range(len(inputs))),
        labels=tuple(labels),
        inputs=tuple(inputs),
    )
    model = Model(
        predict="m:p", evaluate=Evaluate(data="d.csv"), metrics={"accuracy": Limits()}, explain=asked, seed=seed
    )

    def ask(some):
        return normalise(predict(some), expected=len(some)) if some else ()

    measured = Measured(
        name="m",
        model=model,
        evaluation=evaluation,
        predictions=ask(inputs),
        where=lambda *key: Where(path="mlci.yaml", line=len(key)),
    )
    checks, metrics = explained(measured, ask)
    return {check.id: check for check in checks}, {metric.name: metric for metric in metrics}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_column_that_must_not_matter_is_found_where_it_does_and_not_where_it_does_not(seed):
    asked = Importance(
        must_not_matter=("zip", "town"), must_matter=("income",), top=Top(features=("income", "debts"), k=2), repeats=5
    )
    faulty, _ = look(by_zip, seed, importance=asked)
    assert faulty["model.m.importance.zip.must-not-matter"].status == "failed"
    assert faulty["model.m.importance.town.must-not-matter"].status == "passed"
    assert faulty["model.m.importance"].details["importances"][0]["column"] == "zip"
    good, _ = look(sound, seed, importance=asked)
    assert {check.status for check in good.values()} == {"passed"}
    blind, _ = look(lambda given: ["yes" if row["debts"] < 5 else "no" for row in given], seed, importance=asked)
    assert blind["model.m.importance.income.must-matter"].status == "failed"


def test_importances_are_metrics_with_intervals_and_a_table():
    checks, metrics = look(sound, importance=Importance(repeats=4, max_change=0.1))
    assert [row["column"] for row in checks["model.m.importance"].details["importances"]][2:] in (
        ["zip", "town"],
        ["town", "zip"],
    )
    income = metrics["model.m.importance.income"]
    assert (income.max_drop, income.n, income.higher_is_better) == (0.1, 400, None)
    assert 0.2 < income.interval[0] < income.value < income.interval[1] < 0.5
    assert metrics["model.m.importance.zip"].value == 0


@pytest.mark.slow
def test_a_column_that_does_the_metric_no_good_is_only_seen_in_the_answers():
    found = {
        metric: look(by_zip, importance=Importance(metric=metric))[1]["model.m.importance.zip"].value
        for metric in (None, "accuracy")
    }
    assert found[None] > 0.4
    assert abs(found["accuracy"]) < 0.1
    _, metrics = look(lambda given: [row["income"] * 2.0 for row in given], importance=Importance())
    assert metrics["model.m.importance.income"].value == pytest.approx(1.1, abs=0.1)


def test_only_values_that_change_are_asked_about_and_the_seed_decides():
    asked = []

    def count(given):
        asked.append(len(given))
        return sound(given)

    first = look(count, importance=Importance(repeats=3, examples=100))[1]
    assert len(asked) == 1 + 4
    assert asked[4] < 3 * 100 * 0.8  # a third of the towns stay
    assert look(sound, importance=Importance(repeats=3, examples=100))[1] == first
    assert look(sound, 1, rows(0), importance=Importance(repeats=3, examples=100))[1] != first


@pytest.mark.slow
def test_what_the_model_is_not_given_cannot_matter():
    with pytest.raises(UsageError, match='given no column "zp", did you mean "zip"'):
        look(sound, importance=Importance(must_not_matter=("zp",)))
    with pytest.raises(UsageError, match='given no column "zp", did you mean "zip"'):
        look(sound, surrogate=Surrogate(must_not_use=("zp",)))
    checks, _ = look(lambda texts: ["a"] * len(texts), 0, (["x"] * 30, ["a"] * 30), importance=Importance())
    assert (checks["model.m.importance"].status, "takes single values" in checks["model.m.importance"].reason) == (
        "errored",
        True,
    )


def by_hash(given):
    """Decide by nothing that a small tree can find."""
    return ["yes" if int(row["income"] * 1000) % 2 else "no" for row in given]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_tree_in_the_models_place_shows_the_fault_and_says_how_far_to_trust_it(seed):
    asked = Surrogate(depth=4, min_fidelity=0.75, must_not_use=("zip",))
    faulty, _ = look(by_zip, seed, surrogate=asked)
    assert faulty["model.m.surrogate.zip"].status == "failed"
    assert faulty["model.m.surrogate"].status == "passed"
    good, _ = look(sound, seed, rows(seed, 1000), surrogate=asked)
    assert (good["model.m.surrogate"].status, good["model.m.surrogate"].details["uses"][0] in ("income", "debts")) == (
        "passed",
        True,
    )
    assert look(by_hash, seed, surrogate=asked)[0]["model.m.surrogate"].status == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_tree_does_not_use_what_the_model_does_not(seed):
    checks, _ = look(
        lambda given: ["yes" if row["income"] > 5 else "no" for row in given],
        seed,
        surrogate=Surrogate(must_not_use=("zip", "town")),
    )
    assert {check.status for check in checks.values()} == {"passed"}


@pytest.mark.slow
def test_the_rules_of_the_tree_can_be_read():
    checks, _ = look(
        lambda given: ["yes" if row["town"] == "a" else "no" for row in given], surrogate=Surrogate(depth=2)
    )
    found = checks["model.m.surrogate"]
    assert found.details["rules"].splitlines() == [
        "town is not a", f"  -> no ({found.details['rules'].split('(')[1].split(' ')[0]} examples)",
        "town is a", f"  -> yes ({found.details['rules'].split('(')[2].split(' ')[0]} examples)",
    ]  # fmt: skip
    assert (found.details["fidelity"], found.details["n"]) == (1.0, 200)


@pytest.mark.slow
def test_numbers_and_texts_have_trees_too():
    numbers, _ = look(
        lambda given: [2.0 * row["income"] for row in given], surrogate=Surrogate(depth=5, min_fidelity=0.9)
    )
    assert (numbers["model.m.surrogate"].status, "R² = 0.99" in numbers["model.m.surrogate"].summary) == (
        "passed",
        True,
    )
    texts = [f"{'good' if at % 2 else 'bad'} film {at}" for at in range(60)]
    words, _ = look(
        lambda given: ["pos" if "good" in text else "neg" for text in given],
        0,
        (texts, ["pos"] * 60),
        surrogate=Surrogate(must_not_use=("good", "film")),
    )
    uses = words["model.m.surrogate"].details["uses"]
    assert uses in (["good"], ["bad"])
    assert words["model.m.surrogate.film"].status == "passed"
    few, _ = look(sound, 0, rows(0, 10), surrogate=Surrogate())
    assert (few["model.m.surrogate"].status, "at least 20 examples" in few["model.m.surrogate"].reason) == (
        "errored",
        True,
    )


WORDS = ["the", "plot", "was", "thin", "but", "actors", "played", "their", "parts", "until", "dawn"]


def texts(seed, mark, size=30):
    rng = Random(seed)
    return tuple(
        " ".join(rng.sample([*rng.sample(WORDS, 6), rng.choice(["great", "awful"]), mark], 8)) for _ in range(size)
    )


def judged(predict, folder, **asked):
    def ask(some):
        return normalise(predict(some), expected=len(some))

    (check,) = look_at(
        "m", Saliency(**asked), ask, root=folder, out=folder / "out", where=lambda *key: Where(path="mlci.yaml")
    )
    return check


def positive(share):
    return ("pos" if share >= 0.5 else "neg", {"pos": share, "neg": 1 - share})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_answers_that_hang_on_a_name_are_found_and_those_that_hang_on_praise_are_not(seed, tmp_path):
    def faulty(some):
        return [positive(0.9 if "Lena" in text else 0.6 if "great" in text else 0.4) for text in some]

    def good(some):
        return [positive(0.9 if "great" in text else 0.1 if "awful" in text else 0.5) for text in some]

    asked = {"inputs": texts(seed, "Lena"), "not_on": ("lena",), "max_share": 0.1}
    found = judged(faulty, tmp_path, **asked)
    assert (found.status, found.summary) == ("failed", "30 of 30 answers of m hang most on what they must not")
    assert judged(good, tmp_path, **asked).status in ("passed", "inconclusive")
    assert judged(good, tmp_path, **asked).summary.startswith("0 of 30")


def test_texts_are_shown_with_their_words_coloured_and_escaped(tmp_path):
    def predict(some):
        return [positive(0.9 if "great" in text else 0.2) for text in some]

    found = judged(predict, tmp_path, inputs=("A great <b>film</b>", "dull"))
    page = (tmp_path / "out" / "explanations" / "m-saliency.html").read_text()
    assert found.details["examples"][0] == {
        "input": "A great <b>film</b>",
        "prediction": "pos",
        "hangs most on": "great",
    }
    assert found.details["examples"][1]["hangs most on"] == "no part alone"
    assert '<mark style="background:rgba(220,50,47,0.70)" title="+0.700">great</mark>' in page
    assert "<b>film" not in page
    assert "default-src 'none'" in page


def pictures(folder, seed, size=2):
    rng = Random(seed)
    names = []
    for at in range(size):
        image = Image.new("L", (32, 32), 10)
        image.paste(250, (12, 12, 20, 20))
        image.putpixel((rng.randint(0, 31), 31), rng.randint(0, 255))
        image.paste(200, (0, 0, 4, 4))
        image.save(folder / f"{at}.png")
        names.append(f"{at}.png")
    return tuple(names)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_mark_in_the_corner_is_found_where_the_model_hangs_on_it(seed, tmp_path):
    def light(box):
        def predict(paths):
            found = []
            for path in paths:
                with Image.open(tmp_path / path) as image:
                    part = image.crop(box)
                    found.append(positive(sum(part.tobytes()) / 255 / (part.width * part.height)))
            return found

        return predict

    asked = {"inputs": pictures(tmp_path, seed), "of": "image", "grid": 4, "not_in": (0.0, 0.0, 0.25, 0.25)}
    assert judged(light((0, 0, 4, 4)), tmp_path, **asked).status == "failed"
    assert judged(light((8, 8, 24, 24)), tmp_path, **asked).status == "passed"
    written = tmp_path / "out" / "explanations" / "m-saliency" / "1-0.png"
    with Image.open(written) as image:
        assert image.size == (512, 256)


def test_a_model_that_cannot_be_asked_is_an_error_of_the_check_alone(tmp_path):
    def broken(some):
        raise CannotRun("it has gone")

    assert (judged(broken, tmp_path, inputs=("a",)).status, judged(broken, tmp_path, inputs=("a",)).reason) == (
        "errored",
        "it has gone",
    )
    missing = judged(lambda some: ["a"] * len(some), tmp_path, inputs=("none.png",), of="image")
    assert missing.status == "errored"


PREDICT = """
def predict(rows):
    return ["yes" if row["income"] > row["debts"] else "no" for row in rows]
"""


@pytest.mark.slow
def test_the_gate_runs_what_is_asked_for(tmp_path):
    from mlci.config.model import Config
    from mlci.gates import Context
    from mlci.gates.model import run
    from mlci.interpreter import Interpreter

    inputs, labels = rows(0, 60)
    with (tmp_path / "d.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [(*inputs[0], "label"), *((*row.values(), label) for row, label in zip(inputs, labels, strict=True))]
        )
    (tmp_path / "m.py").write_text(PREDICT)
    model = Model(
        predict="m:predict", evaluate=Evaluate(data="d.csv"), metrics={"accuracy": Limits()},
        explain=Explain(importance=Importance(must_not_matter=("zip",), repeats=2), surrogate=Surrogate()),
    )  # fmt: skip
    outcome = run(
        Context(
            root=tmp_path, config=Config(version=1, model={"m": model}), where=lambda *key: Where(path="mlci.yaml", line=len(key)),
            find_python=lambda: Interpreter(path=Path(sys.executable), why="the tests'"), out=tmp_path / "out",
        )
    )  # fmt: skip
    assert outcome.gate.status == "passed"
    assert "model.m.importance.zip.must-not-matter" in {check.id for check in outcome.gate.checks}
    assert "model.m.importance.income" in {metric.name for metric in outcome.metrics}

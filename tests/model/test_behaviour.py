import itertools

import pytest

from mlci.errors import CannotRun, UsageError
from mlci.model import run_behaviour


def length(inputs):
    """Call long texts positive."""
    return ["positive" if len(text) > 10 else "negative" for text in inputs]


def run(predict=length, lexicons=None, **test):
    suite = {"tests": [{"name": "t", "type": "MFT", **test}], "lexicons": lexicons or {}}
    return run_behaviour(suite, predict).tests[0]


def test_a_minimum_functionality_test_counts_what_fails():
    result = run(template="{word}", lexicons={"word": ["a", "b", "a very long word"]}, expect={"label": "negative"})
    assert (result.status, result.cases, result.failed_cases) == ("failed", 3, 1)
    assert result.failure_rate == pytest.approx(1 / 3)
    assert result.examples[0].input == "a very long word"
    assert result.examples[0].prediction.label == "positive"
    assert result.reason == "1 of 3 cases fail (33.3%), and none may"


def test_labels_may_come_with_templates_and_examples():
    templates = [{"template": "{w}", "label": "negative"}, {"template": "a much longer {w}", "label": "positive"}]
    assert run(templates=templates, lexicons={"w": ["x", "y"]}, expect="label").status == "passed"
    examples = [{"input": "x", "label": "negative"}, {"input": "x" * 20, "expect": {"not-label": "negative"}}]
    assert run(examples=examples, expect="label").status == "passed"


def test_invariance_compares_with_the_original_and_counts_cases_and_pairs():
    examples = [["short", "shirt", "a text that is longer"], ["one", "two"]]
    result = run(type="INV", examples=examples)
    assert (result.cases, result.failed_cases, result.pairs, result.failed_pairs) == (2, 1, 3, 1)
    assert (result.failure_rate, result.pair_failure_rate) == (0.5, pytest.approx(1 / 3))
    assert result.examples[0].original == "short"


def test_a_direction_may_be_expected_of_rows():
    def price(rows):
        return [1000.0 * row["area"] for row in rows]

    examples = [{"area": 10}, {"area": 20}, {"area": 0}]
    result = run(
        price, type="DIR", examples=examples, perturb={"scale": {"column": "area", "by": 1.1}}, expect="increase"
    )
    assert (result.status, result.cases, result.no_ops) == ("passed", 2, 1)
    result = run(
        price, type="DIR", examples=examples, perturb={"scale": {"column": "area", "by": 1.1}}, expect="decrease"
    )
    assert (result.status, result.failed_cases) == ("failed", 2)


def test_what_changes_nothing_is_counted_and_never_a_pass():
    examples = ["no number here", "room 12", "room 12", "nor here"]
    result = run(type="INV", examples=examples, perturb="change-number")
    assert (result.cases, result.no_ops, result.duplicates) == (1, 2, 1)
    result = run(type="INV", examples=["none", "nil"], perturb="change-number")
    assert (result.status, result.cases, result.no_ops) == ("failed", 0, 2)
    assert "each of 2 changed inputs equals its original" in result.reason


def test_examples_are_judged_as_written_unless_none_of_them_changes_anything():
    result = run(type="INV", examples=[["a", "a"], ["a", "b"]])
    assert (result.status, result.cases, result.no_ops) == ("passed", 2, 1)
    assert "equal their original" in result.notes[0]
    result = run(type="INV", examples=[["a", "a"], ["b", "b"]])
    assert (result.status, result.cases) == ("failed", 0)


def test_each_perturbation_makes_a_variant_and_a_list_in_the_list_is_a_chain():
    seen = []

    def remember(inputs):
        seen.extend(inputs)
        return ["x"] * len(inputs)

    result = run(
        remember, type="INV", examples=["It isn't 15 km."], perturb=["punctuation", ["punctuation", "contractions"]]
    )
    assert seen == ["It isn't 15 km.", "It isn't 15 km", "It is not 15 km"]
    assert result.pairs == 2


def test_a_text_column_of_a_row_may_be_perturbed():
    rows = [{"text": "Hello.", "stars": 3}]
    seen = []

    def remember(inputs):
        seen.extend(inputs)
        return ["x"] * len(inputs)

    run(remember, type="INV", examples=[{"input": rows[0]}], perturb={"punctuation": {"column": "text"}})
    assert seen == [rows[0], {"text": "Hello", "stars": 3}]
    result = run(remember, type="INV", examples=[{"input": rows[0]}], perturb="punctuation")
    assert (result.status, "name the column" in result.reason) == ("errored", True)


def test_the_original_may_decide_whether_a_case_applies():
    examples = [["short", "a text that is longer"], ["a text that is longer", "short"]]
    result = run(type="INV", examples=examples, **{"only-if": {"label": "positive"}})
    assert (result.cases, result.not_applicable, result.failed_cases, result.failure_rate) == (2, 1, 1, 1.0)
    result = run(type="INV", examples=examples, **{"only-if": {"label": "other"}})
    assert (result.status, "none of the 2 cases applies" in result.reason) == ("failed", True)


def test_every_input_is_asked_once_and_in_batches():
    batches = []

    def count(inputs):
        batches.append(list(inputs))
        return ["x"] * len(inputs)

    tests = [
        {"name": name, "type": "MFT", "template": "{n}", "expect": {"label": "x"}, "lexicons": {"n": list("abcdefg")}}
        for name in ("one", "two")
    ]
    result = run_behaviour({"tests": tests}, count, batch_size=3)
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert sorted(itertools.chain(*batches)) == list("abcdefg")
    assert (result.inputs, result.success) == (7, True)


def test_one_seed_gives_one_set_of_cases_and_another_seed_another():
    def cases(seed):
        seen = []

        def remember(inputs):
            seen.extend(inputs)
            return ["x"] * len(inputs)

        test = {"name": "t", "type": "INV", "template": "{w} said {w1}", "sample": 5, "perturb": "typos", "seed": seed}
        run_behaviour({"tests": [test], "lexicons": {"w": ["north", "south", "east", "west"]}}, remember)
        return seen

    assert cases(1) == cases(1)
    assert cases(1) != cases(2)


def test_rows_keep_their_variants_when_others_come_before_them():
    def variants(examples):
        seen = []

        def remember(inputs):
            seen.extend(inputs)
            return ["x"] * len(inputs)

        run(remember, type="INV", examples=examples, perturb="typos")
        return set(seen)

    assert variants(["the very first text", "another text"]) >= variants(["another text"])


def test_a_cluster_is_a_lexicon_of_the_template():
    lexicons = {"w": ["x"], "n": [str(at) for at in range(30)]}
    test = {"template": "{w} {n}", "expect": {"label": "negative"}, "max-failure-rate": 0.2}
    assert "interval" in run_rule(lexicons, **test)
    assert "only 1 independent" in run_rule(lexicons, cluster="w", **test)
    with pytest.raises(UsageError, match='"m", which is no place'):
        run_rule(lexicons, cluster="m", **test)


def run_rule(lexicons, **test):
    return run(lexicons=lexicons, **test).rule


def test_a_suite_without_tests_is_no_success_and_a_test_without_cases_fails():
    assert not run_behaviour({"tests": []}, length).success
    result = run(examples=[], expect={"label": "x"})
    assert (result.status, result.reason) == ("failed", "nothing was tested: the test has no cases")


def test_a_test_that_cannot_be_judged_leaves_the_others():
    tests = [
        {"name": "a", "type": "DIR", "examples": [["x", "y"]], "expect": "increase"},
        {"name": "b", "type": "MFT", "examples": ["x"], "expect": {"label": "negative"}},
    ]
    result = run_behaviour({"tests": tests}, length)
    assert [test.status for test in result.tests] == ["errored", "passed"]
    assert not result.success


def test_predictions_that_make_no_sense_are_an_error():
    with pytest.raises(CannotRun, match="0 predictions for 1 inputs"):
        run(lambda _: [], examples=["x"], expect={"label": "x"})


def test_importing_the_package_is_light():
    import subprocess
    import sys

    code = "import mlci.model, sys; print([m for m in ('pandas', 'duckdb', 'scipy', 'sklearn', 'pydantic') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_images_are_perturbed_as_files(tmp_path):
    from PIL import Image

    Image.new("L", (8, 8), 200).save(tmp_path / "light.png")
    Image.new("L", (8, 8), 10).save(tmp_path / "dark.png")

    def light(paths):
        found = []
        for path in paths:
            with Image.open(tmp_path / path) as image:
                found.append("light" if image.getpixel((4, 4)) > 100 else "dark")
        return found

    test = {"name": "t", "type": "INV", "examples": ["light.png", "dark.png"], "perturb": "invert"}
    result = run_behaviour({"tests": [test]}, light, root=tmp_path).tests[0]
    assert (result.cases, result.failed_cases) == (2, 2)
    test["perturb"] = {"brightness": {"by": 1.1}}
    assert run_behaviour({"tests": [test]}, light, root=tmp_path).tests[0].status == "passed"


def test_templates_know_names_and_places():
    result = run(
        template="{first_name} is from {country_city.city}, {country_city.country}.",
        sample=30,
        expect={"label": "positive"},
    )
    assert (result.cases, result.status) == (30, "passed")
    assert run(template="{first_name}", lexicons={"first_name": ["x"]}, expect={"label": "negative"}).cases == 1


def test_a_suite_that_a_constant_answer_passes_says_so():
    invariance = {"name": "i", "type": "INV", "examples": [["a", "b"]]}
    wanted = {"name": "m", "type": "MFT", "examples": ["a"], "expect": {"label": "negative"}}
    other = {"name": "o", "type": "MFT", "examples": ["a much longer text"], "expect": {"label": "positive"}}
    weak = run_behaviour({"tests": [invariance, wanted]}, length)
    assert weak.notes == ("the suite cannot tell models apart: one that always answers 'negative' passes every case",)
    assert weak.success
    assert run_behaviour({"tests": [invariance, wanted, other]}, length).notes == ()


@pytest.fixture
def rows(tmp_path):
    (tmp_path / "rows.csv").write_text(
        "text,who,label\nshort,a,negative\na very long text,a,positive\ntiny,b,negative\n,b,negative\n"
    )
    return tmp_path


def test_rows_of_a_file_beside_the_suite_are_cases(rows):
    suite = rows / "suite.yaml"
    suite.write_text("tests: [{name: t, type: MFT, data: rows.csv, input: text, label: label}]")
    result = run_behaviour(suite, length).tests[0]
    assert (result.status, result.cases, result.missing) == ("passed", 3, 1)


def test_rows_without_an_input_column_are_given_whole_but_for_the_label(rows):
    seen = []

    def remember(inputs):
        seen.extend(inputs)
        return ["x"] * len(inputs)

    test = {"name": "t", "type": "INV", "data": "rows.csv", "label": "label", "cluster": "who"}
    run_behaviour({"tests": [{**test, "perturb": {"case": {"column": "text"}}}]}, remember, root=rows)
    assert seen[0] == {"text": "short"}
    del test["cluster"]
    seen.clear()
    run_behaviour({"tests": [{**test, "perturb": {"case": {"column": "text"}}}]}, remember, root=rows)
    assert seen[:2] == [{"text": "short", "who": "a"}, {"text": "SHORT", "who": "a"}]


def test_a_column_that_is_not_there_is_an_error_of_its_test_alone(rows):
    test = {"name": "t", "type": "INV", "data": "rows.csv", "input": "txt", "perturb": "case"}
    other = {"name": "o", "type": "MFT", "examples": ["x"], "expect": {"label": "negative"}}
    first, second = run_behaviour({"tests": [test, other]}, length, root=rows).tests
    assert (first.status, first.reason) == ("errored", 'rows.csv has no column "txt", did you mean "text"?')
    assert second.status == "passed"


def test_a_sample_of_rows_is_filled_up_with_rows_that_can_be_changed(rows):
    (rows / "many.csv").write_text("text\n" + "".join(f"row {at}\n" if at % 2 else "none\n" for at in range(10, 90)))
    test = {"name": "t", "type": "INV", "data": "many.csv", "input": "text", "perturb": "change-number", "sample": 20}
    result = run_behaviour({"tests": [test]}, length, root=rows).tests[0]
    assert result.cases == 20
    assert result.no_ops > 0


def test_a_perturbation_that_cannot_be_used_is_an_error_of_its_test():
    test = {
        "name": "t",
        "type": "INV",
        "examples": [{"area": 100}],
        "perturb": {"scale": {"column": "area", "by": 1e308}},
    }
    result = run_behaviour({"tests": [test]}, length).tests[0]
    assert result.status == "errored"
    assert result.reason.startswith('perturbation "scale" cannot be used with {column: area, by: 1e+308}: ')


def test_what_was_not_judged_has_no_rate_and_a_limit_is_said_as_a_share():
    tests = [
        {"name": "unmet", "type": "INV", "examples": ["a film"], "perturb": "typos", "only-if": {"label": "q"}},
        {"name": "errored", "type": "MFT", "examples": ["a film"], "label": 1},
        {"name": "attack", "type": "adversarial", "examples": ["a film"], "label": "q", "max-success-rate": 0},
        {"name": "too many", "type": "MFT", "examples": ["a film"], "label": "q", "max-failure-rate": 0.005},
    ]
    unmet, wrong, attack, many = run_behaviour(tests, lambda texts: ["p" for _ in texts]).tests
    assert [one.status for one in (unmet, wrong, attack)] == ["failed", "errored", "failed"]
    assert [one.failure_rate for one in (unmet, wrong, attack)] == [None, None, None]
    assert "more than 0.5% may" in many.reason

"""Perturbations, expectations and cases of the project's own in behaviour suites, run by real workers."""

import sys
from pathlib import Path

import pytest

from mlci.gates.model import run

pytestmark = pytest.mark.slow

PREDICT = """\
def predict(texts):
    return [{"label": "long" if len(text) > 5 else "short",
             "probabilities": {"long": min(len(text) / 10, 1), "short": 1 - min(len(text) / 10, 1)}} for text in texts]
"""
PLUGINS = """\
from mlci.plugins import behaviour, cases, perturbation


@perturbation
def my_typos(text, rng, n: int = 1):
    '''Swap `n` pairs of letters.'''
    with open("calls.txt", "a") as file:
        file.write("my_typos\\n")
    for _ in range(n):
        at = rng.randrange(max(1, len(text) - 1))
        text = text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
    return text


@perturbation
def shout(text, rng):
    return text.upper()


@perturbation(of="row")
def add_one(row, rng, *, to: str):
    '''Add one to a column.'''
    row[to] += 1
    return row


@behaviour
def keeps_its_length(original, variant, before, after, *, by: int = 0):
    '''The label stays where the length does.'''
    if abs(len(original) - len(variant)) > by:
        return None
    return before.label == after.label and abs(before.probabilities["long"] - after.probabilities["long"]) < 0.01


@behaviour(compares=True)
def moves(before, after):
    return before.label != after.label


def positional(one, two, three, four, five, *, wanted="long"):
    return four.label == wanted and five == wanted


@cases
def random_words(rng, *, n: int = 5):
    '''Random words.'''
    made = [{"input": "".join(rng.choice("abc") for _ in range(rng.randint(1, 9)))} for _ in range(n)]
    return [{**one, "label": "long" if len(one["input"]) > 5 else "short"} for one in made]


def pairs():
    return [{"inputs": ["abc", "abd"]}, {"inputs": ["abc", "abcdefgh"]}]


def constant():
    return ["a"] * 3
"""


@pytest.fixture
def behave(project):
    def checks(suite, plugins=PLUGINS, predict=PREDICT, python=Path(sys.executable), settings="[tests.plugins]"):
        config = f"plugins: {settings}\nmodel:\n  m: {{predict: m:predict, behaviour: [suite.yaml]}}\n"
        files = {"suite.yaml": suite, "tests/plugins.py": plugins, "m.py": predict}
        return {check.id.split(".")[-1]: check for check in run(project(config, files, python)).gate.checks}

    return checks


def test_perturbations_change_inputs_and_count_what_stays(behave, tmp_path):
    suite = """\
    tests:
      - name: typos
        type: INV
        examples: [[hello world], [aa], [some more words], [abc], [abc]]
        perturb: {my_typos: {n: 2}}
        variants: 3
      - name: shouting
        type: INV
        examples: [[hello], [LOUD]]
        perturb: [[my-typos, shout, punctuation]]
      - name: by its place
        type: INV
        examples: [[hello]]
        perturb: "tests.plugins:shout"
    """
    found = behave(suite)
    typos = found["typos"]
    assert typos.status == "passed", typos.reason
    assert typos.details["cases"] == 3
    assert typos.details["no_ops"] >= 3
    assert typos.details["duplicates"] >= 1
    assert found["by-its-place"].details["pairs"] == 1
    assert found["shouting"].details["cases"] == 2
    assert len((tmp_path / "calls.txt").read_text().split()) == 4 * 3 + 2


def test_the_same_seed_gives_the_same_cases_and_another_others(behave, tmp_path):
    suite = """\
    seed: {seed}
    tests:
      - name: typos
        type: INV
        examples: [[hello world], [some more words]]
        perturb: {{my_typos: {{n: 2}}}}
        variants: 4
        expect: {{label: no model says this}}
      - name: words
        type: MFT
        generate: {{function: random_words, n: 30}}
        expect: {{not-label: {{}}}}
    """
    texts = []
    for seed in (1, 1, 2):
        behave(suite.format(seed=seed))
        texts.append((tmp_path / "mlci-report" / "behaviour" / "m-suite.csv").read_text())
    assert texts[0] == texts[1] != texts[2]


def test_functions_judge_predictions(behave):
    suite = """\
    tests:
      - {name: by name, type: INV, examples: [[abc, abd, abcdefgh]], expect: keeps_its_length}
      - {name: with a setting, type: DIR, examples: [[abc, abcdefgh]], expect: {keeps_its_length: {by: 9}}}
      - {name: main setting, type: DIR, examples: [[abc, abcdefgh]], expect: {keeps_its_length: 9}}
      - {name: by place, type: DIR, examples: [[abc, abcdefgh]], expect: {function: "tests.plugins:moves"}}
      - {name: combined, type: DIR, examples: [[abc, abcdefgh]], expect: {any: [{label: short}, {moves: {}}]}}
      - {name: beside, type: DIR, examples: [[abc, abcdefgh]], expect: {label: long, moves: {}}}
      - name: five by position
        type: MFT
        examples: [{input: abcdefgh, label: long}, {input: abc, label: long}]
        expect: {function: "tests/plugins.py:positional", wanted: long}
      - {name: only if, type: MFT, examples: [abc, abcdefgh], only-if: {keeps_its_length: {}}, expect: {label: short}}
    """
    found = behave(suite)
    statuses = {name: check.status for name, check in found.items() if name != "suite"}
    assert statuses == {
        "by-name": "passed",
        "with-a-setting": "failed",
        "main-setting": "failed",
        "by-place": "passed",
        "combined": "passed",
        "beside": "passed",
        "five-by-position": "failed",
        "only-if": "failed",
    }
    assert found["by-name"].details["pairs"] == 1
    assert found["five-by-position"].details["failed_cases"] == 1


def test_generated_cases_are_asked_and_repeats_left_out(behave):
    suite = """\
    tests:
      - {name: words, type: MFT, generate: random_words, expect: label}
      - {name: more words, type: MFT, generate: {function: "tests.plugins:random_words", n: 40}, expect: label}
      - {name: pairs, type: INV, generate: "tests.plugins:pairs"}
      - {name: perturbed, type: INV, generate: {function: random_words, n: 9}, perturb: shout}
      - {name: the same, type: MFT, generate: "tests.plugins:constant", expect: {label: short}}
      - {name: alone, type: INV, generate: "tests.plugins:constant"}
    """
    found = behave(suite)
    assert (found["words"].status, found["words"].details["cases"]) == ("passed", 5)
    assert found["more-words"].details["cases"] + found["more-words"].details["duplicates"] == 40
    assert (found["pairs"].status, found["pairs"].details["failed_cases"]) == ("failed", 1)
    assert found["perturbed"].details["pairs"] == 9
    assert (found["the-same"].details["cases"], found["the-same"].details["duplicates"]) == (1, 2)
    assert found["alone"].status == "errored"
    assert "case 1 that `generate` made has one input" in found["alone"].reason


def test_rows_are_perturbed(project):
    config = "plugins: [tests.plugins]\nmodel:\n  m: {predict: m:predict, behaviour: [suite.yaml]}\n"
    suite = "tests:\n  - {name: more, type: DIR, data: d.csv, perturb: {add_one: {to: area}}, expect: increase}\n"
    files = {"d.csv": "area,rooms\n3,4\n5,6\n", "suite.yaml": suite, "tests/plugins.py": PLUGINS}
    files["m.py"] = "def predict(rows):\n    return [row['area'] * 2 for row in rows]\n"
    (check,) = run(project(config, files)).gate.checks
    assert (check.status, check.details["cases"], check.details["failed_cases"]) == ("passed", 2, 0)


def test_images_are_perturbed_in_the_worker(project, tmp_path):
    image = pytest.importorskip("PIL.Image")
    image.new("L", (4, 4), 10).save(tmp_path / "dark.png")
    image.new("L", (4, 4), 200).save(tmp_path / "light.png")
    plugins = """\
    from mlci.plugins import perturbation

    @perturbation(of="image")
    def brighter(image, rng, *, by: int = 60):
        '''Brighten dark images.'''
        return image.point(lambda value: value + by) if image.getpixel((0, 0)) < 100 else image
    """
    config = "plugins: [tests.plugins]\nmodel:\n  m: {predict: m:predict, behaviour: [suite.yaml]}\n"
    suite = (
        "tests:\n  - {name: b, type: DIR, examples: [[dark.png], [light.png]], perturb: brighter, expect: increase}\n"
    )
    files = {"suite.yaml": suite, "tests/plugins.py": plugins}
    files["m.py"] = """\
    from PIL import Image

    def predict(paths):
        return [Image.open(path).getpixel((0, 0)) for path in paths]
    """
    (check,) = run(project(config, files)).gate.checks
    assert (check.status, check.details["cases"], check.details["no_ops"]) == ("passed", 1, 1)


@pytest.mark.parametrize(
    ("test", "says"),
    [
        ("perturb: my_typo", 'unknown perturbation "my_typo", did you mean "my_typos"?'),
        ("perturb: typo", 'did you mean "typos"?'),
        ("perturb: {my_typos: {m: 2}}", 'perturbation "my_typos" has no setting "m", it takes n.'),
        ("perturb: {my_typos: {n: two}}", "n is 'two', which is no whole number"),
        ("perturb: {shout: 3}", 'perturbation "shout" takes no setting'),
        ("expect: keeps_its_lenght", 'did you mean "keeps_its_length"?'),
        ("expect: {keeps_its_length: {bye: 1}}", 'has no setting "bye", did you mean "by"?'),
        ("expect: same_prediktion", 'did you mean "same-prediction"?'),
        ("expect: {function: 'tests.plugins:shout'}", "is decorated as perturbation, not as expectation"),
    ],
)
def test_mistakes_are_usage_errors_with_their_line(behave, test, says):
    from mlci.errors import UsageError

    with pytest.raises(UsageError) as caught:
        behave(f"tests:\n  - name: t\n    type: INV\n    examples: [[abc, abd]]\n    {test}\n")
    assert "suite.yaml:5" in str(caught.value)
    assert says in str(caught.value)


def test_an_expectation_that_compares_is_refused_where_there_is_no_original(behave):
    from mlci.errors import UsageError

    with pytest.raises(UsageError, match='"moves" compares with an original'):
        behave("tests:\n  - {name: t, type: MFT, examples: [abc], expect: moves}\n")


BAD = """\
import os, signal, time
from mlci.plugins import behaviour, cases, perturbation

@perturbation
def raises(text, rng):
    raise RuntimeError("no")

@perturbation
def gives_numbers(text, rng):
    return 3

@perturbation
def dies(text, rng):
    os.kill(os.getpid(), signal.SIGSEGV)

@perturbation
def hangs(text, rng):
    time.sleep(60)

@behaviour
def says_yes(after):
    return "yes"

@behaviour
def breaks(after):
    return after.lable

@cases
def makes_nothing_useful():
    return "abc"

@cases
def makes_nothing():
    return []

@cases
def makes_odd_keys():
    return [{"input": "a", "lable": "b"}]
"""


def test_each_way_to_fail_is_an_errored_test_of_its_own(behave):
    perturbed = ["raises", "gives_numbers", "dies", "hangs"]
    suite = "tests:\n  - {name: good, type: INV, examples: [[abc, abd]]}\n"
    suite += "".join(f"  - {{name: {one}, type: INV, examples: [[abc]], perturb: {one}}}\n" for one in perturbed)
    judged = ["says_yes", "breaks", "tests.plugins:not_there", "nowhere:f"]
    suite += "".join(
        f'  - {{name: {one.replace(":", " ")}, type: MFT, examples: [abc], expect: "{one}"}}\n' for one in judged
    )
    made = ["makes_nothing_useful", "makes_nothing", "makes_odd_keys"]
    suite += "".join(f"  - {{name: {one}, type: MFT, generate: {one}, expect: {{label: short}}}}\n" for one in made)
    found = behave(suite, plugins=BAD, settings="{modules: [tests.plugins], timeout: 2}")
    assert found.pop("good").status == "passed"
    assert found["makes-nothing"].status == "failed"
    assert found.pop("makes-nothing").reason.endswith("nothing was tested: the test has no cases")
    expected = {
        "raises": "tests.plugins:raises raised RuntimeError: no (tests/plugins.py:6)",
        "gives-numbers": "tests.plugins:gives_numbers answered a value of type int, not a text",
        "dies": "tests.plugins:dies crashed with SIGSEGV",
        "hangs": "tests.plugins:hangs did not answer within 2 s",
        "says-yes": "tests.plugins:says_yes answered a value of type str, not True, False or None",
        "breaks": "tests.plugins:breaks raised AttributeError",
        "tests-plugins-not-there": 'cannot use tests.plugins:not_there: tests.plugins has no "not_there"',
        "nowhere-f": "cannot import nowhere: there is no module 'nowhere'",
        "makes-nothing-useful": "answered a value of type str, not a list of cases",
        "makes-odd-keys": 'made case 1 with a key "lable"',
    }
    assert {name: check.status for name, check in found.items()} == dict.fromkeys(expected, "errored")
    for name, says in expected.items():
        assert says in found[name].reason


def test_a_module_that_cannot_be_imported_costs_only_the_tests_that_need_it(behave):
    suite = """\
    tests:
      - {name: good, type: INV, examples: [[abc]], perturb: typos}
      - {name: own, type: INV, examples: [[abc]], perturb: my_typos}
      - {name: own expectation, type: INV, examples: [[abc, abd]], expect: keeps_its_length}
    """
    found = behave(suite, plugins="import nothing_of_that_name\n")
    assert {name: check.status for name, check in found.items()} == {
        "good": "passed",
        "own": "errored",
        "own-expectation": "errored",
        "plugins": "errored",
    }
    assert "No module named 'nothing_of_that_name'" in found["own"].reason


def test_a_built_in_name_is_refused(behave):
    plugins = "from mlci.plugins import perturbation\n\n@perturbation\ndef typos(text, rng):\n    return text + '!'\n"
    found = behave("tests:\n  - {name: t, type: INV, examples: [[abc]], perturb: typos}\n", plugins=plugins)
    assert found["plugins"].status == "errored"
    assert "has the name of a built-in perturbation, `typos`" in found["plugins"].reason


def test_an_interpreter_without_mlci_runs_them_too(behave, bare):
    suite = """\
    tests:
      - {name: typos, type: INV, examples: [[hello world]], perturb: my_typos, expect: keeps_its_length}
      - {name: words, type: MFT, generate: random_words, expect: label}
    """
    found = behave(suite, python=bare)
    assert {name: check.status for name, check in found.items() if name != "suite"} == {
        "typos": "passed",
        "words": "passed",
    }

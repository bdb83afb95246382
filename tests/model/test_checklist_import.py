"""Suites pickled as CheckList pickles them, by stand-ins of its classes under the same names, and hostile pickles."""

import io
import json
import os
import pickle
import subprocess
import sys
import tarfile
import textwrap
from pathlib import Path
from random import Random

import pytest

from mlci.cli import main
from mlci.errors import CannotRun
from mlci.model import run_behaviour
from mlci.model.checklist.archive import pickle_in
from mlci.model.checklist.comparisons import comparison_of
from mlci.model.checklist.machine import read
from mlci.model.checklist.suite import converted
from mlci.model.checklist.values import Made, Name, RefusedError

EXPECT = """
import numpy as np
def iter_with_optional(*of): return [of]
class Expect:
    @staticmethod
    def testcase(fn):
        def expect(self): return [fn(one) for one in iter_with_optional(self.data)]
        return expect
    @staticmethod
    def single(fn):
        def expect_fn(xs, preds, confs, label=None, meta=None): return np.array([fn(x) for x in xs])
        return Expect.testcase(expect_fn)
    @staticmethod
    def pairwise(fn):
        def expect_fn(xs, preds, confs, labels=None, meta=None):
            orig_pred = preds[0]
            return np.array([fn(orig_pred, p) for p in preds])
        return Expect.testcase(expect_fn)
    @staticmethod
    def slice_pairwise(expect_fn, slice_fn, agg_fn='all_except_first'): return Expect.wrap_slice(expect_fn, Expect.pairwise(slice_fn), agg_fn)
    @staticmethod
    def wrap_slice(expect_fn, slice_fn, agg_fn='all'):
        def wrapped(*args, **kwargs): return (expect_fn(*args), slice_fn(*args), agg_fn)
        return wrapped
    @staticmethod
    def combine(expect_fn1, expect_fn2, combine_fn, ignore_none=True):
        def tmp_fn(self): return combine_fn(expect_fn1(self), expect_fn2(self)), ignore_none
        return tmp_fn
    @staticmethod
    def combine_or(one, two):
        def combine_fn(x1, x2): return max(x1, x2)
        return Expect.combine(one, two, combine_fn)
    @staticmethod
    def eq(val=None):
        def ret_fn(x, pred=None, conf=None, label=None, meta=None): return val == pred
        return Expect.single(ret_fn)
    @staticmethod
    def inv(tolerance=0):
        def expect(orig_pred, pred): return abs(orig_pred - pred) <= tolerance
        return Expect.pairwise(expect)
    @staticmethod
    def monotonic(label=None, increasing=True, tolerance=0.):
        keep_label = label
        def expect(orig_pred, pred): return keep_label, increasing, tolerance
        return Expect.pairwise(expect)
"""
TYPES = """
class AbstractTest:
    def __init__(self, data, expect, labels=None, agg_fn='all', meta=None, name=None):
        self.__dict__.update(data=data, expect=expect, labels=labels, agg_fn=agg_fn, meta=meta, templates=None,
                             run_idxs=None, name=name, capability=None, description=None)
class MFT(AbstractTest): pass
class INV(AbstractTest):
    def __init__(self, data, expect, agg_fn='all_except_first', **more): super().__init__(data, expect, agg_fn=agg_fn, **more)
class DIR(INV): pass
"""
SUITE = """
from collections import OrderedDict, defaultdict
class TestSuite:
    def __init__(self):
        self.tests, self.info = OrderedDict(), defaultdict(lambda: defaultdict(lambda: ''))
        self.format_example_fn = self.print_fn = None
        self.test_ranges = {}
    def add(self, test, name, capability, description=''):
        self.tests[name] = test
        self.info[name].update(capability=capability, type=type(test).__name__, description=description)
"""
MAKE = """
import sys, dill, numpy as np
from checklist.test_suite import TestSuite
from checklist.test_types import MFT, INV, DIR
from checklist.expect import Expect
not_0 = lambda x, pred, *args: pred != 0
suite = TestSuite()
suite.add(MFT(['good', 'great'], Expect.eq(), labels=2), 'words', 'Vocabulary', 'Words of praise')
suite.add(MFT([('p', 'q'), ('r', 's')], Expect.eq(), labels=[1, 0]), 'pairs of texts', 'SRL')
suite.add(MFT([['a', 'b']], Expect.eq(), labels=[[1, 0]]), 'labels of each', 'SRL')
suite.add(MFT(list(np.array(['one', 'two'])), Expect.eq(1)), 'numpy texts', 'SRL')
suite.add(INV([['x', 'y', 'z'], ['alone']], Expect.inv(0.1)), 'same', 'Robustness')
suite.add(DIR([['x', 'y']], Expect.monotonic(increasing=False, tolerance=0.1)), 'falls', 'Vocabulary')
suite.add(DIR([['x', 'y']], Expect.eq(1), agg_fn='all'), 'all are 1', 'Vocabulary')
suite.add(DIR([['x', 'y']], Expect.combine_or(Expect.inv(0), Expect.monotonic(1))), 'either', 'Vocabulary')
suite.add(DIR([['x', 'y']], Expect.slice_pairwise(Expect.inv(0.1), lambda pred, *args: pred != 1)), 'some', 'Vocabulary')
suite.add(MFT(['bad'], Expect.single(not_0)), 'not 0', 'Negation')
suite.add(MFT(['bad'], Expect.eq(), labels=1, agg_fn=lambda results: True), 'own sum', 'Negation')
suite.tests['words'].run_idxs = np.array([1])
dill.dump(suite, open(sys.argv[1], 'wb'), protocol=int(sys.argv[2]), recurse=True)
"""


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stand-ins")
    (folder / "checklist").mkdir()
    for name, text in {"__init__": "", "expect": EXPECT, "test_types": TYPES, "test_suite": SUITE}.items():
        (folder / "checklist" / f"{name}.py").write_text(text)
    (folder / "make.py").write_text(MAKE)
    return folder


@pytest.fixture(scope="module")
def suite(stand_ins):
    path = stand_ins / "suite.pkl"
    subprocess.run([sys.executable, stand_ins / "make.py", path, "4"], check=True, cwd=stand_ins)
    return path


def read_tests(path, **settings):
    found = converted(read(path.read_bytes()), **settings)
    return {test["name"]: test for test in found.tests}, {test["name"]: test for test in found.by_hand}, found


def test_every_test_of_a_suite_is_accounted_for(suite):
    tests, by_hand, found = read_tests(suite)
    assert found.found == 11
    assert list(by_hand) == ["some", "not 0", "own sum"]
    assert tests["words"] == {
        "name": "words", "capability": "Vocabulary", "description": "Words of praise", "type": "MFT",
        "expect": "label", "label": 2, "examples": ["good", "great"],
    }  # fmt: skip
    assert tests["pairs of texts"]["examples"] == [{"input": ["p", "q"], "label": 1}, {"input": ["r", "s"], "label": 0}]
    assert tests["labels of each"]["examples"] == [{"inputs": ["a", "b"], "label": [1, 0]}]
    assert (tests["numpy texts"]["examples"], tests["numpy texts"]["expect"]) == (["one", "two"], {"label": 1})
    assert (tests["same"]["examples"], tests["same"]["expect"]) == (
        [["x", "y", "z"]],
        {"same-prediction": {"tolerance": 0.1}},
    )
    assert tests["falls"]["expect"] == {"monotonic": {"direction": "decreasing", "tolerance": 0.1}}
    assert (tests["all are 1"]["type"], tests["all are 1"]["expect"]) == ("MFT", {"label": 1})
    either = [
        {"same-prediction": {"tolerance": 0}},
        {"monotonic": {"direction": "increasing", "tolerance": 0.0, "label": 1}},
    ]
    assert tests["either"]["expect"] == {"any": either}
    assert "1 cases have no variant" in found.notes[0]


def test_a_function_of_the_suites_own_is_named_and_left_to_be_written(suite):
    _, by_hand, _ = read_tests(suite)
    assert by_hand["not 0"]["by-hand"] == "its expectation is the function <lambda> (make.py)"
    assert by_hand["some"]["by-hand"] == "it leaves out cases by the function <lambda> (make.py)"
    assert by_hand["some"]["expect"] == {"same-prediction": {"tolerance": 0.1}}
    assert by_hand["own sum"]["by-hand"] == "a case is judged by the function <lambda> (make.py)"


def test_only_the_cases_that_were_run(suite):
    tests, _, _ = read_tests(suite, only_run=True, limit=0.2)
    assert (tests["words"]["examples"], tests["words"]["max-failure-rate"]) == (["great"], 0.2)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", [2, 3, 5])
def test_older_and_newer_protocols_hold_the_same(stand_ins, suite, protocol):
    path = stand_ins / f"suite-{protocol}.pkl"
    subprocess.run([sys.executable, stand_ins / "make.py", path, str(protocol)], check=True, cwd=stand_ins)
    assert read_tests(path)[:2] == read_tests(suite)[:2]


def test_the_command_writes_what_can_run_and_beside_it_what_cannot(suite, tmp_path, capsys):
    archive = tmp_path / "suite.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(suite, "suite.pkl")
    target = tmp_path / "suite.yaml"
    assert main(["import", "checklist", str(archive), "-o", str(target)]) == 0
    said = capsys.readouterr().out
    assert f"11 tests, 8 converted to {target}, 3 to be finished by hand" in said
    assert "- not 0: its expectation is the function <lambda> (make.py)" in said
    result = run_behaviour(target, lambda inputs: [2] * len(inputs))
    assert [test.status for test in result.tests[:2]] == ["passed", "failed"]
    assert (tmp_path / "suite.yaml.by-hand").is_file()
    assert main(["import", "checklist", str(archive), "-o", str(target)]) == 2
    lines = tmp_path / "suite.jsonl"
    assert main(["import", "checklist", str(archive), "-o", str(lines)]) == 0
    assert next(json.loads(line)["name"] for line in lines.read_text().splitlines()) == "words"
    assert run_behaviour(lines, lambda inputs: [2] * len(inputs)).tests[0].status == "passed"


def function(code, constants=(None, 0), names=("x", "pred"), first=()):
    """Return the record of a function of Python 3.7, as `lambda x, pred, *args: pred != 0`."""
    parts = (*first, 2, 0, 2, 2, 71, code, constants, (), names, "notes.py", "<lambda>", 1, b"", (), ())
    return Made(
        Name("dill._dill", "_create_function"), (Made(Name("types", "CodeType"), parts), {}, "<lambda>", None, None)
    )


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (b"|\x01d\x01k\x03S\x00", (1, False, 0)),
        (b"|\x00d\x01k\x02S\x00", (0, True, 0)),
        (b"|\x01d\x01k\x00S\x00", None),  # pred < 0
        (b"|\x01d\x09k\x03S\x00", None),  # no such constant
        (b"|\x01d\x00k\x03S\x00", None),  # pred != None
        (b"t\x01d\x01k\x03S\x00", None),  # a global name
        (b"|\x01d\x01k\x03S\x00S\x00", None),
        (b"", None),
    ],
)
def test_a_function_that_only_compares_with_a_constant_is_understood(code, found):
    for first in ((), (b"table of lines",)):
        compared = comparison_of(function(code, first=first))
        assert (None if compared is None else (compared.argument, compared.equal, compared.constant)) == found


class Runs:
    """Wants something called when it is unpickled."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


def marker(tmp_path):
    return f"touch {tmp_path}/ran"


def exec_code(tmp_path):
    return f"open({str(tmp_path / 'ran')!r}, 'w').close()"


HOSTILE = {
    "os.system": lambda path: pickle.dumps(Runs(__import__("os").system, (marker(path),))),
    "eval": lambda path: pickle.dumps(Runs(eval, (exec_code(path),))),
    "exec in a list": lambda path: pickle.dumps([1, {"a": Runs(exec, (exec_code(path),))}]),
    "protocol 0": lambda path: f"cos\nsystem\n(S'{marker(path)}'\ntR.".encode(),
    "INST": lambda path: f"(S'{marker(path)}'\nios\nsystem\n.".encode(),
    "OBJ": lambda path: f"(cos\nsystem\nS'{marker(path)}'\no.".encode(),
    "a call of what was made": lambda path: (
        b"\x80\x02cdill._dill\n_get_attr\ncdill._dill\n_import_module\nU\x02os\x85RU\x06system\x86RU"
        + bytes([len(marker(path))])
        + marker(path).encode()
        + b"\x85R."
    ),
    "a name in parts": lambda path: (
        b"\x80\x04\x8c\x02os\x8c\x06system\x93"
        + pickle.dumps((marker(path),), 4)[2:-1].replace(b"\x95", b"\x95")
        + b"R."
    ),
    "a name that is no text": lambda path: b"\x80\x04K\x01K\x02\x93.",
    "dots in a name": lambda path: b"\x80\x04\x8c\x15checklist.test_suite\x8c\x12TestSuite.__init__\x93.",
    "state of a name": lambda path: b"\x80\x02cchecklist.expect\nExpect\n}U\x01aK\x01sb.",
    "state of a number": lambda path: b"\x80\x02K\x01}b.",
    "keywords": lambda path: b"\x80\x04cnumpy\ndtype\n)}\x8c\x01aK\x01s\x92.",
    "EXT": lambda path: b"\x80\x02\x82\x01.",
    "PERSID": lambda path: b"P1\n.",
    "import alone": lambda path: b"\x80\x02cos\nsystem\n.",
    "getattr of a module": lambda path: pickle.dumps(Runs(getattr, (Runs(__import__, ("os",)), "system"))),
    "what a function of a module gives": lambda path: (
        b"\x80\x02cbuiltins\ngetattr\ncdill._dill\n_import_module\nU\x02os\x85RU\x06system\x86R)R."
    ),
    "a call of a name that may only be mentioned": lambda path: b"\x80\x02cnumpy\nload\nU\x01a\x85R.",
    "open": lambda path: b"\x80\x02cbuiltins\nopen\n.",
    "truncated": lambda path: pickle.dumps([1, 2, 3])[:-2],
    "signs of a terminal": lambda path: b"\x80\x04\x8c\x05\x1b[31m\x8c\x01x\x93.",
    "empty": lambda path: b"",
    "no pickle": lambda path: b"tests:\n- name: a\n",
    "an unhashable key": lambda path: b"\x80\x02}]K\x01s.",
    "an empty stack": lambda path: b"\x80\x02R.",
    "a memo that is not there": lambda path: b"\x80\x02h\x07.",
    "no suite": lambda path: pickle.dumps({"tests": {}}),
    "a call with a list": lambda path: b"\x80\x02cnumpy\ndtype\n]R.",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pickle_is_refused_and_nothing_of_it_runs(name, tmp_path, capsys):
    path = tmp_path / "suite.pkl"
    path.write_bytes(HOSTILE[name](tmp_path))
    assert main(["import", "checklist", str(path), "-o", str(tmp_path / "out.yaml")]) == 3
    said = capsys.readouterr().err
    assert said.startswith(f"mlci: {path}: refused: ")
    assert said.endswith("; nothing of it was run\n")
    assert "\x1b" not in said
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "out.yaml").exists()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\x80\x02cos\nsystem\n.", "asks for os.system"),
        (b"\x80\x02cbuiltins\neval\n.", "asks for builtins.eval"),
        (b"\x80\x04\x8c\x05posix\x8c\x06system\x93.", "asks for posix.system"),
        (b"\x80\x02cnumpy\nload\nU\x01a\x85R.", "calls numpy.load"),
        (
            b"\x80\x02cbuiltins\ngetattr\ncdill._dill\n_import_module\nU\x02os\x85RU\x06system\x86R)R.",
            "that it has made itself",
        ),
        (b"(ios\nsystem\n.", "the opcode INST"),
        (b"(cnumpy\ndtype\no.", "the opcode OBJ"),
        (b"\x80\x02cchecklist.expect\nExpect\n}b.", "sets the state"),
    ],
)
def test_what_a_pickle_must_not_do_is_said(raw, reason):
    with pytest.raises(RefusedError, match=reason):
        read(raw)


def test_hostile_pickles_do_run_where_they_are_unpickled(tmp_path):
    for name in ("os.system", "INST", "OBJ", "a name in parts", "protocol 0"):
        pickle.loads(HOSTILE[name](tmp_path))
        (tmp_path / "ran").unlink()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:invalid escape")
def test_a_damaged_pickle_is_refused_or_read_and_nothing_else(suite):
    rng, raw = Random(0), suite.read_bytes()
    ends = []
    for _ in range(500):
        damaged = bytearray(raw)
        for _ in range(rng.choice((1, 1, 3))):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            converted(read(bytes(damaged)), most=100_000)
            ends.append("read")
        except RefusedError:
            ends.append("refused")
    assert 10 < ends.count("read") < 490


def test_few_bytes_cannot_fill_the_memory():
    nested = b"\x80\x02]q\x00(K\x01K\x01e" + b"".join(b"](h%ch%ceq%c" % (at, at, at + 1) for at in range(40)) + b"."
    bomb = nested[:-1]
    made = b"\x80\x02cchecklist.test_types\nMFT\n)R}(U\x04dataU\x00U\x06expectNU\x06labelsNub."
    content = read(made)
    content.state["data"] = read(bomb + b".")
    found = converted(content, most=10_000)
    assert "too many" in found.by_hand[0]["by-hand"]


def test_a_number_that_no_file_can_hold_is_left_out():
    content = read(b"\x80\x02cchecklist.test_types\nMFT\n)R}U\x04data](\x8b\x00\x10\x00\x00" + b"\x7f" * 4096 + b"esb.")
    assert "too large" in converted(content).by_hand[0]["by-hand"]


def archive_of(path, *members):
    with tarfile.open(path, "w:gz") as file:
        for info, content in members:
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return path


def member(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([(member("../suite.pkl"), b"x")], "leads out of it"),
        ([(member("/etc/suite.pkl"), b"x")], "leads out of it"),
        ([(member("suite.pkl", tarfile.SYMTYPE, "/etc/passwd"), b"")], "is a link"),
        ([(member("suite.pkl", tarfile.LNKTYPE, "other"), b"")], "is a link"),
        ([(member("notes.txt"), b"x")], "holds no pickle"),
        ([(member("a.pkl"), b"x"), (member("b.pkl"), b"x")], "several pickles"),
        ([(member("suite.pkl"), b"x" * 2000)], "larger than 1,000 bytes"),
        ([(member("notes.txt"), b"x" * 2000), (member("suite.pkl"), b"x")], "larger than 1,000 bytes"),
    ],
)
def test_archives_that_are_not_safe_are_refused(tmp_path, members, reason):
    path = archive_of(tmp_path / "suite.tar.gz", *members)
    with pytest.raises(CannotRun, match=reason):
        pickle_in(path, shown="suite.tar.gz", most=1000)


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00"])
def test_a_broken_archive_is_one_clear_line(tmp_path, content, capsys):
    path = tmp_path / "suite.tar.gz"
    path.write_bytes(content)
    assert main(["import", "checklist", str(path)]) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_a_missing_file_is_one_clear_line(tmp_path, capsys):
    assert main(["import", "checklist", str(tmp_path / "none.pkl")]) == 3
    assert "No such file" in capsys.readouterr().err


@pytest.mark.slow
def test_one_test_alone_can_be_imported(stand_ins):
    code = textwrap.dedent("""
        import dill
        from checklist.test_types import MFT
        from checklist.expect import Expect
        dill.dump(MFT(['a'], Expect.eq(), labels='x', name='one'), open('one.pkl', 'wb'), recurse=True)
    """)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=stand_ins)
    tests, _, _ = read_tests(stand_ins / "one.pkl")
    assert tests["one"]["label"] == "x"


def test_what_is_no_test_of_checklist_is_refused():
    with pytest.raises(RefusedError, match="no suite and no test"):
        converted([1, 2])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "tests"), [("sentiment", 38), ("qqp", 53), ("squad", 24)])
def test_the_published_suites_are_read(name, tests, tmp_path):
    """Where someone has them: their folder is named by MLCI_CHECKLIST_SUITES."""
    path = Path(os.environ.get("MLCI_CHECKLIST_SUITES", "nowhere")) / f"{name}_suite.tar.gz"
    if not path.is_file():
        pytest.skip("published CheckList suites not found: set MLCI_CHECKLIST_SUITES to their folder")
    found = converted(read(pickle_in(path, shown=path.name)))
    assert found.found == tests
    assert sum(not test["examples"] for test in (*found.tests, *found.by_hand)) <= 1  # one has no variants at all

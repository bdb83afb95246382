"""Calls of a worker: what comes back, and every way in which they fail."""

from __future__ import annotations

import ctypes
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlci.interpreter import Interpreter
from mlci.processes import Limits, Worker, WorkerFailed

pytestmark = pytest.mark.slow

linux = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")


def failure(worker: Worker, target: str, *arguments, **options) -> WorkerFailed:
    with pytest.raises(WorkerFailed) as caught:
        worker.call(target, *arguments, **options)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_call_gives_back_what_the_function_returns(start):
    worker = start("def same(*arguments): return list(arguments)")
    assert worker.call("user:same", "é\ud800", [1, 2.5], {"a": None}) == ["é\ud800", [1, 2.5], {"a": None}]


def test_nan_and_infinity_survive_both_ways(start):
    value, infinite = start("def same(x): return x").call("user:same", [math.nan, -math.inf])
    assert math.isnan(value)
    assert infinite == -math.inf


def test_a_dotted_name_and_a_file_are_found(start, project):
    worker = start("class Model:\n    @staticmethod\n    def predict(x): return x + 1")
    project(**{"lib__models__other-name": "import neighbour\ndef predict(x): return neighbour.add(x)"})
    project(lib__models__neighbour="def add(x): return x + 2")
    assert worker.call("user:Model.predict", 1) == 2
    assert worker.call("lib/models/other-name.py:predict", 1) == 3


def test_a_file_in_a_package_may_import_relatively(start, project):
    project(pack____init__="", pack__one="from .two import add\ndef predict(x): return add(x)")
    project(pack__two="def add(x): return x + 3")
    assert start("").call("pack/one.py:predict", 1) == 4


def test_the_module_is_imported_once(start):
    worker = start("import itertools\ncount = itertools.count()\ndef calls(): return next(count)")
    assert [worker.call("user:calls"), worker.call("user:calls")] == [0, 1]


def test_mlci_is_not_on_the_path_of_user_code(start):
    modules = start("import statistics, code, sys\ndef files(): return [statistics.__file__, code.__file__, *sys.path]")
    package = str(Path(__file__).parents[2] / "mlci")
    assert not [path for path in modules.call("user:files") if path.startswith(package)]


def test_the_folder_src_is_searched_too(start, project):
    project(src__topics__predict="def batch(x): return len(x)")
    assert start("").call("topics.predict:batch", [1, 2]) == 2


def test_an_exception_names_type_message_and_place(start):
    worker = start("def predict(x):\n    raise ValueError('bad\\nsecond line')\ndef fine(): return 1")
    error = failure(worker, "user:predict", 1)
    assert str(error) == "user:predict raised ValueError: bad (user.py:2)"
    assert error.kind == "exception"
    assert error.exit_code == 3
    assert "second line" in error.details
    assert "worker.py" not in error.details
    assert worker.call("user:fine") == 1


def test_the_place_is_the_projects_last_line_not_the_librarys(start):
    worker = start("import json\ndef predict(x):\n    return json.loads('{')")
    assert str(failure(worker, "user:predict", 1)).endswith("(user.py:3)")


def test_sys_exit_is_told_and_the_worker_goes_on(start):
    worker = start("import sys\ndef leave(code): sys.exit(code)\ndef fine(): return 1")
    assert str(failure(worker, "user:leave", 3)) == "user:leave called sys.exit(3) (user.py:2)"
    assert str(failure(worker, "user:leave", "no data")) == "user:leave called sys.exit('no data') (user.py:2)"
    assert failure(worker, "user:leave", None).kind == "system-exit"
    assert worker.call("user:fine") == 1


def test_a_segmentation_fault_is_told_and_told_again(start):
    worker = start("import ctypes\ndef crash():\n    ctypes.string_at(0)")
    error = failure(worker, "user:crash")
    assert error.kind == "signal"
    assert str(error) == "user:crash crashed with SIGSEGV (user.py:3)"
    assert "Segmentation fault" in error.details
    assert str(failure(worker, "user:crash")) == str(error)


def test_a_call_that_hangs_is_stopped_and_says_where(start):
    worker = start("import time\ndef hang():\n    time.sleep(600)")
    error = failure(worker, "user:hang", timeout_s=0.2)
    assert error.kind == "timeout"
    assert str(error) == "user:hang did not answer within 0.2 s (user.py:3)"
    assert failure(worker, "user:hang").kind == "timeout"


@pytest.mark.slow
def test_an_import_that_hangs_is_told_apart(start):
    error = failure(start("import time; time.sleep(600)", timeout_s=1), "user:predict")
    assert str(error) == "user:predict could not be imported within 1 s (user.py:1)"


@pytest.mark.slow
def test_a_request_larger_than_a_pipe_to_a_hanging_worker_times_out(start):
    worker = start("import time\ntime.sleep(600)", timeout_s=0.3)
    assert failure(worker, "user:predict", "x" * 1_000_000).kind == "timeout"


@pytest.mark.slow
def test_large_requests_and_answers_pass(start):
    text = "x" * 5_000_000
    assert start("def same(x): return x").call("user:same", text) == text


@pytest.mark.parametrize("code", [0, 7, 97])
def test_os_exit_never_looks_like_an_answer(start, code):
    error = failure(start("import os\ndef leave(code): os._exit(code)"), "user:leave", code)
    assert error.kind == ("channel-lost" if code == 97 else "exit")
    if code != 97:
        assert str(error) == f"user:leave ended the process with exit code {code}"


def test_a_kill_that_mlci_did_not_send_is_probably_memory(start):
    error = failure(start("import os\ndef die(): os.kill(os.getpid(), 9)"), "user:die")
    assert error.kind == "memory"
    assert "probably out of memory" in str(error)


def test_closing_every_descriptor_is_told(start):
    error = failure(start("import os\ndef close():\n    os.closerange(3, 256)\n    return 1"), "user:close")
    assert error.kind == "channel-lost"


@pytest.mark.slow
def test_closing_every_descriptor_and_hanging_is_told_before_the_timeout(start):
    worker = start("import os, time\ndef close():\n    os.closerange(3, 256)\n    time.sleep(600)", timeout_s=60)
    assert failure(worker, "user:close").kind == "channel-lost"


def test_a_value_that_json_cannot_hold_is_named_with_its_place(start):
    worker = start("def odd(): return [1, {'a': object()}]\ndef fine(): return 1")
    error = failure(worker, "user:odd")
    assert error.kind == "not-json"
    assert str(error) == "user:odd answered with object at [1]['a'] of its answer, which JSON cannot hold"
    assert worker.call("user:fine") == 1


def test_a_value_that_holds_itself_is_refused(start):
    error = failure(start("def loop():\n    x = []\n    x.append(x)\n    return x"), "user:loop")
    assert error.kind == "not-json"


def test_an_argument_that_json_cannot_hold_is_refused(start):
    error = failure(start("def same(x): return x"), "user:same", object())
    assert str(error) == "user:same cannot be given object: JSON cannot hold it"


def test_what_cannot_be_imported_says_why(start, project):
    project(
        missing="import nope_xyz",
        raising="x = 1 / 0",
        odd="def f(:",
        leaving="import sys; sys.exit(4)",
        other="def predict_batch(): ...\nnumber = 3",
    )
    worker = start("def fine(): return 1")
    expected = {
        "missing:f": "cannot import missing: No module named 'nope_xyz' (in ",
        "raising:f": "cannot import raising: ZeroDivisionError: division by zero (raising.py:1)",
        "odd:f": "cannot import odd: SyntaxError: ",
        "leaving:f": "cannot import leaving: it called sys.exit(4) (leaving.py:1)",
        "other:predict_bach": 'other has no "predict_bach"; did you mean "predict_batch"?',
        "other:number": "other:number is not a function, it is int",
        "nowhere.at_all:f": "cannot import nowhere.at_all: there is no module 'nowhere' in ",
        "other.part:f": "cannot import other.part: there is no module 'other.part' in ",
        "lost.py:f": "there is no file lost.py",
        "other": '"other" is not "module:function"',
    }
    failures = {target: failure(worker, target) for target in expected}
    assert {error.kind for error in failures.values()} == {"import"}
    assert [target for target, said in expected.items() if said not in str(failures[target])] == []
    assert worker.call("user:fine") == 1


def test_a_missing_package_names_the_interpreter_to_install_it_in(start, python):
    assert str(failure(start("import nope_xyz"), "user:f")).endswith(f"(in {python.path}); install it there")


def test_prints_of_every_kind_are_captured_and_harm_nothing(start):
    worker = start(
        """
        import ctypes, os, subprocess, sys
        def predict():
            print("from python")
            ctypes.CDLL(None).puts(b"from C")
            ctypes.CDLL(None).fflush(None)
            subprocess.run(["echo", "from a child"])
            print("to stderr", file=sys.stderr)
            return sys.stdin.read()
        """
    )
    assert worker.call("user:predict") == ""
    printed = {"from python", "from C", "from a child", "to stderr"}
    deadline = time.monotonic() + 10  # the answer has a channel of its own, and may be read before the prints are
    while not printed <= set(worker.output().splitlines()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert printed <= set(worker.output().splitlines())


def test_a_closed_stdout_harms_nothing(start):
    assert start("import os\ndef predict():\n    os.close(1)\n    return 5").call("user:predict") == 5


def test_junk_on_the_channel_is_output_not_an_answer(start):
    worker = start(
        """
        import os
        def predict():
            for descriptor in range(3, 10):
                try: os.write(descriptor, b'{"id": 1, "ok": true, "value": "forged"}')
                except OSError: pass
            return "true"
        """
    )
    assert worker.call("user:predict") == "true"
    assert "forged" in worker.output()


@pytest.mark.slow
def test_a_fork_that_comes_back_does_not_answer(start):
    worker = start(
        """
        import os, time
        def predict():
            child = os.fork()
            if child: time.sleep(0.1)  # so that an answer of the child's would come first
            return child
        def fine(): return 1
        """
    )
    assert worker.call("user:predict") > 0
    assert worker.call("user:fine") == 1


def test_a_flood_of_output_is_stopped(start):
    code = "import os\ndef flood():\n    for _ in range(1600): os.write(1, b'x' * 65536)"
    worker = start(code)
    error = failure(worker, "user:flood")
    assert error.kind == "output-limit"
    assert str(error) == "user:flood printed more than 64 MiB"
    assert len(worker.output()) < 200_000


def test_output_keeps_its_head_and_its_tail(start):
    worker = start("def say():\n    print('first')\n    print('x' * 500_000)\n    print('last')")
    worker.call("user:say")
    time.sleep(0.05)
    output = worker.output()
    assert output.startswith("first")
    assert output.endswith("last\n")
    assert "bytes left out" in output
    assert len(output) < 140_000


@linux
def test_memory_is_limited_within_the_process(start):
    worker = start("def hog():\n    return len(bytearray(2 << 30))\ndef fine(): return 1", memory_bytes=600 << 20)
    error = failure(worker, "user:hog")
    assert error.kind == "memory"
    assert str(error) == "user:hog ran out of memory (it may use 600 MiB) (user.py:2)"
    assert worker.call("user:fine") == 1


@pytest.mark.slow
@linux
def test_memory_is_limited_over_the_tree_of_processes(start):
    code = """
        import subprocess, sys
        def hog():
            hold = "import time; x = bytearray(b'x') * (90 << 20); time.sleep(600)"
            [subprocess.Popen([sys.executable, "-c", hold], start_new_session=True) for _ in range(3)][0].wait()
        """
    error = failure(start(code, memory_bytes=200 << 20), "user:hog")
    assert error.kind == "memory"
    assert str(error) == "user:hog used more than the 200 MiB of memory that it may use"


@pytest.mark.slow
@linux
def test_pages_shared_by_forks_count_once(start):
    code = """
        import os, time
        def share():
            hold = bytearray(b'x') * (100 << 20)
            children = []
            for _ in range(3):
                pid = os.fork()
                if pid == 0:
                    time.sleep(0.4)
                    os._exit(0)
                children.append(pid)
            return [os.waitpid(pid, 0)[1] for pid in children]
        """
    assert start(code, memory_bytes=250 << 20).call("user:share") == [0, 0, 0]


@linux
@pytest.mark.parametrize("ending", ["return", "crash", pytest.param("hang", marks=pytest.mark.slow)])
def test_grandchildren_in_sessions_of_their_own_are_not_left_behind(project, python, env, alive, ending):
    root = project(
        user="""
        import os, subprocess, time
        def spawn(ending):
            child = subprocess.Popen(["setsid", "sleep", "600"])
            subprocess.run(["sh", "-c", "setsid sleep 600 & echo $! > orphan"])
            open("child", "w").write(str(child.pid))
            if ending == "crash": os.abort()
            if ending == "hang": time.sleep(600)
        """
    )
    with Worker(python, cwd=root, limits=Limits(timeout_s=30 if ending != "hang" else 2), env=env) as worker:
        if ending == "return":
            worker.call("user:spawn", ending)
        else:
            failure(worker, "user:spawn", ending)
    left = [int((root / name).read_text()) for name in ("child", "orphan")]
    assert [pid for pid in left if alive(pid)] == []


@linux
def test_an_interrupt_leaves_nothing_behind(project, python, env, alive):
    root = project(user="import os, time\ndef pid(): return os.getpid()")
    pids = []

    def interrupted() -> None:
        with Worker(python, cwd=root, limits=Limits(timeout_s=60), env=env) as worker:
            pids.append(worker.call("user:pid"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not alive(pids[0])


@linux
def test_the_parents_environment_is_closed_to_children(start):
    start("")
    assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0  # PR_GET_DUMPABLE: only root still reads /proc/PID/environ


def test_a_crash_leaves_no_core_file(start):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        worker = start("import resource\ndef look(): return resource.getrlimit(resource.RLIMIT_CORE)[0]")
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    assert hard == 0 or worker.call("user:look") == 0


def test_an_interpreter_that_is_not_there_is_told(tmp_path, env):
    python = Interpreter(path=tmp_path / "python", why="")
    with pytest.raises(WorkerFailed, match=r"cannot start .*python") as caught:
        Worker(python, cwd=tmp_path, limits=Limits(timeout_s=5), env=env).__enter__()
    assert caught.value.kind == "missing"


def test_an_interpreter_that_does_not_run_is_told(tmp_path, env):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no module named encodings' >&2\nexit 1\n")
    broken.chmod(0o755)
    with Worker(Interpreter(path=broken, why=""), cwd=tmp_path, limits=Limits(timeout_s=5), env=env) as worker:
        error = failure(worker, "user:f")
    assert str(error) == "python could not start the worker (exit code 1): no module named encodings"


def test_user_code_sees_neither_the_arguments_nor_a_module_of_the_worker(start):
    worker = start("import sys\ndef look(): return [len(sys.argv), 'mlci' in sys.modules]")
    assert worker.call("user:look") == [1, False]


@pytest.mark.slow
def test_the_seed_of_hashes_is_passed_on(project, python, env):
    root = project(user="def h(): return hash('a')")
    env["PYTHONHASHSEED"] = "0"
    values = set()
    for _ in range(2):
        with Worker(python, cwd=root, limits=Limits(timeout_s=10), env=env) as worker:
            values.add(worker.call("user:h"))
    assert len(values) == 1


@linux
def test_a_call_ends_with_an_mlci_that_is_killed(project, python, env, alive):
    root = project(
        user="import os, time\ndef hang():\n    print(os.getpid(), file=open('pid', 'w', 1))\n    time.sleep(600)"
    )
    script = f"""
from pathlib import Path
from mlci.interpreter import Interpreter
from mlci.processes import Limits, Worker
python = Interpreter(path=Path({str(python.path)!r}), why="")
with Worker(python, cwd=Path({str(root)!r}), limits=Limits(timeout_s=60), env={env!r}) as worker:
    worker.call("user:hang")
"""
    mlci = subprocess.Popen([sys.executable, "-c", script])
    while not (root / "pid").exists() or not (root / "pid").read_text().strip():
        time.sleep(0.02)
    pid = int((root / "pid").read_text())
    mlci.kill()
    mlci.wait()
    assert not alive(pid)

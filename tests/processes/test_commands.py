"""Commands of the project: how each can end."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from mlci.processes import Limits, run_command
from mlci.processes.command import _HEARTBEAT_S

linux = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux")


@pytest.fixture
def run(python, env, tmp_path):
    def ran(*argv: str, timeout_s: float = 30, **limits: int):
        chosen = Limits(timeout_s=timeout_s, **limits)
        return run_command(argv, python=python, cwd=tmp_path, limits=chosen, env=env)

    return ran


def test_output_and_exit_code_are_kept_apart(run):
    ended = run("sh", "-c", "echo out; echo err >&2; exit 3")
    assert (ended.kind, ended.returncode, ended.stdout, ended.stderr) == ("exit", 3, "out\n", "err\n")
    assert ended.reason == "ended the process with exit code 3"
    assert ended.duration_s > 0


def test_arguments_arrive_as_they_are_and_through_no_shell(run):
    arguments = ["a b", "$HOME", "é\n", "--", ""]
    ended = run(sys.executable, "-c", "import sys, json; print(json.dumps(sys.argv[1:]))", *arguments)
    assert ended.stdout == '["a b", "$HOME", "\\u00e9\\n", "--", ""]\n'


def test_a_command_that_is_not_there_is_missing(run):
    ended = run("no-such-command", "x")
    assert (ended.kind, ended.returncode) == ("missing", None)
    assert ended.reason == "cannot be started: No such command: no-such-command"


def test_a_script_of_the_project_runs_by_its_relative_path(run, tmp_path):
    script = tmp_path / "prepare.sh"
    script.write_text("#!/bin/sh\necho ready\n")
    script.chmod(0o755)
    assert run("./prepare.sh").stdout == "ready\n"


def test_a_file_that_is_no_program_says_so(run, tmp_path):
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    ended = run("./broken")
    assert (ended.kind, ended.returncode) == ("exit", 126)
    assert "cannot start ./broken" in ended.stderr


def test_stdin_is_empty(run):
    assert run("cat").returncode == 0


@pytest.mark.slow
def test_out_of_time_it_may_tidy_up(run):
    ended = run("sh", "-c", "trap 'echo tidied; exit 0' TERM; sleep 600 & wait", timeout_s=1)
    assert (ended.kind, ended.reason) == ("timeout", "did not end within 1 s")
    assert ended.stdout == "tidied\n"


@pytest.mark.slow
def test_out_of_time_python_says_where(python, env, tmp_path):
    argv = [sys.executable, "-X", "faulthandler", "-c", "import time; time.sleep(600)"]
    limits = Limits(timeout_s=1)
    ended = run_command(argv, python=python, cwd=tmp_path, limits=limits, env=env, on_timeout=signal.SIGABRT)
    assert ended.kind == "timeout"
    assert "most recent call first" in ended.stderr


def test_a_crash_is_named(run):
    ended = run("sh", "-c", "kill -SEGV $$")
    assert (ended.kind, ended.reason) == ("signal", "crashed with SIGSEGV")


def test_a_kill_that_mlci_did_not_send_is_probably_memory(run):
    assert run("sh", "-c", "kill -KILL $$").kind == "memory"


def test_a_flood_is_stopped(run):
    ended = run("sh", "-c", "yes | head -c 100000000", output_bytes=1 << 20)
    assert (ended.kind, ended.reason) == ("output-limit", "printed more than 1 MiB")


def test_a_pipe_that_closes_ends_the_command_as_in_a_shell(run):
    assert run("bash", "-c", "yes | head -n 1; exit ${PIPESTATUS[0]}").returncode == 128 + signal.SIGPIPE


@linux
def test_the_memory_limit_holds_for_the_command(run):
    ended = run(sys.executable, "-c", "bytearray(1 << 30)", memory_bytes=300 << 20)
    assert ended.returncode == 1
    assert "MemoryError" in ended.stderr


@linux
def test_what_it_leaves_in_the_background_does_not_live_on(run, alive):
    assert not alive(int(run("sh", "-c", "setsid sleep 600 & echo $!").stdout))


@pytest.mark.slow
@linux
def test_an_interrupt_kills_it(python, env, tmp_path, monkeypatch, alive):
    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mlci.processes.command._HEARTBEAT_S", 0.2)
    argv = ["sh", "-c", "echo $$ > pid; sleep 600"]
    with pytest.raises(KeyboardInterrupt):
        run_command(argv, python=python, cwd=tmp_path, limits=Limits(timeout_s=60), env=env, progress=interrupt)
    assert not alive(int((tmp_path / "pid").read_text()))
    assert _HEARTBEAT_S >= 5

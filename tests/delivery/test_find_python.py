""".ci/find-python: the interpreter that the Makefile builds the environment with."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def found(root: Path, *names: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    shell = shutil.which("sh")
    assert shell
    environ = {"PATH": str(path)} if path else None
    script = [shell, str(root / ".ci" / "find-python"), *names]
    return subprocess.run(script, env=environ, capture_output=True, text=True, check=False)


def executable(folder: Path, name: str, line: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    file.chmod(0o755)


def test_the_interpreter_named_is_taken(root: Path) -> None:
    assert found(root, sys.executable).stdout.strip() == sys.executable


def test_one_that_is_too_old_or_broken_is_passed_over(root: Path, tmp_path: Path) -> None:
    executable(tmp_path, "python3", "exit 127")
    executable(tmp_path, "python3.12", f'exec "{sys.executable}" "$@"')
    assert found(root, path=tmp_path).stdout.strip() == str(tmp_path / "python3.12")


@pytest.mark.parametrize("names", [(), ("python3.10",)])
def test_none_is_said_with_the_way_out(root: Path, tmp_path: Path, names: tuple[str, ...]) -> None:
    done = found(root, *names, path=tmp_path)
    assert done.returncode == 1
    assert "No Python of 3.11 or later" in done.stderr
    assert "make PYTHON=" in done.stderr

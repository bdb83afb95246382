"""Commit hooks beside the imports that a hook cannot do without: processor time of whole processes, and ratios.

Run `python benchmarks/hooks.py [rounds]`. A round runs every command once, in turn, so that a busy machine slows all
of them alike; of each the least is taken. Great Expectations joins where it is installed. A hook with nothing to do
may take 1.5 times `import argparse, yaml`, the data hook on a changed file of 1,000 rows 3 times `import duckdb`, and
a tenth of Great Expectations.
"""

from __future__ import annotations

import importlib.util
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROWS = 1_000
CONFIG = """version: 1
data:
  people:
    path: people.csv
    key: id
    expect:
      - expect_column_values_to_be_unique: {column: id}
      - expect_column_values_to_not_be_null: {column: tag, mostly: 0.99}
      - expect_column_values_to_be_between: {column: value, min_value: -10, max_value: 10}
      - expect_column_values_to_be_in_set: {column: tag, value_set: [a, b, c, d]}
"""
GREAT_EXPECTATIONS = """
import great_expectations as gx, great_expectations.expectations as gxe
context = gx.get_context(mode="ephemeral")
batch = context.data_sources.pandas_default.read_csv("people.csv")
suite = gx.ExpectationSuite(name="people", expectations=[
    gxe.ExpectColumnValuesToBeUnique(column="id"),
    gxe.ExpectColumnValuesToNotBeNull(column="tag", mostly=0.99),
    gxe.ExpectColumnValuesToBeBetween(column="value", min_value=-10, max_value=10),
    gxe.ExpectColumnValuesToBeInSet(column="tag", value_set=["a", "b", "c", "d"]),
])
assert batch.validate(suite).success
"""
PYTHON = (sys.executable, "-c")
MLCI = (sys.executable, "-m", "mlci")
COMMANDS: dict[str, tuple[str, ...]] = {
    "import argparse, yaml": (*PYTHON, "import argparse, yaml"),
    "import duckdb": (*PYTHON, "import duckdb"),
    "mlci data README.md": (*MLCI, "data", "README.md"),
    "mlci data people.csv": (*MLCI, "data", "people.csv"),
}
RATIOS = (
    ("mlci data README.md", "import argparse, yaml", 1.5),
    ("mlci data people.csv", "import duckdb", 3),
    ("mlci data people.csv", "Great Expectations", 0.1),
)


def lay_out(folder: Path) -> None:
    """Make a repository with one file of data, of which one row is another than at HEAD."""
    draw = random.Random(0)
    rows = [f"{i},{draw.choice('abcd')},{draw.gauss(0, 1):.6f},text {i} {draw.random():.4f}" for i in range(ROWS)]
    _write(folder / "people.csv", rows)
    (folder / "mlci.yaml").write_text(CONFIG)
    (folder / "README.md").write_text("people\n")
    identity = ("-c", "user.name=mlci", "-c", "user.email=mlci@example.com")
    for words in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "people"]):
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)
    _write(folder / "people.csv", [*rows[:3], "3,a,0.5,another", *rows[4:]])


def _write(path: Path, rows: list[str]) -> None:
    path.write_text("\n".join(["id,tag,value,text", *rows, ""]))


def seconds(command: tuple[str, ...], folder: Path) -> float:
    """Return the processor time of a process and of what it started, which must succeed."""
    # Compiled modules are what an installed hook has; where they may not be written, compiling them is measured.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ["PRE_COMMIT"] = "1"  # as pre-commit sets it
    process = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main(rounds: int) -> None:
    """Measure, and print the table."""
    commands = dict(COMMANDS)
    if importlib.util.find_spec("great_expectations"):
        commands["Great Expectations"] = (*PYTHON, GREAT_EXPECTATIONS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder)
        for command in commands.values():
            seconds(command, folder)  # what is kept for the next run is written
        found = [{name: seconds(command, folder) for name, command in commands.items()} for _ in range(rounds)]
    least = {name: min(each[name] for each in found) for name in commands}
    for name, value in least.items():
        print(f"{value * 1000:8.0f} ms  {name}")
    for one, other, most in RATIOS:
        if other in least:
            print(f"{least[one] / least[other]:8.2f} of {most}  {one} / {other}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)

"""Data that Spark reads, in a process of its own as a user runs it."""

import json
import os
import shutil
import subprocess
import sys

import polars as pl
import pytest

pytestmark = pytest.mark.slow

CONFIG = """
version: 1
data:
  parquet:
    spark: {path: events}
    expect: &expect
      - expect_column_values_to_be_unique: {column: id}
      - expect_column_values_to_match_regex: {column: word, regex: "^(?!x)"}
  csv:
    spark: {path: events.csv, format: csv, options: {header: true, inferSchema: true}}
    expect:
      - expect_column_sum_to_be_between: {column: id, max_value: 4}
  query:
    spark: {query: "select id + 1 as id, 'x' as word from range(3)"}
    expect:
      - expect_column_values_to_be_unique: {column: id}
  gone:
    spark: {table: sales.orders}
    expect: *expect
"""


def ran(root, **environ):
    command = [sys.executable, "-m", "mlci", "data", "--out", str(root / "out")]
    done = subprocess.run(
        command, cwd=root, env=os.environ | environ, capture_output=True, text=True, check=False, timeout=300
    )
    gate = json.loads((root / "out" / "results.json").read_text())["gates"][0]
    return done, {check["id"]: check for check in gate["checks"]}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "mlci.yaml").write_text(CONFIG)
    (tmp_path / "events").mkdir()
    rows = pl.DataFrame({"id": [1, 2, 2], "word": ["ant", "xi", None]})
    rows.write_parquet(tmp_path / "events" / "part-0.parquet")
    rows.write_csv(tmp_path / "events.csv")
    return tmp_path


@pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed (Debian: openjdk-17-jre-headless)")
def test_files_tables_and_queries(project):
    done, checks = ran(project)
    seen = {name: (check["status"], check["details"].get("unexpected_count")) for name, check in checks.items()}
    unique, regex = "expect_column_values_to_be_unique.id", "expect_column_values_to_match_regex.word"
    assert seen == {
        f"data.parquet.{unique}": ("failed", 2),
        f"data.parquet.{regex}": ("failed", 1),
        "data.csv.expect_column_sum_to_be_between.id": ("failed", None),
        f"data.query.{unique}": ("passed", 0),
        "data.gone.file": ("errored", None),
    }
    assert checks["data.gone.file"]["summary"] == "`Spark sales.orders` could not be read"
    assert checks["data.gone.file"]["reason"].startswith("cannot be read: ")
    assert done.returncode == 3
    assert not any(word in done.stdout + done.stderr for word in ("WARN", "log4j", "Warning", "Traceback"))
    assert {path.name for path in project.iterdir()} == {"mlci.yaml", "events", "events.csv", "out"}


def test_without_java_the_advice_is_clear(project, tmp_path_factory):
    bare = tmp_path_factory.mktemp("bin")
    for name in ("bash", "sh", "ps", "dirname", "nohup", "git"):
        if shutil.which(name):
            (bare / name).symlink_to(shutil.which(name))
    done, checks = ran(project, PATH=str(bare), JAVA_HOME="")
    assert {check["status"] for check in checks.values()} == {"errored"}
    assert "Spark needs Java, which did not start. Install Java 17 or later" in checks["data.parquet.file"]["reason"]
    assert "Traceback" not in done.stdout + done.stderr

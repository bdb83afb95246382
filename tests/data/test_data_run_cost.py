"""What a run of the data gate in a hook does not do: speed is lost by imports, engines and processes."""

import json
import subprocess
import sys

import pytest

from mlci.config.load import load

CONFIG = """
version: 1
data:
  people: {path: people.csv, key: id, expect: [{expect_column_values_to_be_unique: {column: id}}]}
"""
COUNTED = """
import json, sys
git, engines = [], []
sys.addaudithook(lambda event, about: event == "subprocess.Popen" and git.append(list(about[1])))
import duckdb
connect = duckdb.connect
duckdb.connect = lambda *args, **kwargs: engines.append(1) or connect(*args, **kwargs)
from mlci.cli import main
code = main(["data", "people.csv", "--quiet"])
print(json.dumps({"code": code, "git": git, "engines": len(engines), "modules": sorted(sys.modules)}))
"""


@pytest.fixture
def repository(tmp_path):
    def git(*words):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "mlci.yaml").write_text(CONFIG)
    rows = "".join(f"{number},b\n" for number in range(2, 400))
    (tmp_path / "people.csv").write_text(f"id,tag\n1,a\n{rows}")
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "people")
    (tmp_path / "people.csv").write_text(f"id,tag\n1,c\n{rows}")
    load(None, start=tmp_path)  # compiles it
    return tmp_path


@pytest.mark.slow
def test_a_changed_file_takes_one_engine_few_processes_and_no_module_that_it_does_not_need(repository):
    done = subprocess.run([sys.executable, "-c", COUNTED], cwd=repository, capture_output=True, text=True, check=False)
    counted = json.loads(done.stdout.splitlines()[-1])
    report = json.loads((repository / "mlci-report" / "results.json").read_text())
    assert (counted["code"], report["gates"][0]["data_changes"][0]["changed"]) == (0, 1)
    assert counted["engines"] == 1
    assert len(counted["git"]) <= 8, counted["git"]
    unneeded = {"yaml", "pydantic", "requests", "scipy", "pandas", "pyarrow", "mlci.documents", "mlci.model.paired"}
    unneeded |= {"mlci.expectations.divergence", "mlci.expectations.json_schema", "mlci.config.check"}
    assert unneeded & set(counted["modules"]) == set()

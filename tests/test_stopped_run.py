"""A run that no gate came to leaves reports that say so, in place of those of an earlier run."""

import xml.etree.ElementTree as ET

import pytest

from mlci.cli import main
from mlci.results.files import read

pytestmark = pytest.mark.slow

BROKEN = "version: 1\ndata:\n  tags:\n    pat: x.csv\n    expect: 3\nmetric: {}\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mlci-report").mkdir()
    for name in ("results.json", "summary.md"):
        (tmp_path / "mlci-report" / name).write_text("of an earlier run")
    return tmp_path


def test_broken_configuration_is_in_every_report(project, capsys):
    (project / "mlci.yaml").write_text(BROKEN)
    assert main(["run"]) == 2
    assert "mlci.yaml:4 data.tags.pat: unknown key" in capsys.readouterr().err
    folder = project / "mlci-report"
    results = read(folder / "results.json")
    assert [(one.key, one.where.line, one.usage) for one in results.problems] == [
        ("data.tags.pat", 4, True),
        ("data.tags.expect", 5, True),
        ("metric", 6, True),
    ]
    summary = (folder / "summary.md").read_text()
    assert summary.startswith("### 🛑 mlci: could not run\n\n**<code>data.tags.pat</code>")
    assert "No gate ran" in summary
    assert "No gate ran" in (folder / "report.html").read_text()
    assert ET.parse(folder / "junit.xml").getroot().get("errors") == "3"


def test_reports_of_a_stopped_run_give_its_exit_code(project):
    (project / "mlci.yaml").write_text(BROKEN)
    assert main(["run", "--out", "there"]) == 2
    assert main(["report", "there"]) == 2
    (project / "mlci.yaml").write_text("version: 1\nmetrics: {a.json: {b: {min: 0}}}\n")
    (project / "a.json").write_text('{"b": 1}')
    assert main(["run", "--out", "well"]) == 0
    assert main(["report", "there", "well", "--out", "both"]) == 2
    assert [leg.verdict for leg in read(project / "both" / "results.json").legs] == ["errored", "passed"]


def test_request_that_cannot_be_met_is_reported(project):
    (project / "mlci.yaml").write_text("version: 1\nmetrics: {a.json: {b: {min: 0}}}\n")
    assert main(["run", "dat"]) == 2
    (problem,) = read(project / "mlci-report" / "results.json").problems
    assert problem.text == 'unknown gate "dat", did you mean "data"?'


def test_nothing_is_written_where_there_is_no_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 2
    assert list(tmp_path.iterdir()) == []

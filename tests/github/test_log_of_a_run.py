"""What a run on a hostile project prints, read as GitHub's runner reads it: it finds no command but ours."""

import json
import os
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

COMMANDS = {"add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning", "command", "section"}  # fmt: skip
EVIL = "::error::evil"
OLD = "##[error]evil"
HOSTILE = [EVIL, f"  {EVIL}", OLD, f"a {OLD}", f"\r{EVIL}", f"a\r{EVIL}", f"a\n{EVIL}", f"\u2028{EVIL}", f"\x1b[2K{EVIL}", f"\ufeff{EVIL}", "::stop-commands::x", "::add-mask::a", "::endgroup::", "%0A::error::evil", "::set-env name=A::b", "|"]  # fmt: skip


class Runner:
    """Finds commands in a log by the runner's own rules: `::name …::` first in a line, `##[name …]` anywhere in it."""

    def __init__(self):
        self.found, self._stopped = [], None

    def read(self, log):
        for line in re.split("\r\n|\n|\r", log):
            command = self._new(line) or self._old(line)
            if command:
                self._obey(*command)
        return self.found

    def _new(self, line):
        start = re.sub("^[\\s\x1c-\x1f\x85\u00a0\u2028\u2029\ufeff\u200b]+", "", line)
        found = re.match(r"::(?P<info>.*?)::(?P<data>.*)", start)
        return (found["info"].partition(" ")[0], found["data"], line) if found else None

    def _old(self, line):
        found = re.search(r"##\[(?P<info>[^\]]*)\](?P<data>.*)", line)
        return (found["info"].partition(" ")[0], found["data"], line) if found else None

    def _obey(self, name, data, line):
        if self._stopped:
            self._stopped = None if name == self._stopped else self._stopped
        elif name == "stop-commands":
            self._stopped = data
        elif name in COMMANDS:
            self.found.append((name, line))


def test_the_reader_reads_as_the_runner_does():
    log = f"a ::error::b\n {EVIL}\n##[x\nx ##[group]y\n::stop-commands::t\n{EVIL}\n::t::\n::notice title=a::b\r::warning::c"
    assert [name for name, _ in Runner().read(log)] == ["error", "group", "notice", "warning"]


@pytest.fixture
def project(tmp_path):
    """A project whose names, values, outputs and tests are all hostile."""
    import csv

    names = [name for name in HOSTILE if "\x00" not in name]
    with (tmp_path / f"{OLD}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(f"{name}{place}" for place, name in enumerate(names))])
        writer.writerows([[1, *names], [1, *names[::-1]], ["", *names]])
    (tmp_path / "numbers.json").write_text(json.dumps(dict.fromkeys(names, 0.5)))
    (tmp_path / "model.py").write_text(
        f"import sys\nHOSTILE = {HOSTILE!r}\n"
        "print('\\n'.join(HOSTILE))\nprint('\\n'.join(HOSTILE), file=sys.stderr)\n"
        "def predict(inputs):\n    print('::error::evil')\n    return [HOSTILE[len(str(one)) % len(HOSTILE)] for one in inputs]\n"
        "def broken(inputs):\n    raise ValueError('\\n'.join(HOSTILE))\n"
    )
    (tmp_path / "test_evil.py").write_text(
        f"import pytest\nHOSTILE = {HOSTILE!r}\n"
        "@pytest.mark.parametrize('evil', HOSTILE, ids=HOSTILE)\ndef test_evil(evil):\n    print(evil)\n    assert evil == '', '\\n'.join(HOSTILE)\n"
    )
    (tmp_path / "suite.yaml").write_text(json.dumps({"tests": [{"name": name, "capability": name, "type": "MFT", "template": f"{name} {{a}}", "expect": {"label": name}} for name in HOSTILE[:4]], "lexicons": {"a": HOSTILE}}))  # fmt: skip
    with (tmp_path / "holdout.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label"])
        writer.writerows([place, name, name] for place, name in enumerate(names * 2))
    config = {
        "version": 1,
        "project": EVIL,
        "show-values": True,
        "code": {"pytest": ["test_evil.py"]},
        "data": {
            EVIL: {"path": f"{OLD}.csv".replace("[", "[[]"), "expect": [{"expect_column_values_to_be_unique": {"column": "id"}}, *({"expect_column_values_to_be_in_set": {"column": f"{name}{place}", "value_set": [EVIL, OLD]}} for place, name in enumerate(names))]},
            OLD: {"path": f"{EVIL}.csv", "expect": [{"expect_column_to_exist": {"column": EVIL}}]},
        },
        "model": {
            EVIL: {"predict": "model:predict", "evaluate": {"data": "holdout.csv", "input": "text", "label": "label", "id": "id"}, "metrics": {"accuracy": {"min": 0.9}}, "slices": {"by": ["label"]}, "behaviour": ["suite.yaml"], "min-slice-size": 1},
            OLD: {"predict": "model:broken", "evaluate": {"data": "holdout.csv", "input": "text", "label": "label", "id": "id"}, "metrics": {"accuracy": {"min": 0.9}}},
        },
        "metrics": {"numbers.json": {name: {"min": 0.9} for name in names if "." not in name}},
    }  # fmt: skip
    (tmp_path / "mlci.yaml").write_text(json.dumps(config))
    return tmp_path


def process(folder, *words, **environ):
    event = folder / "event.json"
    event.write_text(json.dumps({"number": 7, "pull_request": {"number": 7, "head": {"sha": "b" * 40}}}))
    known = {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event), "GITHUB_REPOSITORY": "octo-org/topics", "GITHUB_HEAD_REF": "##[error]evil", **environ}  # fmt: skip
    command = [sys.executable, "-m", "mlci", *words]
    return subprocess.run(command, check=False, cwd=folder, env={**os.environ, **known}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="surrogateescape", timeout=300)  # fmt: skip


@pytest.mark.parametrize("words", [("--verbose",), ("--quiet", "--format", "markdown"), ("--format", "json")])
def test_log_of_a_run_holds_no_command(project, words):
    done = process(project, "run", *words)
    assert done.returncode in (1, 3), done.stdout
    assert Runner().read(done.stdout) == []
    assert "evil" in done.stdout
    again = process(project, "report", "mlci-report", *words)
    assert again.returncode == done.returncode
    assert Runner().read(again.stdout) == []


@pytest.mark.parametrize("config", [f'"{EVIL}": 1\nversion: 1', f'version: 1\ncode: {{"a {OLD}": 1}}', f"{OLD}: [", f'version: 1\nmodel: {{"{OLD}": {{"predict": "{OLD}"}}}}'])  # fmt: skip
def test_log_of_a_broken_configuration_holds_no_command(project, config):
    (project / "mlci.yaml").write_text(config)
    done = process(project, "run")
    assert done.returncode == 2, done.stdout
    assert Runner().read(done.stdout) == []


def test_log_of_publishing_holds_our_annotations_alone(project, github, tmp_path):
    process(project, "run")
    done = process(project, "publish", "mlci-report", GITHUB_API_URL=github.url, GITHUB_TOKEN="t0ken", GITHUB_OUTPUT=str(tmp_path / "output"), GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))  # fmt: skip
    assert done.returncode == 0, done.stdout
    found = Runner().read(done.stdout)
    assert 1 <= len(found) <= 11
    for name, line in found:
        assert name in ("error", "warning")
        assert re.fullmatch(r"::\w+ (?:file=[^,:]*,(?:line=\d+,)?)?title=mlci%3A [^,:]*::.*", line)
    assert len(github.bodies()) == 1

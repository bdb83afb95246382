"""README and docs say what the code does: every block of YAML is checked, every command is one that exists."""

import contextlib
import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mlci.cli import COMMANDS, _parser
from mlci.config.check import check

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language):
    return [
        pytest.param(found.group(2), id=f"{page.name}:{page.read_text()[: found.start()].count(chr(10)) + 2}")
        for page in PAGES
        for found in FENCE.finditer(page.read_text())
        if found.group(1) == language
        and page.name != "plugins.md"  # a whole project: tests/vocabulary runs it
        and (page.name, language) != ("training.md", "python")  # test files: tests/testing runs them
    ]


def commands():
    found = []
    for block in [*blocks("console"), *blocks("sh")]:
        lines = [line.removeprefix("$ ") for line in block.values[0].splitlines() if line.strip()]
        found += [pytest.param(line, id=f"{block.id} {line[:40]}") for line in lines]
    return found


def schema_errors(schema, document, tmp_path):
    file = tmp_path / "document.yml"
    file.write_text(document)
    tool = Path(sys.executable).with_name("check-jsonschema")
    if not tool.exists():
        pytest.skip("check-jsonschema is not installed: `pip install --group delivery`")
    done = subprocess.run([tool, "--builtin-schema", schema, file], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode else ""


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_block_of_yaml_is_valid(text, tmp_path):
    document = yaml.safe_load(text)
    if "jobs" in document:
        assert schema_errors("vendor.github-workflows", text, tmp_path) == ""
    elif "repos" in document:
        known = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
        used = {hook["id"] for repo in document["repos"] for hook in repo["hooks"]}
        assert used <= known
    elif "tests" in document:
        from mlci.model.behaviour.parse import read_suite

        assert read_suite(document, root=tmp_path).tests
    else:
        check(text.encode(), "mlci.yaml")


@pytest.mark.parametrize("line", commands())
def test_every_command_exists(line):
    words = shlex.split(line, comments=True)
    program, *arguments = words
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert set(arguments) <= set(targets)
    elif program == "mlci":
        _parser(arguments).parse_args(arguments)
    else:
        assert program in ("pip", "pre-commit", "docker", "git", "python", ".venv/bin/pre-commit", ".venv/bin/mlci"), (
            line
        )


@pytest.mark.parametrize("block", blocks("python"))
def test_every_block_of_python_runs(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").write_text("id,label\n1,a\n2,b\n")
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(block, "block", "exec"), {"__name__": "block"})


def test_links_lead_somewhere():
    links = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
    broken = [
        f"{page.name}: {target}"
        for page in PAGES
        for target in links.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_generated_pages_and_schemas_are_up_to_date():
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_that_is_printed_accepts_the_examples():
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed: `pip install --group delivery`")
    done = subprocess.run(
        [sys.executable, "-m", "mlci", "config", "schema"], capture_output=True, text=True, check=True
    )
    schema = json.loads(done.stdout)
    for example in (ROOT / "examples").glob("*/mlci.yaml"):
        jsonschema.validate(yaml.safe_load(example.read_text()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": 1, "code": {"pytst": []}}, schema)


def test_the_readme_names_every_gate_hook_and_exit_code():
    text = (ROOT / "README.md").read_text()
    hooks = [hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())]
    for word in [*hooks, "**code**", "**data**", "**model**", "**metrics**"]:
        assert word in text
    for code in (0, 1, 2, 3, 130):
        assert f"| {code} |" in text


def test_help_and_readme_agree_on_the_exit_codes():
    done = subprocess.run([sys.executable, "-m", "mlci", "--help"], capture_output=True, text=True, check=True)
    for code in (0, 1, 2, 3, 130):
        assert re.search(rf"^  {code} +\S", done.stdout, re.MULTILINE)
    for name in COMMANDS:
        assert re.search(rf"^    {name}\b", done.stdout, re.MULTILINE), name


def test_nothing_is_left_to_do():
    words = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error")
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for folder in ("mlci", "examples", "docs", "action")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in (".py", ".md", ".yaml", ".yml", "")
        for word in words
        if word in path.read_text(errors="replace")
    ]
    assert found == []

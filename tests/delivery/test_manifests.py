"""action.yml, the hooks and the workflows: what GitHub, pre-commit and a security check say of them."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

GATES = {"code", "data", "model", "metrics"}
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")


def loaded(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def steps_of(path: Path) -> list[dict[str, Any]]:
    document = loaded(path)
    if "runs" in document:
        return document["runs"]["steps"]
    return [step for job in document["jobs"].values() for step in job["steps"]]


def yaml_of_github(root: Path) -> list[Path]:
    return [root / "action.yml", *sorted((root / ".github" / "workflows").glob("*.yml"))]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", ".github/workflows/*.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
    ],
)
def test_files_for_github_fit_its_schemas(root: Path, tool: Callable[[str], str], schema: str, pattern: str) -> None:
    files = [str(path) for path in root.glob(pattern)]
    assert files
    done = subprocess.run(
        [tool("check-jsonschema"), "--builtin-schema", schema, *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing_in_action_and_workflows(root: Path, tool: Callable[[str], str]) -> None:
    done = subprocess.run(
        [tool("zizmor"), "--offline", "--quiet", "--no-config", "action.yml", ".github"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verb", "file"), [("validate-manifest", ".pre-commit-hooks.yaml"), ("validate-config", ".pre-commit-config.yaml")]
)
def test_pre_commit_takes_the_file(root: Path, tool: Callable[[str], str], verb: str, file: str) -> None:
    done = subprocess.run([tool("pre-commit"), verb, str(root / file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_expression_stands_in_a_script(root: Path) -> None:
    for path in yaml_of_github(root):
        for step in steps_of(path):
            assert "${{" not in step.get("run", ""), f"{path.name}: {step}"


def test_every_action_of_others_is_pinned_to_a_commit(root: Path) -> None:
    for path in yaml_of_github(root):
        used = [step["uses"] for step in steps_of(path) if "uses" in step]
        foreign = [name for name in used if not name.startswith("./")]
        assert [name for name in foreign if not PINNED.match(name)] == []


def test_every_input_reaches_a_step_under_a_name_of_mlci(root: Path) -> None:
    action = loaded(root / "action.yml")
    places = [(key, value) for step in action["runs"]["steps"] for key, value in step.get("env", {}).items()]
    places += [
        ("MLCI_WORKING_DIRECTORY", step["working-directory"])
        for step in action["runs"]["steps"]
        if "working-directory" in step
    ]
    for name in action["inputs"]:
        keys = {key for key, value in places if value == f"${{{{ inputs.{name} }}}}"}
        assert keys, f"nothing reads the input {name}"
        assert keys == {f"MLCI_{name.replace('-', '_').upper()}"}


def test_every_output_comes_from_a_step_that_exists(root: Path) -> None:
    action = loaded(root / "action.yml")
    identifiers = {step["id"] for step in action["runs"]["steps"] if "id" in step}
    for name, output in action["outputs"].items():
        found = re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}", output["value"])
        assert found, name
        assert found[1] in identifiers
        assert found[2] == name


def test_the_token_reaches_the_publishing_step_alone(root: Path) -> None:
    with_token = [step["name"] for step in steps_of(root / "action.yml") if "inputs.token" in str(step)]
    assert with_token == ["Publish what they found"]


def test_every_gate_has_a_hook_and_each_is_python(root: Path) -> None:
    hooks = {hook["id"]: hook for hook in loaded(root / ".pre-commit-hooks.yaml")}
    assert set(hooks) == {"mlci", "mlci-config", *(f"mlci-{gate}" for gate in GATES)}
    assert {hook["language"] for hook in hooks.values()} == {"python"}
    for gate in GATES:
        assert hooks[f"mlci-{gate}"]["entry"] == f"mlci {gate}"


def test_hooks_that_need_the_model_extra_ask_for_it(root: Path) -> None:
    hooks = loaded(root / ".pre-commit-hooks.yaml")
    wanting = {hook["id"] for hook in hooks if hook.get("additional_dependencies") == [".[model]"]}
    assert wanting == {"mlci", "mlci-model"}


def test_hooks_that_take_files_run_at_the_commit_and_the_others_at_the_push(root: Path) -> None:
    for hook in loaded(root / ".pre-commit-hooks.yaml"):
        if "files" in hook:
            assert hook["stages"] == ["pre-commit", "pre-merge-commit", "pre-push", "manual"]
            re.compile(hook["files"])
        else:
            assert hook["stages"] == ["pre-push", "manual"]
            assert (hook["pass_filenames"], hook["always_run"]) == ("false", "true")


@pytest.mark.parametrize(
    ("hook", "taken", "left"),
    [
        ("mlci-config", ["mlci.yaml", "sub/mlci.yml"], ["mlci.yaml.bak", "xmlci.yaml"]),
        (
            "mlci-data",
            [
                *("data/a.csv", "a.parquet", "suite.json", "mlci.yaml", "a.csv.dvc", "a.csv.gz", "a.csv.zip"),
                *("A.XLSX", "a.feather", "a.arrows", "dvc.lock", "shop.db", "shop.sqlite3", "loader.py", "cats/1.JPG"),
            ],
            ["a.gz", "csv", "a.csv~", "README.md", "a.js"],
        ),
        ("mlci-metrics", ["performance.json", "dvclive/metrics.yaml"], ["a.csv", "json.py"]),
    ],
)
def test_which_files_start_a_hook(root: Path, hook: str, taken: list[str], left: list[str]) -> None:
    pattern = {item["id"]: item for item in loaded(root / ".pre-commit-hooks.yaml")}[hook]["files"]
    assert [name for name in taken + left if re.search(pattern, name)] == taken

"""action.yml, the hooks and the workflows: what GitHub, pre-commit and a security check say of them."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

GATES = {"code", "data", "model", "metrics"}
OTHERS = {"notebooks", "notebook-secrets", "pickles", "large-files", "dvc-files", "sealed-metrics"}
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")


def loaded(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def steps_of(path: Path) -> list[dict[str, Any]]:
    document = loaded(path)
    if "runs" in document:
        return document["runs"]["steps"]
    return [step for job in document["jobs"].values() for step in job["steps"]]


def actions_of(root: Path) -> list[Path]:
    return [root / name / "action.yml" for name in (".", "publish", "setup")]


def workflows_of(root: Path) -> list[Path]:
    documented = (root / "docs" / "workflows").glob("*.yml")
    return [*sorted((root / ".github" / "workflows").glob("*.yml")), *sorted(set(documented) - {gitlab(root)})]


def gitlab(root: Path) -> Path:
    return root / "docs" / "workflows" / "gitlab.yml"


def yaml_of_github(root: Path) -> list[Path]:
    return [*actions_of(root), *workflows_of(root)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schema", "files_of"),
    [
        ("vendor.github-actions", actions_of),
        ("vendor.github-workflows", workflows_of),
        ("vendor.dependabot", lambda root: [root / ".github" / "dependabot.yml"]),
        ("vendor.gitlab-ci", lambda root: [gitlab(root)]),
    ],
)
def test_files_for_forges_fit_their_schemas(
    root: Path, tool: Callable[[str], str], schema: str, files_of: Callable[[Path], list[Path]]
) -> None:
    files = [str(path) for path in files_of(root)]
    assert files
    done = subprocess.run(
        [tool("check-jsonschema"), "--builtin-schema", schema, *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing_in_actions_and_workflows(root: Path, tool: Callable[[str], str]) -> None:
    files = [str(path) for path in yaml_of_github(root)]
    done = subprocess.run(
        [tool("zizmor"), "--offline", "--quiet", "--no-config", "--persona=pedantic", ".github", *files],
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


def test_actions_that_ci_uses_too_are_the_same_everywhere(root: Path) -> None:
    """An update of the one must reach the others: Dependabot looks at `.github` alone."""
    pins: dict[str, set[str]] = {}
    for path in yaml_of_github(root):
        for step in steps_of(path):
            name, _, ref = step.get("uses", "").partition("@")
            if name.startswith("actions/"):
                pins.setdefault("/".join(name.split("/")[:2]), set()).add(ref)
    assert {name: refs for name, refs in pins.items() if len(refs) > 1} == {}


@pytest.mark.parametrize("folder", [".", "publish", "setup"])
def test_every_input_reaches_a_step_under_a_name_of_mlci(root: Path, folder: str) -> None:
    action = loaded(root / folder / "action.yml")
    places = [(key, value) for step in action["runs"]["steps"] for key, value in step.get("env", {}).items()]
    places += [
        ("MLCI_WORKING_DIRECTORY", step["working-directory"])
        for step in action["runs"]["steps"]
        if "working-directory" in step
    ]
    own = [(key, value) for key, value in places if key.startswith("MLCI_")]
    for name in action["inputs"]:
        keys = {key for key, value in own if value == f"${{{{ inputs.{name} }}}}"}
        assert keys, f"nothing reads the input {name}"
        expected = {f"MLCI_{name.replace('-', '_').upper()}"}
        assert keys == (expected | {"MLCI_BASELINE_TOKEN"} if name == "token" and len(keys) > 1 else expected)


@pytest.mark.parametrize("folder", [".", "publish", "setup"])
def test_every_output_comes_from_a_step_that_exists(root: Path, folder: str) -> None:
    action = loaded(root / folder / "action.yml")
    identifiers = {step["id"] for step in action["runs"]["steps"] if "id" in step}
    for name, output in action["outputs"].items():
        found = re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}", output["value"])
        assert found, name
        assert found[1] in identifiers
        assert found[2] == name


def test_the_token_does_not_reach_the_step_that_runs_code(root: Path) -> None:
    steps = steps_of(root / "action.yml")
    with_token = [step["name"] for step in steps if "inputs.token" in str(step)]
    assert with_token == ["Fetch the baseline", "Publish what they found"]
    (run,) = [step for step in steps if step["name"] == "Run the gates"]
    emptied = {name for name, value in run["env"].items() if value == ""}
    assert emptied >= {"GITHUB_TOKEN", "GH_TOKEN", "INPUT_TOKEN", "MLCI_BASELINE_TOKEN"}


def test_an_environment_is_cached_by_the_default_branch_before_any_code_runs_and_not_where_tokens_can_write(
    root: Path,
) -> None:
    names = [step["name"] for step in steps_of(root / "action.yml")]
    assert names.index("Keep mlci's environment") < names.index("Run the gates")
    assert "actions/cache" not in (root / "publish" / "action.yml").read_text(encoding="utf-8")
    assert "actions/cache" not in (root / "setup" / "action.yml").read_text(encoding="utf-8")


def test_the_check_to_require_fails_unless_every_job_has_succeeded(root: Path) -> None:
    for path in sorted((root / "docs" / "workflows").glob("*.yml")):
        document, text = loaded(path), path.read_text(encoding="utf-8")
        assert "paths" not in str(document.get("on")), path.name
        jobs = document.get("jobs", {})
        if path.name in ("forks-comment.yml", "nightly.yml", "release-anchor.yml"):
            assert "mlci" not in jobs
            continue
        if path == gitlab(root):
            assert "mlci" in document
            continue
        assert jobs["mlci"]["if"] == "always()"
        assert set(jobs["mlci"]["needs"]) == set(jobs) - {"mlci"}
        assert "!= success" in text or "= success || exit 1" in jobs["mlci"]["steps"][-1]["run"]
        assert "Require the check `mlci`" in text


@pytest.mark.parametrize("result", ["success", "failure", "cancelled", "skipped"])
@pytest.mark.slow
def test_what_the_required_check_makes_of_a_job(root: Path, result: str) -> None:
    script = loaded(root / "docs" / "workflows" / "pull-request.yml")["jobs"]["mlci"]["steps"][-1]["run"]
    done = subprocess.run(["bash", "-e", "-c", script], env={"RESULTS": f"success {result}"}, check=False)
    assert (done.returncode == 0) == (result == "success")


def test_every_workflow_gives_each_job_the_permissions_it_needs_and_keeps_no_credentials(root: Path) -> None:
    for path in workflows_of(root):
        document = loaded(path)
        assert document["permissions"] in ({}, "{}"), path.name
        for name, job in document["jobs"].items():
            assert "permissions" in job, f"{path.name}: {name}"
            kept = [step for step in job["steps"] if step.get("with", {}).get("persist-credentials") == "true"]
            checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
            assert all("persist-credentials" in step["with"] for step in checkouts)
            if kept:
                assert job["permissions"] == {"contents": "write"}
                assert not any("mlci/mlci@" in step.get("uses", "") for step in job["steps"]), "no code runs there"


def test_every_gate_has_a_hook_and_each_is_python(root: Path) -> None:
    hooks = {hook["id"]: hook for hook in loaded(root / ".pre-commit-hooks.yaml")}
    assert set(hooks) == {"mlci", "mlci-config", *(f"mlci-{gate}" for gate in GATES | OTHERS)}
    assert {hook["language"] for hook in hooks.values()} == {"python"}
    for gate in GATES:
        assert hooks[f"mlci-{gate}"]["entry"] == f"mlci {gate}"
    for other in OTHERS:
        assert hooks[f"mlci-{other}"]["entry"] == f"mlci hook {other}"


def test_hooks_that_need_an_extra_ask_for_it(root: Path) -> None:
    hooks = loaded(root / ".pre-commit-hooks.yaml")
    asked = {hook["id"]: hook["additional_dependencies"] for hook in hooks if "additional_dependencies" in hook}
    scanners = ("mlci-notebooks", "mlci-notebook-secrets", "mlci-pickles")
    assert asked == {"mlci": [".[model]"], "mlci-model": [".[model]"], **{key: [".[hooks]"] for key in scanners}}


def test_hooks_that_take_files_run_at_the_commit_and_the_others_at_the_push(root: Path) -> None:
    for hook in loaded(root / ".pre-commit-hooks.yaml"):
        if "files" in hook or hook["id"] == "mlci-dvc-files":  # data that DVC keeps is in no commit
            assert hook["stages"] == ["pre-commit", "pre-merge-commit", "pre-push", "manual"]
            re.compile(hook.get("files", ""))
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

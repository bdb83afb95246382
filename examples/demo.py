"""Show the main job: a change that makes data and model worse is blocked, and one comment says why.

Builds a git repository from `examples/tabular` with a good commit on `main`, makes it worse on a branch, runs every
gate there, and prints the comment that a pull request would get. Exits 0 when the change was blocked for the
right reasons.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent / "tabular"
BLOCKED = 1


def main() -> int:
    """Build, degrade, run, print."""
    folder = Path(tempfile.mkdtemp(prefix="mlci-demo-")) / "cancer"
    say(f"A repository with a model, its data, tests and mlci.yaml: {folder}")
    build(folder)
    say("On main: the gates pass, and their numbers are saved as the baseline.")
    if mlci(folder, "baseline", "save").returncode:
        return 1
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Save the baseline")
    say("On a branch: a new export of the training data, and a change to the model. The tests still pass.")
    git(folder, "switch", "--quiet", "--create", "new-export")
    subprocess.run([sys.executable, "degrade.py"], cwd=folder, check=True)
    git(folder, "commit", "--quiet", "--all", "--message", "Train on the new export")
    say("mlci run:")
    done = mlci(folder, "run")
    say("The comment on the pull request:")
    print((folder / "mlci-report" / "summary.md").read_text(encoding="utf-8"))
    say(f"All reports: {folder / 'mlci-report'}")
    if done.returncode != BLOCKED:
        say(f"This change should have been blocked, and mlci ended with {done.returncode}.")
        return 1
    say("The change was rightly blocked (exit code 1 of `mlci run`).")
    return 0


def build(folder: Path) -> None:
    """Make a repository of the example's tracked files, with one commit on main."""
    leave = shutil.ignore_patterns("model.joblib", "mlci-report", "__pycache__", ".*_cache", "mlci-baseline.json")
    shutil.copytree(EXAMPLE, folder, ignore=leave)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "A model that works")


def git(folder: Path, *arguments: str) -> None:
    """Run git as a person who exists only here."""
    person = ("-c", "user.name=Demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *person, *arguments], cwd=folder, env=environment(), check=True)


def mlci(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run mlci on the project, with this interpreter as the project's own."""
    command = [sys.executable, "-m", "mlci", *arguments, "--python", sys.executable]
    return subprocess.run(command, cwd=folder, env=environment(), check=False)


def environment() -> dict[str, str]:
    """Leave out what a surrounding hook or workflow says of its own repository and event."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_"))}


def say(text: str) -> None:
    """Print a line of the story, before what the commands print."""
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""The Dockerfile, built without Docker: buildah in a chroot, on a base that debootstrap makes.

The base is kept in `$MLCI_TEST_CACHE` (`~/.cache/mlci-tests` when not set), since it takes most of the time.
"""

import configparser
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

PACKAGES = "ca-certificates,git,python3,python3-pip,python3-venv"
ARCHIVES = "$(CODENAME) $(COMPONENT) $(REPO_URI)"
STRANGER = 1001


def ran(*command: object, **options: object) -> str:
    """Return what a command prints; what it says of a failure is in the error."""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(words)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Builder:
    """buildah with a storage of its own."""

    storage: Path

    def __call__(self, *arguments: object) -> str:
        return ran("buildah", "--root", self.storage / "root", "--runroot", self.storage / "run", *arguments)


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    missing = [name for name in ("buildah", "debootstrap", "apt-get") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed: the image is built where they are")
    if os.geteuid() != 0:
        pytest.skip("not root: debootstrap and a chroot need it")
    storage = tmp_path_factory.mktemp("storage")
    builder = Builder(storage=storage)
    yield builder
    builder("rm", "--all")
    builder("rmi", "--all", "--force")
    shutil.rmtree(storage, ignore_errors=True)


def debian() -> tuple[str, str]:
    """Return the codename of this machine's Debian and the archive that its apt is set up with."""
    codename = platform.freedesktop_os_release()["VERSION_CODENAME"]
    targets = ran("apt-get", "indextargets", "--format", ARCHIVES, "Created-By: Packages")
    archives = [line.split() for line in targets.splitlines()]
    found = [archive for name, component, archive in archives if (name, component) == (codename, "main")]
    if not found:
        pytest.skip(f"apt knows no archive of {codename}")
    return codename, found[0]


def base_archive(temporary: Path) -> Path:
    """Return the base system as a tar file, made once and kept."""
    codename, archive = debian()
    cache = Path(os.environ.get("MLCI_TEST_CACHE") or Path.home() / ".cache" / "mlci-tests")
    kept = cache / f"debian-{codename}-{platform.machine()}-1.tar"
    if not kept.exists():
        system = temporary / "system"
        ran("debootstrap", "--variant=minbase", f"--include={PACKAGES}", codename, system, archive)
        cache.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}")
        ran("tar", "--create", "--file", partial, "--directory", system, ".")
        partial.replace(kept)
        shutil.rmtree(system)
    return kept


def package_index_volumes(temporary: Path) -> list[str]:
    """Give the build this machine's settings of pip, with the files and folders that they name."""
    lines = ran("pip3", "config", "list").splitlines()
    settings = {
        found[1]: found[2]
        for line in sorted(lines, key=lambda line: line.startswith(":env:"))
        if (found := re.fullmatch(r"[\w:-]+\.([\w-]+)='(.*)'", line))
    }
    parser = configparser.ConfigParser(interpolation=None)
    parser["global"] = settings
    with (temporary / "pip.conf").open("w", encoding="utf-8") as file:
        parser.write(file)
    named = {word.removeprefix("file://") for value in settings.values() for word in value.split()}
    folders = {str(folder) for name in named if name.startswith("/") and (folder := mountable(Path(name))).exists()}
    return [f"{temporary / 'pip.conf'}:/etc/pip.conf:ro", *(f"{folder}:{folder}:ro" for folder in sorted(folders))]


def mountable(path: Path) -> Path:
    """Return the folder that holds an index's pages and files, or the file itself."""
    return path.parent if path.name == "simple" else path


@dataclass(frozen=True, kw_only=True, slots=True)
class Container:
    """A container of the image; each project is mounted at a place of its own."""

    builder: Builder
    name: str

    def run(self, place: str, project: Path, command: str, *options: str) -> tuple[int, str]:
        """Run a shell command in `project` mounted at `place`; return its exit code and output."""
        script = f"cd {place} && {{ {command} ; }} 2>&1; echo code=$?"
        volume = ("--volume", f"{project}:{place}")
        output = self.builder("run", "--isolation", "chroot", *options, *volume, self.name, "--", "sh", "-c", script)
        text, _, code = output.rpartition("code=")
        return int(code), text


@pytest.fixture(scope="module")
def container(builder: Builder, release: Path, tmp_path_factory: pytest.TempPathFactory) -> Container:
    temporary = tmp_path_factory.mktemp("image")
    container = builder("from", "scratch")
    builder("add", "--quiet", container, base_archive(temporary), "/")
    builder("commit", "--quiet", "--rm", container, "base-for-mlci")
    volumes = [word for volume in package_index_volumes(temporary) for word in ("--volume", volume)]
    builder(
        "bud",
        "--isolation",
        "chroot",
        "--build-arg",
        "BASE=localhost/base-for-mlci",
        *volumes,
        "--tag",
        "mlci",
        release,
    )
    return Container(builder=builder, name=builder("from", "localhost/mlci"))


def owned_by_a_stranger(project: Path) -> Path:
    for path in [project, *project.rglob("*")]:
        os.chown(path, STRANGER, STRANGER, follow_symlinks=False)
    return project


@pytest.mark.parametrize(
    ("place", "options"),
    [("/__w/one/one", ("--env", "GITHUB_WORKSPACE=/__w/one/one")), ("/builds/two", ())],
    ids=["GITHUB_WORKSPACE", "working folder"],
)
def test_run_compares_with_the_base_in_a_repository_of_another_user(
    container: Container, project: Any, place: str, options: tuple[str, ...]
) -> None:
    project.git("switch", "--quiet", "--create", "change")
    project.make_worse()
    project.commit("Make it worse")
    code, output = container.run(place, owned_by_a_stranger(project.path), "mlci run", *options)
    assert code == 1, output
    assert "species" in output
    results = json.loads((project.path / "mlci-report" / "results.json").read_text(encoding="utf-8"))
    changes = {change["metric"]: change for change in results["comparison"]["changes"]}
    assert [change["baseline"] for name, change in changes.items() if name.endswith("overall.f1")] == [0.84]


def test_the_image_has_git_and_the_model_extra_and_leaves_python_alone(container: Container, project: Any) -> None:
    checks = "git --version && /opt/mlci/bin/python -c 'import sklearn' && ! python3 -c 'import mlci' 2>/dev/null"
    assert container.run("/builds/three", project.path, checks)[0] == 0


def test_any_user_can_run_it(container: Container, project: Any) -> None:
    folder = owned_by_a_stranger(project.path)
    code, output = container.run("/builds/four", folder, "mlci run", "--user", f"{STRANGER}:{STRANGER}")
    assert code == 0, output
    assert (folder / "mlci-report" / "results.json").stat().st_uid == STRANGER

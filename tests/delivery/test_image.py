"""The Dockerfile, built without Docker: buildah in a chroot, on a base that debootstrap makes.

The base is kept in `$MLCI_TEST_CACHE` (`~/.cache/mlci-tests` when not set), since it takes most of the time.
"""

import configparser
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PACKAGES = "ca-certificates,git,python3,python3-pip,python3-venv"
ARCHIVES = "$(CODENAME) $(COMPONENT) $(REPO_URI)"
WORKSPACE = "/__w/project/project"
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
        where = ("--root", self.storage / "root", "--runroot", self.storage / "run", "--storage-driver", "vfs")
        return ran("buildah", *where, *arguments)


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


@pytest.fixture(scope="module")
def image(builder: Builder, release: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
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
    return "localhost/mlci"


def run_in(builder: Builder, image: str, project: Path, command: str, *, workspace: bool = True) -> tuple[int, str]:
    """Run a shell command in the image with `project` mounted as a job's workspace; return code and output."""
    container = builder("from", image)
    environment = ["--env", f"GITHUB_WORKSPACE={WORKSPACE}"] if workspace else []
    script = f"cd {WORKSPACE} && {{ {command} ; }} 2>&1; echo code=$?"
    volume = f"{project}:{WORKSPACE}"
    output = builder(
        "run", "--isolation", "chroot", *environment, "--volume", volume, container, "--", "sh", "-c", script
    )
    builder("rm", container)
    text, _, code = output.rpartition("code=")
    return int(code), text


def owned_by_a_stranger(project: Path) -> Path:
    for path in [project, *project.rglob("*")]:
        os.chown(path, STRANGER, STRANGER, follow_symlinks=False)
    return project


@pytest.mark.parametrize("workspace", [True, False], ids=["GITHUB_WORKSPACE", "working folder"])
def test_run_compares_with_the_base_in_a_repository_of_another_user(
    builder: Builder, image: str, project: "Project", workspace: bool
) -> None:
    project.git("switch", "--quiet", "--create", "change")
    project.make_worse()
    project.commit("Make it worse")
    code, output = run_in(builder, image, owned_by_a_stranger(project.path), "mlci run", workspace=workspace)
    assert code == 1, output
    assert "overall.f1" in output
    assert "0.84" in output, "the number of the base commit is missing"
    assert "species" in output


def test_the_image_has_git_and_the_model_extra_and_leaves_python_alone(
    builder: Builder, image: str, project: "Project"
) -> None:
    checks = "git --version && /opt/mlci/bin/python -c 'import sklearn' && ! python3 -c 'import mlci' 2>/dev/null"
    assert run_in(builder, image, project.path, checks)[0] == 0


def test_config_check_runs_as_any_user(builder: Builder, image: str, project: "Project") -> None:
    container = builder("from", image)
    volume = f"{owned_by_a_stranger(project.path)}:{WORKSPACE}"
    command = ("sh", "-c", f"cd {WORKSPACE} && mlci config check")
    options = ("--isolation", "chroot", "--user", f"{STRANGER}:{STRANGER}", "--volume", volume)
    assert "mlci.yaml: fine" in builder("run", *options, container, "--", *command)

"""The environment of the config and data hooks stays within what hosted hook services allow."""

import subprocess
import sys
from pathlib import Path

import pytest

MEBIBYTE = 1024 * 1024


@pytest.mark.slow
def test_environment_without_extras_is_below_250_mib(release: Path, tmp_path: Path) -> None:
    home = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    install = [sys.executable, "-m", "pip", "--python", home / "bin" / "python", "install", "--quiet", release]
    subprocess.run(install, check=True)
    size = sum(file.lstat().st_size for file in home.rglob("*") if file.is_file()) / MEBIBYTE
    print(f"{size:.0f} MiB")
    assert 20 < size < 250, "the environment is empty or too large"

"""The environment of the project's code: what it needs to run, and nothing that could be a secret."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

_KEPT = frozenset(
    """
    PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TEMP TMP CI
    SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE USERNAME HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA
    PROGRAMDATA PROGRAMFILES NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE
    XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
    PYTHONHASHSEED PYTHONUTF8 PYTHONIOENCODING PYTHONWARNINGS PYTHONDONTWRITEBYTECODE PYTHONNOUSERSITE PYTHONUSERBASE
    PYENV_ROOT PYENV_VERSION JAVA_HOME SPARK_HOME HADOOP_HOME
    LD_LIBRARY_PATH DYLD_LIBRARY_PATH LD_PRELOAD
    SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
    HF_HOME HF_HUB_CACHE HF_DATASETS_CACHE HF_HUB_OFFLINE HF_DATASETS_OFFLINE HUGGINGFACE_HUB_CACHE
    TRANSFORMERS_CACHE TRANSFORMERS_OFFLINE SENTENCE_TRANSFORMERS_HOME TOKENIZERS_PARALLELISM
    TORCH_HOME KERAS_HOME KERAS_BACKEND NLTK_DATA TFHUB_CACHE_DIR SCIKIT_LEARN_DATA MPLCONFIGDIR MPLBACKEND
    NUMBA_CACHE_DIR CUDA_VISIBLE_DEVICES CUDA_HOME CUDA_PATH CUDA_DEVICE_ORDER CUBLAS_WORKSPACE_CONFIG
    NVIDIA_VISIBLE_DEVICES HIP_VISIBLE_DEVICES ROCR_VISIBLE_DEVICES JAX_PLATFORMS VECLIB_MAXIMUM_THREADS
    """.split()  # noqa: SIM905 - a table of names reads better as words
)
_KEPT_PREFIXES = ("LC_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "NUMBA_", "TF_", "PYTORCH_", "XLA_")
_PROXIES = frozenset(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"))
_SECRET = re.compile(r"TOKEN|SECRET|PASS|KEY|CREDENTIAL|AUTH|PRIVATE|COOKIE", re.IGNORECASE)


def worker_environment(
    environ: Mapping[str, str], *, passed: tuple[str, ...], python: Path, own: Path | None = None
) -> dict[str, str]:
    """Return the part of `environ` that the project's code is given.

    That is what programs need to run (paths, language, caches, devices, threads, proxies without a password) and
    the names in `passed`. `PYTHONPATH` and everything of git are left out unless named. Where `python` belongs to
    a virtual or conda environment, that one is active; the environment of mlci itself (`own`) is not on the path.
    """
    env = {name: value for name, value in environ.items() if _is_kept(name, value)}
    env.update({name: environ[name] for name in passed if name in environ})
    env["PATH"] = os.pathsep.join(_path(environ.get("PATH", os.defpath), python, own or Path(sys.prefix)))
    env.update(_activation(python))
    return env


def looks_secret(name: str) -> bool:
    """Return whether the environment variable `name` may hold a secret."""
    return _SECRET.search(name) is not None


def _is_kept(name: str, value: str) -> bool:
    upper = name.upper()
    if upper in _PROXIES:
        return "@" not in value
    if upper in _KEPT:
        return True
    return upper.startswith(_KEPT_PREFIXES) and not looks_secret(upper)


def _path(path: str, python: Path, own: Path) -> list[str]:
    """Return the folders of `path`, without those of `own` and begun with those of the environment of `python`."""
    folder = python.parent
    hidden = () if folder in _bins(own) or own == Path(sys.base_prefix) else _bins(own)
    kept = [entry for entry in path.split(os.pathsep) if entry and Path(entry) not in hidden]
    if _activation(python) or str(folder) not in kept:
        return [str(folder), *(entry for entry in kept if entry != str(folder))]
    return kept


def _bins(prefix: Path) -> tuple[Path, ...]:
    return (prefix / "bin", prefix / "Scripts")


def _activation(python: Path) -> dict[str, str]:
    for prefix in (python.parent.parent, python.parent):  # conda on Windows keeps python.exe in its root
        if (prefix / "pyvenv.cfg").is_file():
            return {"VIRTUAL_ENV": str(prefix)}
        if (prefix / "conda-meta").is_dir():
            return {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": prefix.name}
    return {}

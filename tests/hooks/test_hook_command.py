"""`mlci hook` on real notebooks, pickles, repositories and DVC: what is planted is found, what is healthy passes."""

import json
import os
import pickle
import subprocess
import sys
import zlib

import joblib
import nbformat
import numpy as np
import pytest

pytestmark = pytest.mark.slow

IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
KEY = "AKIA" + "QWERTYUIOPASDFGH"  # of the form of a key, and none


class Evil:
    def __reduce__(self):
        return os.system, ("echo",)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "ein Ordner"
    made.mkdir()
    return made


def mlci(*words, cwd):
    done = subprocess.run([sys.executable, "-m", "mlci", *words], cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def git(*words, cwd):
    subprocess.run(["git", *words], cwd=cwd, env={**os.environ, **IDENTITY}, check=True, capture_output=True)


def notebook(path, *outputs):
    cell = nbformat.v4.new_code_cell("f()", outputs=list(outputs), execution_count=1 if outputs else None)
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("x"), cell]), path)


def stream(text):
    return nbformat.v4.new_output("stream", text=text)


def error():
    return nbformat.v4.new_output("error", ename="KeyError", evalue="'price'", traceback=["Traceback …", "KeyError"])


def test_a_notebook_with_outputs_is_found_and_a_clean_one_passes(folder):
    notebook(folder / "clean.ipynb")
    notebook(folder / "full.ipynb", stream("1\n"))
    assert mlci("hook", "notebooks", "clean.ipynb", cwd=folder) == (0, "")
    code, said = mlci("hook", "notebooks", "clean.ipynb", "full.ipynb", cwd=folder)
    assert code == 1
    assert said.startswith("full.ipynb: holds the outputs of 1 cell. Clear it with `nbstripout full.ipynb`")
    assert mlci("hook", "notebooks", "--keep-output", "full.ipynb", cwd=folder) == (0, "")


def test_a_notebook_that_ends_in_an_error_is_found_even_where_outputs_may_stay(folder):
    notebook(folder / "broken.ipynb", stream("1\n"), error())
    code, said = mlci("hook", "notebooks", "--keep-output", "broken.ipynb", cwd=folder)
    assert code == 1
    assert "broken.ipynb: cell 2 ends in KeyError" in said


def test_a_notebook_that_nbstripout_has_cleared_passes(folder):
    notebook(folder / "full.ipynb", stream("1\n"))
    subprocess.run([sys.executable, "-m", "nbstripout", "full.ipynb"], cwd=folder, check=True)
    assert mlci("hook", "notebooks", "full.ipynb", cwd=folder) == (0, "")


@pytest.mark.parametrize("hook", ["notebooks", "notebook-secrets"])
def test_a_file_that_is_no_notebook_cannot_be_looked_at(folder, hook):
    (folder / "no.ipynb").write_text("{")
    code, said = mlci("hook", hook, "no.ipynb", cwd=folder)
    assert code == 3
    assert "no.ipynb: cannot be read as a notebook" in said


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        (stream(f"aws_access_key_id = {KEY}\n"), "AWS Access Key"),
        (stream("postgresql://admin:hunter2hunter@db.example.org/prices\n"), "Basic Auth Credentials"),
        (
            nbformat.v4.new_output("execute_result", data={"text/plain": f"'ghp_{'aB3' * 12}'"}, execution_count=1),
            "GitHub Token",
        ),
        (stream("-----BEGIN RSA PRIVATE KEY-----\n"), "Private Key"),
        (
            nbformat.v4.new_output("error", ename="E", evalue="", traceback=["", f"no access for {KEY}"]),
            "AWS Access Key",
        ),
    ],
)
def test_a_secret_in_an_output_is_found_and_not_repeated(folder, output, kind):
    notebook(folder / "n.ipynb", output)
    code, said = mlci("hook", "notebook-secrets", "n.ipynb", cwd=folder)
    assert code == 1
    assert f"n.ipynb: the output of cell 2 holds a secret ({kind})" in said
    assert KEY not in said
    assert "hunter2" not in said


def test_outputs_of_healthy_notebooks_hold_no_secret(folder):
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    picture = nbformat.v4.new_output("display_data", data={"image/png": "iVBORw0KGgo" * 300, "text/plain": "<Figure>"})
    notebook(folder / "n.ipynb", stream(f"run {digest}\n192.168.0.1 secret: none\npassword required\n"), picture)
    assert mlci("hook", "notebook-secrets", "n.ipynb", cwd=folder) == (0, "")


def model():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["good film", "bad film"] * 9, ["x", "y"] * 9)


def arrays():
    structured = np.zeros((2, 3), dtype=[("a", "i4"), ("b", "f8")])
    return [np.array(["a", "bbb"]), np.array([1, None], dtype=object), structured, np.zeros((0, 3)), np.float32(1)]


def test_models_of_real_libraries_pass(folder):
    for protocol in (0, 2, 5):
        (folder / f"{protocol}.pkl").write_bytes(pickle.dumps(model(), protocol=protocol))
    for name, how in {"raw": 0, "zlib": 3, "xz": ("xz", 3), "gzip": ("gzip", 3), "bz2": ("bz2", 3)}.items():
        joblib.dump([model(), arrays()], folder / f"{name}.joblib", compress=how)
    np.save(folder / "plain.npy", np.ones(3))
    np.savez(folder / "several.npz", a=np.ones(3), b=np.array([{}], dtype=object))
    (folder / "words.bin").write_bytes(b"3 2\nthe \x00\x01")
    names = sorted(path.name for path in folder.iterdir())
    assert mlci("hook", "pickles", *names, cwd=folder) == (0, "")


@pytest.mark.parametrize(
    "plant",
    [
        lambda path: path.with_suffix(".pkl").write_bytes(pickle.dumps(Evil())),
        lambda path: path.with_suffix(".pkl").write_bytes(pickle.dumps(Evil(), protocol=0)),
        lambda path: path.with_suffix(".bin").write_bytes(pickle.dumps({"a": Evil()})),
        lambda path: joblib.dump([np.ones(9), Evil()], path.with_suffix(".joblib")),
        lambda path: joblib.dump([np.ones(9), Evil()], path.with_suffix(".joblib"), compress=("xz", 3)),
        lambda path: joblib.dump([np.ones(9), np.array([Evil()], dtype=object)], path.with_suffix(".joblib")),
        lambda path: path.with_suffix(".joblib").write_bytes(zlib.compress(pickle.dumps(Evil()))),
        lambda path: np.save(path.with_suffix(".npy"), np.array([Evil()], dtype=object), allow_pickle=True),
    ],
    ids=["pickle", "protocol 0", "bin", "joblib", "xz", "array of objects", "zlib", "npy"],
)
def test_a_pickle_that_calls_a_shell_is_found_and_not_loaded(folder, plant):
    plant(folder / "model")
    name = next(folder.iterdir()).name
    code, said = mlci("hook", "pickles", name, cwd=folder)
    assert code == 1
    assert said.startswith(f"{name}: loading it calls posix.system")


@pytest.mark.parametrize(
    "content", [b"hello", pickle.dumps(list(range(999)))[:-9], b"", b"\x80\x04\x95", b"PK\x03\x04x"]
)
def test_what_cannot_be_read_to_its_end_is_said(folder, content):
    (folder / "m.pkl").write_bytes(content)
    code, said = mlci("hook", "pickles", "m.pkl", cwd=folder)
    assert code == 1
    assert "so what loading it does is not known" in said


def test_models_of_pytorch(folder):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: `pip install --group frameworks`")
    layer = torch.nn.Linear(2, 2)
    torch.save(layer.state_dict(), folder / "state.pt")
    torch.save(layer, folder / "whole.pt")
    torch.save(layer.state_dict(), folder / "old.pth", _use_new_zipfile_serialization=False)
    torch.save({"e": Evil()}, folder / "evil.pt")
    torch.save({"e": Evil()}, folder / "evil-old.pth", _use_new_zipfile_serialization=False)
    assert mlci("hook", "pickles", "state.pt", "whole.pt", "old.pth", cwd=folder) == (0, "")
    for name in ("evil.pt", "evil-old.pth"):
        code, said = mlci("hook", "pickles", name, cwd=folder)
        assert (code, said.split(". ")[0]) == (1, f"{name}: loading it calls posix.system")


def test_a_large_file_is_found_by_what_is_staged(folder):
    git("init", "-q", cwd=folder)
    (folder / "large.csv").write_bytes(b"a" * 2_000_000)
    (folder / "small.csv").write_bytes(b"a" * 900_000)
    git("add", "-A", cwd=folder)
    code, said = mlci("hook", "large-files", "--max-mb", "1", "large.csv", "small.csv", cwd=folder)
    assert code == 1
    assert said == "large.csv: has 2.0 MB, more than 1. `git lfs track large.csv`, or `dvc add large.csv`\n"
    assert mlci("hook", "large-files", "large.csv", "small.csv", cwd=folder) == (0, "")
    (folder / "large.csv").write_text("a")
    assert mlci("hook", "large-files", "--max-mb", "1", "large.csv", cwd=folder)[0] == 1


def test_a_file_that_lfs_keeps_passes_and_one_that_escaped_it_is_found(folder):
    if subprocess.run(["git", "lfs", "version"], capture_output=True, check=False).returncode:
        pytest.skip("git-lfs is not installed")
    git("init", "-q", cwd=folder)
    (folder / "large.csv").write_bytes(b"a" * 2_000_000)
    git("add", "-A", cwd=folder)
    (folder / ".gitattributes").write_text("*.csv filter=lfs diff=lfs merge=lfs -text\n")
    git("add", ".gitattributes", cwd=folder)
    code, said = mlci("hook", "large-files", "--max-mb", "1", "large.csv", cwd=folder)
    assert code == 1
    assert "belongs to Git LFS, and is staged whole" in said
    git("lfs", "install", "--local", cwd=folder)
    git("add", "--renormalize", "large.csv", cwd=folder)
    assert mlci("hook", "large-files", "--max-mb", "1", "large.csv", cwd=folder) == (0, "")


def dvc(*words, cwd):
    env = {**os.environ, **IDENTITY, "DVC_NO_ANALYTICS": "1"}
    subprocess.run([sys.executable, "-m", "dvc", *words], cwd=cwd, env=env, check=True, capture_output=True)


def test_data_that_dvc_does_not_know_of_is_found(folder):
    git("init", "-q", cwd=folder)
    dvc("init", "-q", cwd=folder)
    (folder / "data").mkdir()
    (folder / "data" / "raw.csv").write_text("a\n1\n")
    dvc("add", "data/raw.csv", cwd=folder)
    git("add", "-A", cwd=folder)
    git("commit", "-qm", "one", cwd=folder)
    assert mlci("hook", "dvc-files", cwd=folder) == (0, "")

    (folder / "data" / "raw.csv").unlink()  # DVC may have linked it
    (folder / "data" / "raw.csv").write_text("a\n2\n")
    os.utime(folder / "data" / "raw.csv", (2e9, 2e9))
    code, said = mlci("hook", "dvc-files", cwd=folder)
    assert code == 1
    assert said.startswith("data/raw.csv.dvc: data/raw.csv is not the data that it points to. Run `dvc add raw.csv`")
    dvc("add", "data/raw.csv", cwd=folder)
    assert mlci("hook", "dvc-files", "data/raw.csv.dvc", cwd=folder) == (0, "")
    (folder / "data" / "raw.csv").unlink()
    assert mlci("hook", "dvc-files", cwd=folder) == (0, "")


def test_a_number_that_was_edited_is_found_and_a_new_layout_is_not(folder):
    git("init", "-q", cwd=folder)
    metrics = folder / "metrics.json"
    metrics.write_text('{"f1": 0.8, "n": 10}')
    assert mlci("seal", "metrics.json", cwd=folder) == (0, "metrics.json.seal\n")
    assert json.loads((folder / "metrics.json.seal").read_text())["commit"] is None
    git("add", "-A", cwd=folder)
    git("commit", "-qm", "one", cwd=folder)
    metrics.write_text('{\n  "n": 10,\n  "f1": 0.80\n}\n')
    assert mlci("hook", "sealed-metrics", "metrics.json", "metrics.json.seal", cwd=folder) == (0, "")

    metrics.write_text('{"f1": 0.9, "n": 10}')
    code, said = mlci("hook", "sealed-metrics", "metrics.json", cwd=folder)
    assert code == 1
    assert said.startswith("metrics.json: its numbers are not those that the run wrote: it was edited since")
    (folder / "metrics.json.seal").unlink()
    code, said = mlci("hook", "sealed-metrics", "metrics.json", cwd=folder)
    assert code == 1
    assert "its seal metrics.json.seal was taken away" in said
    mlci("seal", "metrics.json", cwd=folder)
    assert mlci("hook", "sealed-metrics", "metrics.json", cwd=folder) == (0, "")


def test_numbers_that_were_never_sealed_pass(folder):
    (folder / "metrics.json").write_text('{"f1": 0.8}')
    assert mlci("hook", "sealed-metrics", "metrics.json", cwd=folder) == (0, "")


def test_an_unknown_hook_is_named_with_the_nearest(folder):
    code, said = mlci("hook", "notebook", "x.ipynb", cwd=folder)
    assert code == 2
    assert "notebooks" in said

"""The report folder before a run: what an earlier one left must not be taken for this one's."""

import os
import subprocess
import sys

from mlci.reports.folder import ATTACHMENTS, REPORTS, made_ready


def test_reports_of_an_earlier_run_are_gone_before_the_gates_begin(tmp_path):
    for name in REPORTS:
        (tmp_path / name).write_text("passed")
    for name in ATTACHMENTS:
        (tmp_path / name).mkdir()
    (tmp_path / "notes.txt").write_text("the user's own")
    with made_ready(tmp_path) as folder:
        assert folder == tmp_path
        assert sorted(path.name for path in folder.iterdir()) == [".gitignore", "notes.txt"]


def test_a_folder_that_cannot_be_written_is_replaced_by_one_that_goes_away(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with made_ready(tmp_path / "taken" / "reports") as folder:
        (folder / "x").write_text("y")
    assert not folder.exists()


def test_git_ignores_the_folder(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True, env=os.environ)
    command = [sys.executable, "-c", "from mlci.reports.folder import made_ready as m, Path; m(Path('r')).__enter__()"]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = subprocess.run(["git", "status", "--porcelain"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == ""

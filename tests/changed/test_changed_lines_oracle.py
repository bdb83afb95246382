"""Changed lines of random histories against a model of each that knows nothing of git's differences."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from mlci import git
from mlci.baselines.base import Base
from mlci.changed.files import since
from mlci.changed.lines import ChangedFile, changed_lines
from mlci.code.changed_coverage import changed_coverage
from mlci.code.coverage import Counts, Lines, Measured

sys.path.insert(0, str(Path(__file__).parent))
from random_history import File, History, Maker, is_subsequence, longest_common, similarity

sys.path.pop(0)

pytestmark = pytest.mark.slow

HISTORIES = 300
_MOVED, _OTHER = 0.65, 0.35


def old_lines(history: History, name: str, file: File) -> list[bytes] | None:
    """Return what the file was at the base, empty where it is new, None where that is a matter of taste."""
    at_base = {old.key: (path, old.lines) for path, old in history.before.items()}
    path, lines = at_base.get(file.key, (name, []))
    if path == name or not lines:
        return lines
    alike = similarity(lines, file.lines)
    return lines if alike >= _MOVED else [] if alike <= _OTHER else None


def hits(name: str, file: File) -> dict[int, bool]:
    """Return for the lines of a file that are statements, as it were, whether they are run."""
    chosen = random.Random(f"{name} {file.key}")
    return {at: chosen.random() < 0.7 for at in range(1, len(file.lines) + 1) if chosen.random() < 0.8}


def covered_by(found: dict[str, ChangedFile], history: History) -> tuple[int, int]:
    """Return the changed statements that are covered, and all, as the code gate counts them."""
    lines = {
        name: Lines(
            executed=frozenset(at for at, hit in hits(name, file).items() if hit),
            missing=frozenset(at for at, hit in hits(name, file).items() if not hit),
        )
        for name, file in history.now.items()
    }
    none = Counts(statements=0, covered=0)
    said = changed_coverage(Measured(total=none, files=dict.fromkeys(lines, none), lines=lines), found)
    return said.covered, said.statements


def covered_by_hand(found: dict[str, ChangedFile], history: History) -> tuple[int, int]:
    """Return the same by looking at every line: in plain histories at whether the base's file had it."""
    covered = every = 0
    for name, file in history.now.items():
        old = old_lines(history, name, file) if history.plain else None
        ours = found[name].lines if name in found else frozenset()
        for at, hit in hits(name, file).items():
            changed = at in ours if old is None else file.lines[at - 1] not in old
            every += changed
            covered += changed and hit
    return covered, every


@pytest.mark.parametrize("part", range(6))
def test_changed_lines_equal_those_of_a_model_of_the_history(tmp_path, part):
    told = exact = 0
    for seed in range(part * HISTORIES // 6, (part + 1) * HISTORIES // 6):
        history = Maker(tmp_path / f"history {seed}", seed).made()
        repository = git.find(history.path, {})
        assert repository
        wanted = [*history.now, *history.ignored, "not there.py"]
        found = changed_lines(repository, history.base, frozenset(wanted).__contains__)
        assert set(found) <= set(history.now), seed
        for name, file in history.now.items():
            old = old_lines(history, name, file)
            if old is None:
                continue
            ours = found[name].lines if name in found else frozenset()
            told += 1
            assert ours <= set(range(1, len(file.lines) + 1)), (seed, name)
            kept = [line for at, line in enumerate(file.lines, 1) if at not in ours]
            assert is_subsequence(kept, old), (seed, name)
            assert len(kept) == longest_common(old, file.lines), (seed, name)
            if history.plain:
                known = set(old)
                assert ours == {at for at, line in enumerate(file.lines, 1) if line not in known}, (seed, name)
                exact += bool(ours)
        assert covered_by(found, history) == covered_by_hand(found, history), seed
    assert told > 150
    assert exact > 50


@pytest.mark.parametrize("part", range(2))
def test_changed_files_are_those_that_a_model_of_the_history_knows(tmp_path, part):
    for seed in range(part, 40, 2):
        history = Maker(tmp_path / f"history {seed}", seed).made()
        found = since(history.path, git.find(history.path, {}), Base(commit=history.base, note=""))
        both = {*history.before, *history.now}
        content = {
            name: [files[name].lines if name in files else None for files in (history.before, history.now)]
            for name in both
        }
        assert found.paths is not None
        told = {path for path in found.paths if path.endswith(".py")} - {history.forgotten}
        assert told == {name for name, (old, new) in content.items() if old != new} - {history.forgotten}, seed

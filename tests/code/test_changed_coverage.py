"""Coverage of changed lines, limits on parts, exclusions, and the files that two runs share."""

from __future__ import annotations

import pytest

from mlci.changed.lines import ChangedFile, added_lines
from mlci.code.changed_coverage import changed_coverage, of_changed_lines, spans, without_base
from mlci.code.coverage import Counts, Lines, Measured, summed
from mlci.code.coverage_checks import COVERAGE, of_parts
from mlci.code.exclusions import of_exclusions, without_reason
from mlci.code.same_files import BOTH, Files, on_same_files
from mlci.config.code import Coverage
from mlci.errors import Where
from mlci.results.model import Metric

PLACE = Where(path="mlci.yaml", line=3)


def measured(**files: tuple[set[int], set[int]]) -> Measured:
    counts = {
        f"{name.replace('__', '/')}.py": Counts(statements=len(hit) + len(miss), covered=len(hit))
        for name, (hit, miss) in files.items()
    }
    lines = {
        f"{name.replace('__', '/')}.py": Lines(executed=frozenset(hit), missing=frozenset(miss))
        for name, (hit, miss) in files.items()
    }
    return Measured(total=summed(counts.values()), files=counts, lines=lines)


def changed(*lines: int) -> ChangedFile:
    return ChangedFile(lines=frozenset(lines))


WHOLE = measured(a=({1, 2, 3, 9}, {4, 5, 7}), b=({1}, {2}))


def test_only_statements_on_changed_lines_count():
    found = changed_coverage(WHOLE, {"a.py": changed(2, 4, 5, 6, 7, 100), "c.py": changed(1)})
    assert (found.statements, found.covered, found.uncovered) == (4, 1, {"a.py": (4, 5, 7)})
    check = of_changed_lines(found, Coverage(changed_lines=95), PLACE, since="since x")
    assert check.status == "failed"
    assert check.reason == ("1 of 4 changed statements are covered, 25.00 %, below the limit of 95 %: a.py:4-5, 7")
    assert check.where == Where(path="a.py", line=4)
    assert check.details["uncovered"] == {"a.py": ["4-5", "7"]}


def test_a_hair_below_the_limit_fails_and_at_it_passes():
    hit, miss = set(range(1, 20_000)), {20_000}
    found = changed_coverage(measured(a=(hit, miss)), {"a.py": changed(*hit, *miss)})
    assert of_changed_lines(found, Coverage(changed_lines=99.995), PLACE, since="").status == "passed"
    assert of_changed_lines(found, Coverage(changed_lines=99.9951), PLACE, since="").status == "failed"
    assert of_changed_lines(found, Coverage(changed_lines=100, severity="warning"), PLACE, since="").status == "warned"


def test_no_changed_statement_is_not_applicable_and_says_what_was_not_measured():
    found = changed_coverage(WHOLE, {"a.py": changed(6)})
    check = of_changed_lines(found, Coverage(changed_lines=95), PLACE, since="since x", unmeasured=("new.py",))
    assert check.status == "skipped"
    assert check.reason == (
        "not applicable: no statement that was measured changed since x; new.py changed and is not measured"
    )


@pytest.mark.parametrize(
    ("limits", "broken", "status"),
    [(None, True, None), (Coverage(total=1), True, None)]
    + [(Coverage(changed_lines=1), broken, "errored" if broken else "skipped") for broken in (True, False)],
)
def test_without_a_base_nothing_passes(limits, broken, status):
    check = without_base(limits, PLACE, note="the clone is shallow", broken=broken)
    assert (check and check.status) == status


def test_lines_in_a_row_are_one_span():
    assert spans([9, 3, 4, 5, 1]) == ["1", "3-5", "9"]
    assert spans([]) == []


PATCH = b"""diff --git a/x b/x
--- a/x
+++ b/dir/with space\t
@@ -2,2 +2,3 @@ def f():
--- a/fake
-+++ b/fake
+@@ -1 +9,9 @@
+++ b/fake
+c
\\ No newline at end of file
diff --git "a/q\\"\\t\\303\\251" "b/q\\"\\t\\303\\251"
--- /dev/null
+++ "b/q\\"\\t\\303\\251"
@@ -0,0 +1 @@
+x
diff --git a/gone b/gone
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-x
"""


def test_content_of_a_patch_is_never_taken_for_its_frame():
    assert added_lines(PATCH) == {"dir/with space": {2, 3, 4}, 'q"\té': {1}}


def statuses(limits: Coverage, whole: Measured = WHOLE) -> dict[str, str]:
    return {check.id: check.status for check in of_parts(whole, limits, lambda *key: PLACE)}


def test_each_file_and_each_pattern_hold():
    assert statuses(Coverage(each_file=50)) == {"code.coverage.files": "passed"}
    assert statuses(Coverage(each_file=51)) == {"code.coverage.files.b.py": "failed"}
    assert statuses(Coverage(each_file=10, files={"a.py": 58, "none/*.py": 1})) == {
        "code.coverage.files.none/*.py": "failed",
        "code.coverage.files.a.py": "failed",
    }


def test_folders_count_together_and_one_without_statements_fails():
    whole = measured(pkg__a=({1, 2, 3}, {4}), pkg__deep__b=(set(), {1}), other=({1}, set()))
    assert statuses(Coverage(folders={"pkg": 60}), whole) == {"code.coverage.folders.pkg": "passed"}
    assert statuses(Coverage(folders={"pkg/": 61, "pk": 1}), whole) == {
        "code.coverage.folders.pkg/": "failed",
        "code.coverage.folders.pk": "failed",
    }


def test_branches_that_nobody_measured_fail():
    assert statuses(Coverage(branches=1)) == {"code.coverage.branches": "failed"}
    counts = Counts(statements=1, covered=1, branches=4, covered_branches=3)
    whole = Measured(total=counts, files={"a.py": counts}, with_branches=True)
    assert statuses(Coverage(branches=75), whole) == {"code.coverage.branches": "passed"}
    assert statuses(Coverage(branches=75.1), whole) == {"code.coverage.branches": "failed"}


SOURCE = """a = 1  # pragma: no cover
b = 1  # pragma: no cover - needs a GPU
c = 1  # pragma: no cover  # only on Windows
d = 1  # PRAGMA: NO COVER   #
e = 1  #pragma:no cover
f = "# pragma: no cover"
"""


def test_exclusions_without_a_reason_are_listed():
    assert list(without_reason(SOURCE, frozenset({1, 2, 3, 4, 5}))) == [1, 4, 5]
    counts = Counts(statements=1, covered=1, excluded=5)
    lines = {"a.py": Lines(executed=frozenset({6}), excluded=frozenset({1, 2, 3, 4, 5}))}
    check = of_exclusions(Measured(total=counts, files={"a.py": counts}, lines=lines), lambda _name: SOURCE)
    assert check
    assert check.summary == "5 lines are excluded from coverage; 3 `no cover` without a reason"
    assert check.details["without_reason"] == ["a.py:1", "a.py:4", "a.py:5"]
    assert of_exclusions(WHOLE, lambda _name: None) is None


def total(value: float, **more: object) -> Metric:
    return Metric(name=COVERAGE, value=value, n=1, higher_is_better=True, **more)  # type: ignore[arg-type]


def counts(covered: int) -> Counts:
    return Counts(statements=10, covered=covered)


def test_a_file_that_comes_or_goes_is_no_drop_of_the_others():
    now, before = on_same_files(
        (total(55, max_drop=0.1),),
        (total(90),),
        Files(counts={"a.py": counts(8), "new.py": counts(3)}),
        {"a.py": counts(8), "gone.py": counts(10)},
    )
    assert [(one.slice, one.value, one.max_drop) for one in now] == [(None, 55, None), (BOTH, 80.0, 0.1)]
    assert [(one.slice, one.value) for one in before] == [(None, 90), (BOTH, 80.0)]


def test_the_same_files_are_compared_as_they_are_and_moved_ones_are_the_same():
    known = {"old.py": counts(8), "b.py": counts(1)}
    files = Files(counts={"new.py": counts(7), "b.py": counts(1)}, moved={"new.py": "old.py"})
    metrics = ((total(40, max_drop=0.1),), (total(45),))
    assert on_same_files(*metrics, files, known) == metrics
    assert on_same_files(*metrics, Files(counts={"x.py": counts(1)}), known) == metrics

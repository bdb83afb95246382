"""JUnit XML: a test suite a gate, a test case a check, for whatever already shows test results."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from mlci.reports.terminal import plain
from mlci.results.model import Check, Comparison, Gate, Results, Status


def render(results: Results) -> str:
    """Return the results as a JUnit document; warnings and inconclusive checks pass, with their reason as output."""
    root = ET.Element("testsuites", name=f"mlci {plain(results.project)}", time=f"{results.duration_s:.3f}")
    if results.problems:
        root.append(_counted("run", 0.0, [_case("run", check) for check in _problems(results)]))
    for gate in results.gates:
        root.append(_suite(gate))
    if results.comparison:
        root.append(_comparison("baseline", results.comparison))
    if results.anchor:
        root.append(_comparison("anchor", results.anchor.comparison))
    if results.waivers:
        root.append(_waivers(results))
    for attribute in ("tests", "failures", "errors", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(gate: Gate) -> ET.Element:
    checks = gate.checks or (Check(id=gate.name, status=gate.status, summary=gate.name, reason=gate.reason),)
    return _counted(gate.name, gate.duration_s, [_case(gate.name, check) for check in checks])


def _comparison(name: str, comparison: Comparison) -> ET.Element:
    checks: Iterator[Check] = (
        Check(
            id=change.metric if change.slice is None else f"{change.metric}[{change.slice}]",
            status=change.status,
            summary=change.metric,
            reason=change.reason,
        )
        for change in comparison.changes
    )
    cases = [_case(name, check) for check in checks]
    if not cases:
        whole = Check(id=name, status=comparison.status, summary=name, reason=comparison.reason)
        cases = [_case(name, whole)]
    return _counted(name, 0.0, cases)


def _problems(results: Results) -> Iterator[Check]:
    for problem in results.problems:
        where, name = problem.where, problem.key or "run"
        yield Check(id=name, status="errored", summary="no gate ran", reason=problem.text, where=where)


def _waivers(results: Results) -> ET.Element:
    checks = (
        Check(
            id=waiver.metric if waiver.slice is None else f"{waiver.metric}[{waiver.slice}]",
            status=waiver.status,
            summary=waiver.metric,
            reason=waiver.note,
        )
        for waiver in results.waivers
    )
    return _counted("waivers", 0.0, [_case("waivers", check) for check in checks])


def _counted(name: str, duration_s: float, cases: list[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite", name=name, time=f"{duration_s:.3f}", tests=str(len(cases)))
    for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)
    return suite


_TAGS: dict[Status, str] = {"failed": "failure", "errored": "error", "skipped": "skipped"}


def _case(gate: str, check: Check) -> ET.Element:
    case = ET.Element("testcase", classname=f"mlci.{gate}", name=plain(check.id))
    if check.where:
        case.set("file", plain(check.where.path))
        if check.where.line:
            case.set("line", str(check.where.line))
    reason = plain(check.reason or check.summary)
    tag = _TAGS.get(check.status)
    if tag:
        ET.SubElement(case, tag, message=reason).text = plain(check.summary)
    elif check.status != "passed":
        ET.SubElement(case, "system-out").text = f"{check.status}: {reason}"
    return case

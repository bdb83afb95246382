"""JUnit XML: a test suite a gate, a test case a check, for whatever already shows test results."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from mlci.reports.terminal import plain
from mlci.results.model import Check, Gate, Results, Status


def render(results: Results) -> str:
    """Return the results as a JUnit document; warnings and inconclusive checks pass, with their reason as output."""
    root = ET.Element("testsuites", name=f"mlci {plain(results.project)}", time=f"{results.duration_s:.3f}")
    for gate in results.gates:
        root.append(_suite(gate))
    if results.comparison:
        root.append(_comparison(results))
    for attribute in ("tests", "failures", "errors", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(gate: Gate) -> ET.Element:
    checks = gate.checks or (Check(id=gate.name, status=gate.status, summary=gate.name, reason=gate.reason),)
    return _counted(gate.name, gate.duration_s, [_case(gate.name, check) for check in checks])


def _comparison(results: Results) -> ET.Element:
    assert results.comparison  # noqa: S101 - the caller looked
    comparison = results.comparison
    checks: Iterator[Check] = (
        Check(
            id=change.metric if change.slice is None else f"{change.metric}[{change.slice}]",
            status=change.status,
            summary=change.metric,
            reason=change.reason,
        )
        for change in comparison.changes
    )
    cases = [_case("baseline", check) for check in checks]
    if not cases:
        whole = Check(id="baseline", status=comparison.status, summary="baseline", reason=comparison.reason)
        cases = [_case("baseline", whole)]
    return _counted("baseline", 0.0, cases)


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

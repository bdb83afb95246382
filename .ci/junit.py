"""Sum up JUnit XML files of pytest, and fail on a skip whose reason no committed pattern allows."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

EXPECTED_FAILURE = "pytest.xfail"


def cases(reports: list[Path]) -> Iterator[tuple[str, str, str]]:
    """Yield (name, outcome, reason) of each test; outcome is passed, failed, skipped or xfailed."""
    for report in reports:
        for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
            name = f"{case.get('classname')}::{case.get('name')}"
            skipped = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                yield name, "failed", ""
            elif skipped is None:
                yield name, "passed", ""
            else:
                outcome = "xfailed" if skipped.get("type") == EXPECTED_FAILURE else "skipped"
                yield name, outcome, skipped.get("message") or skipped.text or ""


def patterns(path: Path) -> list[re.Pattern[str]]:
    """Read the allowed reasons: a regular expression a line, `#` begins a comment line."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [re.compile(line) for line in lines if line and not line.startswith("#")]


def main(allowed_file: str, *reports: str) -> int:
    """Print each skip that is not allowed, then the closing line; return 0 when all is well."""
    seen = list(cases([Path(report) for report in reports]))
    allowed = patterns(Path(allowed_file))
    counts = {outcome: sum(1 for _, o, _ in seen if o == outcome) for outcome in ("passed", "failed", "skipped")}
    refused = [(n, why) for n, o, why in seen if o == "skipped" and not any(p.search(why) for p in allowed)]
    for name, why in refused:
        print(f"skipped for no allowed reason: {name}: {why}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if refused or counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

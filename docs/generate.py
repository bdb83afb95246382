"""Write what is made from the code: JSON Schemas, the reference pages and the workflows of the documentation.

`python docs/generate.py` writes them, `python docs/generate.py --check` only tells which are out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlci.config.check import adapter as config_adapter
from mlci.reports.catalogue import KINDS, render
from mlci.results.files import adapter as results_adapter
from mlci.workflows.kinds import KINDS as WORKFLOWS
from mlci.workflows.template import Facts, filled

ROOT = Path(__file__).resolve().parent.parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def pages() -> dict[Path, str]:
    """Return every generated file with its content."""
    config = {"$schema": DIALECT, **config_adapter().json_schema(), "title": "mlci.yaml"}
    results = {"$schema": DIALECT, **results_adapter().json_schema(), "title": "results.json"}
    return {
        ROOT / "mlci/schemas/mlci.schema.json": json.dumps(config, indent=1) + "\n",
        ROOT / "mlci/schemas/results.schema.json": json.dumps(results, indent=1) + "\n",
        ROOT / "docs/configuration.md": _configuration(config),
        ROOT / "docs/catalogue.md": _catalogue(),
        **{
            ROOT / "docs/workflows" / template: filled(template, Facts())
            for kind in WORKFLOWS.values()
            for template in kind.files
        },
    }


def _configuration(schema: dict[str, Any]) -> str:
    lines = [
        "# Configuration",
        "",
        "Every key of `mlci.yaml`, made from the schema that `mlci config schema` prints.",
        "Paths are relative to `mlci.yaml`. `mlci config check` names every mistake with its line.",
    ]
    lines += _table("", "`mlci.yaml`", schema)
    for name, part in schema["$defs"].items():
        lines += _table("### ", _headings(schema).get(name, name), part)
    return "\n".join(lines) + "\n"


def _headings(schema: dict[str, Any]) -> dict[str, str]:
    """Say for each object of the schema under which keys it stands."""
    found: dict[str, list[str]] = {}
    for owner, part in [("", schema), *schema["$defs"].items()]:
        for key, value in part.get("properties", {}).items():
            for target in _targets(value):
                found.setdefault(target, []).append(f"`{key}`" if not owner else f"`{key}` of {owner}")
    return {name: f"{name}: {', '.join(keys)}" for name, keys in found.items()}


def _targets(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rpartition("/")[2]
        for inner in value.values():
            yield from _targets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _targets(inner)


def _table(level: str, heading: str, part: dict[str, Any]) -> list[str]:
    lines = ["", f"{level or '## '}{heading}", "", part.get("description", ""), "", "| key | value | what it does |"]
    lines.append("| --- | --- | --- |")
    needed = part.get("required", [])
    for key, value in part["properties"].items():
        says = value.get("description", "") + (" **Needed.**" if key in needed else "")
        lines.append(f"| `{key}` | {_kind(value)} | {says} |")
    return lines


def _kind(value: dict[str, Any]) -> str:
    if "anyOf" in value:
        return " or ".join(_kind(one) for one in value["anyOf"] if one.get("type") != "null")
    if "enum" in value:
        return ", ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    if "$ref" in value:
        return value["$ref"].rpartition("/")[2]
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}" if value.get("items") else "list"
    if isinstance(value.get("additionalProperties"), dict):
        return f"name: {_kind(value['additionalProperties'])}"
    names = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}
    return names.get(value.get("type", ""), "mapping")


def _catalogue() -> str:
    head = "# Catalogue\n\nEverything that a configuration can name, made from the code (`mlci catalogue`).\n\n"
    return head + render(KINDS, markdown=True)


def main(arguments: list[str]) -> int:
    """Write the files, or say which are out of date."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run `python docs/generate.py`")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

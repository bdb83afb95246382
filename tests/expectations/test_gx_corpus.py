"""What Great Expectations answers, on pandas frames and on the same data through DuckDB."""

from __future__ import annotations

import datetime as dt
import decimal
import importlib.util
import json
import math
import warnings

import duckdb
import pytest

from mlci.data import validate

ALLOWED = 0.03
"""The share of lines that an engine may be unable to put."""


def load(corpora):
    path = corpora / "gx" / "corpus_loader.py"
    spec = importlib.util.spec_from_file_location("gx_corpus_loader", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cases(corpora, tier):
    with (corpora / "gx" / "gx_cases.jsonl").open() as file:
        found = [json.loads(line) for line in file]
    found = [case for case in found if case["tier"] == tier and "success" in case["expected"]]
    if tier != "pandas":
        return found
    return [case for case in found if not any("differs" in flag or "removed" in flag for flag in case["flags"])]


def plain(value):
    if isinstance(value, dt.datetime):
        return (value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def moment(text):
    try:
        return plain(dt.datetime.fromisoformat(text))
    except ValueError:
        return text


def same(left, right):
    """Whether two values agree as the harness of Great Expectations compares them."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right or moment(left) == moment(right)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (left, right))
    return math.isclose(left, right, rel_tol=1e-7, abs_tol=0.05) if numbers else left == right


def in_order(values):
    return sorted((plain(value) for value in values), key=lambda value: json.dumps(value, sort_keys=True))


def disagreement(expected, result, decode):
    if result.success != expected["success"]:
        return f"success is {result.success}: {result.error or result.observed_value}"
    observed = plain(decode(expected.get("observed_value")))
    if isinstance(observed, str) and "unexpected row" in observed:
        observed = int(observed.split()[0])  # 0.18 words it, 1.x counts
    if observed is not None and not same(plain(result.observed_value), observed):
        return f"observed_value is {result.observed_value}"
    listed = expected.get("unexpected_list")
    if listed is not None and not same(in_order(result.unexpected_values), in_order(decode(listed))):
        return f"unexpected_list is {result.unexpected_values}"
    counts = {name: expected.get(name) for name in ("unexpected_count", "element_count", "missing_count")}
    off = {name: getattr(result, name) for name, count in counts.items() if differs(result, name, count)}
    return f"counts are {off}" if off else None


def differs(result, name, count):
    found = getattr(result, name)
    if name == "unexpected_count":
        return count is not None and not result.error and found != count
    return None not in (count, found) and found != count


def answer(loader, case, engine):
    frame = loader.frame(case)
    others = {
        name: loader.frame({**case, "data": data, "dtypes": None, "index": None})
        for name, data in (case.get("other_tables") or {}).items()
    }
    if engine != "pandas":
        frame = frame[used(case, frame)].reset_index(drop=True)
        frame = duckdb.connect().from_df(frame) if engine == "duckdb" else of_polars(frame)
    kwargs, parameters = loader.decode(case["kwargs"]), loader.decode(case.get("parameters") or {})
    return validate(frame, [{case["expectation"]: kwargs}], parameters=parameters, tables=others).results[0]


def of_polars(frame):
    """The same data in Polars, by way of Arrow, which knows what Python objects hold."""
    return duckdb.connect().from_df(frame).pl()


def used(case, frame):
    """Columns to put into the engine: all where the table is asked, else those that the arguments name."""
    named = [column for column in frame.columns if json.dumps(column)[1:-1] in json.dumps(case["kwargs"])]
    whole = case["expectation"].startswith("expect_table") or case["expectation"] == "expect_column_to_exist"
    return list(frame.columns) if whole or not named or "row_condition" in case["kwargs"] else named


def mixed(case):
    """Why a line cannot be put into an engine of typed columns; nothing where it can."""
    if case["expectation"] == "expect_column_type_to_be":
        return "asks for the name of the type in pandas"
    for name, values in case["data"].items():
        kinds = {type(value) for value in values if value is not None} - {dict}
        if str in kinds and len(kinds) > 1 and name in json.dumps(case["kwargs"]):
            return f"column {name} mixes text with other types"
    return None


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb", "polars"])
@pytest.mark.parametrize("tier", ["pandas", "sql_portable", "pandas_v2"])
def test_answers_agree(corpora, tier, engine):
    loader = load(corpora)
    chosen = cases(corpora, tier)
    wrong, cannot = {}, {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in chosen:
            found = disagreement(case["expected"], answer(loader, case, engine), loader.decode)
            if found:
                reason = mixed(case) if engine != "pandas" else None
                (cannot if reason else wrong)[case["id"]] = reason or found
    for name, reason in cannot.items():
        print(f"{engine} cannot: {name}: {reason}")
    print(
        f"{tier} on {engine}: {len(chosen) - len(wrong) - len(cannot)} of {len(chosen)} agree, {len(cannot)} cannot be put"
    )
    assert wrong == {}
    assert len(cannot) <= ALLOWED * len(chosen)


@pytest.mark.slow
def test_what_great_expectations_refuses_is_an_error(corpora):
    loader = load(corpora)
    with (corpora / "gx" / "gx_cases.jsonl").open() as file:
        refused = [case for case in map(json.loads, file) if case["expected"].get("exception")]
    chosen = [
        case for case in refused if not any("differs" in flag for flag in case["flags"]) and "dialect" not in case["id"]
    ]
    passed = [case["id"] for case in chosen if not answer(loader, case, "pandas").error]
    assert len(chosen) > 30
    assert passed == []

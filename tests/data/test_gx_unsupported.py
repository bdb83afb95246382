"""Whatever files of Great Expectations say that is not done is named, on its own line, and the rest still runs."""

import json

import pytest

from mlci.cli import main
from mlci.data.suites import parse_suite
from mlci.github.annotations import annotations_of
from mlci.github.workflow import annotate
from mlci.results.files import read

UNIQUE = {"expectation_type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}}
NOT_NULL = {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}}


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Write files, run `mlci data` on them, and return the exit code, the checks by id, and all that was shown."""

    def run(capsys, files, *options):
        for name, content in {"data/people.csv": "id,age\n1,10\n2,20\n", **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
        monkeypatch.chdir(tmp_path)
        code = main(["data", *options])
        results = read(tmp_path / "mlci-report" / "results.json")
        shown = {
            "console": capsys.readouterr().out,
            "comment": (tmp_path / "mlci-report" / "summary.md").read_text(),
            "annotations": "\n".join(annotate(annotations_of(results))),
        }
        return code, {check.id: check for check in results.gates[0].checks}, shown

    return run


def project(checkpoint, **more):
    connector = {"class_name": "InferredAssetFilesystemDataConnector", "base_directory": "../data"}
    connector |= {
        "default_regex": {"pattern": "(.*)\\.csv", "group_names": ["data_asset_name"]},
        **more.pop("connector", {}),
    }
    datasource = {"class_name": "Datasource", "data_connectors": {"folder": connector}, **more.pop("datasource", {})}
    return {
        "mlci.yaml": "version: 1\ngreat-expectations: [gx]\n",
        "gx/great_expectations.yml": json.dumps({"datasources": {"files": datasource}, **more}, indent=1),
        "gx/expectations/people.json": {"expectations": [UNIQUE]},
        "gx/checkpoints/nightly.yml": json.dumps(checkpoint, indent=1),
    }


def checkpoint(request=None, **more):
    batch = {
        "datasource_name": "files",
        "data_connector_name": "folder",
        "data_asset_name": "people",
        **(request or {}),
    }
    return {"validations": [{"batch_request": batch, "expectation_suite_name": "people"}], **more}


PASSES = "data.nightly/people.expect_column_values_to_be_unique.id"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "named"),
    [
        (
            project(checkpoint({"batch_spec_passthrough": {"sampling_method": "_sample_using_limit"}})),
            "`validations[0].batch_request.batch_spec_passthrough.sampling_method` is not supported",
        ),
        (
            project(checkpoint(), connector={"batch_spec_passthrough": {"splitter_method": "_split_on_whole_table"}}),
            "`datasources.files.data_connectors.folder.batch_spec_passthrough.splitter_method` is not supported",
        ),
        (
            project(checkpoint(), connector={"glob_directiv": "*.csv"}),
            '`datasources.files.data_connectors.folder.glob_directiv` is not supported; did you mean "glob_directive"?',
        ),
        (
            project(checkpoint(), datasource={"execution_engine": {"class_name": "PandasExecutionEngine", "boto3_options": {"a": 1}}}),
            "`datasources.files.execution_engine.boto3_options` is not supported",
        ),
        (project(checkpoint(profilers=[{"name": "p"}])), "`profilers` is not supported"),
        (
            project(checkpoint({"runtime_parameters": {"query": "select 1"}})),
            "`validations[0].batch_request.runtime_parameters.query` is not supported",
        ),
    ],
)  # fmt: skip
def test_what_changes_the_data_is_an_error_and_nothing_is_validated_in_its_place(data, capsys, files, named):
    code, checks, shown = data(capsys, files)
    (check,) = [check for check in checks.values() if check.status == "errored"]
    assert code == 3
    assert check.reason.startswith(named)
    assert check.where.line
    assert PASSES not in checks or "profilers" in named
    assert f"{check.where}" in shown["console"]


@pytest.mark.slow
def test_what_only_reports_is_skipped_by_name_and_the_data_is_validated(data, capsys):
    written = checkpoint(
        runtime_configuration={"result_format": {"result_format": "COMPLETE"}},
        action_list=[{"name": "n", "action": {"class_name": "SlackNotificationAction"}}, {"name": "own", "action": {"class_name": "OurAction"}}],
    )  # fmt: skip
    files = project(
        written,
        data_docs_sites={"local_site": {"class_name": "SiteBuilder"}},
        validation_operators={"action_list_operator": {"class_name": "ActionListValidationOperator"}},
        plugins_directory="plugins/",
    )
    code, checks, _ = data(capsys, {**files, "gx/plugins/expect_own.py": "raise SystemExit\n"})
    skipped = {name.removeprefix("data."): check for name, check in checks.items() if check.status == "skipped"}
    assert code == 0
    assert set(skipped) == {
        "gx.data_docs_sites",
        "gx.validation_operators",
        "gx.plugins_directory",
        "nightly.actions",
        "nightly.actions.OurAction",
        "nightly.runtime_configuration.result_format",
    }
    assert all(check.where.line for check in skipped.values())
    assert "gx/plugins/expect_own.py" in skipped["gx.plugins_directory"].reason
    assert checks[PASSES].status == "passed"


@pytest.mark.slow
def test_an_unknown_key_of_a_project_file_is_an_error_and_the_rest_runs(data, capsys):
    code, checks, _ = data(capsys, project(checkpoint(), data_docs_site={"a": {}}))
    assert (code, checks[PASSES].status) == (3, "passed")
    reason = '`data_docs_site` is not supported; did you mean "data_docs_sites"?'
    assert checks["data.gx.data_docs_site"].reason == reason


def test_a_suite_with_unknown_keys_names_each(capsys):
    asked = parse_suite(
        {
            "expectation_suite_name": "s",
            "meta": {"notes": "x"},
            "expectation": [NOT_NULL],
            "expectations": [{**UNIQUE, "mostly": 0.9, "meta": {"notes": "x"}}, {**NOT_NULL, "windows": [{"a": 1}]}],
        }
    )
    assert [each.problem for each in asked] == [
        '"mostly" beside the `kwargs` is not supported',
        '"windows" beside the `kwargs` is not supported',
        '`expectation` of the suite is not supported; did you mean "expectations"?',
    ]


def test_a_suite_has_values_for_its_own_parameters():
    from mlci.data import validate

    between = {
        "column": "age",
        "min_value": {"$PARAMETER": "low"},
        "max_value": {"$PARAMETER": "high", "$PARAMETER.high": 15},
    }
    suite = {
        "expectations": [{"expectation_type": "expect_column_values_to_be_between", "kwargs": between}],
        "evaluation_parameters": {"low": 12},
    }
    import pandas as pd

    frame = pd.DataFrame({"age": [10, 13, 20]})
    assert validate(frame, suite).results[0].unexpected_count == 2
    assert validate(frame, suite, parameters={"low": 0, "high": 100}).success


SHAPES = {
    "0.x JSON": ("suite.json", lambda entries: {"expectation_suite_name": "s", "expectations": entries}),
    "1.x JSON": ("suite.json", lambda entries: {"name": "s", "expectations": [{"type": e["expectation_type"], "kwargs": e["kwargs"], "severity": "critical"} for e in entries]}),
    "YAML list": ("suite.yml", lambda entries: "\n".join(f"- {json.dumps({e['expectation_type']: e['kwargs']})}" for e in entries)),
}  # fmt: skip
WRONG = [
    {"expectation_type": "expect_column_values_to_be_between", "kwargs": {"column": "age", "min_valu": 0}},
    {"expectation_type": "expect_column_values_to_be_unqiue", "kwargs": {"column": "id"}},
    {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "agee"}},
    UNIQUE,
]
ADVICE = ('did you mean "min_value"?', 'did you mean "expect_column_values_to_be_unique"?', 'did you mean "age"?')


@pytest.mark.slow
@pytest.mark.parametrize("through", ["suite", "checkpoint"])
@pytest.mark.parametrize("shape", SHAPES)
def test_each_mistake_in_a_suite_is_told_with_its_line_and_the_rest_runs(data, capsys, shape, through):
    name, write = SHAPES[shape]
    if through == "suite":
        path = f"suites/{name}"
        files = {"mlci.yaml": f"version: 1\ndata:\n  people: {{path: data/people.csv, suite: {path}}}\n"}
    else:
        path = f"gx/expectations/{name.replace('suite', 'people')}"
        files = project(checkpoint())
        del files["gx/expectations/people.json"]
    written = write(WRONG)
    text = written if isinstance(written, str) else json.dumps(written, indent=1)
    code, checks, shown = data(capsys, {**files, path: text})
    told = [check for check in checks.values() if check.where.path == path]
    assert [check.status for check in told] == ["errored", "errored", "failed", "passed"]
    assert code == 3
    lines = [number for number, line in enumerate(text.splitlines(), 1) if "expect_" in line]
    assert [check.where.line for check in told] == lines
    for check, advice in zip(told, ADVICE, strict=False):
        assert advice in check.reason
        assert f"{path}:{check.where.line}" in shown["console"]
        assert f"{path}:{check.where.line}" in shown["comment"]
        assert f"file={path},line={check.where.line}" in shown["annotations"]


@pytest.mark.slow
@pytest.mark.parametrize("text", ['{"expectations": []}', "[]"])
def test_an_empty_suite_is_not_green(data, capsys, text):
    config = "version: 1\ndata:\n  people: {path: data/people.csv, suite: suite.json}\n"
    code, checks, shown = data(capsys, {"mlci.yaml": config, "suite.json": text})
    assert (code, checks["data.people.suite.suite.json"].status) == (1, "failed")
    assert "suite.json" in shown["annotations"]


@pytest.mark.slow
def test_results_can_be_written_in_the_shape_of_great_expectations(data, capsys, tmp_path):
    files = project(checkpoint())
    data(capsys, {**files, "data/people.csv": "id,age\n1,10\n1,20\n"}, "--gx-results", "out/gx")
    written = json.loads((tmp_path / "out" / "gx" / "nightly_people.json").read_text())
    assert (written["success"], written["statistics"]["evaluated_expectations"]) == (False, 1)
    assert written["results"][0]["result"]["partial_unexpected_list"] == [1, 1]

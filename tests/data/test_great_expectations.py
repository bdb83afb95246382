"""Projects of Great Expectations, run as they are: 0.11, 0.18 and 1.x layouts, and a real course project."""

import json
import random
import shutil

import pytest
import yaml

from mlci.config.load import load
from mlci.data.great_expectations import plan
from mlci.errors import Where
from mlci.feeding import may_feed
from mlci.gates import Context
from mlci.gates.data import run

pytestmark = pytest.mark.slow

BLOCK = """
config_version: 3.0
datasources:
  local:
    class_name: Datasource
    execution_engine: {class_name: PandasExecutionEngine}
    data_connectors:
      inferred:
        class_name: InferredAssetFilesystemDataConnector
        base_directory: ../data
        default_regex: {pattern: '(.*)\\.csv', group_names: [data_asset_name]}
      monthly:
        class_name: ConfiguredAssetFilesystemDataConnector
        base_directory: ../data
        default_regex: {pattern: (.*), group_names: [year, month]}
        sorters:
          - {class_name: LexicographicSorter, name: year, orderby: desc}
          - {class_name: LexicographicSorter, name: month, orderby: asc}
        assets:
          sales: {base_directory: in, pattern: 'sales_(\\d{4})-(\\d{2})\\.csv', group_names: [year, month]}
      runtime: {class_name: RuntimeDataConnector, batch_identifiers: [x]}
  warehouse: {class_name: Datasource, execution_engine: {class_name: SqlAlchemyExecutionEngine}}
stores: {}
"""
FLUENT = """
config_version: 4.0
fluent_datasources:
  files:
    type: pandas_filesystem
    base_directory: data
    assets:
      people:
        type: csv
        batch_definitions: {all: {partitioner: {regex: people.csv$, param_names: []}}}
      sales:
        type: csv
        sep: ;
        batch_definitions:
          monthly:
            partitioner:
              regex: in/sales_(?P<year>\\d{4})-(?P<month>\\d{2})\\.csv
              param_names: [year, month]
              sort_ascending: true
      skipping: {type: csv, nrows: 3, batch_definitions: {all: {partitioner: {regex: people.csv}}}}
      daily: {type: csv, batch_definitions: {all: {partitioner: {column_name: day, method_name: partition_on_day}}}}
  warehouse: {type: postgres, connection_string: '${PASSWORD}', assets: {people: {type: table}}}
"""
PEOPLE = {"expectations": [{"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}}]}
SALES = {
    "expectations": [
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "amount", "min_value": 0, "max_value": {"$PARAMETER": "most"}},
        }
    ]
}


@pytest.fixture
def project(tmp_path):
    """Write the files of a project, given by path, and return what runs the data gate on it."""

    def write(files, sep=","):
        data = {
            "data/people.csv": "id,age\n1,10\n2,\n",
            **{
                f"data/in/sales_{month}.csv": f"id{sep}amount\n1{sep}{amount}\n"
                for month, amount in (("2023-12", 1), ("2024-01", 2), ("2024-02", 30))
            },
        }
        for name, content in {**data, **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
        return lambda config="[gx]", files=None: gate(tmp_path, config, files)

    return write


def gate(root, config, files=None):
    (root / "mlci.yaml").write_text(f"version: 1\ngreat-expectations: {config}\n")
    return run(context(root, files)).gate


def context(root, files=None):
    loaded = load(root / "mlci.yaml", start=root, use_cache=False)
    return Context(
        root=root,
        config=loaded.config,
        where=loaded.where,
        find_python=lambda: None,
        out=root / "mlci-report",
        files=None if files is None else frozenset((root / file).resolve() for file in files),
    )


def statuses(gate):
    return {check.id: check.status for check in gate.checks}


def block(request, suite="people", own=None, **more):
    """Return a checkpoint of 0.15 to 0.18 with one validation, `own` keys in it, and `more` keys at the top."""
    validation = {"batch_request": request, "expectation_suite_name": suite, **(own or {})}
    return json.dumps({"class_name": "Checkpoint", "validations": [validation], **more})


def definition(asset, batch="all", suite="people", datasource="files"):
    data = {"datasource": {"name": datasource}, "asset": {"name": asset}, "batch_definition": {"name": batch}}
    return {"data": data, "suite": {"name": suite}}


def checkpoint(*names):
    return {"validation_definitions": [{"name": name} for name in names]}


def test_checkpoints_of_018_choose_the_batches_that_great_expectations_does(project):
    inferred = {"datasource_name": "local", "data_connector_name": "inferred", "data_asset_name": "people"}
    monthly = {"datasource_name": "local", "data_connector_name": "monthly", "data_asset_name": "sales"}
    runtime = {"datasource_name": "local", "data_connector_name": "runtime", "data_asset_name": "adhoc"}
    outcome = project(
        {
            "gx/great_expectations.yml": BLOCK,
            "gx/expectations/people.json": PEOPLE,
            "gx/expectations/shop/sales.json": SALES,
            "gx/checkpoints/inferred.yml": block(inferred, batch_request={}, action_list=[]),
            "gx/checkpoints/last.yml": block(monthly, "shop.sales", evaluation_parameters={"most": 1}),
            "gx/checkpoints/first.yml": block(
                {**monthly, "data_connector_query": {"index": 0}},
                "shop.sales",
                own={"evaluation_parameters": {"most": 1}},
                evaluation_parameters={"most": 100},
            ),
            "gx/checkpoints/chosen.yml": block(
                {**monthly, "data_connector_query": {"batch_filter_parameters": {"month": "02"}}},
                "shop.sales",
                evaluation_parameters={"most": 29},
            ),
            "gx/checkpoints/top.yml": json.dumps({"batch_request": inferred, "expectation_suite_name": "people"}),
            "gx/checkpoints/runtime.yml": block({**runtime, "runtime_parameters": {"path": "data/people.csv"}}),
        }
    )()
    assert {name: status for name, status in statuses(outcome).items() if status != "skipped"} == {
        "data.inferred/people.expect_column_values_to_be_unique.id": "passed",
        "data.last/sales.expect_column_values_to_be_between.amount": "passed",
        "data.first/sales.expect_column_values_to_be_between.amount": "failed",
        "data.chosen/sales.expect_column_values_to_be_between.amount": "failed",
        "data.top/people.expect_column_values_to_be_unique.id": "passed",
        "data.runtime/adhoc.expect_column_values_to_be_unique.id": "passed",
    }
    failed = next(check for check in outcome.checks if check.id.startswith("data.chosen") and check.status == "failed")
    assert failed.where.path == "gx/expectations/shop/sales.json"
    assert "between 0 and 29" in failed.summary
    left_out = next(check for check in outcome.checks if check.id == "data.last/sales.batches")
    assert (left_out.status, left_out.where.path) == ("skipped", "gx/checkpoints/last.yml")
    assert "one batch, data/in/sales_2023-12.csv; not looked at: data/in/sales_2024-01.csv" in left_out.reason


def test_checkpoints_of_1x_follow_their_validation_definitions(project):
    run_gate = project(
        {
            "gx/great_expectations.yml": FLUENT,
            "gx/expectations/people.json": PEOPLE,
            "gx/expectations/sales.json": SALES,
            "gx/validation_definitions/people.json": definition("people"),
            "gx/validation_definitions/sales.json": definition("sales", "monthly", "sales"),
            "gx/checkpoints/nightly.json": {
                **checkpoint("people", "sales"),
                "actions": [{"type": "slack", "name": "tell"}, {"type": "ours", "name": "own"}],
            },
        },
        sep=";",
    )
    open_parameter = run_gate("[.]")
    assert statuses(open_parameter) == {
        "data.nightly/people.expect_column_values_to_be_unique.id": "passed",
        "data.nightly/sales.expect_column_values_to_be_between.amount": "errored",
        "data.nightly/sales.batches": "skipped",
        "data.nightly.actions": "skipped",
        "data.nightly.actions.ours": "skipped",
    }
    assert 'the parameter "most" has no value' in open_parameter.reason
    given = run_gate("[{project: gx, parameters: {most: 20}}]")
    between = given.checks[1]
    assert (between.status, between.summary) == (
        "failed",
        "column `amount`: 1 of 1 values do not lie between 0 and 20 (mostly 1)",
    )
    assert given.status == "failed"


def test_checkpoints_of_011_name_their_files(project):
    kwargs = {"path": "/home/someone/shop/data/people.csv", "datasource": "files", "data_asset_name": "people"}
    old = {"batches": [{"batch_kwargs": kwargs, "expectation_suite_names": ["people", "ages"]}]}
    run_gate = project(
        {
            "gx/great_expectations.yml": "datasources: {files: {class_name: PandasDatasource}}\n",
            "gx/expectations/people.json": PEOPLE,
            "gx/expectations/ages.json": [{"expect_column_values_to_not_be_null": {"column": "age"}}],
            "gx/checkpoints/old.yml": json.dumps({**old, "validation_operator_name": "action_list_operator"}),
        }
    )
    elsewhere = run_gate()
    assert statuses(elsewhere)["data.old/people.data"] == "errored"
    assert "folders: {files: FOLDER}" in elsewhere.reason
    assert statuses(run_gate("[{project: gx, folders: {files: data}}]")) == {
        "data.old/people.expect_column_values_to_be_unique.id": "passed",
        "data.old/people.expect_column_values_to_not_be_null.age": "failed",
        "data.old.actions": "skipped",
    }


def test_whatever_is_not_supported_is_named_and_errored(project):
    people = {"datasource_name": "files", "data_asset_name": "people"}
    outcome = project(
        {
            "gx/great_expectations.yml": FLUENT,
            "gx/expectations/people.json": PEOPLE,
            "gx/validation_definitions/skipping.json": definition("skipping"),
            "gx/validation_definitions/daily.json": definition("daily"),
            "gx/validation_definitions/sql.json": definition("people", datasource="warehouse"),
            "gx/checkpoints/new.json": checkpoint("skipping", "daily", "sql"),
            "gx/checkpoints/sliced.yml": block({**people, "batch_slice": "every other"}),
            "gx/checkpoints/limited.yml": block({**people, "limit": 10}),
            "gx/checkpoints/own.yml": block(people, class_name="OurCheckpoint"),
            "gx/checkpoints/template.yml": block(people, template_name="own"),
            "gx/checkpoints/simple.yml": block(people, class_name="SimpleCheckpoint", notify_on="failure"),
        }
    )()
    said = {check.id: check.reason for check in outcome.checks if check.status == "errored"}
    assert "`nrows: 3`, which is not supported" in said["data.new/skipping.data"]
    assert "by the values of a column" in said["data.new/daily.data"]
    assert "is a `postgres`: only files are read" in said["data.new/people.data"]
    assert "'every other' is not supported" in said["data.sliced/people.data"]
    assert (
        "`validations[0].batch_request.limit` is not supported"
        in said["data.limited.validations[0].batch_request.limit"]
    )
    assert "OurCheckpoint is code that mlci does not run" in said["data.own.class_name"]
    assert "`template_name` is not supported" in said["data.template.template_name"]
    assert statuses(outcome)["data.simple.notifications"] == "skipped"
    assert outcome.status == "errored"


def test_what_is_missing_is_errored_with_its_line_and_the_nearest_name(project):
    written = json.dumps(
        {
            "validations": [
                {
                    "batch_request": {"datasource_name": "local", "data_asset_name": "peopel"},
                    "expectation_suite_name": "people",
                },
                {
                    "batch_request": {"datasource_name": "locla", "data_asset_name": "people"},
                    "expectation_suite_name": "people",
                },
                {
                    "batch_request": {"datasource_name": "local", "data_asset_name": "people"},
                    "expectation_suite_name": "peple",
                },
            ]
        },
        indent=1,
    )
    outcome = project(
        {"gx/great_expectations.yml": BLOCK, "gx/expectations/people.json": PEOPLE, "gx/checkpoints/cp.yml": written}
    )()
    asset, datasource, suite = outcome.checks
    assert (asset.status, 'did you mean "people"?' in asset.reason) == ("errored", True)
    assert (datasource.status, 'did you mean "local"?' in datasource.reason) == ("errored", True)
    assert (suite.status, 'did you mean "people"?' in suite.reason) == ("errored", True)
    lines = written.splitlines()
    for check, text in ((asset, '"batch_request"'), (datasource, '"batch_request"'), (suite, '"peple"')):
        assert check.where.path == "gx/checkpoints/cp.yml"
        assert text in lines[check.where.line - 1]


def test_a_project_that_is_not_there_is_errored(project, tmp_path):
    outcome = project({"quality/gx/great_expectations.yml": FLUENT})("[qualty]")
    (only,) = outcome.checks
    assert (only.id, only.status, only.where.path, only.where.line) == (
        "data.qualty.project",
        "errored",
        "mlci.yaml",
        2,
    )
    assert "There is one in `quality/gx`" in only.reason


def test_nothing_is_vacuously_green(project):
    run_gate = project({"gx/great_expectations.yml": FLUENT, "gx/expectations/people.json": {"expectations": []}})
    assert statuses(run_gate()) == {"data.gx.checkpoints": "failed"}
    empty = project(
        {
            "gx/validation_definitions/people.json": definition("people"),
            "gx/checkpoints/empty.json": checkpoint("people"),
            "gx/checkpoints/nothing.yml": "validations: []\n",
        }
    )
    assert statuses(empty()) == {
        "data.empty/people.suite.gx/expectations/people.json": "failed",
        "data.nothing.validations": "failed",
    }
    assert statuses(empty("[{project: gx, allow-empty: true}]")) == {"data.nothing.validations": "failed"}


def test_a_folder_comes_from_the_environment_and_is_not_shown_expanded(project, monkeypatch):
    files = {
        "gx/great_expectations.yml": FLUENT.replace("base_directory: data", "base_directory: ${SHOP_DATA}"),
        "gx/expectations/people.json": PEOPLE,
        "gx/validation_definitions/people.json": definition("people"),
        "gx/checkpoints/cp.json": checkpoint("people"),
    }
    run_gate = project(files)
    assert "the variable SHOP_DATA has no value" in run_gate().reason
    monkeypatch.setenv("SHOP_DATA", "data")
    assert run_gate().status == "passed"
    monkeypatch.setenv("SHOP_DATA", "s3cret")
    outcome = run_gate()
    assert outcome.status == "errored"
    assert "s3cret" not in str(outcome)


def test_a_pointer_of_dvc_stands_for_its_file(project, tmp_path):
    run_gate = project(
        {
            "gx/great_expectations.yml": FLUENT,
            "gx/expectations/people.json": PEOPLE,
            "gx/validation_definitions/people.json": definition("people"),
            "gx/checkpoints/cp.json": checkpoint("people"),
            "data/people.csv.dvc": "outs: [{md5: 12, path: people.csv}]\n",
        }
    )
    (tmp_path / "data/people.csv").unlink()
    assert list(statuses(run_gate())) == ["data.cp/people.file"]


def test_files_run_only_the_checkpoints_that_they_feed(project, tmp_path):
    run_gate = project(
        {
            "gx/great_expectations.yml": FLUENT,
            "gx/expectations/people.json": PEOPLE,
            "gx/expectations/sales.json": SALES,
            "gx/validation_definitions/people.json": definition("people"),
            "gx/validation_definitions/sales.json": definition("sales", "monthly", "sales"),
            "gx/checkpoints/a.json": checkpoint("people"),
            "gx/checkpoints/b.json": checkpoint("sales"),
        },
        sep=";",
    )

    def names(*files):
        fed = {name.split(".")[1] for name in statuses(run_gate(files=files))}
        config = context(tmp_path)
        resolved = frozenset((tmp_path / file).resolve() for file in files)
        assert may_feed("data", config.config, tmp_path, resolved) == bool(fed)
        return fed

    assert names("data/people.csv") == {"a/people"}
    assert names("gx/expectations/sales.json") == {"b/sales"}
    assert names("gx/validation_definitions/people.json") == {"a/people"}
    assert names("gx/checkpoints/b.json") == {"b/sales"}
    assert names("gx/great_expectations.yml") == {"a/people", "b/sales"}
    assert names("data/in/sales_2024-02.csv") == {"b/sales"}
    assert names("data/in/sales_2023-12.csv") == set()
    assert names("README.md") == set()


@pytest.mark.parametrize(
    ("options", "unsupported"),
    [
        ("na_values: ['-'], dtype: {age: float64}, encoding: utf-8, header: 0, low_memory: false", None),
        ("parse_dates: [born], compression: infer, quotechar: '\"'", None),
        ("dtype: str", "dtype: str"),
        ("header: 2", "header: 2"),
        ("usecols: [id], decimal: ','", "usecols"),
    ],
)
def test_options_of_the_reader_are_kept_or_named(project, options, unsupported):
    outcome = project(
        {
            "gx/great_expectations.yml": "fluent_datasources:\n  files:\n    type: pandas_filesystem\n    base_directory: data\n"
            f"    assets: {{people: {{type: csv, batching_regex: born.csv, {options}}}}}\n",
            "gx/expectations/people.json": {
                "expectations": [
                    {
                        "expectation_type": "expect_column_values_to_not_be_null",
                        "kwargs": {"column": "age", "mostly": 0.5},
                    },
                    {"expectation_type": "expect_column_max_to_be_between", "kwargs": {"column": "id", "max_value": 2}},
                ]
            },
            "gx/checkpoints/cp.yml": block({"datasource_name": "files", "data_asset_name": "people"}),
            "data/born.csv": "id,age,born\n1,-,2024-01-31\n2,3.5,\n",
        }
    )()
    if unsupported:
        assert outcome.status == "errored"
        assert f"`{unsupported}" in outcome.reason
    else:
        assert outcome.status == "passed"


ODD = [None, 1, "x", [], {}, [1], {"a": 1}, True, -1.5, "[0:1]", ["x", {"y": 2}], "(", "${NOPE}"]


def with_one_odd_value(value, chance):
    """Return `value` with one value somewhere in it replaced by one that does not belong there."""
    if isinstance(value, dict | list) and value and chance.random() < 0.8:
        key = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
        copy = value.copy()
        copy[key] = with_one_odd_value(value[key], chance)
        return copy
    return chance.choice(ODD)


def test_no_value_of_a_project_file_ends_in_a_traceback(project, tmp_path):
    files = {
        "gx/great_expectations.yml": {**yaml.safe_load(BLOCK), **yaml.safe_load(FLUENT)},
        "gx/validation_definitions/sales.json": definition("sales", "monthly"),
        "gx/checkpoints/new.json": checkpoint("sales"),
        "gx/checkpoints/block.yml": json.loads(
            block({"datasource_name": "local", "data_connector_name": "monthly", "data_asset_name": "sales"})
        ),
    }
    project({**files, "gx/expectations/people.json": PEOPLE})
    chance = random.Random(7)
    for _ in range(300):
        name = chance.choice(list(files))
        (tmp_path / name).write_text(json.dumps(with_one_odd_value(files[name], chance)))
        found = plan(tmp_path, ("gx",), environ={}, where=lambda *_key: Where(path="mlci.yaml"))
        assert found.validations or any(note.status in {"errored", "failed"} for note in found.notes)
        (tmp_path / name).write_text(json.dumps(files[name]))


def course(corpora, tmp_path):
    shutil.copytree(corpora / "madewithml" / "2022" / "great_expectations", tmp_path / "tests" / "great_expectations")
    shutil.copytree(corpora / "madewithml" / "2022" / "data", tmp_path / "data")


def checked(gate):
    return [check.status for check in gate.checks if check.status != "skipped"]


def test_the_checkpoints_of_a_real_course_project_hold_on_its_data(corpora, tmp_path):
    course(corpora, tmp_path)
    outcome = gate(tmp_path, "[tests/great_expectations]")
    assert checked(outcome) == ["passed"] * 24
    assert {check.id for check in outcome.checks if check.status == "skipped"} == {
        "data.tests/great_expectations.data_docs_sites",
        "data.labeled_projects.actions",
        "data.projects.actions",
        "data.tags.actions",
    }


def test_a_year_later_two_of_four_fail(corpora, tmp_path):
    course(corpora, tmp_path)
    shutil.copy(corpora / "madewithml" / "2023" / "datasets" / "tags.csv", tmp_path / "data" / "tags.csv")
    outcome = gate(tmp_path, "[tests/great_expectations]", ["data/tags.csv"])
    assert checked(outcome) == ["failed", "failed", "passed", "passed"]


def test_a_project_that_was_moved_is_told_where_its_data_is(corpora, tmp_path):
    shutil.copytree(corpora / "madewithml" / "2022", tmp_path, dirs_exist_ok=True)
    assert checked(gate(tmp_path, "[great_expectations]")) == ["passed"] * 24
    (tmp_path / "data").rename(tmp_path / "tables")
    lost = gate(tmp_path, "[great_expectations]")
    assert (lost.status, "folders: {local_data: FOLDER}" in lost.reason) == ("errored", True)
    assert checked(gate(tmp_path, "[{project: great_expectations, folders: {local_data: tables}}]")) == ["passed"] * 24
    wrong = gate(tmp_path, "[{project: great_expectations, folders: {locl_data: tables}}]")
    assert any('did you mean "local_data"?' in check.reason for check in wrong.checks)

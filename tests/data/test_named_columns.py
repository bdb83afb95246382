"""Columns that `key` and `types` name."""

from mlci.config.load import load
from mlci.gates import Context
from mlci.gates.data import run


def test_a_key_and_a_type_of_no_column_fail(tmp_path):
    (tmp_path / "a.csv").write_text("id,n\n1,2\n")
    asset = "{path: a.csv, key: [id, im], types: {n: number, nn: text}, expect: [expect_column_to_exist: {column: n}]}"
    (tmp_path / "mlci.yaml").write_text(f"version: 1\ndata:\n  a: {asset}\n")
    loaded = load(tmp_path / "mlci.yaml", start=tmp_path, use_cache=False)
    context = Context(
        root=tmp_path, config=loaded.config, where=loaded.where, find_python=lambda: None, out=tmp_path / "out"
    )
    failed = [(check.id, check.reason) for check in run(context).gate.checks if check.status == "failed"]
    assert failed == [
        ("data.a.key.im", "`key` names `im`, which is no column"),
        ("data.a.types.nn", '`types` names `nn`, which is no column; did you mean "n"?'),
    ]

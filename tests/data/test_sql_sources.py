"""Tables of databases, asked where they lie."""

import json
import sqlite3

import duckdb
import pytest

from mlci.config.load import load
from mlci.errors import ConfigError
from mlci.gates import Context
from mlci.gates.data import run

pytestmark = pytest.mark.slow

PASSWORD = "secret-word"
EXPECT = """
    expect:
      - expect_column_values_to_be_unique: {column: id}
      - expect_column_values_to_be_between: {column: amount, min_value: 0}
      - expect_column_values_to_match_regex: {column: code, regex: "^[A-Z]{2}$"}
      - unexpected_rows_expectation: {unexpected_rows_query: "select * from {batch} where amount > 99"}
"""
ROWS = [(1, 5.5, "NO"), (2, -1.0, "SE"), (3, None, "no"), (3, 100.0, None)]


@pytest.fixture
def shop(postgres, monkeypatch):
    """A schema with one table in PostgreSQL; returns its address without the password, which the environment has."""
    import psycopg

    with psycopg.connect(postgres, password=PASSWORD) as connection:
        connection.execute("drop schema if exists shop cascade")
        connection.execute("create schema shop")
        connection.execute("create table shop.orders (id int, amount numeric(10, 2), code char(4))")
        connection.cursor().executemany("insert into shop.orders values (%s, %s, %s)", ROWS)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return postgres


def looked(root, source, expect=EXPECT, **more):
    (root / "mlci.yaml").write_text(f"version: 1\ndata:\n  orders:\n    {source}\n{expect}")
    loaded = load(root / "mlci.yaml", start=root, use_cache=False)
    context = Context(
        root=root,
        config=loaded.config,
        where=loaded.where,
        find_python=lambda: None,
        out=root / "mlci-report",
        **more,
    )
    return run(context)


def found(outcome):
    return [(check.status, check.details.get("unexpected_count")) for check in outcome.gate.checks]


FAILURES = [("failed", 2), ("failed", 1), ("failed", 1), ("failed", 1)]


def test_a_table_of_postgresql(shop, tmp_path):
    outcome = looked(tmp_path, f"sql: {{url: '{shop}', table: shop.orders}}")
    assert found(outcome) == FAILURES
    unique = outcome.gate.checks[0]
    assert "row" not in unique.reason.partition(";")[2]
    assert unique.details["row_order"].startswith("the table has no order")
    assert unique.details["values"] == {"unexpected_values": [3, 3]}
    exported = (tmp_path / "mlci-report" / "failing-rows" / "orders.csv").read_text().splitlines()
    assert len(exported) == 4
    assert outcome.metrics[0].value == 4


def test_a_query_and_an_order(shop, tmp_path):
    source = (
        f"sql: {{url: '{shop}', query: 'select id, amount, code from shop.orders where id < 3'}}\n    order-by: [id]"
    )
    expect = (
        "    expect:\n      - expect_column_values_to_be_increasing: {column: id}\n"
        "      - expect_column_values_to_be_decreasing: {column: id}\n"
    )
    checks = looked(tmp_path, source, expect).gate.checks
    rising, falling = checks
    assert (rising.status, falling.status) == ("passed", "failed")
    assert falling.details["rows"] == [2]


def test_the_connection_can_only_read(shop, tmp_path):
    query = "{unexpected_rows_query: 'with d as (delete from shop.orders returning 1) select * from d, {batch}'}"
    expect = f"    expect:\n      - unexpected_rows_expectation: {query}\n"
    (check,) = looked(tmp_path, f"sql: {{url: '{shop}', table: shop.orders}}", expect).gate.checks
    assert check.status == "errored"
    assert looked(tmp_path, f"sql: {{url: '{shop}', table: shop.orders}}").metrics[0].value == 4


def test_a_statement_that_takes_too_long_is_ended(shop, tmp_path):
    source = f"sql: {{url: '{shop}', timeout: 0.3, query: 'select 1 as id, pg_sleep(20)::text as t from shop.orders'}}"
    expect = "    expect:\n      - expect_column_values_to_be_unique: {column: t}\n"
    (check, *_) = looked(tmp_path, source, expect).gate.checks
    assert (check.status, "timeout" in check.reason) == ("errored", True)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("shop.ordres", 'there is no table `shop.ordres`; did you mean "orders"?'),
        ("shp.orders", "there is no table `shp.orders`"),
    ],
)
def test_a_table_that_is_not_there(shop, tmp_path, table, said):
    (check, *_) = looked(tmp_path, f"sql: {{url: '{shop}', table: {table}}}").gate.checks
    assert check.status == "errored"
    assert said in check.reason


def test_no_message_holds_a_password(shop, tmp_path, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "an-other-word")
    monkeypatch.setenv("SHOP_PASSWORD", "wr:ong/wo@rd")
    whole = shop.replace("tester@", "tester:${SHOP_PASSWORD}@")
    for url in (shop, whole, shop.replace("127.0.0.1", "127.0.0.9")):
        outcome = looked(tmp_path, f"sql: {{url: '{url}', table: shop.orders}}")
        (check, *_) = outcome.gate.checks
        assert (check.status, "cannot be reached" in check.reason) == ("errored", True)
        told = json.dumps([check.reason, check.summary, dict(check.details)])
        assert not any(word in told for word in ("an-other-word", "wr:ong/wo@rd", "wr%3Aong", "tester:"))


def test_a_password_out_of_a_variable(shop, tmp_path, monkeypatch):
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    whole = shop.replace("tester@", "tester:${SHOP_PASSWORD}@")
    assert found(looked(tmp_path, f"sql: {{url: '{whole}', table: shop.orders}}")) == FAILURES
    monkeypatch.delenv("SHOP_PASSWORD")
    (check, *_) = looked(tmp_path, f"sql: {{url: '{whole}', table: shop.orders}}").gate.checks
    assert "SHOP_PASSWORD is not set" in check.reason


def test_sqlite(tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("create table orders (id integer, amount real, code text)")
        connection.executemany("insert into orders values (?, ?, ?)", ROWS)
    connection.close()
    assert found(looked(tmp_path, "sql: {url: 'sqlite:///shop.db', table: orders}")) == FAILURES


def test_checks_across_assets_say_that_a_table_has_no_order(tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("create table orders (id integer)")
        connection.executemany("insert into orders values (?)", [(1,), (7,)])
    connection.close()
    (tmp_path / "known.csv").write_text("id\n1\n")
    more = "  known: {path: known.csv, allow-empty: true}\n"
    for order, noted in (("", True), ("    order-by: [id]\n", False)):
        keys = f"{order}    foreign-keys: [{{columns: id, asset: known}}]\n{more}"
        outcome = looked(tmp_path, "sql: {url: 'sqlite:///shop.db', table: orders}", keys)
        (check,) = (check for check in outcome.gate.checks if check.status == "failed")
        assert (check.details["rows"], "row_order" in check.details) == ([2], noted)


def test_duckdb(tmp_path):
    with duckdb.connect(tmp_path / "all.duckdb") as connection:
        connection.execute("create schema shop")
        connection.execute("create table shop.orders (id int, amount decimal(10, 2), code text)")
        connection.executemany("insert into shop.orders values (?, ?, ?)", ROWS)
    outcome = looked(tmp_path, "sql: {url: 'duckdb:///all.duckdb', table: shop.orders}")
    assert found(outcome) == FAILURES
    assert outcome.gate.checks[0].details["rows"] == [3, 4]


@pytest.mark.parametrize("url", ["sqlite:///gone.db", "duckdb:///gone.duckdb"])
def test_a_database_file_that_is_not_there_is_not_made(tmp_path, url):
    (check, *_) = looked(tmp_path, f"sql: {{url: '{url}', table: orders}}").gate.checks
    assert (check.status, "there is no such database file" in check.reason) == ("errored", True)
    assert not list(tmp_path.glob("gone*"))


def test_what_a_hook_gives_feeds_a_database_file_and_no_server(tmp_path):
    (tmp_path / "shop.db").touch()
    files = frozenset({(tmp_path / "other.csv").resolve()})
    outcome = looked(tmp_path, "sql: {url: 'sqlite:///shop.db', table: orders}", files=files)
    assert outcome.gate.status == "skipped"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("sql: {url: 'postgresql://me:word@host/db', table: t}", "data.orders.sql.url: holds a password"),
        ("sql: {url: 'snowflake://host/db?private_key=abc', table: t}", "data.orders.sql.url: holds a password"),
        ("sql: {url: 'postgresql://host/db'}", "needs one of `table` and `query`"),
        ("sql: {url: 'shop.db', table: t}", "is no URL of a database"),
        ("path: a.csv\n    sql: {url: 'sqlite:///shop.db', table: t}", "data.orders.sql: stands beside `path`"),
        ("spark: {table: t, path: p}", "needs one of `table`, `path` and `query`"),
        ("loader: rows", "must be module:function"),
        ("loader: {function: a:b, memory: much}", "must be a size"),
        ("expect: []", "is empty. Name the file, or say `sql`"),
    ],
)
def test_mistakes_are_named(tmp_path, source, said):
    with pytest.raises(ConfigError) as error:
        looked(tmp_path, source, "")
    assert said in str(error.value)
    assert "word" not in str(error.value).replace("password", "")

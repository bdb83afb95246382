"""Data behind URLs: a real object store and a web server, both on loopback."""

import functools
import gzip
import http.server
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import s3fs

from mlci.data import validate
from mlci.data.batch import fetch
from mlci.data.sources import open_data, reading_at, remote
from mlci.errors import CannotRun, UsageError
from mlci.model.rows import read_rows

pytestmark = pytest.mark.slow

SECRET = "a-very-secret-key"


def rows(batch):
    return fetch(batch.frame.select(*(column.expr.alias(name) for name, column in batch.columns.items())))


@pytest.fixture(scope="module")
def store(s3):
    for year in (2024, 2025):
        s3.put_object(Bucket="data", Key=f"p/year={year}/x.csv", Body=f"a,b\n{year},x\n".encode())
    s3.put_object(Bucket="data", Key="x.jsonl.gz", Body=gzip.compress(b'{"a": 1}\n{"a": "12a"}\n'))
    s3.put_object(Bucket="data", Key="empty.csv", Body=b"")
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": list(range(1000)), "b": ["x"] * 1000}), sink, row_group_size=100)
    s3.put_object(Bucket="data", Key="x.parquet", Body=sink.getvalue().to_pybytes())
    return s3


@pytest.fixture(autouse=True)
def _no_cached_clients():
    s3fs.S3FileSystem.clear_instance_cache()


def test_objects_and_patterns(store):
    for place in ("s3://data/p/*/x.csv", "s3://data/p/**", "s3://data/p/"):
        batch = open_data(reading_at(Path(), place, file_column="file"))
        assert rows(batch) == [
            (2024, "x", 2024, "s3://data/p/year=2024/x.csv"),
            (2025, "x", 2025, "s3://data/p/year=2025/x.csv"),
        ]
    batch.close()
    assert rows(open_data(reading_at(Path(), "s3://data/x.jsonl.gz"))) == [("1",), ("12a",)]


@pytest.mark.parametrize("whole", [0, 10**9])
def test_parquet_in_place_and_fetched(store, whole, monkeypatch):
    monkeypatch.setattr(remote, "WHOLE", whole)
    result = validate(
        "s3://data/x.parquet", [{"expect_column_values_to_be_between": {"column": "a", "max_value": 997}}]
    ).results[0]
    assert (result.unexpected_count, result.rows) == (2, (999, 1000))
    batch = open_data(reading_at(Path(), "s3://data/x.parquet", file_column="file"))
    assert rows(batch)[-1] == (999, "x", "s3://data/x.parquet")


def test_the_same_for_the_examples_of_a_model(store):
    assert read_rows(Path("/root/s3:/data/x.jsonl.gz"), shown="s3://data/x.jsonl.gz").rows[0] == {"a": "1"}


BAD = {
    "s3://data/none.csv": "there is no such file, or no such bucket",
    "s3://nobucket/x.csv": "there is no such file, or no such bucket",
    "s3://data/none*.csv": "no file matches s3://data/none",
    "s3://data/empty.csv": "is empty",
    "ftp://data/x.csv": "data behind ftp:// is not supported",
}


@pytest.mark.parametrize("url", BAD)
def test_what_is_not_there(store, url):
    with pytest.raises((CannotRun, UsageError)) as caught:
        open_data(reading_at(Path(), url))
    assert BAD[url] in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_store_that_does_not_answer_and_no_credentials(store, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(CannotRun, match="the server cannot be reached"):
        open_data(reading_at(Path(), "s3://data/x.csv"))
    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(CannotRun, match="the environment holds no credentials. Set .* AWS_ACCESS_KEY_ID"):
        open_data(reading_at(Path(), "s3://data/x.csv"))


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        pass

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/denied.csv":
            self.send_error(403)
        elif path == "/busy.csv":
            self.send_error(503)
        elif path == "/slow.csv":
            time.sleep(3)
        elif path == "/cut.csv":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"a,b\n1,2\n")
        else:
            super().do_GET()


@pytest.fixture
def web(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n3\n")
    (tmp_path / "good.csv").write_text("a\n1\n")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_files_of_a_web_server(web):
    assert rows(open_data(reading_at(Path(), f"{web}/good.csv?version=3"))) == [(1,)]
    assert rows(open_data(reading_at(Path(), [f"{web}/good.csv"]))) == [(1,)]
    assert rows(open_data(reading_at(Path(), f"{web}/x.parquet"))) == [(1,)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x.csv", ":3: a row has 1 fields where the header has 2"),
        ("none.csv", "there is no such file"),
        ("denied.csv", "access is denied"),
        ("busy.csv", "the server answers 503"),
        ("slow.csv", "the server does not answer in time"),
        ("cut.csv", "Not enough data"),
    ],
)
def test_mistakes_hide_what_is_secret(web, name, message, monkeypatch):
    monkeypatch.setattr(remote, "READ_S", 0.5)
    url = web.replace("http://", "http://anna:hunter2@") + f"/{name}?token={SECRET}"
    with pytest.raises(CannotRun) as caught:
        open_data(reading_at(Path(), url))
    assert message in str(caught.value)
    assert not any(secret in str(caught.value) for secret in (SECRET, "hunter2", "anna"))


def test_a_secret_in_the_configuration_is_refused(tmp_path):
    (tmp_path / "mlci.yaml").write_text(
        "version: 1\ndata:\n"
        f"  a: {{path: 'https://anna:hunter2@host/x.csv'}}\n"
        f"  b: {{path: ['s3://data/x.csv', 'https://host/x.csv?X-Amz-Signature={SECRET}']}}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mlci", "data"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert "mlci.yaml:3 data.a.path: the URL holds a user name or a password" in said
    assert "mlci.yaml:4 data.b.path: the URL holds a secret (`X-Amz-Signature`)" in said
    assert "hunter2" not in said
    assert SECRET not in said

"""A model behind HTTP, asked of a real server on this machine that has faults."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mlci.config.common import Limits
from mlci.config.model import Config
from mlci.config.models import Evaluate, Model
from mlci.config.serving import Endpoint
from mlci.errors import CannotRun, Where
from mlci.gates import Context
from mlci.gates.model import run
from mlci.model.bodies import BODIES, found_in
from mlci.model.endpoint import HttpModel

pytestmark = pytest.mark.slow


class Server:
    """Answers with the length of each text, after the faults that `script` lists, one for each request."""

    def __init__(self):
        self.script, self.seen, self.waited, self.at_once, self.most = [], [], [], 0, 0
        self.shape = lambda texts: {"predictions": [len(text) for text in texts]}
        self.lock = threading.Lock()
        self.release = threading.Event()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}/predict"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def handler(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with server.lock:
                    server.seen.append((dict(self.headers), body, self.path))
                    server.at_once += 1
                    server.most = max(server.most, server.at_once)
                    fault = server.script.pop(0) if server.script else None
                try:
                    (fault or server.answer)(self, body)
                finally:
                    with server.lock:
                        server.at_once -= 1

        return Handler

    def answer(self, handler, body):
        send(handler, 200, json.dumps(self.shape(body["inputs"])))

    def model(self, **settings):
        environ = {"TOKEN": "s3cret-value"}
        endpoint = Endpoint(url=settings.pop("url", self.url), **settings)
        return HttpModel(endpoint, environ=environ, sleep=self.waited.append)

    def ask(self, *batches, **settings):
        model = self.model(**settings)
        try:
            return list(model.answers(list(batches or [["a", "bbb"]])))
        finally:
            model.close()


def send(handler, status, text, **headers):
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(text.encode())), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(text.encode())


def status(code, text="{}", **headers):
    return lambda handler, _body: send(handler, code, text, **headers)


@pytest.fixture
def server():
    made = Server()
    yield made
    made.release.set()
    made.http.shutdown()
    made.http.server_close()


def test_batches_are_posted_and_answered_in_order(server):
    def slow_first(handler, body):
        time.sleep(0.05)
        server.answer(handler, body)

    server.script = [slow_first]
    batches = [["a" * size] * 2 for size in range(1, 9)]
    assert server.ask(*batches, concurrency=4) == [[size, size] for size in range(1, 9)]
    assert {json.dumps(body) for _, body, _ in server.seen} == {json.dumps({"inputs": one}) for one in batches}


def test_no_more_requests_run_at_once_than_allowed(server):
    def linger(handler, body):
        time.sleep(0.02)
        server.answer(handler, body)

    server.script = [linger] * 12
    server.ask(*[["x"]] * 12, concurrency=3)
    assert server.most <= 3


def test_a_server_error_is_repeated_each_time_after_a_longer_wait(server):
    server.script = [status(500), status(503), status(429, Retry_After="7")]
    assert server.ask() == [[1, 3]]
    assert server.waited == [0.5, 1.0, 7.0]


def close(handler, _body):
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut(handler, _body):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"predic')
    handler.wfile.flush()
    close(handler, _body)


def stall(server):
    def stalls(handler, _body):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")
        handler.wfile.flush()
        server.release.wait(20)

    return stalls


def hang(server):
    return lambda _handler, _body: server.release.wait(20)


def drip(handler, _body):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("fault", "reason", "tries"),
    [
        (lambda _: status(500), "answered 500 (3 tries)", 3),
        (lambda _: close, "cannot be reached, or closed the connection (3 tries)", 3),
        (lambda _: cut, "cannot be reached, or closed the connection (3 tries)", 3),
        (hang, "did not answer within 0.2 s (3 tries)", 3),
        (stall, "did not answer within 0.2 s (3 tries)", 3),
        (lambda _: drip, "did not end its answer within 0.2 s (3 tries)", 3),
        (lambda _: status(401), "answered 401: the credentials in its `headers` are not taken", 1),
        (lambda _: status(302, Location="http://127.0.0.1:1/"), "answered 302: redirects are not followed", 1),
        (lambda _: status(422), "answered 422", 1),
        (lambda _: status(200, "<html>"), "answered with something that is not JSON", 1),
        (lambda _: status(200, '{"scores": [1]}'), "answered with the keys scores: none of predictions", 1),
        (lambda _: status(200, "7"), "answered with a int, not with predictions", 1),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(server, fault, reason, tries):
    server.script = [fault(server)] * 3
    with pytest.raises(CannotRun) as caught:
        server.ask(retries=2, timeout=0.2 if "within" in reason else 20)
    assert str(caught.value).startswith(f"{server.url} {reason}")
    assert len(server.seen) == tries


def test_an_endpoint_that_stays_away_is_not_asked_again(server):
    model = server.model(retries=0)
    server.script = [status(500)] * 5
    for _ in range(2):
        with pytest.raises(CannotRun, match="answered 500"):
            list(model.answers([["x"]]))
    assert len(server.seen) == 1


def test_nobody_listens(server):
    with pytest.raises(CannotRun, match="cannot be reached"):
        server.ask(url="http://127.0.0.1:9/", retries=0, timeout=2)


def test_secrets_come_from_the_environment_and_are_in_no_message(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password not-this\n")
    (tmp_path / ".netrc").chmod(0o600)
    url = server.url + "?key=${TOKEN}"
    server.script = [None, status(403, "s3cret-value")]
    assert server.ask(url=url, headers={"Authorization": "Bearer ${TOKEN}"}) == [[1, 3]]
    assert server.seen[0][0]["Authorization"] == "Bearer s3cret-value"
    assert server.seen[0][2] == "/predict?key=s3cret-value"
    for broken in ({"url": url}, {"url": url.replace("/predict", "0/"), "retries": 0}):
        with pytest.raises(CannotRun) as caught:
            server.ask(**broken)
        assert "s3cret" not in str(caught.value)
    with pytest.raises(CannotRun, match="needs the environment variable OTHER, which is not set"):
        server.ask(headers={"X-Key": "${OTHER}"})
    server.ask()
    assert "Authorization" not in server.seen[-1][0]


def test_shapes_of_bodies_and_answers():
    rows = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert BODIES["mlflow"](rows) == {"dataframe_records": rows}
    assert BODIES["mlflow"](["x"]) == {"inputs": ["x"]}
    assert BODIES["instances"](["x"]) == {"instances": ["x"]}
    assert BODIES["kserve-v2"](rows)["inputs"] == [
        {"name": "a", "shape": [2], "datatype": "INT64", "data": [1, 2]},
        {"name": "b", "shape": [2], "datatype": "BYTES", "data": ["x", "y"]},
    ]
    tensor = {"name": "o", "shape": [2, 2], "datatype": "FP64", "data": [0.1, 0.9, 0.8, 0.2]}
    assert found_in({"outputs": [tensor]}, None, said_by="it") == [
        {"label": 1, "probabilities": [0.1, 0.9]},
        {"label": 0, "probabilities": [0.8, 0.2]},
    ]
    assert found_in({"outputs": [{**tensor, "shape": [4]}]}, None, said_by="it") == tensor["data"]
    assert found_in({"a": [{"b": ["x"]}]}, "a.0.b", said_by="it") == ["x"]
    assert found_in(["x"], None, said_by="it") == ["x"]
    with pytest.raises(CannotRun, match='nothing at "a.c": there is no "c"'):
        found_in({"a": {"b": 1}}, "a.c", said_by="it")


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (lambda texts: {"predictions": ["a"]}, "returned 1 predictions for 20 inputs"),
        (lambda texts: {"predictions": "many"}, "returned a str, not a list"),
        (lambda texts: {"predictions": [float("nan")] * len(texts)}, "the prediction for row 1 is NaN"),
        (lambda texts: {"predictions": [{"p": 1}] * len(texts)}, "has the key 'p'"),
    ],
)
def test_an_answer_that_is_no_prediction_is_an_errored_check(server, tmp_path, shape, reason):
    server.shape = shape
    check = gate(server, tmp_path)["model.m.predict"]
    assert (check.status, reason in check.reason) == ("errored", True)


def test_a_model_behind_an_endpoint_is_measured_as_any_other(server, tmp_path):
    found = gate(server, tmp_path)
    assert found["model.m.predict"].summary == "20 examples predicted"
    assert found["model.m.accuracy"].status == "passed"


def gate(server, root):
    (root / "data.csv").write_text("text,label\n" + "ab,2\n" * 20)
    model = Model(url=server.url, evaluate=Evaluate(data="data.csv", input="text"), metrics={"accuracy": Limits(min=1)})
    outcome = run(
        Context(
            root=root,
            config=Config(version=1, model={"m": model}),
            where=lambda *key: Where(path="mlci.yaml"),
            find_python=lambda: pytest.fail("no interpreter is needed"),
            out=root / "out",
        )
    )
    return {check.id: check for check in outcome.gate.checks}


def test_values_that_json_does_not_have_are_not_sent(server):
    with pytest.raises(CannotRun, match="cannot be given NaN"):
        server.ask([{"a": float("nan")}])
    assert server.seen == []

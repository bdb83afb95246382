"""A stand-in for GitHub's API: stateful, strict about requests, and able to fail in the ways GitHub does.

In a test: `with serve(FakeGitHub(...)) as url`. As a process of its own, for the action:

    python tests/github/fake.py --port 0 --state state.json [--load start.json] [--openapi openapi-slice.json]

It prints its address, and writes its whole state to the file after each request and at its end.
"""

import argparse
import base64
import json
import re
import signal
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).parent))
import fake_repository

sys.path.pop(0)

BOT = "github-actions[bot]"
MAX_BODY = 65_536
WHEN = fake_repository.WHEN


@dataclass
class Fault:
    """What is answered in place of the right thing, `times` times, to requests whose `METHOD path` match."""

    match: str
    status: int = 500
    message: str = "Server Error"
    headers: dict = field(default_factory=dict)
    times: int = 1
    data: object = None
    """What is answered instead of `message`."""
    delay: float = 0
    """Seconds before the right answer: the only thing that is wrong with it."""
    drip: float = 0
    """Seconds between the bytes of the answer."""
    cut: bool = False
    """Close the connection in the middle of the answer."""
    afterwards: bool = False
    """Do what was asked for, and only then answer wrongly."""


@dataclass
class FakeGitHub:
    """Everything that it knows; plain values, so that it can be written as JSON."""

    repository: str = "octo-org/topics"
    comments: list = field(default_factory=list)
    tokens: dict = field(default_factory=lambda: {"t0ken": BOT})
    locked: list = field(default_factory=list)
    """Numbers of locked conversations."""
    read_only: bool = False
    vanishing: list = field(default_factory=list)
    """Ids of comments that somebody deletes as soon as they were listed."""
    artifacts: list = field(default_factory=list)
    """As `upload` makes them; what each holds is in `blobs`, by id and in base 64."""
    runs: list = field(default_factory=list)
    blobs: dict = field(default_factory=dict)
    pulls: list = field(default_factory=list)
    """As `fake_repository.pull` makes them."""
    signatures: list = field(default_factory=list)
    """Of the addresses of the storage that were handed out."""
    check_runs: list = field(default_factory=list)
    no_checks: bool = False
    """Whether tokens may not write check runs."""
    repository_id: int = 42
    faults: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    violations: list = field(default_factory=list)
    next_id: int = 3_000_000_001

    def add(self, body, *, number=7, author="somebody"):
        """Write a comment as `author` and return its id."""
        comment = {"id": self.next_id, "number": number, "author": author, "body": body}
        self.next_id += 1
        self.comments.append(comment)
        return comment["id"]

    def upload(self, raw, *, sha, name="mlci-baseline", run=None, **artifact):
        """Keep an artifact of a run about the commit `sha`, and return its id."""
        identity, self.next_id = self.next_id, self.next_id + 2
        about = {"repository_id": self.repository_id, "head_repository_id": self.repository_id, "head_branch": "main"}
        head = {"id": identity + 1, **about, "head_sha": sha}
        kept = {**fake_repository.artifact(identity, raw, name), **artifact}
        self.artifacts.append({**kept, "workflow_run": {**head, **artifact.get("workflow_run", {})}})
        found = {"event": "push", "conclusion": "success", "status": "completed", "path": ".github/workflows/ci.yml"}
        self.runs.append({"id": identity + 1, "head_sha": sha, **found, **(run or {})})
        self.blobs[str(identity)] = base64.b64encode(raw).decode()
        return identity

    def bodies(self, number=7, author=BOT):
        return [one["body"] for one in self.comments if (one["number"], one["author"]) == (number, author)]


class Contract:
    """GitHub's published description of its API: what a request may hold."""

    def __init__(self, openapi):
        self.openapi = openapi
        self.paths = [
            (re.compile(re.sub(r"\\{[^}]+\\}", "([^/]+)", re.escape(path))), re.findall(r"{([^}]+)}", path), operations)
            for path, operations in openapi["paths"].items()
        ]

    def problems(self, method, path, query, body):
        """Return what is wrong with a request."""
        for form, names, operations in self.paths:
            found = form.fullmatch(path)
            if found and method.lower() in operations:
                operation = operations[method.lower()]
                return [
                    *self._parameters(operation, dict(zip(names, found.groups(), strict=True)), query),
                    *self._body(operation, body),
                ]
        return [f"no operation {method} {path}"]

    def _parameters(self, operation, in_path, query):
        known = [self._resolved(one) for one in operation.get("parameters", [])]
        schemas = {(one["in"], one["name"]): one["schema"] for one in known}
        for name in query:
            if ("query", name) not in schemas:
                yield f"unknown query parameter {name}"
        given = [("path", in_path), ("query", {name: values[-1] for name, values in query.items()})]
        for place, values in given:
            for name, value in values.items():
                schema = schemas.get((place, name), {})
                yield from self._wrong(name, int(value) if _is_integer(schema, value) else value, schema)

    def _body(self, operation, body):
        wanted = operation.get("requestBody")
        if wanted is None:
            return [f"{body!r} sent where no body is wanted"] if body is not None else []
        schema = wanted["content"]["application/json"]["schema"]
        if not isinstance(body, dict):
            return ["the body is no JSON object"]
        unknown = [f"unknown property {name}" for name in body if name not in schema.get("properties", {})]
        return [*unknown, *self._wrong("body", body, schema)]

    def _wrong(self, name, value, schema):
        from jsonschema import Draft4Validator

        return [f"{name}: {error.message}" for error in Draft4Validator(schema).iter_errors(value)]

    def _resolved(self, value):
        if "$ref" not in value:
            return value
        found = self.openapi
        for key in value["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        return found


def _is_integer(schema, value):
    return schema.get("type") == "integer" and value.isdigit()


@dataclass
class Reply:
    status: int
    data: object = None
    headers: dict = field(default_factory=dict)
    cut: bool = False
    drip: float = 0


class Api:
    """Answers requests from the state."""

    def __init__(self, state, contract=None, state_file=None):
        self.state, self.contract, self.state_file, self.url = state, contract, state_file, ""
        self.storage = ""
        self.lock = threading.Lock()

    def answer(self, method, target, headers, raw):
        with self.lock:
            fault = self._fault(method, target)
        if fault and fault.delay:
            time.sleep(fault.delay)
        with self.lock:
            reply = self._answer(fault, method, target, headers, raw)
            reply.drip = fault.drip if fault else 0
            seen = {"method": method, "target": target, "status": reply.status}
            self.state.requests.append({**seen, "authorization": headers.get("Authorization", "")})
            self.save()
        return reply

    def _fault(self, method, target):
        path = urlsplit(target).path
        fault = next((one for one in self.state.faults if one.times and re.search(one.match, f"{method} {path}")), None)
        if fault:
            fault.times -= 1
        return fault

    def save(self):
        if self.state_file:
            temporary = self.state_file.with_suffix(".tmp")
            temporary.write_text(json.dumps(asdict(self.state), indent=1), encoding="utf-8")
            temporary.replace(self.state_file)

    def _answer(self, fault, method, target, headers, raw):
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query, keep_blank_values=True)
        if not fault or fault.delay or fault.drip:
            return self._right(method, path, query, headers, raw)
        if fault.afterwards:
            self._right(method, path, query, headers, raw)
        return Reply(fault.status, fault.data or {"message": fault.message}, dict(fault.headers), fault.cut)

    def _right(self, method, path, query, headers, raw):
        if not headers.get("User-Agent"):
            return Reply(403, {"message": "Request forbidden by administrative rules."})
        login = self.state.tokens.get(headers.get("Authorization", "").removeprefix("Bearer "))
        if login is None:
            return Reply(401, {"message": "Bad credentials"})
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            return Reply(400, {"message": "Problems parsing JSON"})
        if path == "/graphql":
            return self._graphql(body, login)
        problems = self.contract.problems(method, path, query, body) if self.contract else []
        if problems:
            self.state.violations += [f"{method} {path}: {problem}" for problem in problems]
            return Reply(422, {"message": f"Not GitHub's API: {'; '.join(problems)}"})
        return self._rest(method, path.removeprefix("/api/v3"), query, body, login)

    def _rest(self, method, path, query, body, login):
        here = f"/repos/{self.state.repository}/"
        if method == "GET" and path.startswith((f"{here}actions/", f"{here}pulls")):
            below = path.removeprefix(here).split("/")
            return Reply(*fake_repository.answer(self.state, below, query, self.storage))
        checks = re.fullmatch(
            rf"/repos/{re.escape(self.state.repository)}/(?:commits/(\w+)/)?check-runs(?:/(\d+))?", path
        )
        if checks:
            return self._check_runs(method, checks, query, body)
        prefix = f"/repos/{self.state.repository}/issues"
        listed = re.fullmatch(rf"{re.escape(prefix)}/(\d+)/comments", path)
        single = re.fullmatch(rf"{re.escape(prefix)}/comments/(\d+)", path)
        if listed and method == "GET":
            return self._list(int(listed[1]), query, path)
        if method in ("POST", "PATCH", "DELETE") and self.state.read_only:
            return Reply(403, {"message": "Resource not accessible by integration"})
        if listed and method == "POST":
            return self._create(int(listed[1]), body["body"], login)
        comment = next((one for one in self.state.comments if single and one["id"] == int(single[1])), None)
        if comment is None:
            return Reply(404, {"message": "Not Found"})
        return self._one(method, comment, body)

    def _check_runs(self, method, found, query, body):
        """List, create and change check runs; annotations of a request are added to those there are."""
        if method == "GET":
            shown = [one for one in self.state.check_runs if one["head_sha"] == found[1] and one["name"] == query["check_name"][-1]]  # fmt: skip
            return Reply(200, {"total_count": len(shown), "check_runs": shown})
        if self.state.no_checks or self.state.read_only:
            return Reply(403, {"message": "Resource not accessible by integration"})
        run = next((one for one in self.state.check_runs if str(one["id"]) == found[2]), None)
        if run is None and method == "PATCH":
            return Reply(404, {"message": "Not Found"})
        if run is None:
            run = {"id": self.state.next_id, "annotations": [], "html_url": f"https://github.com/{self.state.repository}/runs/{self.state.next_id}"}  # fmt: skip
            self.state.next_id += 1
            self.state.check_runs.append(run)
        output = dict(body["output"])
        run["annotations"] = [*run["annotations"], *output.pop("annotations", [])]
        run |= {**body, "output": {**output, "annotations_count": len(run["annotations"])}}
        return Reply(201 if method == "POST" else 200, run)

    def blob(self, target, headers):
        """Answer as the storage behind the redirect: it refuses a token of GitHub's."""
        identity = urlsplit(target).path.strip("/")
        with self.lock:
            seen = {"method": "GET", "target": f"storage:{target}", "authorization": headers.get("Authorization", "")}
            self.state.requests.append(seen)
        if headers.get("Authorization"):
            return Reply(400, {"message": "InvalidAuthenticationInfo"})
        if parse_qs(urlsplit(target).query).get("sig", [""])[0] not in self.state.signatures:
            return Reply(403, {"message": "AuthenticationFailed"})
        return Reply(200, base64.b64decode(self.state.blobs[identity]), {"Content-Type": "application/zip"})

    def _list(self, number, query, path):
        size = min(int(query.get("per_page", ["30"])[-1]), 100)
        page = int(query.get("page", ["1"])[-1])
        found = sorted((one for one in self.state.comments if one["number"] == number), key=lambda one: one["id"])
        shown = found[(page - 1) * size : page * size]
        more = page * size < len(found)
        link = {"Link": f'<{self.url}{path}?page={page + 1}>; rel="next"'} if more else {}
        answer = [self._comment(one) for one in shown]
        self.state.comments = [one for one in self.state.comments if one["id"] not in self.state.vanishing]
        return Reply(200, answer, link)

    def _create(self, number, body, login):
        if number in self.state.locked:
            return Reply(403, {"message": "Unable to create comment because issue is locked."})
        if too_long(body):
            return Reply(422, {"message": "Validation Failed: body is too long (maximum is 65536 characters)"})
        identity = self.state.add(body, number=number, author=login)
        return Reply(201, self._comment(next(one for one in self.state.comments if one["id"] == identity)))

    def _one(self, method, comment, body):
        if method == "DELETE":
            self.state.comments.remove(comment)
            return Reply(204)
        if method == "PATCH" and too_long(body["body"]):
            return Reply(422, {"message": "Validation Failed: body is too long (maximum is 65536 characters)"})
        if method == "PATCH":
            comment["body"] = body["body"]
        return Reply(200, self._comment(comment))

    def _graphql(self, body, login):
        query, ids = (body or {}).get("query", ""), (body or {}).get("variables", {}).get("ids")
        if not query.startswith("query") or "viewerDidAuthor" not in query or not isinstance(ids, list):
            self.state.violations.append(f"GraphQL: {query}")
            return Reply(200, {"errors": [{"message": "Parse error"}]})
        by_node = {node_id(one): one for one in self.state.comments}
        nodes = [
            {"id": one, "viewerDidAuthor": by_node[one]["author"] == login} if one in by_node else None for one in ids
        ]
        errors = [{"type": "NOT_FOUND", "message": f"no node {one}"} for one in ids if one not in by_node]
        return Reply(200, {"data": {"nodes": nodes}} | ({"errors": errors} if errors else {}))

    def _comment(self, comment):
        place = f"{self.url}/repos/{self.state.repository}/issues"
        return {
            "id": comment["id"],
            "node_id": node_id(comment),
            "url": f"{place}/comments/{comment['id']}",
            "html_url": f"https://github.com/{self.state.repository}/pull/{comment['number']}#issuecomment-{comment['id']}",
            "issue_url": f"{place}/{comment['number']}",
            "body": comment["body"],
            "user": {"login": comment["author"], "type": "Bot" if comment["author"] == BOT else "User"},
            "created_at": WHEN,
            "updated_at": WHEN,
            "author_association": "NONE",
        }


def node_id(comment):
    return f"IC_{comment['id']:x}"


def too_long(body):
    return len(body.encode("utf-16-le", "surrogatepass")) // 2 > MAX_BODY


def handler_of(answer):
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self):
            length = int(self.headers.get("Content-Length") or 0)
            reply = answer(self.command, self.path, self.headers, self.rfile.read(length))
            raw = reply.data if isinstance(reply.data, bytes) else json.dumps(reply.data).encode()
            raw = b"" if reply.data is None else raw
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json; charset=utf-8", **reply.headers}.items():
                    self.send_header(name, str(value))
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                for at in range(len(raw)) if reply.drip else ():
                    self.wfile.write(raw[at : at + 1])
                    time.sleep(reply.drip)
                if not reply.drip:
                    self.wfile.write(raw[: len(raw) // 2] if reply.cut else raw)
            except OSError:
                pass
            self.close_connection = True

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any  # noqa: N815

        def log_message(self, *_):
            pass

    return Handler


@contextmanager
def serve(state, *, port=0, contract=None, state_file=None):
    """Serve until the block ends; gives the address."""
    api = Api(state, contract, state_file)
    with (
        listening(api.answer, port) as api.url,
        listening(lambda _method, target, headers, _raw: api.blob(target, headers)) as api.storage,
    ):
        try:
            yield api.url
        finally:
            api.save()


@contextmanager
def listening(answer, port=0):
    server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(answer))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, help="the state is written here after each request")
    parser.add_argument("--load", type=Path, help="JSON with the state to start from")
    parser.add_argument("--openapi", type=Path, help="GitHub's description; requests that break it are refused")
    arguments = parser.parse_args()
    start = json.loads(arguments.load.read_text()) if arguments.load else {}
    start["faults"] = [Fault(**one) for one in start.get("faults", [])]
    contract = Contract(json.loads(arguments.openapi.read_text())) if arguments.openapi else None
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    with serve(FakeGitHub(**start), port=arguments.port, contract=contract, state_file=arguments.state) as url:
        print(url, flush=True)
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What the stand-in for GitHub's API says of pull requests, runs and artifacts: functions of its state."""

import base64
import hashlib

WHEN = "2026-11-21T10:00:00Z"
WORKFLOW = 77


def pull(state, *, number=7, sha="b" * 40, owner="stranger", branch="change", fork=99, **more):
    """Open a pull request from a fork, or from the repository itself where `fork` is its own id; return it."""
    own = {"id": state.repository_id, "full_name": state.repository, "owner": owner_of(state.repository)}
    theirs = {"id": fork, "full_name": f"{owner}/topics", "owner": {"login": owner}}
    made = {
        "number": number,
        "state": "open",
        "labels": [],
        "user": {"login": owner},
        "head": {"ref": branch, "sha": sha, "repo": own if fork == state.repository_id else theirs},
        "base": {"ref": "main", "sha": "a" * 40, "repo": own},
        "files": ["topics/model.py"],
        **more,
    }
    state.pulls.append(made)
    return made


def run(state, of, **more):
    """Add a run that ended for the pull request `of`, and return it."""
    identity, state.next_id = state.next_id, state.next_id + 1
    made = {
        "id": identity,
        "name": "gate",
        "run_number": len(state.runs) + 1,
        "run_attempt": 1,
        "workflow_id": WORKFLOW,
        "path": ".github/workflows/gate.yml",
        "event": "pull_request",
        "status": "completed",
        "conclusion": "success",
        "head_branch": of["head"]["ref"],
        "head_sha": of["head"]["sha"],
        "head_repository": of["head"]["repo"],
        "repository": of["base"]["repo"],
        "pull_requests": [],
        "run_started_at": WHEN,
        **more,
    }
    state.runs.append(made)
    return made


def leave(state, of, raw, *, name="mlci-results", **more):
    """Keep an artifact that the run `of` uploaded, and return its id."""
    identity, state.next_id = state.next_id, state.next_id + 1
    ids = {"id": of["id"], "repository_id": state.repository_id, "head_repository_id": of["head_repository"]["id"]}
    about = {**ids, "head_branch": of["head_branch"], "head_sha": of["head_sha"]}
    state.artifacts.append({**artifact(identity, raw, name), "workflow_run": about, **more})
    state.blobs[str(identity)] = base64.b64encode(raw).decode()
    return identity


def artifact(identity, raw, name):
    """Return what the API says of an artifact."""
    return {
        "id": identity,
        "node_id": f"A_{identity}",
        "name": name,
        "size_in_bytes": len(raw),
        "url": f"https://api.github.com/artifacts/{identity}",
        "archive_download_url": f"https://api.github.com/artifacts/{identity}/zip",
        "expired": False,
        "created_at": WHEN,
        "expires_at": WHEN,
        "updated_at": WHEN,
        "digest": f"sha256:{hashlib.sha256(raw).hexdigest()}",
    }


def owner_of(repository):
    return {"login": repository.partition("/")[0]}


def answer(state, path, query, storage):
    """Return status, data and headers for GET of a path below the repository; content lies on another host."""
    match path:
        case ["pulls"]:
            found = [shown(one) for one in state.pulls if is_asked(one, query)]
            return 200, paged(found, query), {}
        case ["pulls", number, *rest]:
            one = next((one for one in state.pulls if str(one["number"]) == number), None)
            if one is None or rest not in ([], ["files"]):
                return missing()
            files = [{"filename": name, "status": "modified"} for name in one["files"]]
            return 200, paged(files, query) if rest else shown(one), {}
        case ["actions", "artifacts"]:
            return 200, listed("artifacts", named(state.artifacts, query), query), {}
        case ["actions", "runs", identity, *rest]:
            return of_run(state, identity, rest, query)
        case ["actions", "workflows", identity, "runs"]:
            own = [one for one in state.runs if str(one.get("workflow_id")) == identity and is_run_asked(one, query)]
            return 200, listed("workflow_runs", own, query), {}
        case ["actions", "artifacts", identity, "zip"]:
            return content(state, identity, storage)
    return missing()


def of_run(state, identity, rest, query):
    found = next((one for one in state.runs if str(one["id"]) == identity), None)
    if found is None or rest not in ([], ["artifacts"]):
        return missing()
    own = [one for one in named(state.artifacts, query) if str(one["workflow_run"]["id"]) == identity]
    return 200, listed("artifacts", own, query) if rest else found, {}


def content(state, identity, storage):
    found = next((one for one in state.artifacts if str(one["id"]) == identity), None)
    if found is None:
        return missing()
    if found["expired"]:
        return 410, {"message": "Artifact has expired"}, {}
    state.signatures.append(f"sig-{len(state.signatures)}")
    return 302, None, {"Location": f"{storage}/{identity}?sig={state.signatures[-1]}"}


def missing():
    return 404, {"message": "Not Found"}, {}


def shown(one):
    """Return a pull request as the API does: labels are objects, and files are asked for on their own."""
    kept = {key: value for key, value in one.items() if key != "files"}
    return {**kept, "labels": [{"name": name} for name in one["labels"]]}


def is_asked(one, query):
    head, state = asked(query, "head", ""), asked(query, "state", "open")
    repository = one["head"]["repo"] or {"owner": {"login": "ghost"}}
    named_head = f"{repository['owner']['login']}:{one['head']['ref']}"
    return state in (one["state"], "all") and (":" not in head or head == named_head)


def is_run_asked(one, query):
    wanted = {key: asked(query, key, one.get(key)) for key in ("event", "head_sha")}
    status = asked(query, "status", one["status"])
    return all(one.get(key) == value for key, value in wanted.items()) and status in (one["status"], one["conclusion"])


def named(artifacts, query):
    return sorted(
        (one for one in artifacts if one["name"] == asked(query, "name", one["name"])), key=lambda one: -one["id"]
    )


def listed(what, found, query):
    return {"total_count": len(found), what: paged(found, query)}


def paged(found, query):
    size, page = min(int(asked(query, "per_page", "30")), 100), int(asked(query, "page", "1"))
    return found[(page - 1) * size : page * size]


def asked(query, name, otherwise):
    return query.get(name, [otherwise])[-1]

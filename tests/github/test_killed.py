"""`mlci publish` killed at any point and run again: one comment, and it is the newest."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mlci.cli import main
from mlci.reports.markdown import marker_of

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "reports" / "golden"
ROOT = HERE.parents[1]
MARKER = marker_of("default")
BOT = "github-actions[bot]"
BEFORE = {
    "none": [],
    "one": [(f"{MARKER}\nold", BOT)],
    "three and foreign ones": [
        (f"{MARKER}\nold", BOT),
        (f"{MARKER}\nsomebody's", "somebody"),
        (f"{MARKER}\nolder", BOT),
        (f"{MARKER}\noldest", BOT),
    ],
}
MOST_REQUESTS = 12


@pytest.fixture
def step(tmp_path, monkeypatch):
    """Publish the results called `name`: in a process of its own, or here."""
    event = tmp_path / "event.json"
    event.write_text('{"number": 7}')
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "octo-org/topics",
        "GITHUB_TOKEN": "t0ken",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)

    def publish(name, url, *, apart):
        monkeypatch.setenv("GITHUB_API_URL", url)
        (tmp_path / "results.json").write_bytes((GOLDEN / f"{name}.json").read_bytes())
        words = ["publish", str(tmp_path / "results.json")]
        return (
            subprocess.Popen([sys.executable, "-m", "mlci", *words], stdout=subprocess.DEVNULL)
            if apart
            else main(words)
        )

    return publish


class Murderer:
    """Answers as GitHub does, and kills the process that asks at one of its requests: before or after it is done."""

    def __init__(self, api, reply, *, at, done):
        self.api, self.reply, self.at, self.done = api, reply, at, done
        self.process, self.count = None, 0

    def answer(self, *request):
        self.count += 1
        if self.count != self.at:
            return self.api.answer(*request)
        answer = self.api.answer(*request) if self.done else self.reply(500)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return answer


@pytest.mark.parametrize("before", BEFORE)
def test_killed_at_any_request_and_run_again_there_is_one_comment(fake, contract, step, before):
    kills = 0
    for at in range(1, MOST_REQUESTS):
        codes = {killed_at(at, done, BEFORE[before], fake, contract, step) for done in (False, True)}
        if codes == {0}:  # it needs fewer requests than that
            break
        assert codes == {-signal.SIGKILL}
        kills += 2
    assert kills >= 4


def killed_at(at, done, before, fake, contract, step):
    """Kill a run at one request, run again, look at what is there; return how the first one ended."""
    state = fake.FakeGitHub()
    for body, author in before:
        state.add(body, author=author)
    api = fake.Api(state, contract)
    murderer = Murderer(api, fake.Reply, at=at, done=done)
    with fake.listening(murderer.answer) as api.url:
        murderer.process = step("failing", api.url, apart=True)
        code = murderer.process.wait()
        murderer.at = 0
        assert step("passing", api.url, apart=False) == 0
    assert state.violations == []
    (body,) = state.bodies()
    assert body.startswith(f"{MARKER}\n")
    assert "### ✅ mlci: passed" in body, json.dumps([at, done])
    assert [one["body"] for one in state.comments if one["author"] != BOT] == [
        body for body, author in before if author != BOT
    ]
    return code

"""Random git histories, made beside a plain model of them that knows what every file was at the base."""

from __future__ import annotations

import os
import random
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

NAMES = [
    *("a.py", "with space.py", 'quo"te.py', "uni-é.py", "tab\there.py", "dir one/b.py", "-dash.py", "back\\slash.py"),
    *(":colon.py", "star*.py", "[x].py", "b/a.py", "dev/null.py", "new\nline.py", "+++ b/x.py", "deep/er/c.py", " .py"),
]
HOSTILE = [
    *(b"+++ b/a.py", b"--- a/a.py", b"@@ -1,3 +1,3 @@", b"diff --git a/a.py b/a.py", b"\\ No newline at end of file"),
    *(b"", b"", b"    pass", b"\x0c", b"a\x85b", b"tab\t", b"-x", b"+y", b"Binary files differ"),
]
SETTINGS = [
    *({"diff.noprefix": "true"}, {"diff.mnemonicPrefix": "true"}, {"diff.interHunkContext": "3"}),
    *({"diff.algorithm": "patience"}, {"diff.renames": "false"}, {"diff.renames": "copies"}, {"color.ui": "always"}),
    *({"diff.external": "false"}, {"core.quotePath": "true"}, {"diff.context": "7"}, {"diff.relative": "true"}),
    *({"diff.submodule": "log"}, {"diff.colorMoved": "zebra"}, {"status.showUntrackedFiles": "no"}, {}),
    *(
        {"diff.srcPrefix": "x/", "diff.dstPrefix": "y/"},
        {"diff.suppressBlankEmpty": "true"},
        {"diff.indentHeuristic": "no"},
    ),
]
ATTRIBUTES = [b"", b"", b"*.py -diff\n", b"*.py binary\n", b"*.py diff=upper\n"]
_NAMED = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false")


@dataclass
class File:
    """A file by its identity, which a move keeps."""

    key: int
    lines: list[bytes]


@dataclass
class History:
    """A repository, the hash of the base, the files there, and the files in the work tree."""

    path: Path
    base: str
    before: dict[str, File]
    now: dict[str, File]
    ignored: list[str]
    plain: bool
    """Whether every line is the only one of its kind and none moved, so that there is one right answer."""
    forgotten: str
    """A file that was taken out of the index alone."""


@dataclass
class Maker:
    """Makes one history out of one seed."""

    path: Path
    seed: int
    stream: list[bytes] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def __post_init__(self):
        self.random = random.Random(self.seed)
        self.plain = self.seed % 3 != 0
        self.counter = 0
        self.mark = 0
        self.key = 0
        self.forgotten = ""

    def git(self, *arguments, sent=b""):
        done = subprocess.run(["git", *_NAMED, *arguments], cwd=self.path, input=sent, capture_output=True, check=False)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    # Content

    def line(self) -> bytes:
        if not self.plain and self.random.random() < 0.25:
            return self.random.choice(HOSTILE) + b"\n"
        self.counter += 1
        start = self.random.choice([b"x", b"+++ b/", b"--- a/", b"@@ -1 +1 @@ ", b"diff --git a/", b"\\ "])
        return start + b"%d = %d\n" % (self.counter, self.random.getrandbits(40))

    def new(self) -> File:
        self.key += 1
        return File(self.key, [self.line() for _ in range(self.random.randint(10, 24))])

    def name(self, suffix="") -> str:
        free = [name for name in NAMES if name not in self.used]
        name = self.random.choice(free) if free and not suffix else f"more/{len(self.used)}{suffix}.py"
        self.used.add(name)
        return name

    def edited(self, lines: list[bytes]) -> list[bytes]:
        lines = list(lines)
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randrange(len(lines) + 1)
            act = self.random.randrange(7)
            if act < 2:
                lines[at:at] = [self.line() for _ in range(self.random.randint(1, 3))]
            elif act == 2:
                del lines[at : at + 2]
            elif act == 3 and at < len(lines):
                lines[at] = self.line()
            elif act == 4 and not self.plain and len(lines) > 8:
                block = lines[at : at + 3]
                del lines[at : at + 3]
                to = self.random.randrange(len(lines) + 1)
                lines[to:to] = block
            elif act == 5 and at < len(lines):
                lines[at] = lines[at].rstrip(b"\r\n") + b"\r\n"
        lines = [line if line.endswith(b"\n") else line + b"\n" for line in lines]
        if lines and self.random.random() < 0.2:
            lines[-1] = lines[-1].rstrip(b"\r\n") or b"end"
        if self.random.random() < 0.06:
            lines = [line.rstrip(b"\r\n") + b"\r\n" for line in lines]
        return lines

    def changed(self, files: dict[str, File], before: dict[str, File] | None) -> dict[str, File]:
        """Return the files after a few changes; `before` are those at the base, where it is known yet."""
        files = dict(files)
        for _ in range(self.random.randint(1, 3)):
            act, names = self.random.randrange(8), sorted(files)
            name = self.random.choice(names) if names else ""
            if act < 4 and names:
                files[name] = File(files[name].key, self.edited(files[name].lines))
            elif act == 4 or not names:
                files[self.name()] = self.new()
            elif act == 5 and len(files) > 2:
                del files[name]
            elif act >= 6:
                files[self.name()] = files.pop(name)
        return files

    # Commits

    def commit(self, branch: str, parents: list[int], files: dict[str, File], extra: dict[str, bytes]) -> int:
        self.mark += 1
        lines = [b"commit refs/heads/%s" % branch.encode(), b"mark :%d" % self.mark]
        lines += [b"committer a <a@b> %d +0000" % (1_700_000_000 + self.mark), b"data 1", b"x"]
        lines += [b"%s :%d" % (b"merge" if place else b"from", parent) for place, parent in enumerate(parents)]
        lines += [b"deleteall"]
        for name, content in extra.items():
            lines += [b"M 100644 inline %s" % _quoted(name), b"data %d" % len(content), content]
        for name, file in files.items():
            content = b"".join(file.lines)
            mode = b"100755" if file.key % 7 == 0 else b"100644"
            lines += [b"M %s inline %s" % (mode, _quoted(name)), b"data %d" % len(content), content]
        lines += [b"M 160000 %040x sub" % self.random.getrandbits(150)]
        self.stream += lines
        return self.mark

    def extra(self) -> dict[str, bytes]:
        return {
            ".gitignore": b"ignored*.py\n",
            ".gitattributes": ATTRIBUTES[self.seed % len(ATTRIBUTES)],
            "picture.bin": self.random.randbytes(40) + b"\0\n+++ b/a.py\n",
        }

    def made(self) -> History:
        self.path.mkdir()
        self.git("init", "-q", "-b", "main")
        start = {self.name(): self.new() for _ in range(self.random.randint(3, 6))}
        fork = self.commit("main", [], start, self.extra())
        main, topic, tip, base = start, start, fork, (fork, start)
        for _ in range(self.random.randint(0, 2)):
            topic = self.changed(topic, None)
            tip = self.commit("topic", [tip], topic, self.extra())
        if self.random.random() < 0.5:  # the base moves on by files of its own
            base_files = {**main, self.name("main"): self.new()}
            on_main = self.commit("main", [fork], base_files, self.extra())
            merged = {**topic, **{name: file for name, file in base_files.items() if name not in main}}
            parents = [tip, on_main] if self.random.random() < 0.5 else [on_main, tip]
            if tip != fork:
                tip = self.commit("topic", parents, merged, self.extra())
                topic, base = merged, (on_main, base_files)
        for _ in range(self.random.randint(0, 2)):
            topic = self.changed(topic, base[1])
            tip = self.commit("topic", [tip], topic, self.extra())
        if tip == fork or tip == base[0]:
            tip = self.commit("topic", [tip], topic, self.extra())
        self.git("fast-import", "--quiet", "--export-marks=.git/marks", sent=b"\n".join(self.stream) + b"\ndone\n")
        marks = dict(line.split() for line in (self.path / ".git/marks").read_text().splitlines())
        self.git("checkout", "-q", "topic")
        for key, value in SETTINGS[self.seed % len(SETTINGS)].items():
            self.git("config", key, value)
        if self.random.random() < 0.3:
            self.git("config", "diff.upper.textconv", "tr a-z A-Z <")
        now = self.worktree(topic)
        return History(
            path=self.path,
            base=marks[f":{base[0]}"],
            before=base[1],
            now=now,
            ignored=["ignored one.py"],
            plain=self.plain,
            forgotten=self.forgotten,
        )

    def worktree(self, files: dict[str, File]) -> dict[str, File]:
        """Change the work tree: a part staged, a part not, a part untracked, and some of a file in each."""
        if self.random.random() < 0.6:
            staged = self.changed(files, None)
            self.write(files, staged)
            self.git("add", "-A", ".")
            files = staged
        if self.random.random() < 0.3 and files:
            self.forgotten = min(files)
            self.git("--literal-pathspecs", "rm", "-q", "--cached", "--", self.forgotten)
        if self.random.random() < 0.6:
            loose = self.changed(files, None)
            self.write(files, loose)
            files = loose
        (self.path / "ignored one.py").write_bytes(b"1\n2\n")
        return files

    def write(self, old: dict[str, File], new: dict[str, File]) -> None:
        for name in old:
            if name not in new:
                (self.path / name).unlink()
        for name, file in new.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_bytes(b"".join(file.lines))


def _quoted(name: str) -> bytes:
    text = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"%s"' % os.fsencode(text)


def similarity(old: list[bytes], new: list[bytes]) -> float:
    """Return the share of bytes that two contents have in common, line ends not counted: by what git finds moves."""
    before, after = (Counter(line.rstrip(b"\r\n") for line in lines) for lines in (old, new))
    size = max(sum(len(line) + 1 for line in lines) for lines in (old, new)) or 1
    return sum((len(line) + 1) * number for line, number in (before & after).items()) / size


def longest_common(old: list[bytes], new: list[bytes]) -> int:
    """Return the length of the longest common subsequence, by the textbook's table."""
    row = [0] * (len(new) + 1)
    for line in old:
        last, row = row, [0]
        for at, other in enumerate(new):
            row.append(last[at] + 1 if line == other else max(last[at + 1], row[at]))
    return row[-1]


def is_subsequence(part: list[bytes], whole: list[bytes]) -> bool:
    """Whether `part` stands in `whole` in this order."""
    rest = iter(whole)
    return all(line in rest for line in part)

"""Arguments of pytest on both sides: whether they choose fewer tests, more, or the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["same", "stricter", "looser", "elsewhere"]

_WITH_VALUE = frozenset(
    {
        *("-m", "-k", "-c", "-p", "-o", "-W", "-n", "-r", "--deselect", "--ignore", "--ignore-glob", "--rootdir"),
        *("--maxfail", "--tb", "--durations", "--cov-config", "--cov-report", "--import-mode", "--confcutdir"),
        *("--basetemp", "--junitxml", "--junit-xml", "--timeout", "--log-level", "--color", "--dist", "--verbosity"),
        *("--override-ini", "--config-file", "--capture", "--reruns", "--log-cli-level", "--show-capture"),
    }
)
_NARROWS = frozenset(
    {"-m", "-k", "--deselect", "--ignore", "--ignore-glob", "--lf", "--last-failed", "--sw", "--stepwise", "--co"}
) | {"--collect-only", "--reruns"}
_STRICT = frozenset({"--strict", "--strict-markers", "--strict-config"})
_SHOWS = frozenset(
    {
        *("-q", "-v", "-s", "-l", "-x", "-n", "-r", "--maxfail", "--tb", "--durations", "--color", "--dist", "--quiet"),
        *(
            "--verbose",
            "--verbosity",
            "--no-header",
            "--no-summary",
            "--showlocals",
            "--capture",
            "--exitfirst",
            "--ff",
        ),
        *("--failed-first", "--cov-report", "--junitxml", "--junit-xml", "--log-level", "--log-cli-level", "--timeout"),
        *("--basetemp", "--show-capture", "--durations-min", "--nf", "--new-first"),
    }
)
_LETTERS = frozenset("qvslx")


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """What became of the files and folders that arguments name."""

    follow: Callable[[str], str]
    """Returns what the head calls a path of the base, where git moved it; else the path itself."""


def compare(before: Sequence[str], after: Sequence[str], places: Places) -> Verdict:
    """Return what the arguments `after` choose of tests, measured by `before`.

    `elsewhere` is a difference that chooses the same tests. Of options that are not known nobody can tell.
    """
    if list(before) == list(after):
        return "same"
    old, new = _split(before), _split(after)
    paths = _paths([places.follow(path) for path in old.paths], new.paths)
    found = {paths, *_options(old.options, new.options)}
    order: tuple[Verdict, ...] = ("looser", "stricter", "elsewhere")
    return next((verdict for verdict in order if verdict in found), "elsewhere")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Split:
    paths: list[str]
    options: Counter[tuple[str, str]]


def _split(arguments: Sequence[str]) -> _Split:
    paths: list[str] = []
    options: Counter[tuple[str, str]] = Counter()
    left = iter(arguments)
    for word in left:
        if word == "--":
            paths += left
        elif not word.startswith("-"):
            paths.append(word)
        elif word in _WITH_VALUE:
            options[word, next(left, "")] += 1
        elif word.startswith("--"):
            name, _, value = word.partition("=")
            options[name, value] += 1
        else:
            options.update(_letters(word, left))
    return _Split(paths=paths, options=options)


def _letters(word: str, left: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Yield what options of one letter say together, as in `-qk fast`: the first that takes a value takes the rest."""
    for at, letter in enumerate(word[1:], 1):
        if letter not in _LETTERS:
            yield f"-{letter}", word[at + 1 :] or next(left, "")
            return
        yield f"-{letter}", ""


def _paths(before: Sequence[str], after: Sequence[str]) -> Verdict:
    then, now = {_plain(path) for path in before}, {_plain(path) for path in after}
    if then == now:
        return "same"
    if not now:
        return "stricter"
    if not then:
        return "looser"
    covered = all(any(_is_in(path, other) for other in now) for path in then)
    return "stricter" if covered else "looser"


def _plain(path: str) -> str:
    return path.removeprefix("./").rstrip("/") or "."


def _is_in(path: str, other: str) -> bool:
    return other in (path, ".") or path.startswith((f"{other}/", f"{other}::"))


def _options(before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]) -> Iterator[Verdict]:
    for name, _ in before - after:
        yield _gone(name)
    for name, value in after - before:
        yield _come(name, value)


def _gone(name: str) -> Verdict:
    if name in _SHOWS:
        return "elsewhere"
    return "stricter" if name in _NARROWS else "looser"


def _come(name: str, value: str) -> Verdict:
    if name in _SHOWS:
        return "elsewhere"
    strict = name in _STRICT or (name == "-W" and value.partition(":")[0] == "error")
    return "stricter" if strict else "looser"

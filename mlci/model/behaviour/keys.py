"""The keys of one test, each read as the type it must have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlci.errors import UsageError, did_you_mean
from mlci.model.behaviour.document import Document
from mlci.model.behaviour.expect import judge_of
from mlci.model.behaviour.expectations import Judge
from mlci.model.behaviour.perturb import chains_of
from mlci.model.behaviour.suite import Step
from mlci.places import Key
from mlci.vocabulary.suites import Maker, Own, maker_of, with_judges, with_steps


def is_whole(value: Any, least: int) -> bool:
    """Whether this is a whole number, `least` or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """What is written of one test, and where."""

    document: Document
    written: Mapping[str, Any]
    steps: Key
    own: Own
    """The project's own vocabulary."""

    def choice(self, key: str, among: tuple[str, ...], default: str | None = None) -> Any:
        """Return the value of `key`, one of `among`."""
        value = self.written.get(key, default)
        if value not in among:
            found = f"not {value!r}" if key in self.written else "and is missing"
            self._wrong(key, f"`{key}` is one of {', '.join(among)}, {found}", did_you_mean(str(value), among))
        return value

    def text(self, key: str) -> str:
        """Return the text of `key`, empty when it is not given."""
        value = self.written.get(key)
        if value is not None and not isinstance(value, str):
            self._wrong(key, f"`{key}` is a text, not {value!r}")
        return value or ""

    def truth(self, key: str) -> bool:
        """Return whether `key` is true; false when it is not given."""
        value = self.written.get(key, False)
        if not isinstance(value, bool):
            self._wrong(key, f"`{key}` is true or false, not {value!r}")
        return bool(value)

    def whole(self, key: str, default: int, *, least: int = 1, most: int | None = None) -> int:
        """Return the whole number of `key`, from `least` to `most`."""
        value = self.written.get(key, default)
        if key in self.written and (not is_whole(value, least) or (most is not None and value > most)):
            until = "on" if most is None else f"to {most:,}"
            self._wrong(key, f"`{key}` is a whole number from {least} {until}, not {str(value)[:50]}")
        return int(value)

    def share(self, key: str) -> float:
        """Return the number of `key` from 0 to 1, 0 when it is not given."""
        value = self.written.get(key, 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self._wrong(key, f"`{key}` is a share from 0 to 1, not {value!r}")
        return float(value)

    def judge(self, key: str, expect: Any, *, against_first: bool) -> Judge:
        """Return the judgement that `expect` asks for."""
        with self.document.at(*self.steps, key):
            return judge_of(with_judges(expect, self.own, against_first=against_first), against_first=against_first)

    def chains(self, key: str) -> tuple[tuple[Step, ...], ...]:
        """Return the perturbations of `key`."""
        if key not in self.written:
            return ()
        with self.document.at(*self.steps, key):
            if not self.written[key]:
                raise UsageError(f"`{key}` is empty: name a perturbation, as `typos: {{n: 1}}`, or leave it out")
            return chains_of(with_steps(self.written[key], self.own))

    def maker(self, key: str) -> Maker | None:
        """Return the function that makes the cases."""
        if key not in self.written:
            return None
        with self.document.at(*self.steps, key):
            return maker_of(self.written[key], self.own, self.written.get("label"))

    def _wrong(self, key: str, what: str, fix: str = "") -> None:
        with self.document.at(*self.steps, key):
            raise UsageError(what, fix=fix)

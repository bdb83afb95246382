"""How each case of a suite ended, in a form that a later run can pair its own cases with.

Cases of a test stand in the order of their digests, so that two runs with the same cases agree on the order and neither
texts nor digests of single cases need to be kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlci.model.behaviour.cases import Case
    from mlci.model.behaviour.result import BehaviourResult, TestResult

_DIGEST = 16
_SIGNS: Mapping[bool | None, str] = {True: "1", False: "0", None: "-"}
_PASSED: Mapping[str, bool | None] = {sign: passed for passed, sign in _SIGNS.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class TestOutcomes:
    """The cases of one test."""

    __test__ = False  # the name is pytest's too

    fingerprint: str
    """A digest of all its cases and of what is expected of them."""
    signs: str
    """A sign for each case: `1` passed, `0` failed, `-` does not apply."""
    clusters: tuple[Hashable, ...] = ()
    """The group of each case; empty where it came out of a store."""


Outcomes = Mapping[str, TestOutcomes]
"""The tests of a suite by name."""
Cases = dict[tuple[str, int], Any]
"""Something of each case, by test and place."""


def outcomes_of(result: BehaviourResult) -> dict[str, TestOutcomes]:
    """Return the outcomes of every test whose cases were judged."""
    return {test.name: _of_test(test) for test in result.tests if test.judged}


def digest_of(outcomes: Outcomes) -> str:
    """Return a digest of all cases of a suite and of what is expected of them."""
    named = sorted(f"{name}\0{test.fingerprint}" for name, test in outcomes.items())
    return hashlib.blake2b("\0".join(named).encode(), digest_size=_DIGEST).hexdigest()


def _of_test(test: TestResult) -> TestOutcomes:
    named = [_digest(case) for case, _ in test.judged]
    order = sorted(range(len(named)), key=named.__getitem__)
    whole = hashlib.blake2b(test.expects.encode(), digest_size=_DIGEST)
    for at in order:
        whole.update(named[at])
    return TestOutcomes(
        fingerprint=whole.hexdigest(),
        signs="".join(_SIGNS[test.judged[at][1]] for at in order),
        clusters=tuple(test.judged[at][0].cluster for at in order),
    )


def _digest(case: Case) -> bytes:
    value = json.dumps([case.inputs, case.label], sort_keys=True, default=str).encode()
    return hashlib.blake2b(value, digest_size=_DIGEST).digest()


def paired(before: Outcomes, now: Outcomes) -> tuple[Cases, Cases, Cases] | None:
    """Return what passed before, what passes now and the cluster of each case, of the tests that are the same.

    None where no case has an outcome on both sides.
    """
    then: Cases = {}
    after: Cases = {}
    clusters: Cases = {}
    for name, test in now.items():
        old = before.get(name)
        if old is None or old.fingerprint != test.fingerprint or len(old.signs) != len(test.signs):
            continue
        for at, (one, other) in enumerate(zip(old.signs, test.signs, strict=True)):
            if "-" not in (one, other):
                then[name, at], after[name, at] = _PASSED[one], _PASSED[other]
                clusters[name, at] = _cluster(name, test.clusters, at)
    return (then, after, clusters) if then else None


def _cluster(name: str, clusters: Sequence[Hashable], at: int) -> str:
    cluster = clusters[at] if at < len(clusters) else None
    return f"{name}\0{at}" if cluster is None else f"{name}\0={cluster}"


def left_out(before: Outcomes, now: Outcomes) -> tuple[str, ...]:
    """Return the tests of this run that cannot be paired: new ones, and those with other cases or expectations."""
    return tuple(
        name for name, test in now.items() if name not in before or before[name].fingerprint != test.fingerprint
    )

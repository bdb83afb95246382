"""The search itself: greedy, a few candidates at a time, for all cases of a test in the same calls of the model."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mlci.model.behaviour.adversarial.edits import Changes, Edit
from mlci.model.behaviour.cases import Case, key_of
from mlci.model.behaviour.chance import generator
from mlci.model.behaviour.suite import Test
from mlci.model.predictions import Prediction

WIDTH = 16
"""Candidates of one case that are asked about at once."""

Ask = Callable[[Sequence[Any]], Sequence[Prediction]]
_Tried = tuple[tuple[Edit, ...], Any]


@dataclass(kw_only=True, slots=True)
class Attack:
    """The search for a change of one case."""

    case: Case
    original: Prediction
    rng: Random
    made: tuple[Edit, ...] = ()
    """The edits that the search stands at."""
    best: tuple[Edit, ...] = ()
    """The best of the candidates with one edit more."""
    best_score: float = float("inf")
    calls: int = 0
    flipped: tuple[Edit, ...] | None = None
    """The edits that flip it."""
    variant: Any = None
    prediction: Prediction | None = None
    told: dict[Hashable, float] = field(default_factory=dict)
    """The lowest score seen when a place was changed."""
    tried: set[Hashable] = field(default_factory=set)
    over: bool = False

    def take(self, made: tuple[Edit, ...], variant: Any, prediction: Prediction) -> None:
        """Keep a change that flips the case."""
        self.flipped, self.variant, self.prediction = made, variant, prediction


def attacked(test: Test, cases: Sequence[tuple[Case, Prediction]], changes: Changes, ask: Ask) -> list[Attack]:
    """Look for a change of every case, all of which pass; return how each search ended, in order.

    Each round adds one edit to the best found so far, first at the places that moved the model most. What flips a
    case is then made smaller, by leaving out edits one by one. Raises `CannotRun` when the model cannot be asked.
    """
    attacks = [
        Attack(
            case=case,
            original=said,
            rng=generator(test.seed, test.name, "search", key_of(case.inputs[0])),
        )
        for case, said in cases
    ]
    while active := [attack for attack in attacks if not attack.over]:
        proposed = [(attack, _proposed(test, attack, changes)) for attack in active]
        answers = _answers(ask, proposed)
        for attack, candidates in proposed:
            _advance(test, attack, changes, [(made, one, answers[key_of(one)]) for made, one in candidates])
    return attacks


def confidence(original: Prediction, said: Prediction) -> float:
    """Return how sure the model is of the original answer: 1 where it cannot be told, less the further it moves."""
    if original.probabilities is not None and said.probabilities is not None:
        return float(said.probabilities.get(original.label, 0.0))
    if original.value is not None and said.value is not None and original.probabilities is None:
        return 1.0 - abs(said.value - original.value)
    return 1.0


def _answers(ask: Ask, proposed: Sequence[tuple[Attack, list[_Tried]]]) -> dict[Hashable, Prediction]:
    inputs = {key_of(one): one for _attack, candidates in proposed for _made, one in candidates}
    return dict(zip(inputs, ask(list(inputs.values())), strict=True)) if inputs else {}


def _proposed(test: Test, attack: Attack, changes: Changes) -> list[_Tried]:
    """Return the next candidates: smaller ones once a change has flipped the case, else those with one edit more."""
    original = attack.case.inputs[0]
    made = _smaller(attack) if attack.flipped is not None else _larger(attack, changes)
    assert test.search is not None  # noqa: S101 - a test of this type has a search
    found: list[_Tried] = []
    room = min(WIDTH, test.search.budget - attack.calls)
    for edits in made:
        if len(found) >= room:
            break
        variant = changes.apply(original, edits)
        key = key_of(variant)
        if key in attack.tried or key == key_of(original):
            attack.told.setdefault(edits[-1].place, float("inf"))
            continue
        attack.tried.add(key)
        found.append((edits, variant))
    attack.calls += len(found)
    return found


def _smaller(attack: Attack) -> Iterator[tuple[Edit, ...]]:
    edits = attack.flipped or ()
    for at in range(len(edits)) if len(edits) > 1 else ():
        yield edits[:at] + edits[at + 1 :]


def _larger(attack: Attack, changes: Changes) -> Iterator[tuple[Edit, ...]]:
    if len(attack.made) >= changes.most:
        return
    original = attack.case.inputs[0]
    taken = set() if changes.again else {edit.place for edit in attack.made}
    places = [place for place in changes.places(original) if place not in taken]
    attack.rng.shuffle(places)
    places.sort(
        key=lambda place: attack.told.get(place, float("-inf"))
    )  # what was never tried first, then what moved most
    options = [changes.edits(original, place, attack.rng) for place in places]
    for rank in range(max(map(len, options), default=0)):
        for edits in options:
            if rank < len(edits):
                yield (*attack.made, edits[rank])


def _advance(
    test: Test, attack: Attack, changes: Changes, answers: Sequence[tuple[tuple[Edit, ...], Any, Prediction]]
) -> None:
    """Move on with the answers to one round of candidates; end where there were none."""
    if not answers:
        attack.over = True
        return
    pruning = attack.flipped is not None
    for made, variant, said in answers:
        if not passes(test, attack, said):
            attack.take(made, variant, said)
            break
        if not pruning:
            _note(attack, made, confidence(attack.original, said))
    else:
        if pruning:
            attack.over = True
        elif _explored(attack, changes):
            attack.made, attack.best_score = attack.best, float("inf")
    assert test.search is not None  # noqa: S101
    attack.over = attack.over or attack.calls >= test.search.budget


def _note(attack: Attack, made: tuple[Edit, ...], score: float) -> None:
    place = made[-1].place
    attack.told[place] = min(score, attack.told.get(place, score))
    if score < attack.best_score:
        attack.best, attack.best_score = made, score


def _explored(attack: Attack, changes: Changes) -> bool:
    """Whether every place was tried, so that the next edit can be built on the best."""
    return all(place in attack.told for place in changes.places(attack.case.inputs[0]))


def passes(test: Test, attack: Attack, said: Prediction) -> bool:
    """Whether an answer to a changed input is as the test expects beside the original's."""
    judge = attack.case.judge or test.judge
    answers = judge((attack.original, said), attack.case.label)
    return False not in answers


def applicable(test: Test, case: Case, said: Prediction) -> bool:
    """Whether a case is right to begin with: by its own label where it has one."""
    if test.only_if is not None and test.only_if((said,), case.label) == (False,):
        return False
    return case.label is None or case.label == said.label or isinstance(said.label, float)

"""Judging times: percentiles with their bounds, and two models in turns, on numbers drawn here."""

import random
from statistics import mean

import pytest

from mlci.model.inference.timing import in_turns, judge, lower_bound, percentile


def test_percentiles_are_of_the_nearest_rank():
    times = [float(at) for at in range(1, 101)]
    assert [percentile(times, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([3.0], 0.5) == 3


def test_few_calls_cannot_fail_and_many_can():
    assert lower_bound([9.0] * 4, 0.5) == 0
    assert judge([9.0] * 4, 0.5, 1) == "inconclusive"
    assert judge([9.0] * 30, 0.5, 1) == "failed"
    assert judge([9.0] * 30, 0.5, 9) == "passed"


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_a_model_at_its_limit_fails_by_chance_in_at_most_one_run_of_twenty(share):
    rng = random.Random(1)
    limit = sorted(rng.lognormvariate(0, 1) for _ in range(200_000))[int(200_000 * share)]
    runs = [judge([rng.lognormvariate(0, 1) for _ in range(200)], share, limit) for _ in range(1000)]
    assert runs.count("failed") <= 65
    slow = [judge([3 * rng.lognormvariate(0, 1) for _ in range(200)], share, limit) for _ in range(200)]
    assert slow.count("failed") >= 190


def rounds(rng, factor, count=20):
    """Times of rounds on a machine that is now and then much slower, for either side."""

    def one(scale):
        return scale * rng.lognormvariate(0, 0.2) * (3 if rng.random() < 0.1 else 1)

    return [one(1) for _ in range(count)], [one(factor) for _ in range(count)]


def test_a_model_as_fast_as_before_is_not_called_slower_and_one_twice_as_slow_is():
    rng = random.Random(2)
    same = [in_turns(*rounds(rng, 1.0), 1.2).verdict for _ in range(1000)]
    assert same.count("failed") <= 10
    at_limit = [in_turns(*rounds(rng, 1.2), 1.2).verdict for _ in range(1000)]
    assert at_limit.count("failed") <= 20
    slower = [in_turns(*rounds(rng, 2.2), 1.2).verdict for _ in range(200)]
    assert slower.count("failed") >= 180


def test_what_the_rounds_say_is_counted():
    found = in_turns([1.0] * 10, [1.5] * 10, 1.2)
    assert (found.verdict, found.ratio, found.slower, found.p_value) == ("failed", 1.5, 10, 2**-10)
    few = in_turns([1.0] * 5, [1.5] * 5, 1.2)
    assert (few.verdict, few.p_value) == ("inconclusive", 2**-5)
    assert mean([in_turns([1.0] * 10, [0.5] * 10, 1.0).ratio]) == 0.5

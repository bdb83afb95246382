from random import Random

import pytest

from mlci.metrics.proportion import exact_interval
from mlci.model.behaviour.verdict import cases_needed, decide, effective_size, pair_interval


def judge(failed, cases, limit):
    return decide([at < failed for at in range(cases)], list(range(cases)), limit)


@pytest.mark.parametrize(
    ("failed", "cases", "limit", "status"),
    [
        (0, 5, 0, "passed"),
        (1, 500, 0, "failed"),
        (1, 19, 0.1, "passed"),
        (2, 19, 0.1, "failed"),
        (0, 20, 0.1, "inconclusive"),
        (0, 40, 0.1, "passed"),
        (30, 500, 0.1, "passed"),
        (44, 500, 0.1, "inconclusive"),
        (75, 500, 0.1, "failed"),
        (20, 20, 1, "passed"),
    ],
)
def test_the_interval_decides_from_20_cases_on(failed, cases, limit, status):
    assert judge(failed, cases, limit).status == status


def test_an_inconclusive_test_says_how_many_cases_it_would_take():
    needed = judge(44, 500, 0.1).needed
    assert exact_interval(0.088 * needed, needed)[1] < 0.1
    assert exact_interval(0.088 * (needed - 1), needed - 1)[1] >= 0.1
    assert cases_needed(0.1, 0.1) is None


def test_cases_of_one_cluster_count_for_less():
    clusters = [at // 10 for at in range(300)]
    failures = [cluster % 10 == 0 for cluster in clusters]
    assert effective_size(failures, clusters) == pytest.approx(29, abs=1)
    assert decide(failures, clusters, 0.05).status == "inconclusive"
    assert decide(failures, list(range(300)), 0.05).status == "failed"


def test_few_clusters_are_judged_by_the_plain_rate():
    decision = decide([False] * 100, [at % 5 for at in range(100)], 0.1)
    assert (decision.status, decision.interval[1]) == ("passed", pytest.approx(0.5218, abs=1e-3))
    assert "5 independent" in decision.rule


@pytest.mark.slow
def test_the_false_alarm_rate_is_kept_and_twice_the_limit_is_found():
    rng = Random(1)

    def failed(rate):
        runs = [sum(rng.random() < rate for _ in range(500)) for _ in range(1000)]
        judged = {count: judge(count, 500, 0.1).status == "failed" for count in set(runs)}
        return sum(judged[count] for count in runs)

    assert failed(0.1) <= 50
    assert failed(0.2) >= 900


def test_the_inputs_of_one_case_are_not_independent():
    alone = pair_interval([1] * 20 + [0] * 180, [1] * 200, range(200))
    assert alone == exact_interval(20, 200)
    together = pair_interval([10] * 2 + [0] * 18, [10] * 20, range(20))
    assert together[0] < alone[0] < alone[1] < together[1]
    assert pair_interval([0], [7], [0]) == exact_interval(0, 1)

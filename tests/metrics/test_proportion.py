import pytest
from scipy.stats import binomtest

from mlci.metrics.proportion import exact_interval


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (10, 10), (3, 34), (44, 500), (1, 1)])
def test_the_interval_is_that_of_clopper_and_pearson(successes, trials):
    expected = binomtest(successes, trials).proportion_ci(0.95, "exact")
    assert exact_interval(successes, trials) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_no_trials_say_nothing():
    assert exact_interval(0, 0) == (0.0, 1.0)

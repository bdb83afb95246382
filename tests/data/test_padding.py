"""Limits from samples."""

import pytest

from mlci.data.profile.padding import above, below, fewest_rows, least_share, length_limit, most_rows


@pytest.mark.parametrize(("low", "high"), [(0.37, 19.2), (-3.1, 2.9), (1990, 2024), (-80.5, -0.2), (1e-6, 3e-6)])
def test_limits_lie_beyond_what_was_seen(low, high):
    spread = high - low
    bottom, top = below(low, spread, n=500, least=low), above(high, spread, n=500, most=high)
    assert bottom < low < high < top
    assert bottom >= 0 or low < 0
    assert top <= 0 or high > 0
    assert top - bottom < 2 * spread


def test_only_the_sign_of_what_was_seen_bounds_a_median():
    assert below(0.02, 2.6, n=10**9, least=-3.0) < -0.5
    assert below(0.02, 2.6, n=10**9, least=0.0) == 0
    assert above(-0.02, 2.6, n=10**9, most=3.0) > 0.5


def test_shares_leave_room_for_what_a_sample_can_hide():
    assert least_share(0, 100) == 0.97
    assert least_share(0, 10_000) == 0.999
    assert least_share(10, 100) < 0.82
    assert least_share(1, 2) == 0


def test_counts_are_round_and_loose():
    assert (fewest_rows(1309), most_rows(1309)) == (300, 20_000)
    assert fewest_rows(1) == 1
    assert length_limit(82) == 164

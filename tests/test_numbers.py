"""Numbers in reports: rounded to what matters, never to something else."""

import pytest

from mlci.numbers import count, duration, number, pair, percent


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.031200000000000002, "0.0312"),
        (0.9123456, "0.9123"),
        (93.4156, "93.42"),
        (1234.567, "1,234.6"),
        (1234567, "1,234,567"),
        (0, "0"),
        (-0.0312, "−0.0312"),
        (0.00012345, "0.000123"),
        (0.1 + 0.2, "0.3"),
        (0.99999, "0.99999"),
        (99.99999, "99.99999"),
        (1e-20, "1e-20"),
        (1e300, "1e+300"),
        (float("nan"), "nan"),
        (float("-inf"), "−inf"),
    ],
)
def test_number(value, shown):
    assert number(value) == shown


def test_pair_tells_different_numbers_apart():
    assert pair(0.91234, 0.91231) == ("0.91234", "0.91231")
    assert pair(0.010004, 0.01) == ("0.010004", "0.01")
    assert pair(0.5, 0.5) == ("0.5", "0.5")
    one, other = pair(0.5, 0.5000000001)
    assert one != other


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0.0 s"), (0.02, "< 0.1 s"), (0.82, "0.8 s"), (12.31, "12 s"), (59.7, "1 min"), (185, "3 min 5 s"), (4320, "1 h 12 min"), (float("nan"), "?")],
)  # fmt: skip
def test_duration(seconds, shown):
    assert duration(seconds) == shown


def test_counts_and_shares():
    assert count(1, "check") == "1 check"
    assert count(1204, "check") == "1,204 checks"
    assert percent(0.034123) == "3.41%"

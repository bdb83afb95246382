import math

import pytest
from cancer.features import MEASUREMENTS, features, table

ROW = dict.fromkeys(MEASUREMENTS, 2.0)


def test_features_keep_the_order_of_the_measurements():
    row = {name: float(number) for number, name in enumerate(MEASUREMENTS, 1)}
    values = features(row)
    assert values[0] == 1.0
    assert values[3] == math.log(4.0)
    assert len(values) == len(MEASUREMENTS)


def test_an_area_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="mean_area must be positive"):
        features({**ROW, "mean_area": -1.0})


def test_a_table_has_a_row_for_each_sample():
    assert len(table([ROW, ROW])) == 2

"""Names of columns are taken as they are written."""

import pandas as pd

from mlci.data import validate


def test_a_column_whose_name_differs_in_case_is_another_one():
    frame = pd.DataFrame({"ID": [1, 2]})
    for expectation in ("expect_column_to_exist", "expect_column_values_to_be_unique"):
        (result,) = validate(frame, [{expectation: {"column": "id"}}]).results
        assert not result.success
    (result,) = validate(frame, [{"expect_column_values_to_be_unique": {"column": "ID"}}]).results
    assert result.success

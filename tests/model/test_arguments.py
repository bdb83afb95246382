from collections.abc import Mapping
from typing import Literal

import pytest

from mlci.errors import UsageError
from mlci.model.arguments import checked


def takes(
    *,
    by: float = 1.0,
    n: int = 1,
    kind: Literal["swap", "delete"] = "swap",
    names: list[str] | None = None,
    score: Mapping[str | int, float] | None = None,
    label: str | bool | int | float | None = None,  # noqa: PYI041 - what a person may write
) -> None:
    """Take settings of every type that perturbations and expectations have."""


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"by": 2}, {"by": 2.0}),
        ({"label": 1}, {"label": 1}),
        ({"label": True}, {"label": True}),
        ({"score": {"0": -1, 2: 1}}, {"score": {"0": -1.0, 2: 1.0}}),
        ({"names": ["a"]}, {"names": ["a"]}),
        ({"names": None, "score": None}, {"names": None, "score": None}),
        ({"kind": "delete"}, {"kind": "delete"}),
    ],
)
def test_settings_have_the_types_that_the_function_wants(settings, expected):
    found = checked(takes, settings, of="takes")
    assert found == expected
    assert [type(one) for one in found.values()] == [type(one) for one in expected.values()]


@pytest.mark.parametrize(
    "settings", [{"kind": "swop"}, {"names": "a"}, {"by": "much"}, {"n": 1.5}, {"score": {"a": "b"}}, {"n": None}]
)
def test_settings_of_other_types_are_refused(settings):
    with pytest.raises(UsageError, match=f"takes: {next(iter(settings))}"):
        checked(takes, settings, of="takes")

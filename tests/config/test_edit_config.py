"""Numbers written into a configuration: nothing else of it changes."""

import pytest

from mlci.config.edit import with_values
from mlci.errors import CannotRun

KEY = ("model", "m", "metrics", "f1", "max-drop")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{max-drop: 0.01}  # ours", "{max-drop: 0.02}  # ours"),
        ("{min: 0.8}", "{max-drop: 0.02, min: 0.8}"),
        ("{}", "{max-drop: 0.02}"),
        ("{max-drop: '2%', min: 0.8}", "{max-drop: 0.02, min: 0.8}"),
        ("\n        min: 0.8  # low\n", "\n        max-drop: 0.02\n        min: 0.8  # low\n"),
        (
            "\n        min: 0.8\n        max-drop:   1%  # was\n",
            "\n        min: 0.8\n        max-drop:   0.02  # was\n",
        ),
    ],
)
def test_comments_order_and_form_are_kept(before, after):
    head = "# top\nversion: 1\nmodel:\n  m:\n    metrics:\n      f1: "
    changed = with_values((head + before).encode(), "mlci.yaml", {KEY: 0.02})
    assert changed.decode() == head + after


def test_several_values_on_one_line():
    text = "model: {m: {metrics: {f1: {max-drop: 0.1}, accuracy: {max-drop: 0.1}}}}"
    other = (*KEY[:3], "accuracy", "max-drop")
    changed = with_values(text.encode(), "mlci.yaml", {KEY: 0.02, other: 0.03})
    assert changed.decode() == "model: {m: {metrics: {f1: {max-drop: 0.02}, accuracy: {max-drop: 0.03}}}}"


def test_other_line_ends_and_a_byte_order_mark_are_kept():
    text = "\ufeffmodel:\r\n  m:\r\n    metrics:\r\n      f1:\r\n        min: 0.8\r\n"
    changed = with_values(text.encode(), "mlci.yaml", {KEY: 0.02})
    assert changed.decode() == text.replace("        min", "        max-drop: 0.02\r\n        min")


@pytest.mark.parametrize(
    "text",
    [
        "model:\n  m:\n    metrics:\n      f1: &one {max-drop: 0.1}\n      accuracy: *one\n",  # two numbers share it
        "model:\n  m:\n    metrics:\n      f1:\n",  # nowhere to write to
    ],
)
def test_what_would_change_more_than_is_asked_for_is_left_to_people(text):
    with pytest.raises(CannotRun, match="by hand"):
        with_values(text.encode(), "mlci.yaml", {KEY: 0.02})

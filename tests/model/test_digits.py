"""Digits and a support vector machine: keeps its answers under weak noise, and loses them when digits move by a pixel."""

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from mlci.model import run_behaviour

LEVELS = 15  # the data has 16 levels of grey


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    images, labels = load_digits(return_X_y=True)
    train, test, known, _ = train_test_split(images, labels, test_size=120, random_state=0)
    model = SVC(gamma=0.001).fit(train, known)
    for at, row in enumerate(test):
        Image.fromarray((row.reshape(8, 8) * LEVELS).astype(np.uint8)).save(folder / f"{at}.png")

    def predict(paths):
        return model.predict([np.asarray(Image.open(folder / path)).ravel() / LEVELS for path in paths])

    return folder, predict


@pytest.mark.slow
@pytest.mark.parametrize(
    ("perturb", "low", "high"),
    [
        ({"pixel-noise": {"sd": LEVELS}}, 0.0, 0.03),
        ({"translate": {"x": 1}}, 0.3, 0.7),
        ("invert", 0.8, 1.0),
    ],
)
def test_a_moved_digit_is_another_one_to_the_model(digits, perturb, low, high):
    folder, predict = digits
    examples = [f"{at}.png" for at in range(120)]
    test = {"name": "t", "type": "INV", "examples": examples, "perturb": perturb, "max-failure-rate": 0.2}
    result = run_behaviour({"tests": [test]}, predict, root=folder).tests[0]
    assert result.cases == 120
    assert low <= result.failure_rate <= high
    assert (result.status == "passed") == (high <= 0.2)

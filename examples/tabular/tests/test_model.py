import joblib
import pandas as pd
import pytest
from cancer import model
from cancer.features import MEASUREMENTS
from cancer.train import train


@pytest.fixture
def trained(tmp_path, monkeypatch):
    samples = [{**dict.fromkeys(MEASUREMENTS, 1.0 + number / 100), "diagnosis": "benign"} for number in range(20)]
    samples += [{**dict.fromkeys(MEASUREMENTS, 5.0 + number / 100), "diagnosis": "malignant"} for number in range(20)]
    fitted, _ = train(pd.DataFrame(samples))
    joblib.dump(fitted, tmp_path / "model.joblib")
    monkeypatch.setattr(model, "MODEL", tmp_path / "model.joblib")
    model._model.cache_clear()
    yield
    model._model.cache_clear()


@pytest.mark.usefixtures("trained")
def test_each_row_gets_a_label_and_probabilities_that_sum_to_one():
    small, large = model.predict([dict.fromkeys(MEASUREMENTS, 1.0), dict.fromkeys(MEASUREMENTS, 5.0)])
    assert (small["label"], large["label"]) == ("benign", "malignant")
    assert sum(small["probabilities"].values()) == pytest.approx(1)

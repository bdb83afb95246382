"""Healthy models of many kinds raise no false alarm, and are left as they were."""

import numpy as np
import pytest

from mlci.testing import check_all

pytestmark = pytest.mark.slow


def alarms(training, **settings):
    """Return what did not pass, of at least ten checks that applied."""
    found = check_all(training, settings=settings)
    assert sum(outcome.status == "passed" for outcome in found) >= 10
    return [f"{each.name}: {each.says}" for each in found if each.status in ("failed", "errored")]


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install --group frameworks")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return torch


def momentum(torch):
    return lambda module: torch.optim.SGD(module.parameters(), 0.1, momentum=0.9)


@pytest.mark.parametrize("classes_first", [False, True])
def test_a_transformer_that_tags_tokens(classes_first, torch):
    from mlci.testing.torch import training_of

    class Tagger(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(30, 16)
            self.places = torch.nn.Parameter(0.1 * torch.randn(10, 16))
            layer = torch.nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, dropout=0.1)
            self.encoder = torch.nn.TransformerEncoder(layer, 2)
            self.head = torch.nn.Linear(16, 4)

        def forward(self, tokens):
            scores = self.head(self.encoder(self.embedding(tokens) + self.places))
            return scores.transpose(1, 2) if classes_first else scores

    def loss(scores, tags):
        return torch.nn.functional.cross_entropy(scores if classes_first else scores.transpose(1, 2), tags)

    def optimizer(module):
        return torch.optim.AdamW(module.parameters(), 3e-3)

    tokens = torch.randint(0, 30, (12, 10))
    training = training_of(Tagger, loss, optimizer, inputs={"tokens": tokens}, targets=tokens % 4, classes=4)
    assert alarms(training) == []


def test_a_recurrent_regression(torch):
    from mlci.testing.torch import training_of

    class Recurrent(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = torch.nn.GRU(6, 16, batch_first=True, num_layers=2, dropout=0.2)
            self.head = torch.nn.Linear(16, 1)

        def forward(self, x):
            return self.head(self.recurrent(x)[0][:, -1]).squeeze(-1)

    inputs = torch.randn(16, 7, 6)
    training = training_of(
        Recurrent,
        torch.nn.MSELoss(),
        lambda module: torch.optim.Adam(module.parameters(), 0.01),
        inputs=inputs,
        targets=inputs[:, :, 0].sum(1),
    )
    assert alarms(training) == []


def test_a_bias_that_batch_normalisation_takes_away_again(torch):
    from mlci.testing.torch import training_of

    def build():
        layers = torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1)
        return torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(8, 5))

    training = training_of(
        build,
        torch.nn.CrossEntropyLoss(),
        momentum(torch),
        inputs=torch.rand(20, 3, 8, 8),
        targets=torch.arange(20) % 5,
        classes=5,
    )
    assert alarms(training) == []


def test_one_logit_in_bfloat16(torch):
    from mlci.testing.torch import training_of

    def build():
        layers = torch.nn.Linear(6, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1), torch.nn.Flatten(0)
        return torch.nn.Sequential(*layers).bfloat16()

    inputs = torch.randn(24, 6).bfloat16()
    training = training_of(
        build,
        torch.nn.BCEWithLogitsLoss(),
        momentum(torch),
        inputs=inputs,
        targets=(inputs[:, 0] > 0).bfloat16(),
        classes=2,
    )
    assert alarms(training) == []


def test_a_module_that_is_given_is_left_as_it_was(torch):
    from mlci.testing.torch import training_of

    module = torch.nn.Sequential(torch.nn.Linear(6, 32), torch.nn.ReLU(), torch.nn.Linear(32, 3)).eval()
    before = {name: each.clone() for name, each in module.state_dict().items()}
    inputs, state = torch.randn(24, 6), torch.get_rng_state()
    training = training_of(
        module, torch.nn.CrossEntropyLoss(), momentum(torch), inputs=inputs, targets=torch.arange(24) % 3, classes=3
    )
    assert alarms(training) == []
    assert not module.training
    assert all(torch.equal(each, before[name]) for name, each in module.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


def estimators():
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import PassiveAggressiveClassifier, Perceptron, RidgeClassifier, SGDClassifier
    from sklearn.naive_bayes import GaussianNB
    from sklearn.svm import SVC

    yield from (GaussianNB(), SVC(C=100), Perceptron(), PassiveAggressiveClassifier(), SGDClassifier(loss="log_loss"))
    yield from (RidgeClassifier(alpha=1e-6), HistGradientBoostingClassifier(min_samples_leaf=1, max_iter=20))


def test_estimators_of_many_kinds():
    from mlci.testing.sklearn import training_of

    rows = np.random.default_rng(0).normal(size=(24, 6))
    labels = (rows[:, 0] > -0.4).astype(int) + (rows[:, 0] > 0.4)
    for estimator in estimators():
        training = training_of(estimator, inputs=rows, targets=labels, classes=3)
        assert alarms(training, overfits_a_batch={"target": 0.8}) == [], estimator


def test_texts_and_frames():
    import pandas as pd
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, SGDRegressor
    from sklearn.pipeline import make_pipeline

    from mlci.testing.sklearn import training_of

    texts, labels = ["good film", "bad film", "fine book", "awful book"] * 5, ["yes", "no"] * 10
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    assert alarms(training_of(model, inputs=texts, targets=labels, classes=2)) == []
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)), columns=list("abc"))
    assert alarms(training_of(SGDRegressor(), inputs=frame, targets=2 * frame["a"] + 1)) == []

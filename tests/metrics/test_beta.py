import subprocess
import sys
from random import Random

import pytest
from scipy.special import betainc, betaincinv

from mlci.metrics.beta import beta_quantile, beta_share


def shapes():
    rng = Random(4)
    for _ in range(200):
        trials = 10 ** rng.uniform(0, 6)
        hits = rng.choice([rng.uniform(0.01, 1), rng.uniform(0.01, min(trials, 5) / trials)]) * trials
        yield hits, max(trials - hits, 0.05) + rng.choice([0, 1])


@pytest.mark.parametrize("share", [0.0005, 0.025, 0.5, 0.975])
def test_quantiles_are_those_of_scipy(share):
    for a, b in shapes():
        assert beta_quantile(share, a, b) == pytest.approx(float(betaincinv(a, b, share)), abs=1e-11)


@pytest.mark.parametrize("x", [0, 1e-12, 0.01, 0.5, 0.99, 1])
def test_shares_are_those_of_scipy(x):
    for a, b in shapes():
        assert beta_share(x, a, b) == pytest.approx(float(betainc(a, b, x)), abs=1e-8)


def test_judging_a_suite_imports_neither_scipy_nor_numpy():
    code = (
        "import sys; from mlci.model import run_behaviour\n"
        "tests = [{'name': 'a', 'type': 'MFT', 'examples': list('abcdefghijklmnopqrstuvwxyz'), 'label': 'p', "
        "'max-failure-rate': 0.3}]\n"
        "assert run_behaviour(tests, lambda texts: ['p' for _ in texts]).tests[0].status == 'passed'\n"
        "sys.exit(', '.join({'scipy', 'numpy', 'pydantic'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

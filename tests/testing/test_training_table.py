"""Each training check in each framework: a planted bug is caught, a healthy model passes, or it is not applicable."""

import pytest

from mlci.testing import NotApplicable, TrainingCheckFailed
from mlci.testing.checks import CHECKS

pytestmark = pytest.mark.slow
TABLE = [pytest.param(framework, check) for framework in ("torch", "keras", "sklearn") for check in CHECKS]


@pytest.mark.parametrize(("framework", "check"), TABLE)
def test_a_planted_bug_is_caught(framework, check, planted):
    cases = planted(framework)
    if check in cases.NOT_APPLICABLE:
        with pytest.raises(NotApplicable, match=cases.NOT_APPLICABLE[check]):
            CHECKS[check](cases.healthy(check))
        return
    with pytest.raises(TrainingCheckFailed, match=r"(?s).{20}.*\.\nUsually: .{40}"):
        CHECKS[check](cases.PLANTED[check]())


@pytest.mark.parametrize(("framework", "check"), TABLE)
def test_a_healthy_model_passes(framework, check, planted):
    cases = planted(framework)
    if check not in cases.NOT_APPLICABLE:
        assert CHECKS[check](cases.healthy(check))


@pytest.mark.parametrize("framework", ["torch", "keras", "sklearn"])
def test_further_bugs_are_caught(framework, planted):
    missed = []
    for check, training, *settings in planted(framework).MORE:
        try:
            missed.append(f"{check}: {CHECKS[check](training(), **dict(*settings))}")
        except TrainingCheckFailed:
            continue
    assert missed == []

"""Every training check as a pytest test, in a class to inherit from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from mlci.testing.checks import CHECKS
from mlci.testing.running import Settings, refuse_unknown
from mlci.testing.training import Training


@pytest.mark.training
class TrainingChecks:
    """Inherit from it, with a fixture `training` in the class, the module or `conftest.py`: a test for each check.

    A check that has no meaning for the training is skipped, with the reason.
    """

    settings: ClassVar[Settings] = {}
    """Arguments of checks by the name of the check: `{"overfits_a_batch": {"steps": 500}}`."""
    leave_out: ClassVar[Mapping[str, str]] = {}
    """Checks that are not wanted, by name, with the reason, which the skipped test shows."""

    @pytest.mark.parametrize("check", list(CHECKS))
    def test_training(self, check: str, training: Any) -> None:
        """Run one check."""
        __tracebackhide__ = True
        refuse_unknown({**self.settings, **{name: {} for name in self.leave_out}})
        if check in self.leave_out:
            pytest.skip(self.leave_out[check])
        if not isinstance(training, Training):
            raise TypeError(f"the fixture `training` returns a mlci.testing.Training, not {type(training).__name__}")
        CHECKS[check](training, **self.settings.get(check, {}))

"""Training checks for tests and notebooks: does a model learn, and only from what it should?

`Training` says how a model is made, trained one step and asked; `mlci.testing.torch`, `.keras` and `.sklearn` make one
of a model. Each `assert_…` is one check, `check_all` runs them all and returns a table, `TrainingChecks` is a class of
pytest tests.
Nothing here imports a framework, and importing this module imports nothing but itself.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlci.testing.checks.devices import assert_devices_agree
    from mlci.testing.checks.examples import (
        assert_batch_order_does_not_matter,
        assert_no_leak_across_a_batch,
        assert_one_input_equals_a_batch,
    )
    from mlci.testing.checks.leakage import (
        assert_fitted_on_training_alone,
        assert_no_better_than_chance,
        assert_preprocessing_sees_training_alone,
        assert_shuffled_labels_are_chance,
    )
    from mlci.testing.checks.learning import assert_initial_loss, assert_loss_falls, assert_overfits_a_batch
    from mlci.testing.checks.outputs import (
        assert_finite,
        assert_inputs_left_alone,
        assert_output_shape,
        assert_predictions_depend_on_inputs,
        assert_predictions_repeat,
    )
    from mlci.testing.checks.parameters import (
        assert_frozen_parameters_stay,
        assert_gradients_reach_every_parameter,
        assert_parameters_change,
    )
    from mlci.testing.checks.repeating import (
        assert_resumed_equals_uninterrupted,
        assert_same_seed_same_result,
        assert_saved_and_loaded_equal,
    )
    from mlci.testing.checks.runs import (
        assert_artifacts_written,
        assert_early_stopping_stops,
        assert_files_written,
        assert_learning_rate_in_bounds,
    )
    from mlci.testing.collection import TrainingChecks
    from mlci.testing.running import Outcome, Outcomes, check_all
    from mlci.testing.training import NotApplicable, Training, TrainingCheckFailed

_HOMES = {
    "checks.devices": ("assert_devices_agree",),
    "checks.examples": (
        "assert_batch_order_does_not_matter",
        "assert_no_leak_across_a_batch",
        "assert_one_input_equals_a_batch",
    ),
    "checks.leakage": (
        "assert_fitted_on_training_alone",
        "assert_no_better_than_chance",
        "assert_preprocessing_sees_training_alone",
        "assert_shuffled_labels_are_chance",
    ),
    "checks.learning": ("assert_initial_loss", "assert_loss_falls", "assert_overfits_a_batch"),
    "checks.outputs": (
        "assert_finite",
        "assert_inputs_left_alone",
        "assert_output_shape",
        "assert_predictions_depend_on_inputs",
        "assert_predictions_repeat",
    ),
    "checks.parameters": (
        "assert_frozen_parameters_stay",
        "assert_gradients_reach_every_parameter",
        "assert_parameters_change",
    ),
    "checks.repeating": (
        "assert_resumed_equals_uninterrupted",
        "assert_same_seed_same_result",
        "assert_saved_and_loaded_equal",
    ),
    "checks.runs": (
        "assert_artifacts_written",
        "assert_early_stopping_stops",
        "assert_files_written",
        "assert_learning_rate_in_bounds",
    ),
    "collection": ("TrainingChecks",),
    "running": ("Outcome", "Outcomes", "check_all"),
    "training": ("NotApplicable", "Training", "TrainingCheckFailed"),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "NotApplicable",
    "Outcome",
    "Outcomes",
    "Training",
    "TrainingCheckFailed",
    "TrainingChecks",
    "assert_artifacts_written",
    "assert_batch_order_does_not_matter",
    "assert_devices_agree",
    "assert_early_stopping_stops",
    "assert_files_written",
    "assert_finite",
    "assert_fitted_on_training_alone",
    "assert_frozen_parameters_stay",
    "assert_gradients_reach_every_parameter",
    "assert_initial_loss",
    "assert_inputs_left_alone",
    "assert_learning_rate_in_bounds",
    "assert_loss_falls",
    "assert_no_better_than_chance",
    "assert_no_leak_across_a_batch",
    "assert_one_input_equals_a_batch",
    "assert_output_shape",
    "assert_overfits_a_batch",
    "assert_parameters_change",
    "assert_predictions_depend_on_inputs",
    "assert_predictions_repeat",
    "assert_preprocessing_sees_training_alone",
    "assert_resumed_equals_uninterrupted",
    "assert_same_seed_same_result",
    "assert_saved_and_loaded_equal",
    "assert_shuffled_labels_are_chance",
    "check_all",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)

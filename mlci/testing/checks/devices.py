"""The same model on several devices."""

from __future__ import annotations

from mlci.testing.arrays import distance, largest
from mlci.testing.checks import check, unless
from mlci.testing.steps import predict, tolerance_of, trained
from mlci.testing.training import NotApplicable, Training

REDUCED = 5e-3
"""What GPUs may lose on float32 by default: convolutions are computed with TF32's ten bits."""


@check
def assert_devices_agree(training: Training, *, steps: int = 3, tolerance: float | None = None) -> str:
    """A model predicts the same on the CPU and on each other device; `tolerance` as a share of the largest."""
    devices, move = list(training.need("devices")()), training.need("move")
    if len(devices) < 2:  # noqa: PLR2004
        raise NotApplicable(f"not applicable: no other device than {devices[0]} on this machine")
    model = trained(training, steps)
    before = predict(training, model, training.inputs)
    allowed = max(tolerance_of(training, model, before), REDUCED) if tolerance is None else tolerance
    for device in devices[1:]:
        apart = distance(before, predict(training, move(model, device), training.inputs)) / (largest(before) or 1.0)
        unless(
            apart <= allowed,
            f"predictions on {devices[0]} and {device} lie {apart:.3g} of the largest apart (allowed: {allowed:.3g})",
            usually="part of the model stays behind or is made anew there, half precision or TF32 is used on one "
            "device, or the model draws random numbers",
        )
    return f"predictions agree on {', '.join(devices)}"

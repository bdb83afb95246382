"""From a row of measurements to the numbers that the model sees."""

import math
from collections.abc import Mapping, Sequence

MEASUREMENTS = (
    "mean_radius",
    "mean_texture",
    "mean_perimeter",
    "mean_area",
    "mean_smoothness",
    "mean_compactness",
    "mean_concavity",
    "mean_concave_points",
    "mean_symmetry",
    "mean_fractal_dimension",
)


def features(row: Mapping[str, float]) -> list[float]:
    """Return the measurements of one sample in order; areas as logarithms, since they are skewed."""
    values = [float(row[name]) for name in MEASUREMENTS]
    area = MEASUREMENTS.index("mean_area")
    if values[area] <= 0:
        raise ValueError(f"mean_area must be positive, not {values[area]}")
    values[area] = math.log(values[area])
    return values


def table(rows: Sequence[Mapping[str, float]]) -> list[list[float]]:
    """Return the features of many samples, shape (samples, 10)."""
    return [features(row) for row in rows]

"""Which commit of the action workflows are pinned to: the one that the last release's tag is at."""

from __future__ import annotations

ACTION = "mlci/mlci"
COMMIT = "4214ccc117fa503d3d3213c5ddf30a5bfe86089f"
TAG = "v0.1.0"

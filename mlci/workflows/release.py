"""Which commit of the action workflows are pinned to: the one that the last release's tag is at."""

from __future__ import annotations

ACTION = "mlci/mlci"
COMMIT = "92a674808f10cac186e315b9a553a37fd6116239"
TAG = "v0.1.0"

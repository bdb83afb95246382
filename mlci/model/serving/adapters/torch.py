"""TorchScript models and exported PyTorch programs (`.pt`, `.pth`, `.ts`, `.pt2`), run by PyTorch on the CPU."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Dict, List, Sequence

from . import Unusable

PACKAGES = {"torch": "torch", "numpy": "numpy"}


def fits(path: str) -> bool:
    """Return whether `path` is named as such files are."""
    return path.lower().endswith((".pt", ".pth", ".ts", ".torchscript", ".pt2"))


def load(path: str, settings: Dict[str, Any]) -> Callable[[List[Any]], Any]:
    """Load the program; weights alone, as `torch.save` writes a state, are refused: they are no model."""
    import torch

    model = _exported(torch, path) if path.lower().endswith(".pt2") else _scripted(torch, path)

    def predict(inputs: List[Any]) -> Any:
        from .. import outputs

        with torch.no_grad():
            said = model(_given(torch, inputs, settings))
        while isinstance(said, (tuple, list)) and said and hasattr(said[0], "shape"):
            said = said[0]
        return outputs.predictions(said.detach().cpu().numpy() if hasattr(said, "detach") else said, settings)

    return predict


def _scripted(torch: Any, path: str) -> Any:
    try:
        return torch.jit.load(path, map_location="cpu").eval()
    except RuntimeError as error:
        raise Unusable(
            "it is no TorchScript program: save it with torch.jit.save, or name a function of the project with "
            "`predict` that loads its weights (%s)" % (str(error).strip().splitlines() or [""])[0][:120]
        ) from error


def _exported(torch: Any, path: str) -> Any:
    importlib.import_module("torch.export")
    return torch.export.load(path).module()


def _given(torch: Any, inputs: Sequence[Any], settings: Dict[str, Any]) -> Any:
    from .. import inputs as shapes

    if shapes.are_texts(inputs, settings):
        return list(inputs)
    return torch.from_numpy(shapes.tensor(inputs, settings).copy())

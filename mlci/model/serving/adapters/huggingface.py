"""Folders of a Hugging Face pipeline: text or image classification, with its tokenizer or image processor."""

from __future__ import annotations

import json
import os
from typing import Any, Callable, Dict, List, Sequence

from . import Unusable

PACKAGES = {"transformers": "transformers", "torch": "torch"}

_BATCH = 32
_TASKS = {
    "ForSequenceClassification": "text-classification",
    "ForImageClassification": "image-classification",
}


def fits(path: str) -> bool:
    """Return whether `path` is a folder that `save_pretrained` wrote."""
    return os.path.isfile(os.path.join(path, "config.json")) and not os.path.isfile(os.path.join(path, "MLmodel"))


def load(path: str, settings: Dict[str, Any]) -> Callable[[List[Any]], Any]:
    """Load the pipeline from the folder alone; nothing is fetched. Long texts are cut as its tokenizer says."""
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    task = settings.get("task") or _task(path)
    import torch  # noqa: F401 - what is missing is then said by its name
    import transformers

    transformers.logging.set_verbosity_error()
    pipeline = transformers.pipeline(task, model=path, device="cpu")
    options: Dict[str, Any] = {"batch_size": _BATCH, "top_k": None}
    if task == "text-classification":
        options.update(truncation=True, padding=True)
        if _is_regression(pipeline.model.config):
            options.update(function_to_apply="none")
            return lambda inputs: [one[0]["score"] for one in pipeline(_texts(inputs), **options)]
    if task == "image-classification":
        options["top_k"] = int(pipeline.model.config.num_labels)
    return lambda inputs: [_prediction(one, settings) for one in pipeline(_texts(inputs), **options)]


def _task(path: str) -> str:
    with open(os.path.join(path, "config.json"), encoding="utf-8") as file:
        architectures = json.load(file).get("architectures") or []
    for name in architectures:
        for ending, task in _TASKS.items():
            if name.endswith(ending):
                return task
    raise Unusable(
        "its config.json names %s, which is no classifier: name a function of the project with `predict` instead"
        % (", ".join(map(str, architectures)) or "no architecture")
    )


def _is_regression(config: Any) -> bool:
    return config.num_labels == 1 and config.problem_type in (None, "regression")


def _texts(inputs: Sequence[Any]) -> List[Any]:
    bad = next((one for one in inputs if not isinstance(one, str)), None)
    if bad is not None or not all(isinstance(one, str) for one in inputs):
        raise Unusable("a pipeline takes texts or paths of images, and it was given a %s" % type(bad).__name__)
    return list(inputs)


def _prediction(scores: Sequence[Dict[str, Any]], settings: Dict[str, Any]) -> Dict[str, Any]:
    """Return the scores of all classes as a label and probabilities; `labels` renames LABEL_0, LABEL_1 and so on."""
    names = settings.get("labels") or ()
    renamed = {"LABEL_%d" % at: name for at, name in enumerate(names)}
    shares = {renamed.get(one["label"], one["label"]): one["score"] for one in scores}
    best = max(scores, key=lambda one: one["score"])["label"]
    return {"label": renamed.get(best, best), "probabilities": shares}

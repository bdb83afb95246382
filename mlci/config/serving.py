"""Where a model's predictions come from when not from a function or a file: a saved model, or an HTTP endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlci.config.common import CHECKED


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageInput:
    """How an image file becomes the numbers that a saved model takes: values from 0 to 1, unless scaled further."""

    __pydantic_config__ = CHECKED

    size: tuple[int, int] | None = None
    """Width and height that images are resized to."""
    mode: Literal["RGB", "L"] = "RGB"
    """Colour or grey."""
    layout: Literal["channels-first", "channels-last"] | None = None
    """The order of the dimensions; channels last for Keras and channels first for the others when left out."""
    mean: tuple[float, ...] = ()
    """What is taken off each channel."""
    std: tuple[float, ...] = ()
    """What each channel is divided by after that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """A saved model, loaded under the project's interpreter; `mlci catalogue adapters` lists the kinds."""

    __pydantic_config__ = CHECKED

    path: str
    """The file or folder, relative to `mlci.yaml`."""
    kind: str | None = None
    """The adapter that loads it; found by the name of the file or what is in the folder when left out."""
    labels: tuple[str | int | bool, ...] = ()
    """The classes in the order of the model's outputs; numbers from 0 when left out."""
    columns: tuple[str, ...] = ()
    """The columns of a row in the order that the model takes."""
    scores: Literal["probabilities", "logits"] = "probabilities"
    """What the model puts out for classes."""
    image: ImageInput | None = None
    """Inputs are paths of images, read in this way."""
    task: str | None = None
    """The task of a Hugging Face pipeline, where its configuration does not tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """An HTTP endpoint that answers a POST of JSON."""

    __pydantic_config__ = CHECKED

    url: str
    """Where to post to; `${NAME}` is the value of that environment variable, and never printed."""
    body: Literal["inputs", "instances", "mlflow", "kserve-v2"] = "inputs"
    """The shape of body and answer: `{"inputs": […]}`, `{"instances": […]}`, MLflow's or KServe's version 2."""
    answer: str | None = None
    """Where the answer holds the list of predictions, as `result.predictions`; found by itself when left out."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers; a secret is written `${NAME}` and taken from the environment."""
    batch_size: int = 32
    """How many inputs one request holds."""
    concurrency: int = 4
    """How many requests run at once."""
    timeout: float = 30
    """Seconds that one request may take."""
    retries: int = 4
    """How often a request is repeated after 429, a server error or a lost connection, each time waiting longer."""

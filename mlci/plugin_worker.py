"""The worker's side of plugins: describes functions of the project, and calls them with what mlci gathered.

Loaded by the worker from beside it, under the project's own interpreter: Python 3.8, the standard library, and nothing
of mlci. Each function here takes the loaded function (or module) of the project first. What a function answers that
makes no sense is returned as `{"problem": …}`; what it raises goes through.
"""

import hashlib
import importlib
import inspect
import json
import os
import random
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

MARK = "__mlci__"
OF_PREDICTIONS = ("original", "variant", "before", "after", "label")
OF_METRICS = ("probabilities", "inputs")
PLAIN_TYPES = ("str", "int", "float", "bool", "list", "dict")


class Wrong(Exception):  # noqa: N818 - it is an answer, not an error
    """What a function of the project answered makes no sense; the text follows its name."""


# --- what there is ----------------------------------------------------------------------------------------------------


def describe_module(module: Any) -> List[Dict[str, Any]]:
    """Describe every marked function of `module`, and every function of its own that is called `expect_…`."""
    found: Dict[int, Dict[str, Any]] = {}
    for attribute, value in list(vars(module).items()):
        own = inspect.isfunction(value) and value.__module__ == module.__name__
        marked = isinstance(getattr(value, "__dict__", {}).get(MARK), dict)
        if marked or (own and attribute.startswith("expect_")):
            found.setdefault(id(value), describe(value, attribute=attribute))
    return list(found.values())


def describe(function: Callable[..., Any], kind: Optional[str] = None, attribute: str = "") -> Dict[str, Any]:
    """Describe a function: its mark, its settings, its docstring, its place and a digest of its source.

    `kind` is what an unmarked one is used as; one that is called `expect_…` is an expectation.
    """
    mark = getattr(function, MARK, None) or {"kind": kind or "expectation", "name": attribute or _name(function)}
    described = dict(mark, attribute=attribute, doc=inspect.getdoc(function) or "", place=_place(function))
    described["digest"] = _digest(function)
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a builtin, or a class of an extension
        return dict(described, given=[], settings=[], any_setting=True)
    if mark["kind"] == "expectation" and "over" not in mark:
        first = parameters[0].name if parameters else ""
        described.update(over=first if first in ("rows", "frame") else "values", columns=[], missing=False)
    given = _given(mark["kind"], parameters)
    settings = [_setting(one) for one in parameters if one.name not in given and one.kind not in _STARS]
    any_setting = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters)
    optional = [one.name for one in parameters if one.name in given and one.default is not inspect.Parameter.empty]
    return dict(described, given=given, optional=optional, settings=settings, any_setting=any_setting)


_STARS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _given(kind: str, parameters: Sequence[inspect.Parameter]) -> List[str]:
    """Return the names of the parameters that mlci fills in: the others are settings."""
    positional = [one for one in parameters if one.kind in _POSITIONAL]
    names = [one.name for one in positional]
    if kind == "expectation":
        return names[:1]
    if kind == "perturbation":
        return names[:2]
    if kind == "cases":
        return names[:1] if positional and positional[0].default is inspect.Parameter.empty else []
    if kind == "metric":
        return names[:2] + [one.name for one in parameters if one.name in OF_METRICS]
    if kind == "behaviour" and not _by_name(positional):
        return names[: len(OF_PREDICTIONS)]
    return [one.name for one in parameters if one.name in OF_PREDICTIONS]


def _by_name(positional: Sequence[inspect.Parameter]) -> bool:
    """Whether a judgement of predictions is given what it looks at by name, and not all five by position."""
    needed = [one.name for one in positional if one.default is inspect.Parameter.empty]
    return all(name in OF_PREDICTIONS for name in needed)


def _setting(parameter: inspect.Parameter) -> Dict[str, Any]:
    annotation = parameter.annotation
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    kind = text if text in PLAIN_TYPES else None
    required = parameter.default is inspect.Parameter.empty
    default = parameter.default if isinstance(parameter.default, (str, int, float)) else None
    return {"name": parameter.name, "required": required, "type": kind, "default": default}


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _place(function: Any) -> Optional[List[Any]]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return [code.co_filename, code.co_firstlineno] if code is not None else None


def _digest(function: Any) -> str:
    """Return a digest of the function's source: numbers of two versions of a metric are not comparable."""
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        source = repr(function)
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:16]


# --- expectations of data ---------------------------------------------------------------------------------------------


def judge_values(function: Callable[..., Any], values: List[Any], settings: Dict[str, Any]) -> Dict[str, Any]:
    """Return the positions of the values that are not as expected: `{"bad": [...]}`."""
    try:
        return {"bad": _refused(_listed(function(values, **settings), len(values), "value"))}
    except Wrong as wrong:
        return {"problem": str(wrong)}


def judge_rows(
    function: Callable[..., Any], path: str, over: str, settings: Dict[str, Any], most: int
) -> Dict[str, Any]:
    """Return what a function says of all rows, which lie in a file of JSON lines: a head, then one list a row.

    `{"success": …, "observed_value": …, "details": …}`, or, where it judges row by row, `{"count": rows that are not as
    expected, "bad": the positions of the first `most` of them}`.
    """
    rows = Rows(path)
    try:
        answer = function(_frame(rows) if over == "frame" else rows, **settings)
        if _is_truth(answer):
            return {"success": bool(answer)}
        if isinstance(answer, dict):
            return _finding(answer)
        bad = _refused(_listed(answer, len(rows), "row"))
        return {"count": len(bad), "bad": bad[:most]}
    except Wrong as wrong:
        return {"problem": str(wrong)}


class Rows:
    """All rows as dicts, read from a file anew each time that they are iterated over."""

    def __init__(self, path: str) -> None:
        self._path = path
        with open(path, encoding="utf-8") as file:
            head = json.loads(file.readline())
        self.columns = tuple(head["columns"])
        """The names of the columns."""
        self.moments = tuple(head["moments"])
        """The columns that hold dates and times; their values are text by ISO 8601."""
        self._length = int(head["rows"])

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        with open(self._path, encoding="utf-8") as file:
            file.readline()
            for line in file:
                yield dict(zip(self.columns, json.loads(line)[1:]))

    def __getitem__(self, at: int) -> Any:
        raise TypeError("rows are iterated over, not indexed: list(rows) has them all in memory")


def _frame(rows: Rows) -> Any:
    try:
        pandas = importlib.import_module("pandas")
    except ImportError:
        raise Wrong("wants a pandas frame, and the project's environment has no pandas") from None
    frame = pandas.DataFrame.from_records(list(rows), columns=list(rows.columns))
    for name in rows.moments:
        frame[name] = pandas.to_datetime(frame[name])
    return frame


def _finding(answer: Dict[str, Any]) -> Dict[str, Any]:
    if not _is_truth(answer.get("success")):
        raise Wrong('answered a dict whose "success" is %r, not true or false' % (answer.get("success"),))
    details = {str(key): value for key, value in answer.items() if key not in ("success", "observed_value")}
    return {"success": bool(answer["success"]), "observed_value": answer.get("observed_value"), "details": details}


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool) or (type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_"))


def _listed(answer: Any, wanted: int, what: str) -> List[Any]:
    if isinstance(answer, (str, bytes, dict)) or not hasattr(answer, "__iter__"):
        raise Wrong("answered %s, not a list with true or false for each %s" % (_kind(answer), what))
    listed = answer.tolist() if callable(getattr(answer, "tolist", None)) else list(answer)
    if len(listed) != wanted:
        raise Wrong("gave %d answers for %d %ss" % (len(listed), wanted, what))
    return list(listed)


def _refused(answers: List[Any]) -> List[int]:
    for at, answer in enumerate(answers):
        if not _is_truth(answer):
            raise Wrong("answered %s at position %d, not true or false" % (_kind(answer), at))
    return [at for at, answer in enumerate(answers) if not answer]


def _kind(value: Any) -> str:
    return "None" if value is None else "a value of type %s" % type(value).__name__


# --- behaviour suites -------------------------------------------------------------------------------------------------


def perturb(function: Callable[..., Any], of: str, items: List[Any], settings: Dict[str, Any]) -> Dict[str, Any]:
    """Return the changed inputs; each item is an input with a seed, of an image its path, the seed and a folder."""
    try:
        if of == "image":
            return {"values": [_changed_image(function, *item, settings=settings) for item in items]}
        return {"values": [_changed(function, of, value, seed, settings) for value, seed in items]}
    except Wrong as wrong:
        return {"problem": str(wrong)}


def _changed(function: Callable[..., Any], of: str, value: Any, seed: str, settings: Dict[str, Any]) -> Any:
    given = dict(value) if isinstance(value, dict) else value  # the function may change what it is given
    changed = function(given, random.Random(seed), **settings)
    if not isinstance(changed, str if of == "text" else dict):
        raise Wrong("answered %s, not %s" % (_kind(changed), "a text" if of == "text" else "a row (a dict)"))
    return changed


def _changed_image(function: Callable[..., Any], path: str, seed: str, folder: str, *, settings: Dict[str, Any]) -> str:
    try:
        opener = importlib.import_module("PIL.Image")
    except ImportError:
        raise Wrong("changes images, and the project's environment has no Pillow") from None
    with opener.open(path) as file:
        image = file.copy() if file.mode in ("L", "RGB") else file.convert("RGB")
    before = (image.mode, image.size, image.tobytes())
    changed = function(image, random.Random(seed), **settings)
    if not hasattr(changed, "tobytes") or not hasattr(changed, "save"):
        raise Wrong("answered %s, not an image" % _kind(changed))
    if (changed.mode, changed.size, changed.tobytes()) == before:
        return path
    os.makedirs(folder, exist_ok=True)
    digest = hashlib.sha256(changed.tobytes() + repr((path, changed.size)).encode()).hexdigest()[:16]
    written = os.path.join(folder, "%s-%s.png" % (os.path.splitext(os.path.basename(path))[0], digest))
    changed.save(written)
    return written


def judge_predictions(
    function: Callable[..., Any], given: List[str], cases: List[Any], settings: Dict[str, Any]
) -> Dict[str, Any]:
    """Return True, False or None for each case: original, variant, before, after, label."""
    answers = []
    by_name = all(name in OF_PREDICTIONS for name in given)
    for original, variant, before, after, label in cases:
        values = dict(zip(OF_PREDICTIONS, (original, variant, _prediction(before), _prediction(after), label)))
        if by_name:
            answer = function(**{name: values[name] for name in given}, **settings)
        else:
            answer = function(*list(values.values())[: len(given)], **settings)
        if answer is not None and not _is_truth(answer):
            return {"problem": "answered %s, not True, False or None" % _kind(answer)}
        answers.append(None if answer is None else bool(answer))
    return {"answers": answers}


def _prediction(written: Any) -> Any:
    label, probabilities, outputs = written
    shares = None if probabilities is None else dict(map(tuple, probabilities))
    named = None if outputs is None else {name: _prediction(one) for name, one in outputs}
    return importlib.import_module("mlci.plugins").Prediction(label, shares, named)


def generate(function: Callable[..., Any], seed: str, given: List[str], settings: Dict[str, Any]) -> Dict[str, Any]:
    """Return the cases that a function makes."""
    made = function(*([random.Random(seed)] if given else []), **settings)
    if isinstance(made, (str, bytes, dict)) or not hasattr(made, "__iter__"):
        return {"problem": "answered %s, not a list of cases" % _kind(made)}
    return {"cases": list(made)}

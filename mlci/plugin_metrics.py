"""The worker's side of metrics that are functions of the project: values by example, or one number for each part.

Like `plugin_worker.py`: loaded by the worker from beside it, Python 3.8, the standard library, and nothing of mlci.
"""

from typing import Any, Callable, Dict, List, Tuple

OPTIONAL = ("probabilities", "inputs")
"""What a function is given only where it has parameters of these names."""


class Wrong(Exception):  # noqa: N818 - it is an answer, not an error
    """What a function of the project answered makes no sense; the text follows its name."""


def measure(
    function: Callable[..., Any], columns: Dict[str, Any], parts: List[List[int]], settings: Dict[str, Any]
) -> Dict[str, Any]:
    """Return `{"values": one for each example}`, or `{"numbers": one for all and one for each part}`.

    `columns` holds `labels`, `predictions`, and where asked for `probabilities` (lists of pairs) and `inputs`. A part
    on which the function fails is a text that says why.
    """
    given = {name: columns[name] for name in OPTIONAL if name in columns}
    if given.get("probabilities") is not None:
        given["probabilities"] = [dict(map(tuple, shares)) for shares in given["probabilities"]]
    everything = list(columns["labels"]), list(columns["predictions"]), given
    try:
        answer = _plain(_called(function, everything, settings))
        if not _is_number(answer):
            return {"values": _values(answer, len(columns["labels"]))}
        return {"numbers": [float(answer)] + [_on_part(function, everything, part, settings) for part in parts]}
    except Wrong as wrong:
        return {"problem": str(wrong)}


def _called(function: Callable[..., Any], given: Tuple[Any, Any, Dict[str, Any]], settings: Dict[str, Any]) -> Any:
    labels, predictions, named = given
    return function(labels, predictions, **named, **settings)


def _on_part(
    function: Callable[..., Any], everything: Tuple[Any, Any, Dict[str, Any]], part: List[int], settings: Any
) -> Any:
    labels, predictions, named = everything
    some = {name: None if column is None else [column[at] for at in part] for name, column in named.items()}
    try:
        answer = _plain(
            _called(function, ([labels[at] for at in part], [predictions[at] for at in part], some), settings)
        )
        return float(answer) if _is_number(answer) else "it answered %s, not a number" % _kind(answer)
    except Exception as error:
        return "%s: %s" % (type(error).__name__, (str(error).splitlines() or [""])[0])


def _plain(answer: Any) -> Any:
    if hasattr(answer, "tolist"):
        return answer.tolist()
    return list(answer) if hasattr(answer, "__iter__") and not isinstance(answer, (str, bytes, dict)) else answer


def _is_number(answer: Any) -> bool:
    return isinstance(answer, (int, float)) and not isinstance(answer, bool)


def _values(answer: Any, wanted: int) -> List[float]:
    if not isinstance(answer, list):
        raise Wrong("answered %s, not a number or a number for each example" % _kind(answer))
    if len(answer) != wanted:
        raise Wrong("gave %d values for %d examples" % (len(answer), wanted))
    for at, value in enumerate(answer):
        if not isinstance(value, (int, float)):
            raise Wrong("answered %s at position %d, not a number" % (_kind(value), at))
    return [float(value) for value in answer]


def _kind(value: Any) -> str:
    return "None" if value is None else "a value of type %s" % type(value).__name__

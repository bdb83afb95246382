"""The worker: runs the project's own code under the project's own interpreter, for a parent that never imports it.

Started as a script: `worker.py serve` or `worker.py exec SETTINGS COMMAND…`. It needs Python 3.8 and the standard
library alone, and imports nothing of mlci. `serve` answers calls: the first line on stdin holds the settings
(`nonce, root, memory, attached`), each further line a request (`id, target, arguments`, and `by`: the function of a
file beside this one that is to call the target, `file:function`). Answers are JSON behind the nonce, on a descriptor of
their own: what user code prints goes elsewhere. `exec` sets the limits and becomes the command.
"""

import os
import sys

if __name__ == "__main__" and sys.path[:1] == [os.path.dirname(os.path.realpath(__file__))]:
    del sys.path[0]  # mlci's own folder: none of its names may stand before the project's

import collections.abc
import enum
import importlib
import importlib.machinery
import importlib.util
import json
import signal
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

BESIDE = os.path.dirname(os.path.realpath(__file__))
CHANNEL_LOST = 97
"""The exit code of a worker whose descriptors user code has closed."""
CANNOT_START = 126
"""The exit code of a worker that could not become the command."""
TRACEBACK_CHARACTERS = 8192
MESSAGE_CHARACTERS = 300

_PLAIN = frozenset({str, int, float, bool, type(None)})
_PLAIN_ARRAYS = frozenset({"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"})
_PLAIN_ARRAYS |= {"float16", "float32", "float64"}  # their lists hold Python's own numbers


class NotJson(Exception):  # noqa: N818 - what it says is not an error of the program
    """A value that JSON cannot hold: its type, and where in the answer it stands."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.place = ""
        super().__init__(what)

    def inside(self, place: str) -> "NotJson":
        """Say that the value stands at `place` of what holds it."""
        self.place = place + self.place
        return self


class NotFound(Exception):  # noqa: N818 - what it says is not an error of the program
    """A target that does not name a function."""


# --- values as JSON ---------------------------------------------------------------------------------------------------


def encode(value: Any) -> Any:
    """Return `value` as plain JSON: text, numbers (NaN and infinities too), booleans, None, lists and dicts.

    Knows NumPy, pandas, Polars, PyArrow and tensors by what they can do, and imports none of them. Rows of a frame
    become dicts, dates ISO 8601 text, durations seconds, decimals floats, missing values None, sets sorted lists.
    Raises `NotJson` for anything else.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, (list, tuple)) and not hasattr(value, "_asdict"):
        return _encode_items(value)
    if isinstance(value, dict):
        return _encode_mapping(value)
    for known in (_encode_scalar, _encode_time, _encode_array, _encode_record, _encode_collection):
        encoded = known(value)
        if encoded is not NotImplemented:
            return encoded
    raise NotJson(_type_name(value))


def _encode_items(values: Any) -> List[Any]:
    items: List[Any] = []
    for index, item in enumerate(values):
        if type(item) in _PLAIN:
            items.append(item)
            continue
        try:
            items.append(encode(item))
        except NotJson as error:
            raise error.inside("[%d]" % index) from None
    return items


def _encode_mapping(mapping: Any) -> Dict[str, Any]:
    encoded: Dict[str, Any] = {}
    for key, item in mapping.items():
        name = key if type(key) is str else _key(key)
        if name in encoded:
            raise NotJson("two keys that are both %r as text" % name)
        try:
            encoded[name] = item if type(item) in _PLAIN else encode(item)
        except NotJson as error:
            raise error.inside("[%r]" % name) from None
    return encoded


def _key(key: Any) -> str:
    plain = encode(key) if not isinstance(key, tuple) else str(key)
    if isinstance(plain, str):
        return str(plain)
    return json.dumps(plain) if type(plain) in _PLAIN else str(plain)


def _encode_scalar(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return encode(value.value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float) or _is(value, "decimal", "Decimal"):
        return float(value)
    if isinstance(value, os.PathLike) or _is(value, "uuid", "UUID"):
        return str(value)
    return None if type(value).__name__ in ("NAType", "NaTType") else NotImplemented


def _is(value: Any, module: str, name: str) -> bool:
    """Return whether `value` is of a type that nobody can hold who has not imported its module."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(value, getattr(loaded, name, ()))


def _encode_time(value: Any) -> Any:
    if _is(value, "datetime", "timedelta"):
        return value.total_seconds()
    if _is(value, "datetime", "date") or _is(value, "datetime", "time"):  # pandas' Timestamp is a date
        return value.isoformat()
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind == "M" and getattr(value, "shape", None) == ():
        return None if str(value) == "NaT" else str(value)
    if kind == "m" and getattr(value, "shape", None) == ():
        return None if str(value) == "NaT" else float(value.astype("timedelta64[ns]").astype("int64")) / 1e9
    return NotImplemented


def _encode_array(value: Any) -> Any:
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if isinstance(value, type) or kind in ("c", "S"):
        return NotImplemented
    if kind in ("m", "M") and not hasattr(value, "iloc"):  # NumPy's own list would hold bare nanoseconds
        return _encode_items(value)
    if hasattr(value, "iloc") and hasattr(value, "columns"):
        return _encode_frame(value)
    for name in ("to_dicts", "to_pylist", "as_py", "tolist", "to_list", "numpy"):
        if callable(getattr(value, name, None)):
            return _encode_converted(value, getattr(value, name)())
    return NotImplemented


def _encode_converted(value: Any, converted: Any) -> Any:
    if type(converted) is type(value):  # a long double is its own `tolist`
        return float(converted)
    if type(value).__module__ == "numpy" and value.dtype.name in _PLAIN_ARRAYS and value.ndim == 1:
        return converted
    return encode(converted)


def _encode_frame(frame: Any) -> List[Dict[str, Any]]:
    names = [_key(name) for name in frame.columns]
    if len(set(names)) != len(names):
        raise NotJson("a frame with two columns of one name")
    columns = [_encode_items(frame.iloc[:, index].tolist()) for index in range(len(names))]
    return [dict(zip(names, row)) for row in zip(*columns)]  # noqa: B905 - older Pythons have no `strict`


def _encode_record(value: Any) -> Any:
    if isinstance(value, type):
        return NotImplemented
    if hasattr(value, "__dataclass_fields__"):
        fields = sys.modules["dataclasses"].fields(value)
        return _encode_mapping({field.name: getattr(value, field.name) for field in fields})
    for name in ("_asdict", "model_dump"):
        if callable(getattr(value, name, None)):
            return _encode_mapping(getattr(value, name)())
    if hasattr(value, "__fields__") and callable(getattr(value, "dict", None)):  # pydantic 1
        return _encode_mapping(value.dict())
    return NotImplemented


def _encode_collection(value: Any) -> Any:
    if isinstance(value, collections.abc.Mapping):
        return _encode_mapping(value)
    if isinstance(value, collections.abc.Set):
        return sorted(_encode_items(value), key=lambda item: (str(type(item)), json.dumps(item, sort_keys=True)))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return NotImplemented
    if isinstance(value, (collections.abc.Sequence, collections.abc.Iterator, collections.abc.ValuesView)):
        return _encode_items(value)
    return NotImplemented


def _type_name(value: Any) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else "%s.%s" % (kind.__module__, kind.__name__)


# --- limits -----------------------------------------------------------------------------------------------------------


def restrain(memory: Optional[int], *, attached: bool) -> None:
    """Write no core files, keep data below `memory` bytes (Linux), and end with the parent when `attached` (Linux)."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if not sys.platform.startswith("linux"):
        return
    if memory is not None:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        allowed = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))
    if attached:
        _end_with_parent()


def _end_with_parent() -> None:
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    except (ImportError, OSError, AttributeError):
        return


def become(settings: Dict[str, Any], command: Sequence[str]) -> None:
    """Set the limits and become `command`; exits with `CANNOT_START` when that fails."""
    restrain(settings.get("memory"), attached=bool(settings.get("attached")))
    for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them, and what is ignored stays so in the command
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        os.execv(settings["executable"], list(command))
    except OSError as error:
        sys.stderr.write("cannot start %s: %s\n" % (command[0], error.strerror or error))
        sys.stderr.flush()
        os._exit(CANNOT_START)


# --- finding functions ------------------------------------------------------------------------------------------------


_OF_PROJECT: Set[str] = set()
"""The folders of the project on the path."""


def prepare_path(root: str) -> None:
    """Let modules of the project be found: its root first, then `src`, before what is installed.

    An editable installation leads to one work tree, which is not always the one that is looked at.
    """
    sys.path.insert(0, root)
    source = os.path.join(root, "src")
    _OF_PROJECT.update((root, source))
    if os.path.isdir(source) and not os.path.exists(os.path.join(source, "__init__.py")) and source not in sys.path:
        sys.path.insert(1, source)


def load(target: str, root: str) -> Callable[..., Any]:
    """Return the function that `target` names: `module:function` or `path/to/file.py:function`, dots allowed."""
    source, _, name = target.rpartition(":")
    if not source or not name:
        raise NotFound('"%s" is not "module:function" or "path/to/file.py:function"' % target)
    found = load_module(source, root)
    walked = source
    for part in name.split("."):
        if not hasattr(found, part):
            import difflib

            near = difflib.get_close_matches(part, [known for known in dir(found) if not known.startswith("_")], n=1)
            raise NotFound('%s has no "%s"%s' % (walked, part, '; did you mean "%s"?' % near[0] if near else ""))
        found, walked = getattr(found, part), "%s.%s" % (walked, part)
    if not callable(found):
        raise NotFound("%s is not a function, it is %s" % (target, _type_name(found)))
    return found  # type: ignore[no-any-return]


def load_module(source: str, root: str) -> Any:
    """Return the module that `source` names: `module` or `path/to/file.py`."""
    return _load_file(source, root) if source.endswith(".py") else importlib.import_module(source)


class Provided:
    """Finds `mlci.plugins` in the file beside this one, where the project's environment has none of its own."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> Any:  # noqa: ARG004 - importlib gives them
        """Return the spec of the two names that are provided, and of no other."""
        if name == "mlci":
            return importlib.machinery.ModuleSpec(name, None, is_package=True)
        if name == "mlci.plugins":
            return importlib.util.spec_from_file_location(name, os.path.join(BESIDE, "plugins.py"))
        return None


def caller(by: str) -> Callable[..., Any]:
    """Return the function `file:function` of a file beside this one.

    What that file imports is the standard library's own, whatever modules of these names the project has.
    """
    source, _, function = by.rpartition(":")
    name = "mlci_" + source
    if name not in sys.modules:
        path = sys.path[:]
        sys.path[:] = [folder for folder in path if folder not in _OF_PROJECT]
        try:
            _execute_file(name, os.path.join(BESIDE, source + ".py"))
        finally:
            sys.path[:] = path
    return getattr(sys.modules[name], function)  # type: ignore[no-any-return]


def _load_file(source: str, root: str) -> Any:
    path = os.path.realpath(os.path.join(root, source))
    if not os.path.isfile(path):
        raise NotFound("there is no file %s" % source)
    parts = os.path.relpath(path, os.path.realpath(root))[: -len(".py")].split(os.sep)
    name = ".".join(parts) if all(part.isidentifier() for part in parts) else "_".join(["mlci_file", parts[-1]])
    folder = os.path.dirname(path)
    if folder not in sys.path and not folder.startswith(os.path.dirname(os.path.realpath(__file__)) + os.sep):
        sys.path.append(folder)  # so that a script finds its neighbours
    known = sys.modules.get(name)
    if known is not None and os.path.realpath(getattr(known, "__file__", None) or "") == path:
        return known
    return _execute_file(name, path)


def _execute_file(name: str, path: str) -> Any:
    if "." in name:
        try:
            importlib.import_module(name.rpartition(".")[0])
        except ImportError:
            name = name.rpartition(".")[2]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise NotFound("%s cannot be imported" % path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


# --- what went wrong --------------------------------------------------------------------------------------------------


def failure(kind: str, error: BaseException, root: str) -> Dict[str, Any]:
    """Describe `error`: its kind, type, first line, place (`file:line`, relative to `root`) and traceback."""
    return {
        "ok": False,
        "kind": "memory" if isinstance(error, MemoryError) else kind,
        "type": type(error).__name__,
        "message": _message(error),
        "missing": getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None,
        "code": _exit_code(error) if isinstance(error, SystemExit) else None,
        "where": _place(_user_frames(error), root),
        "traceback": _traceback(error),
    }


def _message(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except BaseException:
        return "(its message cannot be shown)"
    return lines[0][:MESSAGE_CHARACTERS] if lines else ""


def _exit_code(error: SystemExit) -> Any:
    return error.code if type(error.code) in (int, type(None)) else str(error.code)[:MESSAGE_CHARACTERS]


def _user_frames(error: BaseException) -> List[Tuple[str, int]]:
    import traceback

    summary = traceback.extract_tb(error.__traceback__)
    frames = [(os.path.realpath(frame.filename), frame.lineno or 0) for frame in summary]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((os.path.realpath(error.filename), error.lineno or 0))
    return [frame for frame in frames if os.path.dirname(frame[0]) != BESIDE]


def _place(frames: Sequence[Tuple[str, int]], root: str) -> Optional[str]:
    home, installed = os.path.realpath(root) + os.sep, os.path.realpath(sys.prefix) + os.sep
    own = [
        (path, line)
        for path, line in frames
        if path.startswith(home) and "site-packages" not in path and not path.startswith(installed)
    ]
    if not own:
        return None
    path, line = own[-1]
    return "%s:%d" % (path[len(home) :].replace(os.sep, "/"), line)


def _traceback(error: BaseException) -> str:
    import traceback

    shown = error.__traceback__
    while shown is not None and os.path.dirname(os.path.realpath(shown.tb_frame.f_code.co_filename)) == BESIDE:
        shown = shown.tb_next
    try:
        text = "".join(traceback.format_exception(type(error), error, shown))
    except BaseException:
        return type(error).__name__
    return text if len(text) <= TRACEBACK_CHARACTERS else "…\n" + text[-TRACEBACK_CHARACTERS:]


# --- serving calls ----------------------------------------------------------------------------------------------------


class Channel:
    """Where answers go: a descriptor of its own, written by this process alone and never by one forked from it."""

    def __init__(self, descriptor: int, nonce: str) -> None:
        self.descriptor = descriptor
        self.nonce = nonce
        self.pid = os.getpid()

    def send(self, text: str) -> None:
        """Send one JSON `text`; ends the process when the descriptor is gone or this is a fork."""
        if os.getpid() != self.pid:
            os._exit(0)
        rest = memoryview(("\n%s %s\n" % (self.nonce, text)).encode("ascii"))
        try:
            while rest:
                rest = rest[os.write(self.descriptor, rest) :]
        except OSError:
            os._exit(CHANNEL_LOST)


def answer(request: Dict[str, Any], root: str, channel: Channel) -> None:
    """Load the function that `request` names, say so, call it, and send what it returned or how it failed."""

    def send(message: Dict[str, Any]) -> None:
        channel.send(json.dumps(dict(message, id=request["id"])))

    target, by = request["target"], request.get("by")
    try:
        called_by = caller(by) if by else None
        function = load(target, root) if ":" in target or not by else load_module(target, root)
    except BaseException as error:
        send(failure("import", error, root))
        return
    send({"loaded": True})
    try:
        arguments = request["arguments"]
        value = called_by(function, *arguments) if called_by else function(*arguments)
    except SystemExit as error:
        send(failure("system-exit", error, root))
    except BaseException as error:
        send(failure("exception", error, root))
    else:
        channel.send(_result(request["id"], value, root))


def _result(number: int, value: Any, root: str) -> str:
    try:
        return json.dumps({"id": number, "ok": True, "value": encode(value)})
    except NotJson as error:
        what, place = error.what, error.place
    except RecursionError:
        what, place = "something nested too deeply, or that holds itself", ""
    except BaseException as error:  # the value's own methods, or an integer too long to write
        return json.dumps(dict(failure("not-json", error, root), id=number))
    return json.dumps({"id": number, "ok": False, "kind": "not-json", "message": what, "where": place or None})


def serve() -> None:
    """Answer the requests on stdin until it ends; what user code prints goes to stderr, and its stdin is empty."""
    import difflib  # noqa: F401 - both now, before modules of the project can stand in their place
    import traceback  # noqa: F401

    channel_descriptor = os.dup(1)
    requests = os.fdopen(os.dup(0), "rb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    settings = json.loads(requests.readline())
    root = settings["root"]
    channel = Channel(channel_descriptor, settings["nonce"])
    restrain(settings.get("memory"), attached=bool(settings.get("attached")))
    sys.argv[:] = [root]
    prepare_path(root)
    sys.meta_path.append(Provided)
    channel.send(json.dumps({"ready": True}))
    while True:
        try:
            line = requests.readline()
        except (OSError, ValueError):
            os._exit(CHANNEL_LOST)
        if not line:
            return
        answer(json.loads(line), root, channel)


if __name__ == "__main__":
    if sys.argv[1] == "exec":
        become(json.loads(sys.argv[2]), sys.argv[3:])
    else:
        serve()

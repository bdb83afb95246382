"""Reading a pickle without Python's unpickler: its opcodes are walked, and nothing is imported, called or set.

What a pickle would call becomes a record of the call (`Made`), and only for the names that suites of CheckList hold.
Everything else is refused: other names, calling what the pickle itself made, and the opcodes that call or look up
things in other ways (INST, OBJ, EXT, PERSID, buffers).
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from mlci.model.checklist.values import Made, Name, RefusedError, callable_as, named

_MAPPINGS = {
    Name("collections", "OrderedDict"), Name("collections", "defaultdict"), Name("munch", "Munch"),
    Name("checklist.editor", "MunchWithAdd"),
}  # fmt: skip
_CONTAINERS = {("builtins", "set"): set, ("builtins", "frozenset"): frozenset, ("builtins", "bytes"): bytes}
_TYPES = {
    "CodeType": Name("types", "CodeType"),
    "BytesType": Name("builtins", "bytes"),
    "bytes": Name("builtins", "bytes"),
}
_LATIN = frozenset({"latin1", "latin-1"})


class _Mark:
    """Where on the stack a group of values begins."""


_MARK = _Mark()


def read(raw: bytes) -> Any:
    """Return what the pickle `raw` holds, as plain values, names and records.

    Raises `RefusedError` for a pickle that wants something run or that cannot be read to its end.
    """
    machine = _Machine()
    try:
        for opcode, argument, _place in pickletools.genops(raw):
            if opcode.name == "STOP":
                return machine.pop()
            machine.step(opcode.name, argument)
    except RefusedError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, MemoryError, UnicodeError) as error:
        raise RefusedError(f"it is no pickle that can be read: {type(error).__name__}: {str(error)[:120]}") from None
    raise RefusedError("it is no pickle that can be read: it has no end")


class _Machine:
    """The stack and the memo of a pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """Do what one opcode says, to the stack alone."""
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _LITERALS:
            self.stack.append(argument)
        elif name in _REMEMBER:
            self.memo[len(self.memo) if argument is None else argument] = self.stack[-1]
        elif name in _RECALL:
            self.stack.append(self.memo[argument])
        elif name in _ACTIONS:
            _ACTIONS[name](self, argument)
        elif name not in _IGNORED:
            raise RefusedError(f"the pickle uses the opcode {name}, which no suite of CheckList needs")

    def pop(self) -> Any:
        """Take the last value, which is no mark."""
        value = self.stack.pop()
        if value is _MARK:
            raise ValueError("a mark where a value must be")
        return value

    def top(self) -> Any:
        """Return the last value."""
        return self.stack[-1]

    def since_mark(self) -> list[Any]:
        """Take all values after the last mark, and the mark."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise ValueError("a mark is missing")
        values = self.stack[at + 1 :]
        del self.stack[at:]
        return values


def _made(maker: Any, arguments: Any) -> Any:
    """Return the record of a call, or the plain value where the call stands for one."""
    maker = callable_as(maker)
    if not isinstance(arguments, tuple):
        _wrong("the arguments of a call are no tuple")
    if maker in _MAPPINGS:
        return _mapping(arguments)
    if container := _CONTAINERS.get((maker.module, maker.name)):
        return container(*arguments[:1]) if arguments and not isinstance(arguments[0], int) else container()
    special = _MAKERS.get((maker.module, maker.name))
    return special(*arguments) if special else Made(maker, arguments)


def _mapping(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    given = [one for one in arguments if isinstance(one, list | dict)]
    return dict(given[0]) if given else {}


def _encoded(text: Any, encoding: Any = "latin1") -> bytes:
    if not isinstance(text, str) or encoding not in _LATIN:
        _wrong("bytes are written in an unknown way")
    return text.encode("latin1")


def _array(maker: Any, arguments: Any, state: Any = None, _more: Any = None) -> Any:
    """Return the record of an array as dill writes it: how it is made, and its state, in one call."""
    made = _made(maker, arguments)
    if isinstance(made, Made):
        made.state = state
    return made


def _attribute(owner: Any, name: Any, _default: Any = None) -> Any:
    """Return the name of a part of a module, where a suite may hold it; else a record of the look-up."""
    if isinstance(owner, Made) and owner.maker.name == "_import_module" and owner.arguments:
        try:
            return named(owner.arguments[0], name)
        except RefusedError:
            pass
    if owner == Name("dill", "_dill") and name == "_setattr":
        return Name("dill._shims", "_setattr")
    return Made(Name("dill._dill", "_get_attr"), (owner, name))


def _type(name: Any, *_: Any) -> Any:
    """Return the name of a type that dill has a name of its own for, where a suite may want it called."""
    return _TYPES[name] if name in _TYPES else Made(Name("dill._dill", "_load_type"), (name,))


def _set(owner: Any, name: Any, value: Any) -> None:
    """Note an attribute that dill sets late: what a cell of a function holds."""
    if isinstance(owner, Made) and owner.maker.name == "_create_cell" and name == "cell_contents":
        owner.arguments = (value,)


_MAKERS: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("_codecs", "encode"): _encoded,
    ("builtins", "getattr"): _attribute,
    ("builtins", "setattr"): _set,
    ("dill._dill", "_create_array"): _array,
    ("dill._dill", "_get_attr"): _attribute,
    ("dill._dill", "_load_type"): _type,
    ("dill._shims", "_setattr"): _set,
}


def _wrong(what: str) -> NoReturn:
    raise ValueError(what)


def _call(machine: _Machine, _argument: Any) -> None:
    arguments, maker = machine.pop(), machine.pop()
    machine.stack.append(_made(maker, arguments))


def _call_with_keywords(machine: _Machine, _argument: Any) -> None:
    keywords, arguments, maker = machine.pop(), machine.pop(), machine.pop()
    if keywords:
        raise RefusedError("the pickle calls something by keywords, which no suite of CheckList needs")
    machine.stack.append(_made(maker, arguments))


def _build(machine: _Machine, _argument: Any) -> None:
    state, target = machine.pop(), machine.top()
    if isinstance(target, dict):
        target.update(state if isinstance(state, dict) else {})
    elif isinstance(target, Made):
        target.state = state
    elif target is not None:
        raise RefusedError("the pickle sets the state of something that has none")


def _global(machine: _Machine, argument: Any) -> None:
    module, _, name = argument.partition(" ")
    machine.stack.append(named(module, name))


def _stack_global(machine: _Machine, _argument: Any) -> None:
    name, module = machine.pop(), machine.pop()
    machine.stack.append(named(module, name))


def _extend(machine: _Machine, values: list[Any]) -> None:
    target = machine.top()
    held = target.items if isinstance(target, Made) else target
    if not isinstance(held, list):
        _wrong("something is appended to what is no list")
    held.extend(values)


def _put(machine: _Machine, values: list[Any]) -> None:
    target = machine.top()
    held = target.entries if isinstance(target, Made) else target
    if not isinstance(held, dict):
        _wrong("something is set in what is no mapping")
    held.update(_pairs(values))


def _pairs(values: list[Any]) -> dict[Any, Any]:
    return dict(zip(values[::2], values[1::2], strict=True))


def _append(machine: _Machine, _argument: Any) -> None:
    value = machine.pop()
    _extend(machine, [value])


def _set_item(machine: _Machine, _argument: Any) -> None:
    value, key = machine.pop(), machine.pop()
    _put(machine, [key, value])


def _add_items(machine: _Machine, _argument: Any) -> None:
    values = machine.since_mark()
    machine.top().update(values) if isinstance(machine.top(), set) else _wrong("something is added to what is no set")


def _gathered(make: Callable[[list[Any]], Any]) -> Callable[[_Machine, Any], None]:
    def act(machine: _Machine, _argument: Any) -> None:
        values = machine.since_mark()
        machine.stack.append(make(values))

    return act


def _tuple_of(size: int) -> Callable[[_Machine, Any], None]:
    def act(machine: _Machine, _argument: Any) -> None:
        values = [machine.pop() for _ in range(size)]
        machine.stack.append(tuple(reversed(values)))

    return act


def _empty(make: Callable[[], Any]) -> Callable[[_Machine, Any], None]:
    return lambda machine, _argument: machine.stack.append(make())


_CONSTANTS: Mapping[str, Any] = {
    "NONE": None, "NEWTRUE": True, "NEWFALSE": False, "MARK": _MARK, "EMPTY_TUPLE": (),
}  # fmt: skip
_LITERALS = frozenset({
    "INT", "LONG", "LONG1", "LONG4", "BININT", "BININT1", "BININT2", "FLOAT", "BINFLOAT", "STRING", "BINSTRING",
    "SHORT_BINSTRING", "BINBYTES", "BINBYTES8", "SHORT_BINBYTES", "BYTEARRAY8", "UNICODE", "BINUNICODE",
    "SHORT_BINUNICODE", "BINUNICODE8",
})  # fmt: skip
_REMEMBER = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
_RECALL = frozenset({"GET", "BINGET", "LONG_BINGET"})
_IGNORED = frozenset({"PROTO", "FRAME"})
_ACTIONS: Mapping[str, Callable[[_Machine, Any], Any]] = {
    "POP": lambda machine, _: machine.stack.pop(),
    "POP_MARK": lambda machine, _: machine.since_mark(),
    "DUP": lambda machine, _: machine.stack.append(machine.top()),
    "EMPTY_LIST": _empty(list),
    "EMPTY_DICT": _empty(dict),
    "EMPTY_SET": _empty(set),
    "LIST": _gathered(list),
    "TUPLE": _gathered(tuple),
    "DICT": _gathered(_pairs),
    "FROZENSET": _gathered(frozenset),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "APPEND": _append,
    "APPENDS": lambda machine, _: _extend(machine, machine.since_mark()),
    "SETITEM": _set_item,
    "SETITEMS": lambda machine, _: _put(machine, machine.since_mark()),
    "ADDITEMS": _add_items,
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _call,
    "NEWOBJ": _call,
    "NEWOBJ_EX": _call_with_keywords,
    "BUILD": _build,
}

"""Python files that decide what passes: whether a change may have altered what was there."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_HOOK = "pytest_"
_COLLECTION = frozenset({"collect_ignore", "collect_ignore_glob", "pytestmark"})


def altered(before: bytes, after: bytes) -> bool:
    """Whether something that `before` does is gone or may be done otherwise; formatting and comments count for nothing.

    New functions, classes and imports under names of their own alter nothing. What is not Python may do anything.
    """
    if before == after:
        return False
    then, now = _statements(before), _statements(after)
    if then is None or now is None:
        return True
    old, new = Counter(map(ast.dump, then)), Counter(map(ast.dump, now))
    if old - new:
        return True
    added = [each for each in now if ast.dump(each) in new - old]
    known = {"*", *(name for each in then for name in (*_names(each), *_decorated(each)))}
    return any(not isinstance(each, _NEW) or known & {*_names(each), *_decorated(each)} for each in added)


_NEW = (*_DEFINITIONS, ast.Import, ast.ImportFrom)


def _decorated(statement: ast.stmt) -> Iterator[str]:
    """Yield the texts that decorators are given: a name under which a definition may stand for another."""
    for decorator in getattr(statement, "decorator_list", ()):
        for node in ast.walk(decorator):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def definition_of(source: bytes, name: str) -> str | None:
    """Return a function or class of a module as it is parsed, without docstrings; None where there is none."""
    found = [each for each in _statements(source) or () if isinstance(each, _DEFINITIONS) and each.name == name]
    return ast.dump(found[-1]) if found else None


def collection_of(source: bytes) -> tuple[str, ...]:
    """Return what a `conftest.py` says of which tests are collected and how runs end: hooks, plugins, ignored files."""
    found = _statements(source)
    if found is None:
        return (source.decode("utf-8", "replace"),)
    return tuple(sorted(ast.dump(each) for each in found if _rules_collection(each)))


def _rules_collection(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import):
        return False
    if any(name in _COLLECTION or name == "*" or name.startswith(_HOOK) for name in _names(statement)):
        return True
    if isinstance(statement, _DEFINITIONS):
        return False
    return any(_is_of_collection(node) for node in ast.walk(statement))


def _is_of_collection(node: ast.AST) -> bool:
    """Whether a name, or a text that may be used as one, is that of a hook or of a list of ignored files."""
    name = node.id if isinstance(node, ast.Name) else node.value if isinstance(node, ast.Constant) else None
    return isinstance(name, str) and (name in _COLLECTION or name.startswith(_HOOK))


def _statements(source: bytes) -> Sequence[ast.stmt] | None:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in body:
        _forget_docstrings(node)
    return [each for each in body if not _is_text(each)]


def _forget_docstrings(node: ast.AST) -> None:
    for each in ast.walk(node):
        if isinstance(each, _DEFINITIONS) and len(each.body) > 1 and _is_text(each.body[0]):
            each.body = each.body[1:]


def _is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _names(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds at the top of its module; `*` where nobody can tell."""
    if isinstance(statement, _DEFINITIONS):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
    else:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, _DEFINITIONS):
                yield node.name

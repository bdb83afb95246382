"""Results with one text in every place of the schema that holds text, whatever places there are or will be."""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from mlci.results.model import Check, Gate, Results

GATES = ("rules", "code", "data", "model", "metrics")
STATUSES = ("errored", "failed", "warned", "inconclusive", "passed", "skipped")


def full_of(text, **changed):
    """Return results whose texts are all `text`, with a check of each status, and each part twice."""
    return dataclasses.replace(Filler(text).build(Results), schema=1, verdict="errored", show_values=True, **changed)


class Filler:
    def __init__(self, text):
        self.text, self.turn = text, {}

    def build(self, kind):
        """Return a value of the type `kind`."""
        origin, arguments = get_origin(kind), get_args(kind)
        if dataclasses.is_dataclass(kind):
            return self._object(kind)
        if origin in (Union, types.UnionType):
            texts = [one for one in arguments if one is str]
            return self.build((texts or [one for one in arguments if one is not type(None)])[0])
        if origin is Literal:
            place = self.turn[arguments] = self.turn.get(arguments, -1) + 1
            return arguments[place % len(arguments)]
        if origin is tuple:
            return tuple(self.build(one) for one in (arguments[:1] * 2 if arguments[-1] is ... else arguments))
        if origin in (Mapping, dict) or kind in (Mapping, dict):
            return self._mapping(arguments[1] if arguments else Any)
        plain = {str: self.text, int: 3, float: 0.25, bool: True, Any: self._anything()}
        return plain[kind]

    def _object(self, kind):
        if kind is Gate:
            return self._gate("data", "errored")
        hints = get_type_hints(kind)
        values = {one.name: self.build(hints[one.name]) for one in dataclasses.fields(kind) if one.init}
        if kind is Results:
            values["gates"] = tuple(self._gate(name, "errored") for name in GATES)
        for name in ("metric", "name"):
            if isinstance(values.get(name), str) and kind is not Results:
                values[name] = f"model.m.{values[name]}"
        return kind(**values)

    def _gate(self, name, status):
        hints = get_type_hints(Gate)
        values = {one.name: self.build(hints[one.name]) for one in dataclasses.fields(Gate) if one.name not in ("name", "status", "checks")}  # fmt: skip
        checks = tuple(self._check(f"{name}.a.{self.text}", one) for one in STATUSES)
        return Gate(name=name, status=status, checks=checks, **values)

    def _check(self, name, status):
        check = self._object(Check)
        return dataclasses.replace(check, id=name, status=status, severity="error")

    def _mapping(self, kind):
        return {self.text: self.build(kind)}

    def _anything(self):
        """Return what the details of a check may hold."""
        text = self.text
        return {
            "values": {"unexpected_values": [text, 1, None], "observed_value": text, "keys": [{text: text}]},
            "examples": [{text: text, "input": text}, [text, text]],
            "cells": [[text, 0.25, 0.5], [text, 0.75, 0.5]],
            "traceback": text,
            text: text,
        }

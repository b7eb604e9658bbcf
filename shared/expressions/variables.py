"""What a condition may name: variables of declared type and range, each at its place in the vector of values."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from shared.errors import Invalid, Problem
from shared.privacy import ANNOTATION, DataClass

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
"""The range of CEL's `int`."""

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*(\.[a-z][a-z0-9]*(_[a-z0-9]+)*)*")
"""A variable's name: lower-case words joined by `_`, segments joined by `.` (no two underscores in a row)."""

RESERVED = re.compile(
    "as|break|const|continue|else|false|for|function|if|import|in|let|loop|namespace|null|package|return|true|var|void|while"
    "|double|lists"
)
"""Names that CEL, or our own `double()` and `lists.`, have taken."""


class Type(StrEnum):
    """The types of the language, by their names in CEL."""

    BOOL = "bool"
    INT = "int"
    DOUBLE = "double"
    STRING = "string"
    LIST_STRING = "list(string)"
    LIST_INT = "list(int)"

    @property
    def item(self) -> "Type | None":
        """The type of a list's items, `None` for what is no list."""
        return _ITEMS.get(self)


NUMBERS = (Type.INT, Type.DOUBLE)
"""The types that arithmetic takes, and that need a range."""

_ITEMS = {Type.LIST_STRING: Type.STRING, Type.LIST_INT: Type.INT}
_JSON_TYPES = {"boolean": Type.BOOL, "integer": Type.INT, "number": Type.DOUBLE, "string": Type.STRING}
_JSON_LISTS = {"string": Type.LIST_STRING, "integer": Type.LIST_INT}


class Variable(msgspec.Struct, frozen=True):
    """One variable. `low` and `high` are both given for numbers and lists of numbers, inclusive, and `None` otherwise.

    `pointer` says where the value stands in a JSON input (RFC 6901); `None` for a value that comes from elsewhere.
    """

    name: str
    type: Type
    low: float | None = None
    high: float | None = None
    data_class: DataClass = DataClass.NONE
    pointer: str | None = None
    description: str = ""

    @property
    def range(self) -> tuple[float, float] | None:
        """The range of a number, `None` for what is none."""
        if self.type not in NUMBERS or self.low is None or self.high is None:
            return None
        return (self.low, self.high) if self.type is Type.INT else (float(self.low), float(self.high))

    def admits(self, value: object) -> bool:
        """Whether `value` has this type and lies in this range, so that the proofs made at publishing hold for it."""
        item = self.type.item
        if item is not None:
            return isinstance(value, list | tuple | set | frozenset) and all(
                self._fits(item, element) for element in value
            )
        return self._fits(self.type, value)

    def _fits(self, kind: Type, value: object) -> bool:
        if kind is Type.BOOL or isinstance(value, bool):
            return kind is Type.BOOL and isinstance(value, bool)
        if kind is Type.STRING:
            return isinstance(value, str)
        if not isinstance(value, int if kind is Type.INT else int | float):
            return False
        return self.low is not None and self.high is not None and self.low <= value <= self.high  # False for NaN


class Variables:
    """An ordered table of variables: the index of each is that of its value in the vector and of its bit in a mask."""

    __slots__ = ("_all", "_index")

    def __init__(self, variables: Iterable[Variable]) -> None:
        self._all = tuple(variables)
        self._index = {variable.name: index for index, variable in enumerate(self._all)}
        if problems := [problem for variable in self._all for problem in _problems(variable)]:
            raise Invalid(*problems)
        if len(self._index) < len(self._all):
            raise Invalid(Problem("variables", "two variables have the same name"))

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, index: int) -> Variable:
        return self._all[index]

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __add__(self, others: "Variables") -> "Variables":
        return Variables((*self._all, *others))

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order of the vector."""
        return tuple(self._index)

    def index(self, name: str) -> int:
        """The place of `name` in the vector; `KeyError` if there is none."""
        return self._index[name]

    def mask(self, names: Iterable[str]) -> int:
        """The bits of `names`."""
        return sum(1 << index for index in {self._index[name] for name in names})

    def vector(self, environment: Mapping[str, object]) -> tuple[tuple[object, ...], int]:
        """The vector of values and the mask of what is missing, from values by name.

        What is absent, of another type or out of its range is missing, and `None` in the vector: no value gets in for
        which the proofs made at publishing would not hold.
        """
        values: list[object] = []
        missing = 0
        for index, variable in enumerate(self._all):
            value = environment.get(variable.name)
            if value is not None and variable.admits(value):
                values.append(float(value) if variable.type is Type.DOUBLE else value)  # type: ignore[arg-type] # admitted: a number
            else:
                values.append(None)
                missing |= 1 << index
        return tuple(values), missing


def declared_variables(schema: Mapping[str, Any]) -> Variables:
    """The variables that an object schema declares, whose properties have flat, dotted names.

    Raises `Invalid` for a property that is no type of the language, or a number without a range.
    """
    return Variables(_declared_variable(name, declared) for name, declared in schema["properties"].items())


def _declared_variable(name: str, declared: Mapping[str, Any]) -> Variable:
    bounds, kind = declared, _JSON_TYPES.get(declared.get("type", ""))
    if declared.get("type") == "array":
        bounds = declared.get("items", {})
        kind = _JSON_LISTS.get(bounds.get("type", ""))
    if kind is None:
        raise Invalid(Problem(f"/properties/{name}", "expected boolean, integer, number, string or an array of these"))
    return Variable(
        name,
        kind,
        bounds.get("minimum"),
        bounds.get("maximum"),
        DataClass(declared.get(ANNOTATION, DataClass.PERSONAL)),  # undeclared is guarded, not free
        description=declared.get("description", ""),
    )


def _problems(variable: Variable) -> Iterator[Problem]:
    kind = variable.type.item or variable.type
    field = f"variables/{variable.name}"
    if not NAME.fullmatch(variable.name) or RESERVED.fullmatch(variable.name.split(".")[0]):
        yield Problem(field, "expected lower-case words joined by '_' and '.', the first of them not reserved")
    if kind not in NUMBERS:
        return
    low, high = variable.low, variable.high
    if low is None or high is None:
        yield Problem(field, "a number needs a lowest and a highest value, to prove that no arithmetic overflows")
    elif not -sys.float_info.max <= low <= high <= sys.float_info.max:
        yield Problem(field, "expected a lowest value that is not above the highest, both finite")
    elif kind is Type.INT and not (low >= INT_MIN and high <= INT_MAX and low == int(low) and high == int(high)):
        yield Problem(field, "expected whole numbers of 64 bits as the range of an int")

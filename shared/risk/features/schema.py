"""The features that rules may name, in the order of their values: read from the contract."""

from functools import cache

from shared.expressions.variables import Variables, declared_variables
from shared.schema_files import load

PATH = "json/features.v1.json"


@cache
def features() -> Variables:
    """The table of all features; a feature's place in it is its place in the vector and its bit in the mask."""
    return declared_variables(load(PATH))

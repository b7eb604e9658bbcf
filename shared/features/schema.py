"""The features that rules may name, in the order of their values: read from the contract."""

from functools import cache

from shared.contracts import load
from shared.expressions.variables import Variables, features_of

PATH = "json/features.v1.json"


@cache
def features() -> Variables:
    """The table of all features; a feature's place in it is its place in the vector and its bit in the mask."""
    return features_of(load(PATH))

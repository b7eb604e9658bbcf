"""One measured figure, what it is compared with, and whether the goal holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """`value` in `unit`; `floor` is the same job done by the least code that could do it, `ratio` is value / floor.

    `goal` says in words what `holds` answers; a figure without a goal informs, and holds.
    """

    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    goal: str
    holds: bool


def informs(name: str, value: float, unit: str) -> Measurement:
    """A figure without a goal."""
    return Measurement(name, value, unit, None, None, "", holds=True)


def value_at_most(name: str, value: float, unit: str, goal: float) -> Measurement:
    """A figure that must not exceed `goal`, in the same unit."""
    return Measurement(name, value, unit, None, None, f"<= {goal:g} {unit}", value <= goal)


def ratio_at_most(name: str, value: float, floor: float, unit: str, goal: float) -> Measurement:
    """A figure, the smaller the better, that must not exceed `goal` times its floor."""
    return Measurement(name, value, unit, floor, value / floor, f"<= {goal:g} x floor", value / floor <= goal)


def ratio_at_least(name: str, value: float, floor: float, unit: str, goal: float) -> Measurement:
    """A figure, the greater the better, that must reach `goal` times its floor."""
    return Measurement(name, value, unit, floor, value / floor, f">= {goal:g} x floor", value / floor >= goal)

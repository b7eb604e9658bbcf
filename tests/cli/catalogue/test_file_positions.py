"""Problems told by their place in a file."""

import pytest

from cli.catalogue.file_positions import placed
from shared.catalogue.yaml_files import load
from shared.errors import Invalid, Problem

YAML = "name: cards\nrules:\n  - id: a\n    when: amount > 1\n"


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (Problem("/name", "another name expected"), (":1:1", "another name expected")),
        (Problem("/rules/0/score", "a number expected"), (":3:5", "score: a number expected")),
        (Problem("/rules/0/when", "rule 'a', 1:8: a variable expected"), (":4:18", "rule 'a': a variable expected")),
    ],
)
def test_a_problem_is_told_by_line_and_column(problem: Problem, expected: tuple[str, str]) -> None:
    [actual] = placed(Invalid(problem), load(YAML, "cards.yaml")).problems
    assert (actual.field.removeprefix("cards.yaml"), actual.message) == expected

"""What the README tells people to type is what is checked."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_change_is_tested_by_the_command_of_the_readme() -> None:
    commands = re.findall(r"^python3 -m venv .*-s tests$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert [command in (ROOT / ".ci" / "run").read_text() for command in commands] == [True]

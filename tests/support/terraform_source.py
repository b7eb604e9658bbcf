"""Where Terraform's files are, and how little of HCL these tests read."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "terraform"


def text(*names: str) -> str:
    """The text of files of the root module; all of them where none is named."""
    files = [TERRAFORM / name for name in names] or sorted(TERRAFORM.glob("*.tf"))
    return "\n".join(path.read_text() for path in files)


def strings(name: str, *files: str) -> set[str]:
    """The strings in `name = toset([…])`."""
    match = re.search(rf"^  {name} += toset\(\[(.*?)\]\)", text(*files), re.DOTALL | re.MULTILINE)
    assert match is not None, name
    return set(re.findall(r'"([^"]+)"', match.group(1)))


def functions() -> dict[str, str]:
    """Each entry of the map of functions, as its text."""
    whole = text("functions.tf")
    entries = whole[whole.index("  functions = {\n") :].split("\n  }\n", 1)[0]
    return dict(re.findall(r"^    (\w+) = \{\n(.*?)^    \}", entries, re.DOTALL | re.MULTILINE))

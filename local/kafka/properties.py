"""Java's property files, as far as Kafka's settings need them."""

from collections.abc import Mapping
from pathlib import Path


def write(path: Path, settings: Mapping[str, str]) -> Path:
    """Write `settings` to a file that only its owner reads."""
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")
    return path


def read(path: Path) -> dict[str, str]:
    """The settings in a file; a line that ends with a backslash goes on in the next."""
    text = path.read_text("utf-8").replace("\\\n", "")
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}

"""A recorded scenario as a file: JSON lines, compressed (`zcat` shows them)."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

Json = dict[str, Any]

DATA = Path(__file__).parent / "data"


class Played(msgspec.Struct, frozen=True):
    """A step and what came of it, one answer of each request."""

    step: Json
    came: list[Json]


class Part(msgspec.Struct, frozen=True):
    """Steps in order, and every document by collection and id at their end."""

    played: list[Played]
    documents: dict[str, dict[str, Json]]


class Scenario(msgspec.Struct, frozen=True):
    """`first` begins with an empty store; `then`, in another process, with the documents that `first` left."""

    environ: dict[str, str]
    first: Part
    then: Part


def write(path: Path, scenario: Scenario) -> None:
    """Write a scenario; the same one always gives the same bytes."""
    lines: list[Json] = [{"environ": scenario.environ}]
    for part in (scenario.first, scenario.then):
        lines += [{"step": each.step, "came": each.came} for each in part.played]
        lines.append({"documents": part.documents})
    content = "".join(json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n" for line in lines)
    path.write_bytes(gzip.compress(content.encode(), mtime=0))


def read(path: Path) -> Scenario:
    """The scenario in a file."""
    environ, *lines = map(json.loads, gzip.decompress(path.read_bytes()).splitlines())
    end = next(number for number, line in enumerate(lines) if "documents" in line)
    return Scenario(environ["environ"], _part(lines[: end + 1]), _part(lines[end + 1 :]))


def names() -> Sequence[str]:
    """The scenarios that are recorded."""
    return sorted(path.name.removesuffix(".jsonl.gz") for path in DATA.glob("*.jsonl.gz"))


def path_of(name: str, data: Path = DATA) -> Path:
    """The file of a scenario."""
    return data / f"{name}.jsonl.gz"


def _part(lines: Sequence[Json]) -> Part:
    return Part([Played(line["step"], line["came"]) for line in lines[:-1]], lines[-1]["documents"])

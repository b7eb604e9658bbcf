"""Measures what has a goal, prints a table and writes `bench.json`."""

import argparse
import json
import os
import platform
import sys
import traceback
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measurement import Measurement

_VERSIONS = (
    "functions-framework",
    "uvicorn",
    "uvloop",
    "httptools",
    "starlette",
    "aiohttp",
    "msgspec",
    "jsonschema-rs",
)

SUITES = ("rules", "offline", "risk_decision", "decision", "advice", "features", "commands", "cold_start", "kafka")
"""The modules of this package that measure: each has `measure(seconds)`, the seconds of load for one comparison."""


def main() -> int:
    """Run the suites asked for; 1 if one could not be measured, or under `--strict` if a goal does not hold."""
    options = _options()
    console = Console(stderr=True)
    measurements: list[Measurement] = []
    broken = []
    for name in options.only or SUITES:
        console.print(f"measuring {name}", style="dim")
        try:
            measurements += import_module(f"bench.{name}").measure(options.seconds)
        except Exception:  # noqa: BLE001 - what was measured so far is still shown and written
            traceback.print_exc()
            broken.append(name)
    options.json.write_text(json.dumps(_report(measurements), indent=2) + "\n")
    Console(width=None if sys.stdout.isatty() else 140).print(_table(measurements))
    if broken:
        console.print(f"could not be measured: {', '.join(broken)}", style="red")
    missed = [measured.name for measured in measurements if not measured.holds]
    return 1 if broken or (options.strict and missed) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("--only", action="append", choices=SUITES, help="a suite to run (repeatable; default: all)")
    parser.add_argument("--seconds", type=float, default=14.0, help="of load for one comparison (default: %(default)s)")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where to write (default: %(default)s)")
    parser.add_argument("--strict", action="store_true", help="end with 1 if a goal does not hold")
    return parser.parse_args()


def _report(measurements: list[Measurement]) -> dict[str, object]:
    return {
        "machine": {"processor": _processor(), "cores": _cores(), "system": platform.platform()},
        "versions": {"python": platform.python_version()} | {name: version(name) for name in _VERSIONS},
        "measurements": [asdict(measured) for measured in measurements],
    }


def _table(measurements: list[Measurement]) -> Table:
    table = Table(box=None, title=f"{_processor()}, {_cores()} cores, Python {platform.python_version()}")
    table.add_column("name", no_wrap=True)
    for column in ("value", "floor", "ratio"):
        table.add_column(column, justify="right", no_wrap=True)
    for column in ("unit", "goal", "holds"):
        table.add_column(column, no_wrap=True)
    for m in measurements:
        holds = "[green]yes[/]" if m.holds else "[red]no[/]"
        table.add_row(m.name, _number(m.value), _number(m.floor), _number(m.ratio), m.unit, m.goal, holds)
    return table


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _processor() -> str:
    """The processor's name as the kernel tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())

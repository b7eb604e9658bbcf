"""Builds the zips of all functions into `build/` and lists them."""

from pathlib import Path

from release import zips

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Write the zips and print one line for each."""
    target = ROOT / "build"
    print(f"{'function':<18} {'files':>5} {'KiB':>7}  zip")
    for built in zips.write(ROOT, target):
        size = len(built.content) / 1024
        print(f"{built.function:<18} {built.files:>5} {size:>7.1f}  {target.name}/{built.filename}")


if __name__ == "__main__":
    main()

"""JSON Merge Patch (RFC 7396): an object that says what is to be different, `null` being what is to go."""

from typing import Any


def merged(target: Any, patch: Any) -> Any:
    """`target` as `patch` wants it; neither is changed."""
    if not isinstance(patch, dict):
        return patch
    kept = target if isinstance(target, dict) else {}
    changed = {name: merged(kept.get(name), value) for name, value in patch.items() if value is not None}
    return {**{name: value for name, value in kept.items() if name not in patch}, **changed}

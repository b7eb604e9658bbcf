"""Bytes in JSON: text where they are UTF-8, else `{"base64": …}`; `{"long": n}` is that many times `x`."""

import base64
from typing import Any


def text(data: bytes) -> Any:
    """Bytes in JSON."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def data(content: Any) -> bytes:
    """The bytes that `text` showed."""
    if isinstance(content, dict):
        return base64.b64decode(content["base64"]) if "base64" in content else b"x" * int(content["long"])
    return str(content).encode()

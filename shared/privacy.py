"""Data classes and pseudonyms: each field of a contract declares its class, which logs, tokens and retention follow."""

import re
from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from shared.errors import Misconfigured


class DataClass(StrEnum):
    """Data classes, from public to most protected."""

    NONE = "none"
    """Says nothing about a person: kept and logged as it is."""

    PSEUDONYMOUS = "pseudonymous"
    """Names a person only to someone who holds the bank's own tables (client, card, device ids): logged as a token."""

    PERSONAL = "personal"
    """Says something about a person (name, place, free text): never logged."""

    SECRET = "secret"  # noqa: S105 - the name of a class, no secret
    """A credential: never logged, and stored only where it must be used, in a collection of its own."""


ANNOTATION = "x-data-class"
"""The JSON Schema annotation that carries a field's data class."""

_TOKEN_BYTES = 16
_TOKEN = re.compile(rf"t[0-9]+_[0-9a-f]{{{2 * _TOKEN_BYTES}}}")


class Pseudonymiser:
    """Replaces an id by a keyed token (BLAKE2b as a MAC, RFC 7693): deterministic, and not invertible without the key.

    A token reads `t<version>_<32 hexadecimal digits>`: the version names the key, so that tokens of two keys
    differ. `key` has 16 to 64 bytes.
    """

    def __init__(self, key: bytes, version: int) -> None:
        if not 16 <= len(key) <= 64:
            raise Misconfigured("a token key has 16 to 64 bytes")
        self._key = key
        self._prefix = f"t{version}_"

    def token(self, kind: str, value: str) -> str:
        """The token of `value` as a `kind` of id ("client", "card", "device"); kinds do not collide."""
        named = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return self._prefix + blake2b(named, digest_size=_TOKEN_BYTES, key=self._key).hexdigest()

    def client(self, id_: str) -> str:
        """The token of a client's id."""
        return self.token("client", id_)

    def seal(self, purpose: str, content: bytes) -> bytes:
        """A keyed hash of `content`, 16 bytes: nobody without the key makes it. `purpose` has 1 to 16 ASCII letters;
        seals of two purposes differ, and tokens from both.
        """
        return blake2b(content, digest_size=_TOKEN_BYTES, key=self._key, person=purpose.encode("ascii")).digest()

    def token_or_id(self, kind: str, id_or_token: str) -> str:
        """The token of an id; a token, as logs show it, stays as it is."""
        return id_or_token if _TOKEN.fullmatch(id_or_token) else self.token(kind, id_or_token)


def data_classes(schema: Mapping[str, Any], pointer: str = "") -> dict[str, DataClass | None]:
    """The data class of every leaf of an object schema, by JSON pointer; `None` where one was forgotten.

    `$ref` is followed within `schema` (`#/$defs/…`); an array's leaf is that of its items.
    """
    return dict(_leaves(schema, schema, pointer))


def _leaves(root: Mapping[str, Any], schema: Mapping[str, Any], pointer: str) -> list[tuple[str, DataClass | None]]:
    reference = schema.get("$ref")
    if reference is not None and ANNOTATION not in schema:
        target: Any = root
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        return _leaves(root, target, pointer)
    if "properties" in schema:
        return [leaf for name, sub in schema["properties"].items() for leaf in _leaves(root, sub, f"{pointer}/{name}")]
    if "items" in schema and ANNOTATION not in schema:
        return _leaves(root, schema["items"], pointer)
    declared = schema.get(ANNOTATION)
    return [(pointer, DataClass(declared) if declared is not None else None)]

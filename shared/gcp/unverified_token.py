"""Reads the claims of a token without verifying it: the platform has, or the token is our own."""

import base64
import binascii
from typing import TypeVar

import msgspec

C = TypeVar("C")


def claims(token: str, decoder: msgspec.json.Decoder[C]) -> C:
    """The claims of a JSON Web Token (RFC 7519), as `decoder` decodes them; raises `ValueError` for anything else."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("a token has three parts")
    try:
        return decoder.decode(base64.urlsafe_b64decode(parts[1] + "=="))
    except (msgspec.MsgspecError, binascii.Error, UnicodeError, RecursionError) as error:
        raise ValueError("a token's second part is base64 of a JSON object") from error

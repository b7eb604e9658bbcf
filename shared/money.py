"""Money is an integer count of minor units and an ISO 4217 currency; nothing here is ever a float."""

import msgspec


class Money(msgspec.Struct, frozen=True):
    """`minor` units (cents, pence; the yen has none) of `currency`, an upper-case ISO 4217 code."""

    minor: int
    currency: str


_NONE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF"]
) | {"XPF"}
_THREE = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_FOUR = frozenset(["CLF", "UYW"])


def minor_digits(currency: str) -> int:
    """How many decimals an amount in major units has: two, but for the currencies that ISO 4217 lists otherwise."""
    if currency in _NONE:
        return 0
    return 3 if currency in _THREE else 4 if currency in _FOUR else 2

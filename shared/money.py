"""Money is an integer count of minor units and an ISO 4217 currency; nothing here is ever a float."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units (cents, pence; the yen has none) of `currency`, an upper-case ISO 4217 code."""

    minor: int
    currency: str

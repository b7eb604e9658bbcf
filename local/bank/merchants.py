"""The merchants of the bank's world: some of each category in every city, some online, sizes with a heavy tail.

Sizes follow a Pareto distribution with a shape near 1, as firm sizes do (Axtell, "Zipf Distribution of U.S. Firm
Sizes", 2001): a few merchants are hot, most are hardly ever seen.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from jobs.history.transaction import Shop
from local.bank import names
from local.bank.categories import CATEGORIES, Category
from local.bank.places import ABROAD, HOMES, City

_TAIL = 1.1


@dataclass(frozen=True, slots=True)
class Merchant:
    """A shop, its category and its city (`None`: only online)."""

    shop: Shop
    category: Category
    city: City | None


@dataclass(frozen=True, slots=True)
class _Street:
    """Merchants to choose among, with the running sums of their sizes."""

    merchants: tuple[Merchant, ...]
    sizes: tuple[float, ...]


class Merchants:
    """All merchants, to be picked from by city and category, the larger the likelier."""

    def __init__(self, random: Random, online: int = 120, per_city: int = 60) -> None:
        shops_by_street: dict[tuple[str, str], list[tuple[Merchant, float]]] = defaultdict(list)
        weights = [category.shops for category in CATEGORIES]
        self._count = 0
        for city in (*HOMES, *ABROAD):
            for category in (*CATEGORIES, *random.choices(CATEGORIES, weights, k=per_city)):
                shops_by_street[city.location.city, category.code].append(
                    (self._open(random, category, city), _size(random))
                )
        sold_online = [category for category in CATEGORIES if category.online]
        for category in (*sold_online, *random.choices(sold_online, k=online)):
            shops_by_street["", category.code].append((self._open(random, category, None), _size(random)))
        self._streets = {
            street: _Street(tuple(m for m, _ in shops), tuple(accumulate(size for _, size in shops)))
            for street, shops in shops_by_street.items()
        }

    def pick(self, random: Random, category: Category, city: City | None) -> Merchant:
        """One merchant of `category` in `city`, or an online one where `city` is `None`."""
        street = self._streets[city.location.city if city else "", category.code]
        return random.choices(street.merchants, cum_weights=street.sizes)[0]

    def smallest(self, category: Category, city: City | None) -> Merchant:
        """The smallest merchant of `category` in `city`, or online where `city` is `None`."""
        street = self._streets[city.location.city if city else "", category.code]
        sizes = [after - before for before, after in zip((0.0, *street.sizes), street.sizes, strict=False)]
        return street.merchants[sizes.index(min(sizes))]

    def _open(self, random: Random, category: Category, city: City | None) -> Merchant:
        self._count += 1
        name = f"{names.word(random)} {category.noun}" + ("" if city else " Online")
        return Merchant(Shop(f"merchant-{self._count:05d}", name, category.code), category, city)


def _size(random: Random) -> float:
    return random.paretovariate(_TAIL)

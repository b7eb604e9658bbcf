"""One ordinary day of one client: what they buy by habit, what moves by itself, what they send to others."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from jobs.history.transaction import Channel, Payee, Transaction
from local.bank.categories import CASH, Category
from local.bank.clients import Client, Habit, MonthlyPayment, payee
from local.bank.merchants import Merchant, Merchants
from local.bank.places import City
from shared.money import Money

CURRENCY = "EUR"

_TRANSFERS_PER_DAY = 0.06
_NEW_PAYEE = 0.15


@dataclass(frozen=True, slots=True)
class Mint:
    """Makes transactions, each with a fresh random id: ids name documents and so must be spread out."""

    random: Random

    def card(self, client: Client, at: datetime, minor: int, merchant: Merchant, channel: Channel) -> Transaction:
        """The client's first card at a merchant; where one must be in the shop, the shop's place is the place."""
        return Transaction(
            id=self._id(),
            at=at,
            client=client.id,
            account=client.account,
            amount=Money(max(1, minor), CURRENCY),
            channel=channel,
            card=client.cards[0],
            shop=merchant.shop,
            location=merchant.city.location if merchant.city and channel != "ecommerce" else None,
        )

    def transfer(self, client: Client, at: datetime, minor: int, other: Payee, details: str) -> Transaction:
        """Money from the client to `other` by a standing order; `replace` what is different."""
        return Transaction(
            id=self._id(),
            at=at,
            client=client.id,
            account=client.account,
            amount=Money(max(1, minor), CURRENCY),
            channel="standing_order",
            payee=other,
            details=details,
        )

    def _id(self) -> str:
        return f"{self.random.getrandbits(128):032x}"


def local_time(day: date, city: City, hours: float) -> datetime:
    """The instant, to the second, when it is `hours` past midnight of `day` in `city`."""
    return datetime.combine(day, time(), UTC) + timedelta(seconds=int((hours - city.utc_offset) * 3600))


def ordinary_day(random: Random, mint: Mint, client: Client, merchants: Merchants, day: date) -> Iterator[Transaction]:
    """The genuine transactions of `client` on `day`, in no particular order."""
    trip = client.trip(day)
    city = trip.city if trip else client.home
    of_year = (day.timetuple().tm_yday - 1) % 365
    travelling = trip is not None and of_year in {trip.first, trip.last}
    spree = 1.3 if day.weekday() >= 5 else 0.9
    for habit in client.habits:
        if random.random() < habit.per_day * spree:
            yield from _purchase(random, mint, client, habit, merchants, day, city, travelling=travelling)
    for payment in client.monthly:
        if payment.day == day.day:
            yield _monthly(random, mint, client, payment, day)
    if random.random() < _TRANSFERS_PER_DAY:
        yield _to_a_person(random, mint, client, day, city)


def _purchase(  # noqa: PLR0913 - a day, a client and the world they live in
    random: Random, mint: Mint, client: Client, habit: Habit, merchants: Merchants, day: date, city: City, *,
    travelling: bool,
) -> Iterator[Transaction]:  # fmt: skip
    category = habit.category
    online = random.random() < category.online
    if travelling and not online:
        return
    at = local_time(day, city, random.triangular(*category.hours))
    minor = _price(random, habit.median, category)
    merchant = _choose(random, habit, merchants, None if online else city, at_home=city is client.home)
    if online:
        bought = mint.card(client, at, minor, merchant, "ecommerce")
        device = client.devices[int(random.random() ** 2 * len(client.devices))]
        yield replace(bought, device=device, location=city.location)
        return
    bought = mint.card(client, at, minor, merchant, "atm" if category is CASH else "card_present")
    second = len(client.cards) > 1 and random.random() < 0.2
    yield replace(bought, card=client.cards[1]) if second else bought


def _price(random: Random, median: int, category: Category) -> int:
    minor = int(median * random.lognormvariate(0.0, category.spread))
    return max(2000, round(minor / 2000) * 2000) if category is CASH else minor


def _choose(random: Random, habit: Habit, merchants: Merchants, city: City | None, *, at_home: bool) -> Merchant:
    if (at_home or city is None) and random.random() < 0.8:
        near = [shop for shop in habit.favourites if (shop.city is None) == (city is None)]
        if near:
            return near[int(random.random() ** 2 * len(near))]
    return merchants.pick(random, habit.category, city)


def _monthly(random: Random, mint: Mint, client: Client, payment: MonthlyPayment, day: date) -> Transaction:
    at = local_time(day, client.home, 5 + random.random() * 2)
    wobble = random.uniform(0.995, 1.03) if payment.income else 1.0
    moved = mint.transfer(client, at, int(payment.minor * wobble), payment.other, payment.details)
    return replace(moved, direction="credit") if payment.income else moved


def _to_a_person(random: Random, mint: Mint, client: Client, day: date, city: City) -> Transaction:
    familiar = random.random() >= _NEW_PAYEE
    other = random.choice(client.payees) if familiar else payee(random, client.home.location.country)
    minor = round(random.lognormvariate(8.3, 0.9) / 100) * 100  # median 40.00, in whole units
    at = local_time(day, city, random.triangular(8, 23))
    moved = mint.transfer(client, at, max(100, minor), other, "Thanks")
    device = client.devices[int(random.random() ** 2 * len(client.devices))]
    return replace(
        moved, channel="mobile_app" if random.random() < 0.8 else "web", device=device, location=city.location
    )

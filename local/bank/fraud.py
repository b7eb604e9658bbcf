"""How this bank's clients are robbed: six kinds of fraud, each a burst of labelled transactions.

`stolen_card` shops far from where its owner is; `card_testing` tries many tiny online amounts, then a large one;
`account_takeover` sends much to a new payee from a new device at night; `compromised_merchant` sells the cards of one
shop's customers; `mule` passes on what comes in; `salami` takes small slices from many clients for an obscure shop.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from jobs.history.transaction import Channel, Transaction
from local.bank.categories import BOOKS, CASH, CLOTHES, DEPARTMENT_STORE, ELECTRONICS, GAMES
from local.bank.clients import Client, payee
from local.bank.habits import Mint, local_time
from local.bank.merchants import Merchant, Merchants
from local.bank.places import ABROAD, City


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fraud happens: the day, everybody who could be hit, and the shops there are."""

    random: Random
    mint: Mint
    clients: tuple[Client, ...]
    merchants: Merchants
    day: date

    def victim(self) -> Client:
        """A client at random."""
        return self.clients[int(self.random.random() * len(self.clients))]

    def shopping(self, client: Client, at: datetime, minor: int, merchant: Merchant, thief: City) -> Transaction:
        """A purchase with the victim's card used in the city `thief`; `minor` is the amount in minor units."""
        channel: Channel = "ecommerce" if merchant.city is None else "card_present"
        bought = self.mint.card(client, at, minor, merchant, "atm" if merchant.category is CASH else channel)
        return replace(bought, location=thief.location, fraud=True)

    def stranger(self) -> str:
        """A device nobody has seen before."""
        return f"device-x{self.random.getrandbits(48):012x}"


def stolen_card(scene: Scene) -> Iterator[Transaction]:
    """The card is used in a far city, within hours of where its owner is."""
    random, victim, thief = scene.random, scene.victim(), scene.random.choice(ABROAD)
    at = local_time(scene.day, thief, random.uniform(9, 21))
    for _ in range(random.randint(3, 7)):
        category = random.choice((ELECTRONICS, CLOTHES, CASH, DEPARTMENT_STORE))
        minor = int(category.median * random.uniform(1.5, 5))
        yield scene.shopping(victim, at, minor, scene.merchants.pick(random, category, thief), thief)
        at += timedelta(seconds=random.randint(240, 2400))


def card_testing(scene: Scene) -> Iterator[Transaction]:
    """Many tiny amounts at one online shop within minutes, then what the card gives."""
    random, victim, thief = scene.random, scene.victim(), scene.random.choice(ABROAD)
    device = scene.stranger()
    shop = scene.merchants.pick(random, GAMES, None)
    at = local_time(scene.day, thief, random.uniform(0, 23))
    for _ in range(random.randint(8, 16)):
        tried = scene.shopping(victim, at, random.randint(50, 200), shop, thief)
        yield replace(tried, device=device)
        at += timedelta(seconds=random.randint(5, 70))
    for _ in range(random.randint(1, 2)):
        at += timedelta(seconds=random.randint(60, 900))
        taken = scene.merchants.pick(random, ELECTRONICS, None)
        yield replace(scene.shopping(victim, at, random.randint(30_000, 120_000), taken, thief), device=device)


def account_takeover(scene: Scene) -> Iterator[Transaction]:
    """A new device signs in at night and sends most of the money to somebody new."""
    random, victim, thief = scene.random, scene.victim(), scene.random.choice(ABROAD)
    device, receiver = scene.stranger(), payee(random, thief.location.country)
    at = local_time(scene.day, victim.home, random.uniform(0.5, 5))
    for _ in range(random.randint(1, 3)):
        sent = scene.mint.transfer(victim, at, int(victim.salary * random.uniform(0.5, 1.8)), receiver, "Invoice")
        yield replace(sent, channel="mobile_app", device=device, location=thief.location, fraud=True)
        at += timedelta(seconds=random.randint(90, 900))


def compromised_merchant(scene: Scene) -> Iterator[Transaction]:
    """Cards that were used in one shop turn up online, a few each day for a week."""
    random, thief = scene.random, scene.random.choice(ABROAD)
    shop = scene.merchants.pick(random, CLOTHES, scene.victim().home)
    customers = [client for client in scene.clients if any(shop in habit.favourites for habit in client.habits)]
    device = scene.stranger()
    for victim in random.sample(customers, min(len(customers), 10)):
        at = local_time(scene.day + timedelta(days=random.randint(0, 6)), victim.home, random.uniform(7, 24))
        for _ in range(random.randint(1, 3)):
            category = random.choice((ELECTRONICS, CLOTHES, BOOKS))
            minor = int(category.median * random.uniform(1, 3))
            taken = scene.shopping(victim, at, minor, scene.merchants.pick(random, category, None), thief)
            yield replace(taken, device=device)
            at += timedelta(seconds=random.randint(120, 5000))


def mule(scene: Scene) -> Iterator[Transaction]:
    """Money comes in from strangers and leaves for abroad within the hour."""
    random, carrier = scene.random, scene.victim()
    boss = payee(random, random.choice(ABROAD).location.country)
    at = local_time(scene.day, carrier.home, random.uniform(8, 18))
    for _ in range(random.randint(2, 4)):
        minor = int(carrier.salary * random.uniform(0.4, 1.2))
        received = scene.mint.transfer(carrier, at, minor, payee(random, "DE"), "Sale")
        yield replace(received, direction="credit", fraud=True)
        at += timedelta(seconds=random.randint(600, 3000))
        passed = scene.mint.transfer(carrier, at, int(minor * 0.92), boss, "Sale")
        yield replace(
            passed, channel="mobile_app", device=carrier.devices[0], location=carrier.home.location, fraud=True
        )
        at += timedelta(seconds=random.randint(600, 7000))


def salami(scene: Scene) -> Iterator[Transaction]:
    """An obscure online shop takes a few coins from many clients, again and again."""
    random = scene.random
    shop = scene.merchants.smallest(BOOKS, None)
    for victim in random.sample(scene.clients, min(len(scene.clients), 12)):
        for day in range(random.randint(1, 4)):
            at = local_time(scene.day + timedelta(days=day), victim.home, random.uniform(1, 5))
            taken = scene.mint.card(victim, at, random.randint(90, 390), shop, "ecommerce")
            yield replace(taken, fraud=True)


KINDS: tuple[tuple[Callable[[Scene], Iterator[Transaction]], float], ...] = (
    (stolen_card, 12.0),
    (card_testing, 6.0),
    (account_takeover, 10.0),
    (compromised_merchant, 2.0),
    (mule, 4.0),
    (salami, 1.2),
)
"""Each kind with how often it begins per day among ten thousand clients."""

"""A client of the bank: where they live, what comes and goes every month, how they pay, where they shop."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from jobs.history.transaction import Payee
from local.bank import names
from local.bank.categories import CATEGORIES, Category
from local.bank.merchants import Merchant, Merchants
from local.bank.places import ABROAD, HOMES, City


@dataclass(frozen=True, slots=True)
class MonthlyPayment:
    """Money that moves on the same `day` (1 to 28) of every month."""

    day: int
    minor: int
    other: Payee
    details: str
    income: bool = False


@dataclass(frozen=True, slots=True)
class Habit:
    """How this client spends on one category: purchases `per_day`, their own `median`, their favourite shops."""

    category: Category
    per_day: float
    median: int
    favourites: tuple[Merchant, ...]


@dataclass(frozen=True, slots=True)
class Trip:
    """Days of the year (0 to 364, first and last are spent travelling) in another city."""

    first: int
    last: int
    city: City


@dataclass(frozen=True, slots=True)
class Client:
    """A person with an account. The first of `cards` and `devices` is mostly used; `salary` and the
    `balance` at the start are in minor units.
    """

    id: str
    account: str
    home: City
    opened: date
    salary: int
    balance: int
    monthly: tuple[MonthlyPayment, ...]
    habits: tuple[Habit, ...]
    cards: tuple[str, ...]
    devices: tuple[str, ...]
    payees: tuple[Payee, ...]
    trips: tuple[Trip, ...]

    def trip(self, day: date) -> Trip | None:
        """The trip this client is on that day."""
        of_year = (day.timetuple().tm_yday - 1) % 365
        for trip in self.trips:
            if trip.first <= of_year <= trip.last:
                return trip
        return None


def payee(random: Random, country: str) -> Payee:
    """A made-up person with an account at another bank; its number is like an IBAN, and no real one."""
    return Payee(f"{country}00SLCK{random.getrandbits(50):016d}", names.person(random))


def client(random: Random, number: int, merchants: Merchants, start: date) -> Client:
    """Make up client `number` of a bank that is watched from `start` on."""
    home = random.choices(HOMES, [city.weight for city in HOMES])[0]
    salary = int(random.lognormvariate(12.45, 0.4))  # median 2,550 a month in minor units
    return Client(
        id=f"client-{number:05d}",
        account=f"account-{number:05d}",
        home=home,
        opened=start - timedelta(days=int(random.expovariate(1 / 900))),
        salary=salary,
        balance=int(salary * random.lognormvariate(0.2, 0.9)),
        monthly=_monthly(random, home, salary),
        habits=tuple(_habits(random, home, salary, merchants)),
        cards=tuple(f"card-{number:05d}-{n}" for n in range(1 + (random.random() < 0.25))),
        devices=tuple(f"device-{number:05d}-{n}" for n in range(1 + (random.random() < 0.35))),
        payees=tuple(payee(random, home.location.country) for _ in range(random.randint(2, 6))),
        trips=_trips(random),
    )


def _monthly(random: Random, home: City, salary: int) -> tuple[MonthlyPayment, ...]:
    country = home.location.country
    payday = random.choice((1, 15, 25, 26, 27, 28, 28, 28))
    payments = [
        MonthlyPayment(payday, salary, payee(random, country), "Salary", income=True),
        MonthlyPayment(random.randint(1, 5), int(salary * random.uniform(0.22, 0.38)), payee(random, country), "Rent"),
    ]
    for details, share in (("Electricity", 0.03), ("Telephone", 0.012), ("Insurance", 0.025), ("Savings", 0.08)):
        if random.random() < 0.7:
            minor = int(salary * share * random.uniform(0.6, 1.5))
            payments.append(MonthlyPayment(random.randint(1, 28), minor, payee(random, country), details))
    return tuple(payments)


def _habits(random: Random, home: City, salary: int, merchants: Merchants) -> list[Habit]:
    ease = (salary / 255_000) ** 0.5  # who earns more spends more on the same things, though not in proportion
    habits = []
    for category in CATEGORIES:
        if random.random() < 0.15:
            continue  # not everybody drives or plays
        count = random.randint(1, 4)
        favourites = [
            merchants.pick(random, category, None if random.random() < category.online else home) for _ in range(count)
        ]
        appetite = random.lognormvariate(0.0, 0.4)
        median = int(category.median * ease * random.lognormvariate(0.0, 0.25))
        habits.append(Habit(category, category.per_day * appetite, median, tuple(favourites)))
    return habits


def _trips(random: Random) -> tuple[Trip, ...]:
    trips = []
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        first = random.randint(0, 350)
        city = random.choice(ABROAD) if random.random() < 0.6 else random.choice(HOMES)
        trips.append(Trip(first, min(364, first + random.randint(3, 14)), city))
    return tuple(trips)

"""What money is spent on: how often, how much, when, how far from home, in a shop or online.

The figures are a made-up but ordinary household's: they shape the bank, nothing decides by them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of spending: `code` of ISO 18245, purchases `per_day`, amount's median (minor units), log-scale `spread`.

    `hours` are the local times of day between which it happens; `online` is the share bought over the internet; `shops`
    is the category's share of all merchants.
    """

    code: str
    noun: str
    per_day: float
    median: int
    spread: float
    hours: tuple[int, int]
    online: float
    shops: int


GROCERIES = Category("5411", "Foods", 0.45, 2800, 0.6, (8, 21), 0.04, 16)
RESTAURANT = Category("5812", "Kitchen", 0.18, 3400, 0.5, (12, 23), 0.0, 16)
FAST_FOOD = Category("5814", "Snacks", 0.28, 1100, 0.4, (11, 24), 0.15, 12)
TRANSPORT = Category("4111", "Transit", 0.35, 320, 0.4, (6, 22), 0.2, 3)
FUEL = Category("5541", "Fuels", 0.09, 5200, 0.35, (6, 22), 0.0, 6)
PHARMACY = Category("5912", "Pharmacy", 0.06, 1700, 0.6, (9, 20), 0.1, 5)
CLOTHES = Category("5651", "Wear", 0.07, 4800, 0.6, (10, 20), 0.45, 9)
ELECTRONICS = Category("5732", "Devices", 0.015, 14500, 0.8, (10, 20), 0.5, 4)
BOOKS = Category("5942", "Books", 0.04, 1900, 0.5, (10, 20), 0.6, 4)
CINEMA = Category("7832", "Pictures", 0.03, 2100, 0.3, (16, 23), 0.5, 3)
GAMES = Category("5816", "Games", 0.08, 900, 0.7, (15, 24), 1.0, 3)
DEPARTMENT_STORE = Category("5311", "Store", 0.16, 3100, 0.8, (8, 24), 0.85, 8)
HOTEL = Category("7011", "Rooms", 0.006, 14000, 0.5, (9, 23), 0.7, 4)
CASH = Category("6011", "Cash", 0.07, 6000, 0.5, (8, 23), 0.0, 5)

CATEGORIES = (
    GROCERIES, RESTAURANT, FAST_FOOD, TRANSPORT, FUEL, PHARMACY, CLOTHES, ELECTRONICS,
    BOOKS, CINEMA, GAMES, DEPARTMENT_STORE, HOTEL, CASH,
)  # fmt: skip

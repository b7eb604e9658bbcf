"""Fifty rules of the kind that ships, and environments in which none or many of them hit."""

import random
from collections.abc import Iterator

from shared.advice import Advice
from shared.expressions.parser import Scope, parse_condition
from shared.expressions.variables import Type, Variable, Variables
from shared.risk.rules.compiler import CompiledRules, compile_rule_set
from shared.risk.rules.rule import Condition, Rule
from shared.risk.rules.rule_set import RuleSet

_MONEY = 10**12

_COUNTS = (
    "client.count_1h",
    "client.count_24h",
    "client.count_30d",
    "client.merchants_24h",
    "client.countries_24h",
    "client.devices_30d",
    "client.attempts_1m",
    "client.account_age_days",
    "client.overdraft_days",
    "client.minutes_since_last",
    "card.count_1h",
    "card.count_24h",
    "card.attempts_1m",
    "card.age_days",
    "device.count_1h",
    "device.clients_7d",
    "device.attempts_1m",
    "device.age_days",
    "merchant.count_1h",
    "merchant.count_30d",
    "merchant.frauds_90d",
    "merchant.age_days",
    "payee.clients_24h",
)
_AMOUNTS = (
    "client.sum_24h",
    "client.max_30d",
    "client.salary",
    "card.sum_24h",
)
_RATIOS = (
    "client.mean_30d",
    "client.deviation_30d",
    "client.km_from_last",
    "merchant.mean_30d",
    "merchant.declined_7d",
)

VARIABLES = Variables(
    [
        *(Variable(name, Type.INT, 0, 100_000) for name in _COUNTS),
        *(Variable(name, Type.INT, 0, _MONEY) for name in _AMOUNTS),
        *(Variable(name, Type.DOUBLE, 0.0, 1e12) for name in _RATIOS),
        Variable("client.balance", Type.INT, -_MONEY, _MONEY),
        Variable("client.home_country", Type.STRING),
        Variable("client.known_payees", Type.LIST_STRING),
        Variable("device.is_new", Type.BOOL),
        Variable("transaction.amount", Type.INT, 0, _MONEY, pointer="/amount"),
        Variable("transaction.phase", Type.STRING, pointer="/phase"),
        Variable("transaction.channel", Type.STRING, pointer="/channel"),
        Variable("transaction.category", Type.STRING, pointer="/category"),
        Variable("transaction.country", Type.STRING, pointer="/country"),
        Variable("transaction.hour", Type.INT, 0, 23, pointer="/hour"),
        Variable("transaction.payee", Type.STRING, pointer="/payee"),
        Variable("transaction.merchant", Type.STRING, pointer="/merchant"),
        Variable("operation.attempt", Type.INT, 1, 100, pointer="/attempt"),
    ]
)

CONDITIONS = """
double(transaction.amount) > 10.0 * client.mean_30d && client.count_30d >= 10 && transaction.amount >= 20000
double(transaction.amount) > client.mean_30d + 4.0 * client.deviation_30d && client.count_30d >= 30
transaction.amount > 3 * client.max_30d && client.count_30d >= 10
transaction.amount + client.sum_24h > client.salary && client.salary > 0
transaction.amount >= 500000 && client.account_age_days < 90
transaction.amount >= 1000000
double(transaction.amount) > 5.0 * merchant.mean_30d && merchant.count_30d >= 20
transaction.amount % 10000 == 0 && transaction.amount >= 100000 && transaction.channel == "online"
client.count_1h >= 10
client.count_1h >= 5 && transaction.channel == "online"
client.count_24h >= 40
client.merchants_24h >= 12
client.countries_24h >= 3
client.devices_30d >= 4
card.count_1h >= 6
card.count_24h >= 25
card.sum_24h + transaction.amount > 800000
card.count_1h >= 3 && card.age_days < 7
device.count_1h >= 15
device.clients_7d >= 4
device.clients_7d >= 2 && device.age_days < 2
merchant.count_1h >= 500
merchant.count_1h >= 100 && merchant.age_days < 30
payee.clients_24h >= 10 && !(transaction.payee in client.known_payees)
client.attempts_1m >= 5
card.attempts_1m >= 4
device.attempts_1m >= 8
card.attempts_1m >= 2 && transaction.channel == "online"
operation.attempt >= 3
client.km_from_last > 500.0 && client.minutes_since_last < 60
client.km_from_last > 2000.0 && client.minutes_since_last < 180
client.km_from_last > 100.0 && client.minutes_since_last < 10 && transaction.channel == "terminal"
transaction.country != client.home_country && client.countries_24h >= 2
transaction.country != client.home_country && transaction.amount >= 100000
transaction.country in ["KP", "IR", "SY", "CU"]
transaction.hour >= 1 && transaction.hour < 5 && transaction.amount >= 50000
transaction.hour >= 1 && transaction.hour < 5 && transaction.channel == "cash"
transaction.hour >= 1 && transaction.hour < 5 && device.is_new
transaction.phase == "transfer" && !(transaction.payee in client.known_payees) && transaction.amount >= 200000
transaction.phase == "transfer" && !(transaction.payee in client.known_payees) && device.is_new
transaction.phase == "transfer" && client.account_age_days < 30
client.balance < transaction.amount && client.overdraft_days >= 30
client.balance < 0 && transaction.category in ["gambling", "crypto"]
client.overdraft_days >= 60 && transaction.channel == "cash"
client.account_age_days < 7 && transaction.channel == "online"
card.age_days < 3 && transaction.amount >= 100000
device.is_new && transaction.amount >= 150000 && transaction.channel == "online"
transaction.merchant in lists.watched_merchants
transaction.category in ["gambling", "crypto", "gift_cards"] && client.account_age_days < 60
merchant.frauds_90d >= 3 || merchant.declined_7d > 0.4
""".strip().splitlines()

FOREVER = float("inf")
LISTS = {"watched_merchants": {f"m-{number}": FOREVER for number in range(200)}}

CALM: dict[str, object] = {
    **dict.fromkeys(_COUNTS, 1),
    **dict.fromkeys(_AMOUNTS, 150_000),
    **dict.fromkeys(_RATIOS, 0.25),
    "client.count_30d": 60,
    "client.mean_30d": 4000.0,
    "client.deviation_30d": 900.0,
    "client.minutes_since_last": 300,
    "client.account_age_days": 900,
    "client.salary": 400_000,
    "card.age_days": 400,
    "device.age_days": 200,
    "merchant.age_days": 2000,
    "merchant.count_30d": 900,
    "merchant.mean_30d": 3500.0,
    "client.balance": 180_000,
    "client.home_country": "CZ",
    "client.known_payees": ("p-1", "p-2", "p-3"),
    "device.is_new": False,
    "transaction.amount": 2_599,
    "transaction.phase": "authorisation",
    "transaction.channel": "terminal",
    "transaction.category": "groceries",
    "transaction.country": "CZ",
    "transaction.hour": 14,
    "transaction.payee": "p-2",
    "transaction.merchant": "m-9000",
    "operation.attempt": 1,
}

_ALARMS: tuple[dict[str, object], ...] = (
    {"transaction.amount": 1_250_000},
    {"transaction.amount": 260_000, "transaction.channel": "online"},
    {"client.count_1h": 14, "client.count_24h": 60},
    {"card.count_1h": 9, "card.count_24h": 31, "card.age_days": 2},
    {"device.count_1h": 20, "device.clients_7d": 6, "device.age_days": 1},
    {"merchant.count_1h": 700, "merchant.age_days": 12},
    {"client.attempts_1m": 7},
    {"card.attempts_1m": 5},
    {"device.attempts_1m": 9},
    {"operation.attempt": 3},
    {"client.km_from_last": 4200.0, "client.minutes_since_last": 40},
    {"client.km_from_last": 300.0, "client.minutes_since_last": 5},
    {"transaction.country": "IR", "client.countries_24h": 4},
    {"transaction.hour": 3, "device.is_new": True},
    {"transaction.phase": "transfer", "transaction.payee": "p-77", "payee.clients_24h": 30},
    {"client.account_age_days": 3},
    {"client.overdraft_days": 70, "client.balance": -5_000},
    {"transaction.category": "crypto"},
    {"transaction.merchant": "m-17"},
    {"merchant.frauds_90d": 4},
    {"client.merchants_24h": 15},
    {"client.devices_30d": 5},
    {"transaction.channel": "cash"},
)


def fifty_rules() -> CompiledRules:
    """The rule set, compiled: every rule scores or asks for an outcome, in turn."""
    scope = Scope(VARIABLES, LISTS)
    advices = (Advice.STEPUP_NEEDED, Advice.REJECT, Advice.MANUAL_APPROVAL_NEEDED)
    rules = tuple(
        Rule(
            id=f"rule_{index}",
            when=Condition(text, parse_condition(text, scope)),
            reason=f"REASON_{index}",
            outcome=None if index % 2 else advices[index // 2 % 3],
            score=10 if index % 2 else 0,
        )
        for index, text in enumerate(CONDITIONS)
    )
    return compile_rule_set(RuleSet("fifty", "transaction", VARIABLES, 0, rules, lists=LISTS))


def environments(seed: int, alarms: int) -> Iterator[dict[str, object]]:
    """Environments without end: calm ones, `alarms` different things in each of them made suspicious."""
    random_ = random.Random(seed)  # noqa: S311 - test data
    while True:
        environment = CALM | {
            "transaction.amount": random_.randrange(500, 9_000),
            "client.count_24h": random_.randrange(9),
        }
        for alarm in random_.sample(_ALARMS, alarms):
            environment |= alarm
        yield environment

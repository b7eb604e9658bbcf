"""The fifty rules as a careful engineer writes them by hand: one function, shared tests made once, hits gathered.

It does less than a rule set: no scores, reasons or advice, and it cannot do without a value.
"""

from typing import Any

_WATCHED = frozenset(f"m-{number}" for number in range(200))


def fifty_by_hand(values: tuple[Any, ...]) -> list[int]:  # noqa: C901, PLR0912, PLR0915 - that is what by hand means
    """The places of the rules that hit, for a vector of `fifty_rules.VARIABLES` with nothing missing."""
    # fmt: off
    (client_1h, client_24h, client_30d, merchants, countries, devices, client_attempts, account_age, overdraft, minutes,
     card_1h, card_24h, card_attempts, card_age, device_1h, device_clients, device_attempts, device_age, merchant_1h,
     merchant_30d, frauds, merchant_age, payee_clients, client_sum, client_max, salary, card_sum, mean, deviation, km,
     merchant_mean, declined, balance, home, known_payees, is_new, amount, phase, channel, category, country, hour,
     payee, merchant, attempt) = values
    # fmt: on
    hits: list[int] = []
    hit = hits.append
    spent = float(amount)
    if client_30d >= 10:
        if spent > 10.0 * mean and amount >= 20_000:
            hit(0)
        if amount > 3 * client_max:
            hit(2)
        if client_30d >= 30 and spent > mean + 4.0 * deviation:
            hit(1)
    if amount + client_sum > salary > 0:
        hit(3)
    if amount >= 50_000:
        if 1 <= hour < 5:
            hit(35)
        if amount >= 100_000:
            if amount % 10_000 == 0 and channel == "online":
                hit(7)
            if country != home:
                hit(33)
            if card_age < 3:
                hit(45)
            if amount >= 150_000 and is_new and channel == "online":
                hit(46)
            if amount >= 500_000 and account_age < 90:
                hit(4)
            if amount >= 1_000_000:
                hit(5)
    if spent > 5.0 * merchant_mean and merchant_30d >= 20:
        hit(6)
    if client_1h >= 5:
        if client_1h >= 10:
            hit(8)
        if channel == "online":
            hit(9)
    if client_24h >= 40:
        hit(10)
    if merchants >= 12:
        hit(11)
    if countries >= 2:
        if countries >= 3:
            hit(12)
        if country != home:
            hit(32)
    if devices >= 4:
        hit(13)
    if card_1h >= 3:
        if card_1h >= 6:
            hit(14)
        if card_age < 7:
            hit(17)
    if card_24h >= 25:
        hit(15)
    if card_sum + amount > 800_000:
        hit(16)
    if device_1h >= 15:
        hit(18)
    if device_clients >= 2:
        if device_clients >= 4:
            hit(19)
        if device_age < 2:
            hit(20)
    if merchant_1h >= 100:
        if merchant_1h >= 500:
            hit(21)
        if merchant_age < 30:
            hit(22)
    if payee not in known_payees:
        if payee_clients >= 10:
            hit(23)
        if phase == "transfer":
            if amount >= 200_000:
                hit(38)
            if is_new:
                hit(39)
    if client_attempts >= 5:
        hit(24)
    if card_attempts >= 2:
        if card_attempts >= 4:
            hit(25)
        if channel == "online":
            hit(27)
    if device_attempts >= 8:
        hit(26)
    if attempt >= 3:
        hit(28)
    if km > 100.0:
        if km > 500.0 and minutes < 60:
            hit(29)
        if km > 2000.0 and minutes < 180:
            hit(30)
        if minutes < 10 and channel == "terminal":
            hit(31)
    if country in {"KP", "IR", "SY", "CU"}:
        hit(34)
    if 1 <= hour < 5:
        if channel == "cash":
            hit(36)
        if is_new:
            hit(37)
    if account_age < 60:
        if account_age < 30 and phase == "transfer":
            hit(40)
        if account_age < 7 and channel == "online":
            hit(44)
        if category in {"gambling", "crypto", "gift_cards"}:
            hit(48)
    if overdraft >= 30:
        if balance < amount:
            hit(41)
        if overdraft >= 60 and channel == "cash":
            hit(43)
    if balance < 0 and category in {"gambling", "crypto"}:
        hit(42)
    if merchant in _WATCHED:
        hit(47)
    if frauds >= 3 or declined > 0.4:
        hit(49)
    return hits

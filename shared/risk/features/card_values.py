"""The values of a card's features, out of the state of its client."""

from shared.risk.features import client as c
from shared.risk.features.client_spending import sum_where
from shared.risk.features.client_view import MAX_DAYS, ClientAsOf, FeatureVector, mask_of
from shared.risk.features.packing import ref
from shared.times import DAY

_SUM, _AGE = mask_of("card.sum_24h"), mask_of("card.age_days")
_ALL = mask_of("card.count_1h", "card.count_24h") | _SUM | _AGE
_NONE: tuple[FeatureVector, int] = ((None,) * 4, _ALL)


def card(view: ClientAsOf) -> tuple[FeatureVector, int]:
    """The values of `card.*`, and which are missing."""
    if view.facts.card is None:
        return _NONE
    number = ref(view.facts.card)
    in_hour, in_day, total, missing = 0, 0, 0 if view.comparable else None, 0 if view.comparable else _SUM
    if view.end > view.day:
        cards = view.refs(c.CARD, view.day)
        in_hour, in_day = cards[view.hour - view.day :].count(number), cards.count(number)
        total = sum_where(view, cards, number) if view.comparable else None
    first = view.first_time(c.CARD, view.state.cards, number)
    if first is None:
        return (in_hour, in_day, total, None), missing | _AGE
    age = (view.time - first) // DAY
    return (in_hour, in_day, total, min(MAX_DAYS, age)), missing

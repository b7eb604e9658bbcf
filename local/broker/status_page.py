"""The broker's status as an HTML page, which loads itself again every two seconds."""

from html import escape

from local.broker.status import Status, SubscriptionStatus

_STYLE = """
:root { color-scheme: light dark; --line: light-dark(#e3e6ea, #2c323a); --soft: light-dark(#69717b, #939ca7);
        --back: light-dark(#fff, #15181c); --card: light-dark(#f7f8fa, #1c2025); --ink: light-dark(#1c2126, #e7eaee);
        --good: light-dark(#1a7f4b, #4cc38a); --bad: light-dark(#c2352b, #ff7b72);
        --busy: light-dark(#9a6700, #e3b341); }
body { font: 15px/1.5 system-ui, sans-serif; background: var(--back); color: var(--ink); margin: 0 auto;
       max-width: 86rem; padding: 2rem 1.5rem; }
h1 { font-size: 1.35rem; margin: 0; } p { color: var(--soft); margin: 0 0 1.5rem; }
h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: var(--soft); margin: 2rem 0 .5rem; }
.frame { border: 1px solid var(--line); border-radius: 10px; overflow-x: auto; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; white-space: nowrap; }
th { font-weight: 500; color: var(--soft); font-size: .85rem; } th, td { padding: .5rem .65rem; text-align: right; }
th:first-child, td:first-child, .text { text-align: left; } tr + tr > * { border-top: 1px solid var(--line); }
small { color: var(--soft); display: block; } .good { color: var(--good); } .bad { color: var(--bad); }
.busy { color: var(--busy); } .none { color: var(--soft); }
"""
_TOPICS = ("topic", "published", "per second")
_SUBSCRIPTIONS = (
    *("subscription", "", "backlog", "oldest", "out", "retrying", "attempts"),
    *("acknowledged", "per second", "refused", "dead letters"),
)
_OLD = 60.0  # seconds


def page(status: Status) -> str:
    """The whole page."""
    topics = "".join(
        f"<tr><td>{escape(topic.name)}</td>{_number(topic.published)}{_number(round(topic.rate))}</tr>"
        for topic in status.topics
    )
    subscriptions = "".join(_row(subscription) for subscription in status.subscriptions)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
        '<meta name="viewport" content="width=device-width"><title>Broker</title>'
        f"<style>{_STYLE}</style><h1>Broker</h1><p>{escape(status.project)}</p>"
        f"<h2>Subscriptions</h2>{_table(_SUBSCRIPTIONS, subscriptions)}<h2>Topics</h2>{_table(_TOPICS, topics)}</html>"
    )


def state(subscription: SubscriptionStatus) -> tuple[str, str]:
    """How a subscription is, in a word, and how that looks: good, busy, bad or none."""
    if subscription.destination == "held":
        return "holds", "busy" if subscription.backlog else "none"
    if not subscription.backlog:
        return "idle", "good"
    if subscription.refusal_rate and not subscription.rate:
        return "refused", "bad"
    return "delivering", "busy" if subscription.oldest_seconds > _OLD else "good"


def age(seconds: float) -> str:
    """A length of time for people."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _row(subscription: SubscriptionStatus) -> str:
    word, look = state(subscription)
    refusal = f"<small>{escape(subscription.last_refusal)}</small>" if subscription.refusal_rate else ""
    return (
        f"<tr><td>{escape(subscription.name)}"
        f"<small>{escape(subscription.topic)} → {escape(subscription.destination)}</small></td>"
        f'<td class="text {look}">● {word}{refusal}</td>{_number(subscription.backlog)}'
        f"<td>{age(subscription.oldest_seconds) if subscription.backlog else '-'}</td>"
        f"{_number(subscription.outstanding)}{_number(subscription.retrying)}{_number(subscription.most_attempts)}"
        f"{_number(subscription.acknowledged)}{_number(round(subscription.rate))}"
        f"{_number(subscription.refused)}{_number(subscription.dead_lettered, 'bad')}</tr>"
    )


def _number(value: int, look: str = "") -> str:
    return f'<td class="{look if value else "none"}">{value:,}</td>'


def _table(heads: tuple[str, ...], rows: str) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f'<div class="frame"><table><tr>{head}</tr>{rows}</table></div>'

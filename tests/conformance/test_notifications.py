"""What notifications need of a store, on every one: a text leaves once, a cap is a cap, an address has one owner."""

import asyncio
from pathlib import Path

from functions.notification_preferences.store import Store
from shared.errors import Transient
from shared.notifications.planning import LEASE, MAX_REWARDS
from shared.notifications.preferences import Preferences
from shared.storage.documents import Documents
from tests.support.builders.push_notification import Function, Scripted, command, device, reward
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS

MESSAGES = 6


async def all_settled(functions: list[Function], bodies: list[bytes]) -> list[str]:
    """The ids of all that left, once every body was delivered to every instance at once, and those that are refused
    again, after the lease of whoever is unsure.
    """
    statuses = {503}
    for _ in range(20):
        both = [(function, body) for body in bodies for function in functions]
        statuses = set(await asyncio.gather(*(function.deliver(body) for function, body in both)))
        for function in functions:
            function.now += LEASE
        if statuses == {204}:
            break
    assert statuses == {204}
    senders = [sender for function in functions for sender in (function.push, function.text)]
    return [out.id for sender in senders if isinstance(sender, Scripted) for out in sender.out]


async def test_a_text_that_two_instances_get_at_once_leaves_once(documents: Documents, tmp_path: Path) -> None:
    """A store that is late to confirm leaves doubt, and nobody repeats it."""
    both = [Function(tmp_path, documents=documents) for _ in range(2)]
    templates = ("payment_declined", "card_used_far_away", "payment_approved", "payment_rejected")
    texts = [command(f"n-{name}", channel="text", template=name).encoded() for name in templates]
    left = await all_settled(both, texts)
    statuses = [status for status, _ in await both[0].stands()]
    assert len(left) == len(set(left)) >= statuses.count("sent")
    assert set(statuses) <= {"sent", "ambiguous"}


async def test_of_many_rewards_at_once_no_more_than_the_cap_leave(documents: Documents, tmp_path: Path) -> None:
    both = [Function(tmp_path, documents=documents) for _ in range(2)]
    await both[0].knows(device(), chose=Preferences(choices={"push": {"rewards": True}}))
    left = await all_settled(both, [reward(f"r-{points}", points).encoded() for points in range(MESSAGES)])
    assert len(set(left)) == MAX_REWARDS
    assert sorted(await both[0].stands()) == [("sent", "")] * 3 + [("suppressed", "too_many_rewards")] * 3


async def test_a_phone_that_many_claim_at_once_is_one_clients_in_the_end(documents: Documents) -> None:
    clients = [TOKENS.client(f"C-{number}") for number in range(4)]
    store = Store(documents)

    async def claim(client: str) -> None:
        while True:
            try:
                return await store.register(client, device(), plenty())
            except Transient:
                continue

    await asyncio.gather(*map(claim, clients))
    owners = [client for client in clients if (await store.devices(client, plenty())).devices]
    assert len(owners) == 1

"""What clients chose and registered, read and written under compare-and-set."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from shared.deadline import Deadline
from shared.notifications import devices, preferences
from shared.notifications.devices import Device, Devices
from shared.notifications.preferences import Preferences
from shared.storage.documents import Delete, Document, Documents, Key, Write
from shared.storage.retry import compare_and_set


class Store(msgspec.Struct, frozen=True):
    """The documents of clients, by their tokens. Raises what the documents port does, and `Damaged`."""

    documents: Documents

    async def preferences(self, client: str, deadline: Deadline) -> Preferences:
        """What a client chose."""
        [document] = await self.documents.read([preferences.key(client)], deadline)
        return preferences.read(document)

    async def choose(self, client: str, chosen: Preferences, deadline: Deadline) -> None:
        """Have `chosen` in the place of whatever there is."""
        key = preferences.key(client)

        async def writes() -> Sequence[Write]:
            [document] = await self.documents.read([key], deadline)
            return [preferences.CODEC.put(document, key, chosen)]

        await self._change(writes, deadline)

    async def devices(self, client: str, deadline: Deadline) -> Devices:
        """A client's devices."""
        [document] = await self.documents.read([devices.key(client)], deadline)
        return devices.read(document)

    async def register(self, client: str, device: Device, deadline: Deadline) -> None:
        """Have `device` among those of a client, and its address nowhere else."""

        async def writes() -> Sequence[Write]:
            mine, owner = devices.key(client), devices.owner_key(device.digest)
            held, owned = await self.documents.read([mine, owner], deadline)
            before = devices.read(held)
            after = before.with_(device)
            others = await self._taken_from(owned, client, device.digest, deadline)
            return [
                devices.CODEC.put(held, mine, after),
                devices.OWNERS.put(owned, owner, client),
                *_released(before, after),
                *others,
            ]

        await self._change(writes, deadline)

    async def remove(self, client: str, device_id: str, deadline: Deadline) -> None:
        """Forget a device, if it is there."""

        async def writes() -> Sequence[Write]:
            key = devices.key(client)
            [held] = await self.documents.read([key], deadline)
            before = devices.read(held)
            after = before.without([each.digest for each in before.devices if each.id == device_id])
            return [devices.CODEC.put(held, key, after), *_released(before, after)] if after != before else []

        await self._change(writes, deadline)

    async def _taken_from(
        self, owned: Document | None, client: str, digest: str, deadline: Deadline
    ) -> Sequence[Write]:
        """The write that takes an address from the client that `owned` says has it."""
        owner = devices.OWNERS.decode(owned) if owned is not None else client
        if owner == client:
            return []
        key: Key = devices.key(owner)
        [held] = await self.documents.read([key], deadline)
        return [devices.CODEC.put(held, key, devices.read(held).without([digest]))] if held else []

    async def _change(self, writes: Callable[[], Awaitable[Sequence[Write]]], deadline: Deadline) -> None:
        """Commit what `writes` gives, made anew while somebody else writes the same documents."""

        async def step() -> None:
            if made := await writes():
                await self.documents.commit(made, deadline)

        await compare_and_set(step, deadline)


def _released(before: Devices, after: Devices) -> Sequence[Write]:
    """The writes that say of addresses which are not there any more that they are nobody's."""
    kept = {each.digest for each in after.devices}
    return [Delete(devices.owner_key(each.digest)) for each in before.devices if each.digest not in kept]

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
            document, owner_document = await self.documents.read([mine, owner], deadline)
            before = devices.read(document)
            after = before.with_(device)
            others = await self._removed_from_owner(owner_document, client, device.digest, deadline)
            return [
                devices.CODEC.put(document, mine, after),
                devices.OWNERS.put(owner_document, owner, client),
                *_released(before, after),
                *others,
            ]

        await self._change(writes, deadline)

    async def remove(self, client: str, device_id: str, deadline: Deadline) -> None:
        """Forget a device, if it is there."""

        async def writes() -> Sequence[Write]:
            key = devices.key(client)
            [document] = await self.documents.read([key], deadline)
            before = devices.read(document)
            after = before.without([device.digest for device in before.devices if device.id == device_id])
            return [devices.CODEC.put(document, key, after), *_released(before, after)] if after != before else []

        await self._change(writes, deadline)

    async def _removed_from_owner(
        self, owner_document: Document | None, client: str, digest: str, deadline: Deadline
    ) -> Sequence[Write]:
        """The write that removes an address from its present owner, where that is another client."""
        owner = devices.OWNERS.decode(owner_document) if owner_document is not None else client
        if owner == client:
            return []
        key: Key = devices.key(owner)
        [document] = await self.documents.read([key], deadline)
        return [devices.CODEC.put(document, key, devices.read(document).without([digest]))] if document else []

    async def _change(self, writes: Callable[[], Awaitable[Sequence[Write]]], deadline: Deadline) -> None:
        """Commit what `writes` returns, calling it again after each write conflict."""

        async def step() -> None:
            if made := await writes():
                await self.documents.commit(made, deadline)

        await compare_and_set(step, deadline)


def _released(before: Devices, after: Devices) -> Sequence[Write]:
    """The writes that delete the owner entries of the addresses that `after` no longer has."""
    kept = {device.digest for device in after.devices}
    return [Delete(devices.owner_key(device.digest)) for device in before.devices if device.digest not in kept]

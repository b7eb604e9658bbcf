"""The store fails, is damaged, or is changed by others at once."""

from pathlib import Path
from typing import Any

import pytest

from functions.notification_preferences.store import Store
from shared.embedded.memory_documents import MemoryDocuments
from shared.errors import WriteConflict
from shared.notifications.devices import Device
from shared.storage.documents import Create, Key
from tests.support.builders.notification_preferences import CHOSEN, NOON, PHONE, Function
from tests.support.deadlines import plenty
from tests.support.event_streams import TOKENS
from tests.support.faulty_documents import Troubled


@pytest.mark.parametrize("trouble", [{"reads": "fail"}, {"commits": "fail"}])
async def test_while_the_store_fails_the_app_may_try_again(tmp_path: Path, trouble: dict[str, str]) -> None:
    function = Function(tmp_path, documents=Troubled(**trouble))
    assert [await function.register("phone", PHONE), (await function.call("PUT", "/v1/preferences", CHOSEN))[0]] == [
        503
    ] * 2


async def test_a_damaged_document_is_no_fault_of_the_client(tmp_path: Path) -> None:
    function, client = Function(tmp_path), TOKENS.client("C-1")
    keys = [Key("notification_preferences", client), Key("notification_devices", client)]
    await function.documents.commit([Create(key, b"\xc1") for key in keys], plenty())
    assert (await function.call("GET", "/v1/preferences"))[0] == 500
    assert await function.register("phone", PHONE) == 500
    assert await function.call("PUT", "/v1/preferences", CHOSEN) == (200, CHOSEN)


async def test_a_store_that_changes_under_every_try_is_told_in_the_end() -> None:
    class Contended(MemoryDocuments):
        async def commit(self, *_: Any) -> Any:
            raise WriteConflict("changed")

    phone = Device("phone", "fid", "f" * 22, "d", "android", NOON)
    with pytest.raises(Exception, match="under 6 tries"):
        await Store(Contended()).register("t1_0", phone, plenty())

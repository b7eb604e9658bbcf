"""An id is read again by who has the token key, from the document that it was written into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.deadline import Deadline
from shared.errors import Damaged, Forbidden, Misconfigured, NotFound, Unavailable
from shared.runtime.id_cipher import TokenKeyCipher
from tests.support.deadlines import plenty

KEYS = {1: b"k" * 32, 2: b"l" * 32}


async def key(version: int, _: Deadline) -> bytes:
    try:
        return KEYS[version]
    except KeyError:
        raise NotFound("no such version") from None


CIPHER = TokenKeyCipher(key, 1)


@given(st.text(max_size=128), st.text(max_size=200))
async def test_an_id_is_given_back_as_it_was(id_: str, about: str) -> None:
    assert await CIPHER.decrypt(await CIPHER.encrypt(id_, about, plenty()), about, plenty()) == id_


async def test_the_same_id_is_encrypted_otherwise_each_time_and_is_not_in_the_text() -> None:
    texts = {await CIPHER.encrypt("client-4711", "r", plenty()) for _ in range(3)}
    assert len(texts) == 3
    assert not any("4711" in text for text in texts)


async def test_what_another_version_of_the_key_encrypted_is_read_while_that_is_there() -> None:
    text = await TokenKeyCipher(key, 2).encrypt("C-1", "r", plenty())
    assert (text[:3], await CIPHER.decrypt(text, "r", plenty())) == ("e2.", "C-1")
    with pytest.raises(Misconfigured, match="version 3 of the token key cannot be read"):
        await CIPHER.decrypt(f"e3.{text[3:]}", "r", plenty())


async def test_a_text_is_of_no_use_in_another_document_or_altered() -> None:
    text = await CIPHER.encrypt("C-1", "transaction.op-1.1", plenty())
    for forged, about in (
        (text, "transaction.op-2.1"),
        (text[:-4] + "AAA=", "transaction.op-1.1"),
        (f"e2.{text[3:]}", "transaction.op-1.1"),
    ):
        with pytest.raises(Damaged):
            await CIPHER.decrypt(forged, about, plenty())


@pytest.mark.parametrize("text", ["", "C-1", "e1", "e1.", "e1.x", "ex.AAAA", "e1.AAAA", "e1.ž"])
async def test_what_is_no_encrypted_id_is_damage(text: str) -> None:
    with pytest.raises(Damaged):
        await CIPHER.decrypt(text, "r", plenty())


@pytest.mark.parametrize(
    ("failure", "error"), [(Forbidden("not ours"), Misconfigured), (Unavailable("down"), Unavailable)]
)
async def test_a_key_that_cannot_be_read_is_said_so_and_tried_again(failure: Exception, error: type[Exception]) -> None:
    failures = [failure]

    async def read(version: int, deadline: Deadline) -> bytes:
        if failures:
            raise failures.pop()
        return await key(version, deadline)

    cipher = TokenKeyCipher(read, 1)
    with pytest.raises(error):
        await cipher.encrypt("C-1", "r", plenty())
    assert await CIPHER.decrypt(await cipher.encrypt("C-1", "r", plenty()), "r", plenty()) == "C-1"

"""Makes the cipher of ids over the secrets."""

from shared.composition.ports import TOKEN_KEY, Ports
from shared.deadline import Deadline
from shared.runtime.id_cipher import IdCipher, TokenKeyCipher


def id_cipher(ports: Ports) -> IdCipher:
    """The cipher, with the configured version of the token key."""

    async def read(version: int, deadline: Deadline) -> bytes:
        return await ports.secrets.access(TOKEN_KEY, version, deadline)

    return TokenKeyCipher(read, ports.settings.token_key_version)

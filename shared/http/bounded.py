"""Reading a body that somebody else sends, under a limit."""

import aiohttp


async def read(content: aiohttp.StreamReader, most: int) -> bytes:
    """The whole body, or its first `most` + 1 bytes: who gets more than `most` knows that it was too long."""
    body = await content.read(most + 1)
    while not content.at_eof() and len(body) <= most:
        body += await content.read(most + 1 - len(body))
    return body

"""The body of a request, as far as it is no larger than it may be."""

from collections.abc import AsyncIterable


async def measured(chunks: AsyncIterable[bytes], announced: int | None, most: int) -> bytes | None:
    """Read a body as it comes in; None as soon as it is more than so many bytes, or says that it will be."""
    if (announced or 0) > most:
        return None
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)

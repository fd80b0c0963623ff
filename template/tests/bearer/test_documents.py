"""What the security document says of tokens is true."""

from pathlib import Path

import pytest

from app.bearer.settings import BearerSettings


@pytest.mark.asvs("V7.1.1")
def test_the_times_in_the_security_document_are_those_of_the_code() -> None:
    bearer = BearerSettings()
    security = Path("SECURITY.md").read_text(encoding="utf-8")
    stated = [
        f"Access tokens live {bearer.access_seconds // 60} minutes",
        f"after {bearer.refresh_idle_seconds // 86400} days unused",
        f"after {bearer.refresh_absolute_seconds // 86400} days in any case",
    ]

    assert [statement for statement in stated if statement not in security] == []

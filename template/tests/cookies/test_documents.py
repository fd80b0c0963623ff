"""What the security document says of sessions in browsers is true."""

from pathlib import Path

import pytest

from app.cookies.settings import CookiesSettings


@pytest.mark.asvs("V7.1.1")
def test_the_times_in_the_security_document_are_those_of_the_code() -> None:
    cookies = CookiesSettings()
    security = Path("SECURITY.md").read_text(encoding="utf-8")
    minutes, hours = cookies.idle_seconds // 60, cookies.absolute_seconds // 3600

    assert f"session ends after {minutes} minutes unused and after {hours} hours in any case" in security

"""The secret in `.env`: 256 bits from the system's secure source."""

import re
from functools import reduce

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from tests.support.checkout import TEMPLATE

DRAWS = 1000


def _drawn_secrets() -> list[int]:
    """Render the expression of the template alone, compiled anew as in each run of Copier.

    A thousand whole projects would take ten minutes.
    """
    text = (TEMPLATE / ".env.jinja").read_text(encoding="utf-8")
    (expression,) = re.findall(r"\{\{[^{}]*random[^{}]*\}\}", text)
    filters = "jinja2_ansible_filters.AnsibleCoreFiltersExtension"
    environment = SandboxedEnvironment(extensions=[filters], undefined=StrictUndefined)
    drawn = [environment.from_string(expression).render() for _ in range(DRAWS)]
    assert all(re.fullmatch(r"[0-9a-f]{64}", secret) for secret in drawn)
    return [int(secret, 16) for secret in drawn]


def test_a_thousand_secrets_are_long_and_never_repeat_and_use_every_bit() -> None:
    secrets = _drawn_secrets()

    assert len(set(secrets)) == DRAWS
    # A bit that never changed would be in only one of these.
    assert reduce(int.__or__, secrets) == 2**256 - 1
    assert reduce(int.__and__, secrets) == 0

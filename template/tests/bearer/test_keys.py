"""Keys: where they come from, and how one takes the place of another without logging anyone out."""

import hmac
import json
import re
import secrets

import pytest

from app.bearer.tokens import AccessTokens
from app.core.application import Application
from app.core.keys import RootSecret
from app.main import create_app
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.forge import Forge, not_refused, present
from tests.support.tokens import logged_in, refresh

OLD, NEW, NEXT = (secrets.token_hex(32) for _ in range(3))
NONE = {"SECRET_KEY_FALLBACKS": "", "SECRET_KEY_NEXT": ""}


def kids(app: Application) -> list[str]:
    return [key.kid for key in app.state.kernel.provided(AccessTokens).keys.keys]


async def test_a_token_of_a_fallback_key_is_accepted_until_the_key_is_removed(make_app: MakeApp) -> None:
    before = make_app(SECRET_KEY=OLD, **NONE)
    rotated = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=f"{secrets.token_hex(32)},{OLD}")
    finished = make_app(SECRET_KEY=NEW, **NONE)

    async with logged_in(before) as alice, ApiClient(rotated) as then, ApiClient(finished) as later:
        accepted = await present(then, alice.access_token)
        renewed = await refresh(then, alice.refresh_token)
        wrong = await not_refused(later, {"a token of the removed key": alice.access_token})
        of_the_new_key = await present(later, renewed.json()["access_token"])

    assert accepted.status_code == 200
    assert renewed.status_code == 200
    assert wrong == {}
    assert of_the_new_key.status_code == 200


async def test_the_current_key_signs_and_no_other(make_app: MakeApp) -> None:
    current = kids(make_app(SECRET_KEY=NEW, **NONE))
    app = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=OLD, SECRET_KEY_NEXT=NEXT)

    async with logged_in(app) as alice:
        forge = Forge(app, alice.access_token)

    assert [forge.header["kid"]] == current
    assert len(set(kids(app))) == 3


async def test_the_next_key_is_accepted_before_it_signs(make_app: MakeApp) -> None:
    first = make_app(SECRET_KEY=NEW, SECRET_KEY_NEXT=NEXT)
    ahead = make_app(SECRET_KEY=NEXT, SECRET_KEY_FALLBACKS=NEW, SECRET_KEY_NEXT="")

    async with logged_in(ahead) as alice, ApiClient(first) as behind:
        answer = await present(behind, alice.access_token)

    assert answer.status_code == 200


async def test_a_key_verifies_under_its_own_id_alone(make_app: MakeApp) -> None:
    app = make_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=OLD, SECRET_KEY_NEXT="")

    async with logged_in(app) as alice:
        forge = Forge(app, alice.access_token)
        fallback = forge.tokens.keys.keys[1]
        wrong = await not_refused(alice, {"named as the other": forge.token(header={"kid": fallback.kid})})

    assert fallback.kid != forge.header["kid"]
    assert wrong == {}


@pytest.mark.asvs("V9.1.1")
async def test_a_stranger_with_another_secret_signs_nothing_for_us(make_app: MakeApp) -> None:
    ours = make_app(SECRET_KEY=NEW, **NONE)
    theirs = make_app(SECRET_KEY=OLD, **NONE).state.kernel.provided(AccessTokens).keys.signing

    async with logged_in(ours) as alice:
        forge = Forge(ours, alice.access_token)
        claims = json.dumps(forge.claims).encode()
        named = {kid: json.dumps({**forge.header, "kid": kid}).encode() for kid in (theirs.kid, forge.header["kid"])}
        wrong = await not_refused(alice, {kid: forge.signed(header, claims, theirs) for kid, header in named.items()})

    assert wrong == {}


@pytest.mark.asvs("V11.5.1")
async def test_each_purpose_has_a_key_of_its_own_and_none_is_the_root(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    derive, derived = RootSecret.derive, list[tuple[str, bytes]]()

    def noted(root: RootSecret, purpose: str, *, length: int = 32) -> bytes:
        derived.append((purpose, derive(root, purpose, length=length)))
        return derived[-1][1]

    monkeypatch.setattr(RootSecret, "derive", noted)
    app = make_app(SECRET_KEY=NEW, **NONE)

    purposes, keys = {purpose for purpose, _ in derived}, {key for _, key in derived}
    assert len(purposes) == len(keys) == len(derived) >= 2
    assert all(re.fullmatch(r"[a-z-]+/[A-Za-z0-9-]+/[0-9]+(/[0-9]+)?", purpose) for purpose in purposes)
    assert {app.state.kernel.core.roots.current.material, NEW.encode(), bytes.fromhex(NEW)}.isdisjoint(keys)


def test_keys_are_derived_as_rfc_5869_says() -> None:
    """HKDF-SHA256 without salt. That no purpose is renamed is up to the tests of what is derived."""
    derived = RootSecret(b"0123456789abcdef0123456789abcdef").derive("anything/HMAC-SHA256/1")

    assert derived == hkdf(b"0123456789abcdef0123456789abcdef", b"anything/HMAC-SHA256/1")


def hkdf(material: bytes, info: bytes) -> bytes:
    """Return 32 bytes of HKDF-SHA256, written down once more from RFC 5869 section 2."""
    pseudorandom_key = hmac.digest(bytes(32), material, "sha256")
    return hmac.digest(pseudorandom_key, info + b"\x01", "sha256")


async def test_neither_a_key_nor_a_root_shows_itself(app: Application) -> None:
    kernel = app.state.kernel
    secret = kernel.core.secret_key.get_secret_value()
    keys = kernel.provided(AccessTokens).keys

    shown = " ".join(map(repr, (kernel.core, kernel.core.roots, kernel.core.roots.current, keys, keys.signing)))

    assert secret not in shown
    assert keys.signing.kid not in shown
    assert "private" not in shown


async def test_ids_and_tokens_take_their_randomness_from_the_kernel(make_app: MakeApp) -> None:
    make_app()  # sets the database of this test
    asked: list[int] = []

    def counted(size: int) -> bytes:
        asked.append(size)
        return secrets.token_bytes(size)

    app = create_app(entropy=counted)
    async with logged_in(app):
        pass
    await app.state.kernel.close()

    assert sorted(asked) == [16, 32]

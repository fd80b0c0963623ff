"""A preflight is answered before its request would be measured, counted or asked for a credential."""

from tests.support.layers import Layer, Shot


async def ask_from_an_unnamed_page(shot: Shot) -> None:
    shot.method = "OPTIONS"
    shot.headers |= {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}


LAYERS = (Layer(name="cors", place=30, spoil=ask_from_an_unnamed_page, refusal=(403, "origin_not_allowed")),)

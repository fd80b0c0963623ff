"""A body that is too large is refused before anyone reads it or asks whose it is."""

from tests.support.layers import Layer, Shot


async def announce_too_much(shot: Shot) -> None:
    shot.headers["Content-Length"] = "9" * 12


LAYERS = (Layer(name="body_limit", place=40, spoil=announce_too_much, refusal=(413, "content_too_large")),)

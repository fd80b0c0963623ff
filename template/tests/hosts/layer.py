"""A name that is not ours is refused before anything is done in our name."""

from tests.support.layers import Layer, Shot


async def name_another_host(shot: Shot) -> None:
    shot.headers["Host"] = "evil.example"


LAYERS = (Layer(name="hosts", place=20, spoil=name_another_host, refusal=(400, "untrusted_host")),)

"""A network over its limit is refused before anyone looks at its credential or reads its body."""

from tests.support.layers import Layer, Shot
from tests.support.planting import RawRequest

BUSY, MOST = "203.0.113.9", 20


async def have_asked_too_often(shot: Shot) -> None:
    shot.network = BUSY
    for _ in range(MOST + 1):
        request = RawRequest("GET", "/nowhere")
        request.scope["client"] = (BUSY, 40000)
        if (await request.send_to(shot.app)).status == 429:
            return


LAYERS = (
    Layer(
        name="rate_limit",
        place=50,
        spoil=have_asked_too_often,
        refusal=(429, "rate_limited"),
        settings={"RATE_LIMIT_GENERAL": f"{MOST}/minute"},
    ),
)

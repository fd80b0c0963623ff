"""In the application itself: who asks comes before what is asked."""

from tests.support.layers import Layer, Shot


async def present_nothing(shot: Shot) -> None:
    shot.without(*shot.credential)


async def send_the_wrong_thing(shot: Shot) -> None:
    shot.body = b'{"amount": "much"}'


LAYERS = (
    Layer(name="authentication", place=70, spoil=present_nothing, refusal=(401, "not_authenticated"), is_guard=False),
    Layer(name="routing", place=80, spoil=send_the_wrong_thing, refusal=(422, "invalid_input"), is_guard=False),
)

"""What another site made a browser send is refused before its cookie is looked up."""

from tests.support.cookies import SESSION
from tests.support.layers import Layer, Shot


async def come_from_another_site(shot: Shot) -> None:
    shot.headers |= {"Cookie": f"{SESSION}={'a' * 43}", "Sec-Fetch-Site": "cross-site"}


LAYERS = (Layer(name="cookies", place=60, spoil=come_from_another_site, refusal=(403, "csrf_refused")),)

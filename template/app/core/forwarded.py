"""Says once that a proxy seems to stand in front which nobody has named.

The client's address is what the server made of `X-Forwarded-For`, which it believes from the peers in
`FORWARDED_ALLOW_IPS` alone: anyone can send that header. A proxy that is not named there makes all its clients look
like one, and whoever is slowed down or locked out is then everybody.
"""

from app.core.log import log

FORWARDED_FOR = b"x-forwarded-for"

_ADVICE = (
    "X-Forwarded-For came from a peer that FORWARDED_ALLOW_IPS does not name. If it is your proxy, name it there: "
    "until then all its clients count as one. If it is not, somebody tried to choose an address"
)


class ForwardedWarning:
    """Looks at requests until it has warned, once in the life of a process."""

    def __init__(self) -> None:
        self._is_over = False

    def look(self, value: bytes, client: str) -> None:
        """Warn once that X-Forwarded-For was ignored.

        Had the server believed it, the `client` would be one of the addresses in `value`, all lines of the header.
        """
        if self._is_over or client.encode("latin-1", "replace") in value:
            return
        self._is_over = True
        log.warning("forwarded_address_not_believed", description=_ADVICE, source_ip=client)

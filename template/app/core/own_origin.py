"""Whether a page is of the origin that its request is for (RFC 6454 section 4).

Behind a proxy only `Host` tells which origin that is: it was checked further out, and the scheme of the request says
nothing. In production every page of ours came over TLS; one that did not can be anybody's on the way.
"""

from starlette.datastructures import Headers
from starlette.types import Scope

from app.core.settings import CoreSettings

LONGEST_ORIGIN_SHOWN = 100
"""So many characters of an origin are written to the log: whoever sends it may make it as long as a head may be."""

DEFAULT_PORTS = {"http": ":80", "https": ":443"}
"""What an origin leaves out, by its scheme."""


def is_own_origin(origin: str, scope: Scope, core: CoreSettings) -> bool:
    """Return whether `origin`, as a browser writes it, is the one that the request of `scope` is for."""
    host = "".join(Headers(scope=scope).getlist("Host")).lower()
    schemes = ("https",) if core.is_production else ("https", "http")
    return any(origin == f"{scheme}://{host.removesuffix(DEFAULT_PORTS[scheme])}" for scheme in schemes)

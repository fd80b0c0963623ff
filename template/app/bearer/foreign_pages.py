"""Pages of other origins: each can send a form here, and a browser asks nobody first (ASVS V3.5.2).

Threat: such a page tries passwords at an account of its choice, with the address of everybody who has it open. It reads
no answer and needs none: their networks would have to wait for that account, and 20 of them close it to every network
that it does not know (ASVS V6.3.1).

A browser says by itself who made it send something, and no script changes what it says. Programs say nothing of it.
"""

from starlette.datastructures import Headers
from starlette.types import Scope

from app.core.context import current_network
from app.core.errors import Problem
from app.core.events import attempt_from
from app.core.kernel import Kernel
from app.core.own_origin import LONGEST_ORIGIN_SHOWN, is_own_origin


def refuse_foreign_page(scope: Scope, kernel: Kernel) -> None:
    """Look at who made a browser send the request of `scope`.

    Raises:
        Problem: 403, it was a page of another origin that is not among `kernel.named_origins`.
    """
    if _is_from_foreign_page(scope, kernel):
        _tell(scope, kernel)
        raise Problem(403, "origin_not_allowed", "Pages of this origin may not call this API.")


def _tell(scope: Scope, kernel: Kernel) -> None:
    origin = Headers(scope=scope).get("Origin", "a page that hides where it is from")[:LONGEST_ORIGIN_SHOWN]
    kernel.tell_seldom(attempt_from(current_network(), "malicious_form", f"{origin} made a browser send a form"))


def _is_from_foreign_page(scope: Scope, kernel: Kernel) -> bool:
    headers = Headers(scope=scope)
    sites, origins = headers.getlist("Sec-Fetch-Site"), headers.getlist("Origin")
    if len(origins) == 1 and origins[0] in kernel.named_origins:
        return False
    if sites:
        # Before `Origin`: it is the browser's own comparison, which a proxy that rewrites `Host` cannot spoil.
        return sites not in (["same-origin"], ["none"])
    # Older browsers, and all of them over plain HTTP to another machine.
    return origins != [] and not (len(origins) == 1 and is_own_origin(origins[0], scope, kernel.core))

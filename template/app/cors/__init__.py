"""CORS: the pages on other origins that `BROWSER_ORIGINS` names may call this API from a browser, and no others.

Threat: a page of somebody else reads answers, or sends what only our own pages should, with the visitor's address and
credentials (ASVS V3.4.2). A browser keeps pages apart by itself; each header here is a hole in that wall, so a page
that is not named gets none of them.

Remove it: `uvx fastapi-bastion remove cors`. A browser then lets no page on another origin read an answer, or send what
a form could not; what one could it still sends.
"""

from app.core.kernel import Kernel
from app.core.origins import OriginsSettings, allowed_origins
from app.core.slices import Slice
from app.cors.guard import CorsGuard


def install(kernel: Kernel, settings: OriginsSettings) -> None:
    """Answer preflights, and let the pages that are named read every other answer."""
    origins = allowed_origins(settings, kernel.core)
    kernel.named_origins |= origins
    kernel.guard(lambda app: CorsGuard(app, kernel, origins))


SLICE = Slice(name="cors", install=install, settings=OriginsSettings)

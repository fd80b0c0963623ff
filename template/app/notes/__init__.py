"""Notes: an example of a resource that belongs to someone. Copy it, then delete it.

Threats shown here: reading somebody else's object by its id (OWASP API1:2023), fields nobody may set (API3:2023),
lists and accounts without end (API4:2023), text that reaches the database as SQL.

Remove it: the README says how, in four steps.
"""

from app.core.kernel import Kernel
from app.core.settings import SliceSettings
from app.core.slices import Slice
from app.notes.router import READ, WRITE, router


def install(kernel: Kernel, _settings: SliceSettings | None) -> None:
    """Declare the permissions, which every account holds, and serve the routes."""
    kernel.permission(READ, everyone=True)
    kernel.permission(WRITE, everyone=True)
    kernel.mount(router)


SLICE = Slice(name="notes", install=install)

"""The ASGI application, `app.asgi:app`. Prefer `python -m app.manage serve`: it gives the server its safe flags."""

import sys

from app.core.routing import UndeclaredPermissionError, UnguardedRouteError
from app.core.settings import SettingsError
from app.main import create_app

try:
    app = create_app()
    # Here, because a server may take what is raised later, at its first word, for an application without a start.
    app.refuse_misguarded_routes()
except (SettingsError, UnguardedRouteError, UndeclaredPermissionError) as error:
    # A traceback would bury the one thing to read.
    sys.exit(str(error))

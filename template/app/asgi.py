"""The ASGI application, `app.asgi:app`. Prefer `python -m app.manage serve`: it gives the server its safe flags."""

import sys

from app.core.settings import SettingsError
from app.main import create_app

try:
    app = create_app()
except SettingsError as error:
    # A traceback would bury the one thing to read.
    sys.exit(str(error))

"""The ASGI application, for servers: `uvicorn app.asgi:app`. Prefer `python -m app.manage serve`, which sets the flags."""

import sys

from app.core.settings import SettingsError
from app.main import create_app

try:
    app = create_app()
except SettingsError as error:
    # A traceback would bury the one thing to read.
    sys.exit(str(error))

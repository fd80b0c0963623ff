"""The packages that the template's dependencies bring along, by the names that Python imports.

A file of such a name at the top of a project is imported instead, also by the libraries themselves: an `argon2.py`
there decides which password is right. A check does not need an installed project, so the names are kept here. The
imports of the defences' own files are read from those files.
"""

_NAMES = """
    _argon2_cffi_bindings _cffi_backend aiosqlite alembic annotated_doc annotated_types anyio argon2 async_timeout
    asyncpg bcrypt cffi click colorama cryptography deprecated dns dotenv email_validator fastapi greenlet h11
    httptools idna jwt limits mako markupsafe opentelemetry packaging passlib pycparser pydantic pydantic_core
    pydantic_settings sqlalchemy starlette structlog typing_extensions typing_inspection tzdata uvicorn uvloop wrapt
"""

BROUGHT_ALONG = frozenset(_NAMES.split())

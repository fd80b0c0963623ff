"""A page of somebody, served on this machine: where a browser comes from when it calls a project."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Pages = dict[str, str]


class _Site(BaseHTTPRequestHandler):
    def __init__(self, pages: Pages, *given: Any) -> None:  # noqa: ANN401 - what the server hands on
        self._pages = pages
        super().__init__(*given)

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self._pages.get(path, "<!doctype html><body></body>").replace("%s", query).encode())

    def log_message(self, *_anything: Any) -> None:  # noqa: ANN401 - nobody reads it
        """Say nothing."""


@contextmanager
def site(**pages: str) -> Iterator[int]:
    """Serve empty pages, and `pages` by their names, each with its query in the place of `%s`; give the port."""
    content = {f"/{name}": page for name, page in pages.items()}
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, content)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()

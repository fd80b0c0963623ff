"""Programs that give a render the server that a URL in its `.env` asks for, one for each scheme, named after it.

Each is run by the render's own Python, with what the render itself declares. It writes the URL of a place of its own on
that server to its standard output, a line, and goes on until it is told to end. An existing server is used when an
environment variable gives its URL, the same that the render's tests read.
"""

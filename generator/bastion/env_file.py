r"""The settings in a file like `.env`: plain values, and values in quotes, up to the end of the line or a comment.

In a project python-dotenv reads more: values of several lines, `\"` in quotes, and `${NAME}`. Here such values are read
as they are written, and end with their line.
"""

import re

_LINE = re.compile(r"\s*(?:export\s+)?(\w+)\s*=(.*)")
_END_OF_LINE = re.compile(r"\r\n|\n|\r")
_COMMENT = re.compile(r"\s#")
_QUOTES = {"'", '"'}
_MARK = "\ufeff"
"""The mark that some editors on Windows put in front of a file."""


def settings_in(text: str) -> dict[str, str]:
    """Return each setting with its value, which may be empty; of several lines for one, the last counts.

    Args:
        text: The file's content.

    Returns:
        The values, by names in capitals: the project ignores the case of a name.
    """
    lines = filter(None, map(_LINE.match, _END_OF_LINE.split(text.removeprefix(_MARK))))
    return {line[1].upper(): _value(line[2]) for line in lines}


def _value(written: str) -> str:
    quote, rest = written.strip()[:1], written.strip()[1:]
    if quote in _QUOTES and quote in rest:
        return rest.partition(quote)[0]
    return _COMMENT.split(written, maxsplit=1)[0].strip()

"""What a file like `.env` sets, read as the project does, by python-dotenv; a value ends where its line does."""

import re

_LINE = re.compile(r"\s*(?:export\s+)?(\w+)\s*=(.*)")
_END_OF_LINE = re.compile(r"\r\n|\n|\r")
_COMMENT = re.compile(r"\s#")
_QUOTES = {"'", '"'}


def settings_in(text: str) -> dict[str, str]:
    """Return each setting with its value, which may be empty; of several lines for one, the last counts.

    Args:
        text: The file's content.

    Returns:
        The values, by names in capitals: the project sees no difference.
    """
    lines = filter(None, map(_LINE.match, _END_OF_LINE.split(text)))
    return {line[1].upper(): _value(line[2].strip()) for line in lines}


def _value(written: str) -> str:
    quote, rest = written[:1], written[1:]
    if quote in _QUOTES and quote in rest:
        return rest.partition(quote)[0]
    # With the blank in front: `# ours` is also a comment where no value stands before it.
    return _COMMENT.split(f" {written}", maxsplit=1)[0].strip()

"""Text of others, made fit for a terminal."""


def visible(text: str) -> str:
    """Write out the characters that a terminal would obey or hide: control characters and those without width.

    Args:
        text: One line.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()

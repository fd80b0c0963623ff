"""YAML that somebody else wrote."""

import yaml


def plain_yaml(text: str | bytes) -> object:
    """Read one document of plain values.

    Args:
        text: The document.

    Returns:
        What it holds.

    Raises:
        ValueError: It is none.
    """
    try:
        return yaml.safe_load(text)
    # Of a tag that fits nothing, a day that there is not or a number without end, it says so by whatever it meets.
    except Exception as error:
        raise ValueError("it is not YAML") from error

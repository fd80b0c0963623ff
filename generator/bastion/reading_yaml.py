"""YAML that somebody else wrote."""

import yaml


def plain_yaml(text: str | bytes) -> object:
    """Read one document of plain values.

    Args:
        text: The document.

    Returns:
        The document's value.

    Raises:
        ValueError: The text is not such a document.
    """
    try:
        return yaml.safe_load(text)
    # PyYAML raises exceptions of many types, for an unknown tag, an impossible date or a huge number.
    except Exception as error:
        raise ValueError("it is not YAML") from error

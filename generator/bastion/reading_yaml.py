"""YAML that somebody else wrote."""

import yaml


def plain_yaml(text: str | bytes) -> object:
    """Read one document of plain values.

    Args:
        text: The document.

    Raises:
        ValueError: It is none. Of what a tag such as `!!bool` cannot make sense, or of a day that there is not, the
            library says so by whatever error it comes upon.
    """
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("it is not YAML") from error

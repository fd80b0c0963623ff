"""YAML that somebody else wrote."""

import yaml


class _Loader(yaml.SafeLoader):
    """Refuses a number that Python cannot write: its text would be asked for later, in a message."""

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        number = super().construct_yaml_int(node)
        str(number)  # ValueError: of thousands of digits, which Python only reads where they are hexadecimal
        return number


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


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
        return yaml.load(text, _Loader)  # noqa: S506 - it is a safe one
    # PyYAML raises exceptions of many types, for an unknown tag, an impossible date or a huge number.
    except Exception as error:
        raise ValueError("it is not YAML") from error

"""Small questionnaires that chance wrote: every kind of question, rule and computed value, in any order."""

from collections.abc import Mapping
from random import Random
from typing import Any

_WORDS = "abcd"


def random_questionnaire(seed: int) -> dict[str, Any]:
    """Write one, always the same for the same number."""
    dice = Random(seed)
    content: dict[str, Any] = {"_envops": {"undefined": "jinja2.StrictUndefined"}}
    known: dict[str, list[str]] = {}
    for number in range(dice.randint(2, 6)):
        kind = dice.choice([_one_of, _one_of, _boxes, _boxes, _yes_or_no, _text, _computed])
        name = f"q{number}"
        content[name] = kind(dice, name, known)
        known[name] = _conditions(name, content[name])
    return content


def _conditions(name: str, details: Mapping[str, Any]) -> list[str]:
    """Write what may be asked of a question."""
    if details.get("multiselect"):
        return [f"{word!r} in {name}" for word in _values(details)] + [f"{name} | length > 1"]
    if "choices" in details:
        return [f"{name} == {word!r}" for word in _values(details)]
    return [name] if details["type"] == "bool" else [f"{name} == 'b'"]


def _values(details: Mapping[str, Any]) -> list[str]:
    return [each["value"] if isinstance(each, dict) else each for each in details["choices"].values()]


def _condition(dice: Random, known: Mapping[str, list[str]]) -> str:
    asked = [dice.choice(dice.choice(list(known.values()))) for _ in range(dice.choice([1, 1, 2]))]
    return dice.choice([" and ", " or not "]).join(f"({each})" for each in asked)


def _rules(dice: Random, name: str, known: Mapping[str, list[str]], own: list[str]) -> dict[str, str]:
    rules = {}
    if known and dice.random() < 0.4:
        rules["when"] = f"{{{{ {_condition(dice, known)} }}}}"
    if dice.random() < 0.4:
        rules["validator"] = f"{{% if {_condition(dice, {**known, name: own})} %}}no{{% endif %}}"
    return rules


def _choices(dice: Random, known: Mapping[str, list[str]]) -> dict[str, Any]:
    words = _WORDS[: dice.randint(2, 3)]
    return {
        word.upper(): {"value": word, "validator": f"{{% if {_condition(dice, known)} %}}closed{{% endif %}}"}
        if known and dice.random() < 0.25
        else word
        for word in words
    }


def _one_of(dice: Random, name: str, known: Mapping[str, list[str]]) -> dict[str, Any]:
    details = {"type": "str", "choices": _choices(dice, known), "default": "a"}
    return details | _rules(dice, name, known, _conditions(name, details))


def _boxes(dice: Random, name: str, known: Mapping[str, list[str]]) -> dict[str, Any]:
    details = {
        "type": "str",
        "multiselect": True,
        "choices": _choices(dice, known),
        "default": dice.choice([[], ["b"]]),
    }
    return details | _rules(dice, name, known, _conditions(name, details))


def _yes_or_no(dice: Random, name: str, known: Mapping[str, list[str]]) -> dict[str, Any]:
    return {"type": "bool", "default": dice.random() < 0.5} | _rules(dice, name, known, [name])


def _text(dice: Random, name: str, known: Mapping[str, list[str]]) -> dict[str, Any]:
    default = f"{{{{ 'b' if {_condition(dice, known)} else 'c' }}}}" if known else "b"
    rules = {"validator": f"{{% if {name} == 'b' %}}no{{% endif %}}"} if known and dice.random() < 0.3 else {}
    return {"type": "str", "default": default} | rules


def _computed(dice: Random, name: str, known: Mapping[str, list[str]]) -> dict[str, Any]:
    del name
    return {"type": "bool", "when": False, "default": f"{{{{ {_condition(dice, known)} }}}}" if known else True}

"""`app/main.py` is the list of the defences, and users add to it: what a hostile change of it could look like."""

from collections.abc import Callable

import pytest

from tests.checking.checked import Checked

MAIN = "app/main.py"
FIRST, RBAC, LAST = "    headers.SLICE,\n", "    rbac.SLICE,\n", "    docs.SLICE,\n"
OPENED, CLOSED = "SLICES = (", "\n)\n\n\ndef create_app"


def _replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def _added(code: str) -> Callable[[str], str]:
    return lambda text: f"{text}\n{code}\n"


def _in_front(text: str) -> str:
    return text.replace(RBAC, "", 1).replace(FIRST, RBAC + FIRST, 1)


def _in_a_string(text: str) -> str:
    return text.replace(RBAC, "", 1) + f'\n"""\n{RBAC}"""\n'


def _made(opened: str, closed: str, above: str = "") -> Callable[[str], str]:
    """Write the list in another way, with every guard in its place."""
    return lambda text: text.replace(OPENED, f"{above}SLICES = {opened}", 1).replace(
        CLOSED, CLOSED.replace("\n)\n", f"\n{closed}\n", 1), 1
    )


def _never_reached(text: str) -> str:
    head, slices, tail = text.partition("SLICES = (")
    body, end, rest = tail.partition("\n)\n")
    kept = "".join(f"    {line}\n" for line in (slices + body + end).splitlines())
    return f"{head}SLICES = ()\nif not SLICES and False:\n{kept}{rest}"


ATTACKS = {
    "a guard left out": (_replaced(RBAC, ""), "rbac"),
    "a guard in a comment": (_replaced(RBAC, "    # rbac.SLICE,\n"), "rbac"),
    "a guard in a dead string": (_in_a_string, "rbac"),
    "a guard at another place": (_in_front, "rbac"),
    "a guard for a condition": (_replaced(RBAC, "    *([rbac.SLICE] if False else []),\n"), "rbac"),
    "a list that is never reached": (_never_reached, "always"),
    "a list that is cut": (_added("SLICES = SLICES[5:]"), "always"),
    "a list that is cut in place": (_added("SLICES += ()"), "always"),
    "a name of another module": (_replaced("    rbac,\n)", ")\nfrom evil import rbac"), "rbac"),
    "a name of another package": (_added("import evil as rbac"), "rbac"),
    "a name bound again": (_replaced("TITLE =", "from evil import rbac\n\nTITLE ="), "rbac"),
    "a name bound in a loop": (_replaced("TITLE =", "for rbac in [evil]:\n    pass\n\nTITLE ="), "rbac"),
    "a name bound in passing": (_replaced(LAST, LAST + "    (rbac := evil),\n"), "rbac"),
    "a name bound by an error": (
        _replaced("TITLE =", "try:\n    1 / 0\nexcept Exception as rbac:\n    x = 1\n\nTITLE ="),
        "rbac",
    ),
    "a function that binds a name": (_added("def change():\n    global SLICES\n    SLICES = ()"), "always"),
    "a name bound by a pattern": (_added("match {}:\n    case {**SLICES}:\n        pass"), "always"),
    "a name bound by a whole pattern": (_added("match {}:\n    case SLICES:\n        pass"), "always"),
    "a name bound by the rest of a pattern": (_added("match []:\n    case [*SLICES]:\n        pass"), "always"),
    "a name bound by a default": (_added("def change(x=(SLICES := ())): ..."), "always"),
    "a name bound by a decorator": (_added("@(SLICES := [print])[0]\ndef change(): ..."), "always"),
    "a name bound by a base": (_added("class Change((SLICES := object)): ..."), "always"),
    "a part of a defence, in a class": (_added("class Change:\n    rbac.SLICE = None"), "rbac"),
    "a part of a defence": (_added("rbac.SLICE = None"), "rbac"),
    "an entry of a defence": (_added("rbac.TABLE['x'] = None"), "rbac"),
    "an import of all names": (_replaced("TITLE =", "from evil import *\n\nTITLE ="), "always"),
    "another function": (_replaced("install_all(SLICES, kernel)", "install_all(SLICES[1:], kernel)"), "always"),
    "a function in the place of the template's": (_added("def create_app(): ..."), "always"),
    "another counter": (_replaced("counters.STORAGE", "evil.STORAGE"), "limiter"),
    "another audience": (_replaced('NAME = "', 'NAME = "an'), "always"),
    "no Python": (_added("def"), "always"),
    "no end of brackets": (_added("(" * 5_000), "always"),
    "a set, which has no order": (_made("{", "}"), "always"),
    "a tuple of a set": (_made("tuple({", "})"), "always"),
    "a list that is made and emptied": (_made("set().intersection((", "))"), "always"),
    "a list that is cut by whoever makes it": (
        _made("tuple((", "))", above="def tuple(items):\n    return items[3:]\n\n\n"),
        "always",
    ),
    "a module imported twice, another in between": (
        _replaced("TITLE =", "from evil import rbac\nfrom app import rbac\n\nTITLE ="),
        "rbac",
    ),
}


@pytest.mark.parametrize(("change", "defence"), ATTACKS.values(), ids=ATTACKS)
def test_a_hostile_change(project: Checked, change: Callable[[str], str], defence: str) -> None:
    before = project.text(MAIN)
    project.write(MAIN, change(before))
    assert project.text(MAIN) != before

    report = project.report()

    assert [(each["rule"], each["path"]) for each in report["findings"][:1]] == [("lost-defence", MAIN)]
    assert defence in {each["defence"] for each in report["findings"]}
    assert report["findings"][0]["diff"]


@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ("tuple((", "))"), ("list([", "])")])
def test_a_list_that_is_written_otherwise_and_keeps_its_order(project: Checked, opened: str, closed: str) -> None:
    project.write(MAIN, _made(opened, closed)(project.text(MAIN)))

    assert f"SLICES = {opened}" in project.text(MAIN)
    assert project.findings() == []


def test_a_builtin_that_the_template_reads_and_the_project_binds(project: Checked) -> None:
    """Without the real one, no migration would be refused that loses data."""
    project.edit(
        "migrations/env.py", "def _url(", "def isinstance(*_: object) -> bool:\n    return False\n\n\ndef _url("
    )

    assert project.findings() == ["lost-defence always migrations/env.py"]

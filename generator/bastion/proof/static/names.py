"""What templates ask for exists: a misspelt capability stops a rendering, a misspelt answer is never true, silently."""

from collections.abc import Iterator
from itertools import chain

from jinja2 import TemplateError

from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import QUESTIONNAIRE, Layout
from bastion.proof.static.segments import misspelt_answers, names_in
from bastion.proof.static.sets import Combinations
from bastion.proof.static.tables import TABLES, Tables

_CHECK = "names"
_OF_COPIER = "_copier_"


def check_names(layout: Layout, tables: Tables, combinations: Combinations, findings: Findings) -> None:
    """Find names that nothing defines.

    Args:
        layout: The template.
        tables: What is not read from it.
        combinations: All of them.
        findings: Where to add them.
    """
    for name, exemption in tables.capabilities():
        if not combinations.knows(name):
            findings.add(_CHECK, TABLES, f"names {name} for {exemption}, which is no capability", combinations.every)
    for file, text in _texts(layout):
        try:
            for message in chain(_unknown(text, layout, combinations), _never_true(text, layout, combinations)):
                findings.add(_CHECK, file, message, combinations.every)
        except (TemplateError, UnicodeDecodeError) as error:
            findings.add(_CHECK, file, f"is no template: {error}", combinations.every)


def check_asked(layout: Layout, combinations: Combinations, findings: Findings) -> None:
    """Find questions and capabilities that nothing asks for; names were checked before."""
    asked = {name for _, text in _texts(layout) for name in names_in(text, layout.environment)}
    for question in combinations.space.questions:
        if question.name not in asked:
            message = f"defines {question.name}, which nothing asks for"
            findings.add(_CHECK, QUESTIONNAIRE, message, combinations.every)


def _texts(layout: Layout) -> Iterator[tuple[str, str]]:
    return ((file, text) for file, text in layout.expressions() if "{" in text)


def _unknown(text: str, layout: Layout, combinations: Combinations) -> Iterator[str]:
    for name in sorted(names_in(text, layout.environment)):
        known = combinations.knows(name) or name in layout.environment.globals or name.startswith(_OF_COPIER)
        if not known:
            yield f"names {name}, which is neither a question nor a capability"


def _never_true(text: str, layout: Layout, combinations: Combinations) -> Iterator[str]:
    answers = {each.name: [c.value for c in each.choices] for each in combinations.space.questions if each.choices}
    for name, value in misspelt_answers(text, layout.environment, answers):
        yield f"compares {name} with {value!r}, which is no answer to it"

"""What Jinja compiles for Copier, it compiles once, and for each environment by itself."""

import pytest
from jinja2 import Environment

from bastion.compiling import compiled_once


def test_an_environment_compiles_a_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_anew, asked = Environment.compile, []

    def counted(self: Environment, source: str) -> object:
        asked.append(source)
        return compile_anew(self, source)

    monkeypatch.setattr(Environment, "compile", counted)
    environment = Environment(autoescape=True)
    with compiled_once():
        rendered = [environment.from_string("{{ name }}!").render(name=name) for name in ("Ada", "<Bob>")]

    assert rendered == ["Ada!", "&lt;Bob&gt;!"]
    assert asked == ["{{ name }}!"]
    assert Environment.compile is counted


def test_each_environment_reads_a_text_in_its_own_way() -> None:
    jinja = Environment(autoescape=True)
    brackets = Environment(autoescape=True, variable_start_string="[[", variable_end_string="]]")

    with compiled_once():
        texts = [each.from_string("{{ name }} [[ name ]]").render(name="Ada") for each in (jinja, brackets)]

    assert texts == ["Ada [[ name ]]", "{{ name }} Ada"]

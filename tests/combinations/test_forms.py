"""Forms: no route of a render takes one, so nothing there can parse any, and its tests of them run here."""

from tests.conftest import ProjectOf
from tests.support.combinations import smallest


def test_a_form_is_read_as_strictly_as_a_query(project_of: ProjectOf) -> None:
    output = project_of(smallest()).succeed(
        *("--with", "python-multipart", "pytest", "-n0", "-rs", "tests/core/test_forms.py")
    )

    assert "100%" in output
    assert "SKIPPED" not in output

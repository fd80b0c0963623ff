"""Guards that stand in another order than they should."""

from typing import Any

from tests.planted.defect import Defect

ORDER = "tests/core/test_layers.py"
ONE_REQUEST = f"{ORDER}::test_a_request_that_fails_everywhere_is_refused_by_the_outermost_layer"
CORS: dict[str, Any] = {"features": ["cors"]}


def swapped(outer: str, inner: str, name: str, answers: dict[str, Any], red: str = ORDER) -> Defect:
    first, second = f"    {outer}.SLICE,\n", f"    {inner}.SLICE,\n"
    return Defect(name=name, file="app/main.py", old=first + second, new=second + first, red=red, answers=answers)


DEFECTS = (
    swapped("hosts", "body_limit", "a body is measured in the name of any host", {}),
    swapped("hosts", "cors", "a preflight is answered in the name of any host", CORS, ONE_REQUEST),
    swapped("cors", "body_limit", "a page cannot read that its body was too large", CORS, ONE_REQUEST),
    swapped("health", "hosts", "a probe has to know our name", {}),
)

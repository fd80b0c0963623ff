"""Pages of other origins that guess with the addresses of their visitors."""

from tests.planted.defect import Defect

PAGES, CARRIER = "app/bearer/foreign_pages.py", "app/bearer/carrier.py"
RED = "tests/bearer/test_foreign_pages.py"

DEFECTS = (
    Defect(
        name="a foreign page guesses at passwords",
        file=CARRIER,
        old="            refuse_foreign_page(request.scope, self._kernel)\n",
        new="            _ = refuse_foreign_page\n",
        red=RED,
    ),
    Defect(
        name="a foreign page guesses where a browser's session is carried too",
        file=CARRIER,
        old="            refuse_foreign_page(request.scope, self._kernel)\n",
        new="            _ = refuse_foreign_page\n",
        red=RED,
        answers={"auth": "both"},
    ),
    Defect(
        name="a foreign page ends sessions",
        file="app/bearer/router.py",
        old="    refuse_foreign_page(request.scope, kernel)\n",
        new="",
        red=RED,
    ),
    Defect(
        name="nobody hears of a foreign page",
        file=PAGES,
        old="        _tell(scope, kernel)\n",
        new="",
        red=RED,
    ),
    Defect(
        name="a foreign page fills the log",
        file=PAGES,
        old="    kernel.tell_seldom(",
        new="    kernel.tell(",
        red=RED,
    ),
    Defect(
        name="a page of the same site is one of us",
        file=PAGES,
        old='["none"])',
        new='["none"], ["same-site"])',
        red=RED,
    ),
    Defect(
        name="what older browsers say is not looked at",
        file=PAGES,
        old="    return origins != [] and not",
        new="    return False and not",
        red=RED,
    ),
    Defect(
        name="a page of ours is foreign behind a proxy",
        file=PAGES,
        old="        return sites not in",
        new="        return not is_own_origin(origins[0], scope, kernel.core) or sites not in",
        red=RED,
    ),
    Defect(
        name="a page that came in the clear is ours in production",
        file="app/core/own_origin.py",
        old='("https",) if core.is_production else ("https", "http")',
        new='("https", "http") if core else ()',
        red="tests/core/test_own_origin.py",
    ),
)

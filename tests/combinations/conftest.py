"""What the tests of renders share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.support.browser import open_page


@pytest.fixture
def page() -> Iterator[Page]:
    with open_page() as page:
        yield page

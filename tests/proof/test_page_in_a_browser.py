"""The report's page as people meet it: light and dark, on a desk and on a telephone."""

from pathlib import Path

import pytest

from bastion.proof.matrix import matrix_of
from bastion.proof.report.data import Run, build, row_data
from bastion.proof.report.page import page
from bastion.proof.results import Finding, StaticResult
from bastion.proof.rows.outcome import Outcome, Skipped, Step, Timed
from bastion.space.space import Space
from tests.support.browser import needs_chromium, open_page
from tests.support.checkout import ROOT

LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3."""

CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true})
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const channel = value => value <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4
  const light = ([r, g, b]) => .2126 * channel(r / 255) + .7152 * channel(g / 255) + .0722 * channel(b / 255)
  const behind = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgb(getComputedStyle(each).backgroundColor)
      if (colour[3] === 255) return colour
    }
    return [255, 255, 255, 255]
  }
  const own = element => [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())
  const shown = each => own(each) && each.getClientRects().length
  return [...document.body.querySelectorAll('*')].filter(shown).map(each => {
    const [one, other] = [light(rgb(getComputedStyle(each).color)), light(behind(each))].sort((a, b) => b - a)
    return [(one + .05) / (other + .05), each.className + ' ' + each.textContent.slice(0, 40)]
  })
}"""


LONG_NAME = f"tests/core/test_{'very_' * 30}long_name.py::test_it[{'x' * 80}]"
FOUND = Finding("imports", f"template/app/{'very_' * 30}long_name.py", "any answers", "imports nothing")


def _page(findings: list[Finding]) -> str:
    """Give a page with everything on it: rows that passed and one that did not, and names that are too long."""
    space = Space.read(ROOT / "copier.yml")
    failed = Step(
        name="tests", passed=False, seconds=31, cpu_seconds=40, message="pytest ends with 1", output="E " * 400
    )
    passed = Step(name="tests", passed=True, seconds=24, cpu_seconds=38)
    rows = [
        Outcome(
            id=space.id_of(row.combination),
            answers=row.combination.as_data(),
            steps=[passed if at else failed],
            skipped=[Skipped(test=LONG_NAME, reason="Windows has no signals")],
            slowest=[Timed(test=LONG_NAME, seconds=1.25)],
            guards=["app.core.guard:Guard"] * 9,
        )
        for at, row in enumerate(matrix_of(ROOT).rows[:9])
    ]
    data = [row_data(row, ["strength 2"], "bastion prove --only features=[]") for row in rows]
    read = StaticResult(findings=findings, combinations=336, renderings=1600, partial=["app/main.py.jinja"], seconds=9)
    template = {"version": "1", "fingerprint": ""}
    return page(build(Run(template=template, prover="", promised="every pair", rows=data, static=read), space))


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("findings", [[], [FOUND]], ids=["nothing found", "found"])
def test_it_fits_can_be_read_and_asks_nobody_else(
    tmp_path: Path, scheme: str, width: int, findings: list[Finding]
) -> None:
    file = tmp_path / "proof.html"
    file.write_text(_page(findings), encoding="utf-8")
    asked: list[str] = []
    said: list[str] = []
    with open_page() as browser:
        browser.on("request", lambda request: asked.append(request.url))
        browser.on("console", lambda message: said.append(message.text))
        browser.set_viewport_size({"width": width, "height": 900})
        browser.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        browser.goto(file.as_uri())
        browser.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

        wide = browser.evaluate("document.documentElement.scrollWidth")
        dim = [where for contrast, where in browser.evaluate(CONTRASTS) if contrast < LEAST_CONTRAST]
        headings = browser.locator("h1, h2").all_inner_texts()

    assert wide <= width
    assert dim == []
    assert asked == [file.as_uri()]
    assert said == []
    assert headings == [
        "Something failed",
        "Every combination, read",
        "How often each two answers met",
        "Rows",
        "The slowest tests",
        "What was not tested, and why",
    ]

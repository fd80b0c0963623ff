"""`bastion explain` for people: what one choice is for, and what it adds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sized

from bastion.anatomy import PROJECT
from bastion.knowing.addition import Addition, in_order
from bastion.knowing.catalogue import Choice
from bastion.knowing.explaining import Subject
from bastion.knowing.page import Page, as_said

_STANDARD = "OWASP ASVS 5.0 (https://github.com/OWASP/ASVS)"
_FOR_TESTS = "tests/"


def written(subject: Subject, adds: Addition, *, tests: bool) -> str:
    """Write what one choice or capability is for, and what it adds.

    Args:
        subject: The choice or the capability.
        adds: The parts that it adds.
        tests: Whether to write the promise of each test.
    """
    page = Page()
    _title(page, subject)
    page.blank()
    _protection(page, subject)
    page.blank()
    _addition(page, subject, adds)
    if tests and adds.tests:
        page.blank()
        _promises(page, adds)
    for number, note in enumerate(_notes(subject, adds, tests=tests)):
        if not number:
            page.blank()
        page.paragraph(note, dim=True)
    return str(page)


def _title(page: Page, subject: Subject) -> None:
    page.heading(subject.name)
    if subject.choice:
        page.paragraph(subject.choice.meaning, indent=2)
    else:
        page.paragraph(f"comes with {' or '.join(choice.answer for choice in subject.brought_by)}", indent=2)


def _protection(page: Page, subject: Subject) -> None:
    defences = subject.defends.values()
    page.entries("Stops", (defence.stops for defence in defences))
    if not defences:
        page.entries("Stops", [f"nothing by itself: {each}" for each in subject.no_defence] or ["nothing"])
    page.entries("Without it", (defence.without for defence in defences if defence.without))
    page.entries("But with it", (defence.without for defence in subject.misses.values() if defence.without))
    page.entries("Carried by", _joined(dict.fromkeys(each.lstrip("/") for one in defences for each in one.files)))


def _addition(page: Page, subject: Subject, adds: Addition) -> None:
    page.heading(_compared(subject))
    page.entries("Files", sorted(each for each in adds.files if not each.startswith(_FOR_TESTS)))
    page.entries("Differs in", _joined(sorted(adds.changed)))
    page.entries("Routes", (f"{each.method:<6} {each.path}" for each in sorted(adds.routes)))
    page.entries("Settings", _joined(sorted(adds.settings)))
    page.entries("Dependencies", _dependencies(adds))
    page.entries("Tests", _tests(adds))
    page.entries("ASVS 5.0", _requirements(adds))
    page.entries("No", _joined(name for name, found in _parts(adds) if not found))


def _compared(subject: Subject) -> str:
    if not subject.choice:
        return f"What comes with {subject.name}, whichever answer brings it"
    name = subject.choice.question
    with_it, without = (as_said(each[name]) for each in (subject.choice.with_it, subject.choice.without_it))
    return f"What {name}={with_it} has and {name}={without} has not"


def _parts(adds: Addition) -> Iterator[tuple[str, Sized]]:
    """Yield the parts of an addition that somebody may look for, by name."""
    yield "files", adds.files
    yield "routes", adds.routes
    yield "settings", adds.settings
    yield "dependencies", adds.dependencies
    yield "tests", adds.tests


def _dependencies(adds: Addition) -> Iterator[str]:
    for group, requirement in sorted(adds.dependencies, key=lambda each: (each[0] != PROJECT, each)):
        needed, only_where, _ = requirement.partition(";")
        remarks = [*([] if group == PROJECT else [f"group {group}"]), *(["on some systems"] if only_where else [])]
        yield f"{needed} ({', '.join(remarks)})" if remarks else needed


def _tests(adds: Addition) -> Iterator[str]:
    counts = Counter(test.file for test in adds.tests)
    if len(counts) > 1:
        yield f"{len(adds.tests):>3}  in {len(counts)} files:"
    for file, count in sorted(counts.items()):
        yield f"{count:>3}  {file}"


def _requirements(adds: Addition) -> Iterator[str]:
    if adds.requirements:
        yield f"only its tests are marked with: {' '.join(in_order(adds.requirements))}"
    if adds.also_proven:
        yield f"its tests and others are marked with: {' '.join(in_order(adds.also_proven))}"


def _promises(page: Page, adds: Addition) -> None:
    page.heading("What its tests promise")
    file = ""
    for test in sorted(adds.tests):
        if test.file != file:
            page.paragraph(test.file, indent=2, dim=True)
            file = test.file
        page.paragraph(test.sentence, indent=4)


def _notes(subject: Subject, adds: Addition, *, tests: bool) -> Iterator[str]:
    if adds.tests and not tests:
        yield f"What its tests promise: bastion explain {subject.name} --tests"
    if adds.requirements or adds.also_proven:
        yield f"What V... asks for: {_STANDARD}"
    if subject.choice and not subject.choice.is_default:
        yield f"To have it: bastion new my-api {_flag(subject.choice)}"


def _flag(choice: Choice) -> str:
    return f"--data {choice.question}={as_said(choice.with_it[choice.question])}"


def _joined(words: Iterable[str]) -> list[str]:
    """Return one text of all words; an empty list if there are no words."""
    return [", ".join(each)] if (each := list(words)) else []

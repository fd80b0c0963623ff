"""`bastion check`, step by step."""

from dataclasses import dataclass
from pathlib import Path

from bastion.checking import advisories
from bastion.checking.defended import Defended
from bastion.checking.drift import drift
from bastion.checking.findings import TAMPERED, Finding, NotChecked, Report
from bastion.checking.own import own_check
from bastion.checking.place import place_in_repository
from bastion.defences import read_defences
from bastion.problems import Problem
from bastion.project import ANSWERS_FILE, RenderedProject, is_public
from bastion.template import PUBLIC_URL, Template
from bastion.temporary import temporary_folder
from bastion.versions import release_of


@dataclass(frozen=True, kw_only=True)
class Order:
    """The user's order, flag by flag."""

    folder: Path
    template: str | None
    advisories: Path | None
    offline: bool
    run: bool


def check(order: Order) -> Report:
    """Ask whether a project is still as safe as its template.

    Nothing here writes to the project. The project's own check may make `.env` readable by its owner only.

    Args:
        order: The user's order.

    Raises:
        Problem: There is no such project, or no template to compare it with.
    """
    project = RenderedProject.at(order.folder, order.template)
    report = Report(src=project.src, ref=project.ref, place=place_in_repository(order.folder))
    _look_for_advisories(order, report)
    _compare(project, report)
    _let_it_judge_itself(order, report)
    return report


def _look_for_advisories(order: Order, report: Report) -> None:
    listed = _advisories(order)
    version = release_of(report.ref)
    if not listed:
        report.not_checked.append(NotChecked(what="advisories", why=_why_there_is_no_list(order, report)))
    elif not version:
        report.not_checked.append(NotChecked(what="advisories", why=f"{report.ref} is no version"))
    else:
        report.advisories = str(listed)
        report.findings += [each.as_finding for each in listed.all if each.concerns(version)]


def _advisories(order: Order) -> advisories.Advisories | None:
    if order.advisories:
        return advisories.read_file(order.advisories)
    template = order.template or PUBLIC_URL
    return advisories.newest(template, with_own=is_public(template), offline=order.offline)


def _why_there_is_no_list(order: Order, report: Report) -> str:
    if order.offline:
        return f"--offline was given, and this command has no list of {report.src}"
    return f"no list of them could be read at {report.src}"


def _compare(project: RenderedProject, report: Report) -> None:
    with project.template_to_look_at() as template, temporary_folder("bastion-") as room:
        defended = _rendered_again(project, template, room / "project", report)
        if defended:
            _compare_files(project, defended, report)
        else:
            why = "the answers make no project to compare with"
            report.not_checked.append(NotChecked(what="defences", why=why))


def _rendered_again(project: RenderedProject, template: Template, folder: Path, report: Report) -> Defended | None:
    from bastion import rendering
    from bastion.checking.answers import judge

    judged = judge(project, template)
    report.findings += judged.findings
    if judged.answers is None:
        return None
    return Defended(folder, read_defences(rendering.render(template, folder, judged.answers)))


def _compare_files(project: RenderedProject, defended: Defended, report: Report) -> None:
    if not defended.on:
        raise Problem(
            f"{project.ref} of the template does not say which files are its defences", "check a newer version"
        )
    report.stops = {name: defended.defences[name].stops for name in defended.on}
    report.off = defended.off
    report.findings += (_denied(name, module) for name, module in defended.still_there(project.folder))
    report.findings += drift(project.folder, defended)


def _denied(defence: str, module: str) -> Finding:
    """Report a module that is not compared, because the answers leave it out."""
    what = "is here, and the answers leave it out"
    return Finding(
        rule=TAMPERED, defence=defence, path=module, what=what, remedy=f"restore {ANSWERS_FILE}, or remove it"
    )


def _let_it_judge_itself(order: Order, report: Report) -> None:
    if not order.run:
        why = "--no-run was given, so no code of the project was run"
    elif not report.defences_stand:
        why = "the code that judges them may have been changed too; fix the findings first"
    else:
        own = own_check(order.folder)
        report.findings += own.findings
        why = own.not_checked
    if why:
        report.not_checked.append(NotChecked(what="settings", why=why))

"""`bastion prove`: every combination read, or rows rendered, installed, tested and started; and the report of it."""

import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import typer

from bastion.problems import Problem
from bastion.proof.matrix import out_of_reach
from bastion.proof.report.data import Run, row_data
from bastion.proof.report.writing import begin, write
from bastion.proof.rows.places import GIVEN_SERVERS
from bastion.proof.rows.store import fingerprint, fingerprint_of_the_prover
from bastion.proof.running import Way, prove_rows, reproduction
from bastion.proof.selection import Wish, select
from bastion.space.space import Space
from bastion.template import files, own_data
from bastion.versions import own_version

PASSED, FAILED = 0, 1


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the user asked for, flag by flag."""

    wish: Wish = field(default_factory=Wish)
    jobs: int | None = None
    keep_going: bool = False
    static: bool = False
    use_cache: bool = True
    cache: Path | None = None
    template: Path | None = None
    report: Path | None = None


def prove(order: Order) -> int:
    """Prove what was asked for, and return the exit code."""
    root = template_root(order.template)
    space = Space.read(root / "copier.yml")
    space.refuse_emptiness()
    if order.static and order != Order(static=True, template=order.template, report=order.report):
        raise Problem("--static reads every combination anew", "it goes with --template and --report alone")
    if order.report:
        # Said now, and not after an hour.
        begin(order.report)
    return (_prove_statically if order.static else _prove_dynamically)(order, root, space)


def _prove_statically(order: Order, root: Path, space: Space) -> int:
    from bastion.proof.static.progress import progress_bar
    from bastion.proof.static.tier import prove_statically

    with progress_bar() as progress:
        result = prove_statically(root, progress)
    for finding in result.findings:
        typer.echo(f"{finding.file}: {finding.message} [{finding.check}]\n    with {finding.answers}")
    found = f"{len(result.findings) or 'no'} finding{'' if len(result.findings) == 1 else 's'}"
    read = f"{result.combinations:,} combinations, {result.renderings:,} distinct renderings"
    typer.echo(f"{read} read in {result.seconds:.1f} s: {found}")
    promised = "the files of every combination"
    prover = fingerprint_of_the_prover()
    _report(order, space, Run(template=_identity(root), prover=prover, promised=promised, static=result))
    return FAILED if result.findings else PASSED


def _prove_dynamically(order: Order, root: Path, space: Space) -> int:
    way = Way(
        root=root,
        again=_again(root if order.template else None),
        jobs=order.jobs,
        keep_going=order.keep_going,
        use_cache=order.use_cache,
        cache=order.cache,
    )
    identity, prover = _identity(root), fingerprint_of_the_prover()
    never, undecided = out_of_reach(root, space)
    proven = prove_rows(way, space, select(root, space, order.wish))
    run = Run(
        template=identity,
        prover=prover,
        promised=order.wish.in_words(),
        rows=[
            row_data(outcome, proven.why[outcome.id], reproduction(way, outcome.answers)) for outcome in proven.outcomes
        ],
        not_run=[id_ for id_ in proven.why if id_ not in {outcome.id for outcome in proven.outcomes}],
        never=never,
        undecided=undecided,
    )
    _report(order, space, run)
    return PASSED if proven.passed else FAILED


def _again(template: Path | None) -> str:
    """Write the command that proves a row again, but for its answers, with what it needs of the environment."""
    python = os.environ.get("UV_PYTHON")
    interpreter = [f"UV_PYTHON={shlex.quote(python)}"] if python else []
    # Reports are passed around, and the URL of a server may hold a password. A shell that does not know it stops here.
    servers = [f"{name}=${{{name}:?}}" for name in GIVEN_SERVERS if os.environ.get(name)]
    command = shlex.join(["bastion", "prove", *(["--template", str(template)] if template else [])])
    return " ".join([*interpreter, *servers, command])


def _identity(root: Path) -> dict[str, str]:
    return {"version": own_version(), "fingerprint": fingerprint(root, files(root))}


def _report(order: Order, space: Space, run: Run) -> None:
    if order.report:
        write(run, space, order.report)
        typer.echo(f"the report is {order.report / 'proof.html'}")


def template_root(given: Path | None) -> Path:
    """Return the folder of `copier.yml` and `template/`."""
    root = (given or own_data()).absolute()
    if not (root / "copier.yml").is_file():
        raise Problem(f"{root} holds no copier.yml", "give --template the folder of a template")
    return root

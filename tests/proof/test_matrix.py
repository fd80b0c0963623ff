"""`bastion matrix`: rows that stand for all combinations, and why each of them is there."""

import json
import os
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import pytest
import yaml

from bastion.problems import Problem
from bastion.proof.matrix import Matrix, Row, matrix_of
from bastion.proof.outcomes import Requirement
from bastion.proof.showing import GITHUB_JOBS, counted
from bastion.space.space import Space
from tests.space import made_up
from tests.support.checkout import ROOT, copy_of_the_template
from tests.support.commands import Finished, bastion, environment

CHOICE = {"type": "str", "choices": ["a", "b"], "default": "a"}
STRICT = {"_envops": {"undefined": "jinja2.StrictUndefined"}, "_subdirectory": "template"}


def _capability(expression: str) -> dict[str, Any]:
    return {"type": "bool", "when": False, "default": f"{{{{ {expression} }}}}"}


THREE = {
    **STRICT,
    "x": CHOICE,
    "y": CHOICE,
    "z": CHOICE,
    "both": _capability("x == 'b' and y == 'b'"),
    "all_three": _capability("both and z == 'b'"),
    "none_of_them": _capability("x == 'a' and y == 'b' and z == 'a'"),
}
"""Three answers together are something else than each two of them."""


@pytest.fixture(scope="module")
def ours() -> Matrix:
    return matrix_of(ROOT)


def _template(folder: Path, content: Mapping[str, Any], files: Mapping[str, str]) -> Path:
    (folder / "template").mkdir()
    (folder / "copier.yml").write_text(yaml.safe_dump(dict(content), sort_keys=False), encoding="utf-8")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _named(matrix: Matrix, why: str) -> dict[str, Any]:
    (row,) = [row for row in matrix.rows if why in row.why]
    return row.combination.as_data()


def _variables(matrix: Matrix) -> list[dict[str, Any]]:
    return [matrix.space.variables(row.combination) for row in matrix.rows]


def test_every_row_is_a_valid_combination_and_there_once(ours: Matrix) -> None:
    assert [row for row in ours.rows if ours.space.refusals(row.combination)] == []
    assert len({row.combination for row in ours.rows}) == len(ours.rows) < 20


def test_all_on_has_every_capability_that_can_be_had_together(ours: Matrix) -> None:
    most = max(sum(ours.space.variables(each)[name] for name in ours.space.capabilities) for each in ours.space.valid())
    fewest = min(
        sum(ours.space.variables(each)[name] for name in ours.space.capabilities) for each in ours.space.valid()
    )
    on, off = (ours.space.variables(_named(ours, name)) for name in ("all on", "all off"))

    assert sum(on[name] for name in ours.space.capabilities) == most
    assert sum(off[name] for name in ours.space.capabilities) == fewest


def test_each_feature_is_alone_in_a_row_and_missing_in_another(ours: Matrix) -> None:
    for feature in ("rbac", "cors"):
        assert _named(ours, f"features={feature} alone")["features"] == [feature]
        assert feature not in _named(ours, f"features={feature} missing")["features"]
    assert _named(ours, "features=rbac missing") == {**_named(ours, "all on"), "features": ["cors"]}


def test_a_feature_that_needs_others_brings_as_little_as_it_can(tmp_path: Path) -> None:
    matrix = matrix_of(made_up.write(tmp_path))

    assert _named(matrix, "features=mfa alone")["features"] == ["mail", "mfa"]
    assert _named(matrix, "features=jobs alone")["database"] == "postgresql"
    assert _named(matrix, "documented alone")["documented"] is True
    assert set(_named(matrix, "features=mail missing")["features"]) == set(made_up.FEATURES) - {"mail", "mfa"}


def test_every_preset_is_a_row(tmp_path: Path) -> None:
    preset = "project_name: Shop\nauth: cookie\nfeatures: [cors]\n"
    _template(tmp_path, {}, {"presets/spa.yml": preset, "presets/notes.txt": "no preset"})
    matrix = matrix_of(copy_of_the_template_over(tmp_path))

    spa = _named(matrix, "presets/spa.yml")
    assert (spa["auth"], spa["features"], "jwt_algorithm" in spa) == ("cookie", ["cors"], False)
    assert spa["database"] == "sqlite"


def test_our_own_presets_are_rows_that_the_array_builds_on(ours: Matrix, tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    without = matrix_of(copy_of_the_template_over(tmp_path))
    presets = {f"presets/{file.name}" for file in (ROOT / "presets").glob("*.yml")}

    assert {name for row in ours.rows for name in row.why if name.startswith("presets/")} == presets
    assert len(ours.rows) < len(without.rows) + len(presets)


def copy_of_the_template_over(folder: Path) -> Path:
    (folder / "template").rmdir()
    return copy_of_the_template(folder)


@pytest.mark.parametrize(
    ("preset", "problem"),
    [
        ("auth: cookie\njwt_algorithm: HS256\n", "presets/bad.yml: jwt_algorithm does not take"),
        ("aut: cookie\n", "there is no question 'aut'"),
        ("features: [rbca]\n", "features has no choice 'rbca'"),
        ("auth: telepathy\n", "auth has no choice 'telepathy'"),
    ],
)
def test_a_preset_that_is_no_combination_is_a_problem(tmp_path: Path, preset: str, problem: str) -> None:
    _template(tmp_path, {}, {"presets/bad.yml": preset})

    with pytest.raises(Problem, match=problem) as told:
        matrix_of(copy_of_the_template_over(tmp_path))
    assert "presets/bad.yml" in str(told.value)


def test_every_outcome_of_every_tag_and_rule_is_in_a_row(ours: Matrix) -> None:
    assert list(ours.never) == []
    for capability in ours.space.capabilities:
        assert {variables[capability] for variables in _variables(ours)} == {True, False}


def test_what_no_answer_decides_is_named(ours: Matrix) -> None:
    assert [place.partition(", ")[0] for place in ours.undecided] == ["copier.yml"]


FILES = {
    "a tag": {"template/x.md.jinja": "{% if all_three %}a{% endif %}"},
    "a tag in a tag": {"template/x.md.jinja": "{% if both %}{% if z == 'b' %}a{% endif %}{% endif %}"},
    "an elif": {"template/x.md.jinja": "{% if not both %}{% elif z == 'b' %}a{% endif %}"},
    "an else": {"template/x.md.jinja": "{% if not both %}{% else %}{{ 'a' if z == 'b' else 'c' }}{% endif %}"},
    "a name of a file": {"template/{% if all_three %}x.md{% endif %}": "a"},
    "a name of a folder": {"template/{% if all_three %}x{% endif %}/y.md": "a"},
}


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_an_outcome_that_only_three_answers_together_have_is_in_a_row(tmp_path: Path, files: Mapping[str, str]) -> None:
    matrix = matrix_of(_template(tmp_path, THREE, files), 1)

    assert any(variables["all_three"] for variables in _variables(matrix))
    assert not all(variables["all_three"] for variables in _variables(matrix))


def test_so_is_the_outcome_of_a_rule_that_excludes(tmp_path: Path) -> None:
    rule = {"_exclude": ["*.pyc", "{% if none_of_them %}/x.md{% endif %}"]}
    without, with_it = tmp_path / "without", tmp_path / "with"
    without.mkdir()
    with_it.mkdir()

    assert not any(each["none_of_them"] for each in _variables(matrix_of(_template(without, THREE, {}), 1)))
    matrix = matrix_of(_template(with_it, {**THREE, **rule}, {}), 1)
    assert any(each["none_of_them"] for each in _variables(matrix))
    assert matrix.rows[-1].why == ("copier.yml, exclusion 2:1, true",)


def test_an_outcome_that_no_combination_has_is_named(tmp_path: Path) -> None:
    text = "{% if both and x == 'a' %}\nnever\n{% endif %}\n{% if x in ['a', 'b'] %}always{% endif %}\n"
    matrix = matrix_of(_template(tmp_path, THREE, {"template/x.md.jinja": text}))

    assert list(matrix.never) == ["template/x.md.jinja:1, true", "template/x.md.jinja:4, false"]


def test_a_file_without_the_suffix_is_no_template(tmp_path: Path) -> None:
    assert matrix_of(_template(tmp_path, THREE, {"template/x.md": "{% if nonsense %}"})).undecided == []


def test_caches_of_work_on_the_template_are_not_read(tmp_path: Path) -> None:
    files = {"template/.venv/lib/x.html.jinja": "{% if nonsense %}{% endif %}"}

    assert matrix_of(_template(tmp_path, {**THREE, "_exclude": [".venv"]}, files)).undecided == []


def test_a_tag_that_is_no_jinja_is_told_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"template/x\.md\.jinja is no Jinja"):
        matrix_of(_template(tmp_path, THREE, {"template/x.md.jinja": "{% if x %}"}))


@pytest.mark.parametrize("names", [None, ("x", "y", "z")])
def test_whatever_else_is_required_is_in_a_row(tmp_path: Path, names: tuple[str, ...] | None) -> None:
    def met(variables: Mapping[str, Any]) -> bool:
        return (variables["x"], variables["y"], variables["z"]) == ("b", "a", "b")

    never = Requirement("never", lambda _: False, ())
    matrix = matrix_of(_template(tmp_path, THREE, {}), 1, [Requirement("this", met, names), never])

    assert _named(matrix, "this") == {"x": "b", "y": "a", "z": "b"}
    assert list(matrix.never) == ["never"]


def test_shards_are_all_rows_once(ours: Matrix) -> None:
    shards: list[list[Row]] = [ours.shard(f"{index}/3") for index in (1, 2, 3)]

    assert sorted(map(len, shards)) == [6, 6, 7]
    assert {row.combination for shard in shards for row in shard} == {row.combination for row in ours.rows}


# --- The command ---------------------------------------------------------------------------------


def _matrix(folder: Path, *arguments: str, **settings: str) -> Finished:
    return bastion("matrix", *arguments, cwd=folder, env=environment({**settings, "COLUMNS": "200"}))


def test_the_table_has_a_line_for_each_row(tmp_path: Path, ours: Matrix) -> None:
    *lines, empty, sum_of_it = _matrix(tmp_path).stdout.splitlines()

    assert [line.split()[1] for line in lines] == [ours.space.id_of(row.combination) for row in ours.rows]
    assert lines[0].endswith("all on")
    assert (empty, sum_of_it) == ("", f"{len(ours.rows)} of 336 valid combinations")


def test_json_says_how_to_reproduce_each_row(tmp_path: Path, ours: Matrix) -> None:
    content = json.loads(_matrix(tmp_path, "--format", "json").stdout)

    assert [row["answers"] for row in content["rows"]] == [row.combination.as_data() for row in ours.rows]
    assert [row["flags"] for row in content["rows"]] == [ours.space.flags_of(row.combination) for row in ours.rows]
    assert (content["combinations"], content["strength"]) == (336, 2)


def _shards_in(finished: Finished) -> list[str]:
    (line,) = finished.stdout.splitlines()
    return [job["shard"] for job in json.loads(line)["include"]]


def test_github_gets_a_job_for_each_row(tmp_path: Path, ours: Matrix) -> None:
    finished = _matrix(tmp_path, "--format", "github")

    assert json.loads(finished.stdout)["include"][0]["name"] == ours.space.id_of(ours.rows[0].combination)
    assert [ours.shard(shard) for shard in _shards_in(finished)] == [[row] for row in ours.rows]


def test_github_gets_shards_when_there_are_more_rows_than_jobs(tmp_path: Path) -> None:
    finished = _matrix(tmp_path, "--format", "github", "--strength", "7")

    matrix = matrix_of(ROOT, 7)
    shards = [matrix.shard(shard) for shard in _shards_in(finished)]
    assert len(matrix.rows) == 336 > len(shards) == GITHUB_JOBS
    assert sorted(row.why for shard in shards for row in shard) == sorted(row.why for row in matrix.rows)
    assert len({row.combination for shard in shards for row in shard}) == 336


def test_a_share_of_github_jobs_is_that_share_of_the_rows(tmp_path: Path, ours: Matrix) -> None:
    shards = _shards_in(_matrix(tmp_path, "--format", "github", "--shard", "2/3"))

    assert [row for shard in shards for row in ours.shard(shard)] == ours.shard("2/3")


def test_the_count_says_how_it_comes_about(tmp_path: Path) -> None:
    finished = _matrix(tmp_path, "--count")

    assert (
        finished.stdout
        == "336 valid combinations = 2 database x 7 of auth, jwt_algorithm x 3 rate_limit x 4 features x 2 ci\n"
    )


def test_machines_read_the_count_and_its_factors(tmp_path: Path) -> None:
    told = json.loads(_matrix(tmp_path, "--count", "--format", "json").stdout)

    assert told["count"] == 336 == prod(each["ways"] for each in told["factors"])
    assert {"ways": 7, "of": "auth, jwt_algorithm"} in told["factors"]


def test_the_count_names_the_checkboxes_that_depend_on_others() -> None:
    assert counted(Space.of(made_up.questionnaire())) == (
        "259072 valid combinations = 11 of database, features (jobs), broker, deploy"
        " x 46 of auth, algorithm, features (mail, mfa, passkeys, sso)"
        " x 128 features (api_keys, audit, cors, encryption, roles, search, uploads)"
        " x 2 documented x 2 ci"
    )


@pytest.mark.parametrize("form", ["table", "json", "github"])
def test_every_run_writes_the_same_bytes(tmp_path: Path, form: str) -> None:
    assert len(_written_anew(_template(tmp_path, THREE, FILES["a tag in a tag"]), form)) == 1


def test_so_it_does_of_a_quarter_of_a_million_combinations(tmp_path: Path) -> None:
    assert len(_written_anew(made_up.write(tmp_path), "json")) == 1


def _written_anew(template: Path, form: str) -> set[str]:
    """Give what several runs write, each of which has the members of sets in an order of its own."""
    arguments = ("--template", str(template), "--format", form)
    runs = [_matrix(template, *arguments, PYTHONHASHSEED=seed) for seed in ("0", "1", "random")]
    assert all(run.stdout and run.returncode == 0 for run in runs), runs
    return {run.stdout for run in runs}


WRONG = {
    "--strength 0": "--strength 0 is impossible, there are 7 factors: use one from 1 to 7",
    "--strength 8": "--strength 8 is impossible, there are 7 factors: use one from 1 to 7",
    "--strength -1": "--strength -1 is impossible, there are 7 factors: use one from 1 to 7",
    "--shard 5/4": "--shard '5/4' is no I/N: write the second of four as --shard 2/4",
    "--shard 0/4": "--shard '0/4' is no I/N: write the second of four as --shard 2/4",
    "--shard 1/0": "--shard '1/0' is no I/N: write the second of four as --shard 2/4",
    "--shard 2": "--shard '2' is no I/N: write the second of four as --shard 2/4",
    "--shard ²/4": "--shard '²/4' is no I/N: write the second of four as --shard 2/4",
    "--shard １/2": "--shard '１/2' is no I/N: write the second of four as --shard 2/4",  # noqa: RUF001 - a wide digit
    "--shard 30/1000": "--shard 30/1000 is empty, there are 19 rows: make at most 19 shares",
    "--shard 20/20 --format github": "--shard 20/20 is empty, there are 19 rows: make at most 19 shares",
    "--shard 20/20 --format json": "--shard 20/20 is empty, there are 19 rows: make at most 19 shares",
    "--format xml": "--format 'xml' is unknown: use table, json, github",
    "--count --format github": "--format 'github' of --count is unknown: use table, json",
    "--count --shard 9/2": "--count counts every combination: it goes with --template and --format alone",
    "--count --strength 99": "--count counts every combination: it goes with --template and --format alone",
    "--count --format xml": "--format 'xml' is unknown: use table, json, github",
    "--template nowhere": "cannot read nowhere/copier.yml: name the folder of a template",
    "--template nowhere --count": "cannot read nowhere/copier.yml: name the folder of a template",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path: Path, arguments: str) -> None:
    finished = _matrix(tmp_path, *arguments.split())

    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr == f"bastion: {WRONG[arguments]}\n"


def test_a_questionnaire_that_allows_nothing_is_a_problem(tmp_path: Path) -> None:
    never = {**STRICT, "x": {**CHOICE, "validator": "no"}}
    finished = _matrix(tmp_path, "--template", str(_template(tmp_path, never, {})))

    assert finished.returncode == 2
    assert "no combination of answers is valid" in finished.stderr


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "covertable.py").write_text("raise ModuleNotFoundError(name='covertable')\n", encoding="utf-8")
    finished = _matrix(tmp_path, PYTHONPATH=os.fspath(tmp_path))

    assert finished.returncode == 2
    assert finished.stderr == "bastion: covertable is not installed: install fastapi-bastion[proof]\n"


def test_without_a_library_of_the_command_it_does_not_name_the_extra(tmp_path: Path) -> None:
    (tmp_path / "yaml.py").write_text("raise ModuleNotFoundError(name='yaml')\n", encoding="utf-8")
    finished = _matrix(tmp_path, PYTHONPATH=os.fspath(tmp_path))

    assert finished.returncode == 2
    assert finished.stderr == "bastion: yaml is not installed: install fastapi-bastion and its dependencies again\n"


def test_help_does_not_wait_for_the_proof(tmp_path: Path) -> None:
    (tmp_path / "covertable.py").write_text("raise RuntimeError\n", encoding="utf-8")
    finished = _matrix(tmp_path, "--help", PYTHONPATH=os.fspath(tmp_path))

    assert finished.returncode == 0
    assert "--strength" in finished.stdout

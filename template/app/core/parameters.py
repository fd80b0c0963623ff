"""Parameters and the fields of a form: what a route declares, and what of a request is unknown to it or repeated."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.params import File, Form
from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo
from starlette.datastructures import ImmutableMultiDict, UploadFile
from starlette.requests import cookie_parser

_REPEATABLE = (list, set, tuple, frozenset)
_ALTERNATIVES = (Annotated, Union, UnionType)

MOST_PARAMETERS = 100
"""Parameters that a query may have. 32,000 fit into a head, and everybody waits 50 ms while they are taken apart."""


class Cookies(Mapping[str, str]):
    """The cookies of a request, by name. They are read when somebody looks for one.

    Threat: FastAPI asks each request for its cookies, also where the route declares none. Everybody waits 10 ms while
    64 KiB of them are read. Before Python 3.11.10 and 3.12.6 it is 15 seconds where they are backslashes in quotes
    (CVE-2024-7592). A route that looks for a cookie needs a newer Python.

    Args:
        headers: the values of `Cookie`, as they were sent.
    """

    def __init__(self, headers: Iterable[str]) -> None:
        self._headers = headers

    @cached_property
    def _read(self) -> dict[str, str]:
        return {name: value for header in self._headers for name, value in cookie_parser(header).items()}

    def __getitem__(self, name: str) -> str:
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


def faults_in(sent: ImmutableMultiDict[str, Any], names: dict[str, bool]) -> Iterator[tuple[str, str]]:
    """Yield what is unknown and what is repeated: frameworks differ in which value wins (ASVS V15.3.7)."""
    for name, times in Counter(name for name, _ in sent.multi_items()).items():
        if name not in names:
            yield name, "unknown"
        elif times > 1 and not names[name]:
            yield name, "repeated"


def query_names(dependant: Dependant) -> dict[str, bool]:
    """Return the query parameters that a route declares, each with whether it may be repeated."""
    return _names(field for each in dependants_of(dependant) for field in each.query_params)


def form_fields(dependant: Dependant) -> dict[str, bool]:
    """Return the fields of the form that a route declares, files too, each with whether it may be repeated."""
    declared = (field for each in dependants_of(dependant) for field in each.body_params)
    return _names(field for field in declared if isinstance(field.field_info, Form))


def takes_files(dependant: Dependant) -> bool:
    """Return whether a route declares a file: as a parameter, or in the model of its form."""
    declared = [field.field_info for each in dependants_of(dependant) for field in each.body_params]
    models = [model for info in declared if isinstance(info, Form) for model in _models_in(info.annotation)]
    fields = [info for model in models for info in model.model_fields.values()]
    return any(isinstance(info, File) or _holds_file(info.annotation) for info in (*declared, *fields))


def _holds_file(annotation: Any) -> bool:
    """Return whether a field takes a file, or several: `list[UploadFile]` does, and `UploadFile | None` too."""
    is_file = isinstance(annotation, type) and issubclass(annotation, UploadFile)
    return is_file or any(map(_holds_file, get_args(annotation)))


def _names(declared: Iterable[Any]) -> dict[str, bool]:
    names: dict[str, bool] = {}
    for field in declared:
        annotation = field.field_info.annotation
        models = list(_models_in(annotation))
        for model in models:
            for name, info in model.model_fields.items():
                names |= dict.fromkeys(_spelt(info, name), _repeats(info.annotation))
        if not models:
            names |= dict.fromkeys(_spelt(field.field_info, field.alias), _repeats(annotation))
    return names


def _spelt(info: FieldInfo, name: str) -> Iterator[str]:
    """Yield each name under which a parameter is read."""
    alias = info.validation_alias or name
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    yield from (each for each in choices if isinstance(each, str))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the model that is asked for, also by `Model | None`, or each of which one may come."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    if get_origin(annotation) in _ALTERNATIVES:
        for each in get_args(annotation):
            yield from _models_in(each)


def _repeats(annotation: Any) -> bool:
    """Return whether a parameter takes several values: `list[str]` does, and `list[str] | None` too."""
    if annotation in _REPEATABLE or get_origin(annotation) in _REPEATABLE:
        return True
    return get_origin(annotation) in _ALTERNATIVES and any(map(_repeats, get_args(annotation)))


def dependants_of(dependant: Dependant) -> Iterator[Dependant]:
    """Yield what a route needs: itself, and all that it depends on, however deep."""
    yield dependant
    for inner in dependant.dependencies:
        yield from dependants_of(inner)

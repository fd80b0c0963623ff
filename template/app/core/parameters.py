"""The names in a query and in a form: what a route declares, and what of a request is unknown to it or repeated."""

from collections import Counter
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo
from starlette.datastructures import ImmutableMultiDict

_REPEATABLE = (list, set, tuple, frozenset)
_ALTERNATIVES = (Annotated, Union, UnionType)


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

"""Every planted defect, gathered from the files of this folder."""

import importlib
import pkgutil

import tests.planted
from tests.planted.defect import Defect

_NOT_AN_AREA = {"areas", "defect", "test_planted"}


def gathered() -> list[Defect]:
    names = [module.name for module in pkgutil.iter_modules(tests.planted.__path__) if module.name not in _NOT_AN_AREA]
    areas = [importlib.import_module(f"tests.planted.{name}") for name in sorted(names)]
    return [defect for area in areas for defect in area.DEFECTS]

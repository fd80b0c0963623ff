"""The same pages for machines, as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bastion.choosing.presets import Preset
from bastion.defences import Defence
from bastion.knowing.addition import Addition, in_order
from bastion.knowing.catalogue import Catalogue, Choice
from bastion.knowing.constraints import Constraint, ruled_out_with, unasked_with
from bastion.knowing.explaining import Subject
from bastion.space.questions import Question


def features(catalogue: Catalogue, presets: Sequence[Preset]) -> str:
    """Write all questions with their choices, and the presets.

    Args:
        catalogue: All choices.
        presets: All presets.
    """
    return _json(
        {
            "questions": [_question(catalogue, question) for question in catalogue.questions],
            "presets": [asdict(preset) for preset in presets],
            "always": asdict(catalogue.always) if catalogue.always else None,
        }
    )


def explanation(subject: Subject, adds: Addition) -> str:
    """Write what one choice or capability is for, and what it adds.

    Args:
        subject: The choice or the capability.
        adds: The parts that it adds.
    """
    return _json(
        {
            "name": subject.name,
            "brought_by": [choice.answer for choice in subject.brought_by],
            "compared": [
                {"with": choice.with_it.as_data(), "without": choice.without_it.as_data()}
                for choice in subject.brought_by
            ],
            "stops": _stops(subject.defends),
            "no_defence": list(subject.no_defence),
            "misses": {name: defence.without for name, defence in subject.misses.items()},
            "adds": _addition(adds),
        }
    )


def of_preset(preset: Preset, catalogue: Catalogue) -> str:
    """Write for whom a preset is, and what it answers.

    Args:
        preset: The preset.
        catalogue: All choices.
    """
    return _json({**asdict(preset), "made_of": [choice.answer for choice in catalogue.chosen_by(preset.answers)]})


def _question(catalogue: Catalogue, question: Question) -> dict[str, Any]:
    asked, how_to_know = catalogue.help_of(question.name)
    return {
        "name": question.name,
        "asked": asked,
        "how_to_know": how_to_know,
        "type": question.type,
        "checkboxes": question.multiselect,
        "default": catalogue.default_of(question.name),
        "rule": catalogue.rule_of(question),
        "not_asked_with": _constraints(unasked_with(catalogue.space, question)) if question.choices else [],
        "choices": [
            _choice(catalogue, choice, ruled_out_with(catalogue.space, question, choice.value))
            for choice in catalogue.choices.get(question.name, ())
        ],
    }


def _choice(catalogue: Catalogue, choice: Choice, constraints: Sequence[Constraint]) -> dict[str, Any]:
    return {
        "value": choice.value,
        "label": choice.label,
        "default": choice.is_default,
        "turns_on": list(choice.turns_on),
        "stops": _stops({name: catalogue.defences[name] for name in choice.defends}),
        "misses": {name: catalogue.defences[name].without for name in choice.misses},
        "not_with": _constraints(constraints),
    }


def _stops(defences: Mapping[str, Defence]) -> dict[str, Any]:
    return {name: asdict(defence) for name, defence in defences.items()}


def _constraints(constraints: Sequence[Constraint]) -> list[dict[str, Any]]:
    return [{"answers": list(each.answers), "reason": each.reason} for each in constraints]


def _addition(adds: Addition) -> dict[str, Any]:
    return {
        "files": sorted(adds.files),
        "changed": sorted(adds.changed),
        "routes": [asdict(each) for each in sorted(adds.routes)],
        "settings": sorted(adds.settings),
        "dependencies": [{"group": group, "requirement": each} for group, each in sorted(adds.dependencies)],
        "tests": [asdict(each) for each in sorted(adds.tests)],
        "asvs": {"only": in_order(adds.requirements), "also": in_order(adds.also_proven)},
    }


def _json(content: object) -> str:
    return json.dumps(content, indent=2)

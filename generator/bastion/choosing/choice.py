"""From flags and a terminal to the answers of one project."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bastion.answers import Answers, read_file, read_pairs
from bastion.choosing.again import decisive_answers
from bastion.choosing.asked import ask_for_preset
from bastion.choosing.given import Given, judge
from bastion.choosing.order import Order
from bastion.choosing.presets import Preset, preset_named, presets_of
from bastion.destination import Destination
from bastion.mistakes import Mistakes
from bastion.problems import Problem
from bastion.questionnaire import Questionnaire
from bastion.rendering import Rehearsal, read_questionnaire, rehearse
from bastion.template import Template

SERVERS = "_servers"
"""The setting that names the servers beside a project, by capability."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The answers that somebody chose."""

    answers: Answers
    """All answers."""

    told: Answers
    """The answers, without those to questions marked `secret`."""

    decisive: Answers
    """What the command to copy names: the answers that differ from the defaults, or all if the others do not follow."""

    meanings: Mapping[str, str]
    """The meaning of each told answer, by question."""

    servers: Sequence[str]
    """The servers that have to run beside the project."""


class Chooser:
    """Knows the questions, and the answers and the destination that the flags give."""

    def __init__(self, order: Order, template: Template) -> None:
        """Judge the flags.

        Args:
            order: The flags.
            template: The template with the questions.

        Raises:
            Problem: Some flags are wrong; it names all mistakes.
        """
        self._order, self._template = order, template
        self._questionnaire = read_questionnaire(template)
        self._presets = _presets(template, self._questionnaire)
        mistakes = Mistakes()
        with mistakes.collecting():
            self.destination = Destination.at(order.dest)
        self._given = _given(order, self._presets, mistakes)
        must_be_complete = not (order.defaults or order.may_ask)
        self._judged = judge(self._given, template, self._questionnaire, mistakes, must_be_complete=must_be_complete)
        mistakes.raise_if_any()

    def choose(self) -> Choice:
        """Ask the open questions, if there is somebody to ask, and return all answers.

        Raises:
            Problem: An answer in the terminal settles a question that a flag has answered.
        """
        if not self._order.may_ask:
            return self._choice(self._judged.rehearsal, self._judged.answers)
        answers = {**self._judged.answers, **self._asked_preset()}
        answered = rehearse(self._template, answers, ask=True, offered=self._named_like_the_folder(answers))
        # An answer in the terminal may settle a question that a flag has answered.
        self._questionnaire.refuse_needless(self._given.by_user, answered.not_asked)
        return self._choice(answered, [*answers, *self._questionnaire.asked])

    def _choice(self, answered: Rehearsal, said: Collection[str]) -> Choice:
        follows_from_said = not self._order.may_ask
        decisive = decisive_answers(answered.told, said, self._questionnaire)
        if not (follows_from_said and decisive.keys() == set(said)):
            # A default can depend on other answers, and on Copier's settings of this user.
            follows = rehearse(self._template, decisive).told == answered.told
            decisive = decisive if follows else answered.told
        return Choice(
            answers=answered.answers,
            told=answered.told,
            decisive=decisive,
            meanings={name: self._questionnaire.meaning(name, answer) for name, answer in answered.told.items()},
            servers=_servers(answered),
        )

    def _named_like_the_folder(self, answers: Answers) -> Answers:
        """Offer the folder's name as the project's name, unless no project may have it."""
        question, name = self._questionnaire.naming, self.destination.path.name.strip()
        if question is None or question in answers:
            return {}
        with suppress(Problem):
            rehearse(self._template, {**answers, question: name})
            return {question: name}
        return {}

    def _asked_preset(self) -> Answers:
        """Let the user choose a preset, unless the flags answer a question that presets answer."""
        order = self._order
        said = order.presets or order.data_file or self._given.by_user.keys() & _questions_of(self._presets)
        if said or not (self._presets and order.may_ask):
            return {}
        preset = ask_for_preset(self._presets)
        return preset.answers if preset else {}


def _servers(answered: Rehearsal) -> list[str]:
    by_capability = answered.settings.get(SERVERS, {})
    return [server for capability, server in by_capability.items() if answered.values.get(capability)]


def _presets(template: Template, questionnaire: Questionnaire) -> list[Preset]:
    """Read the presets of the template inside this package. The presets of other templates are not at hand."""
    return presets_of(template.copier_yml.parent, questionnaire) if template.copier_yml else []


def _questions_of(presets: Sequence[Preset]) -> set[str]:
    return {name for preset in presets for name in preset.answers}


def _given(order: Order, presets: Sequence[Preset], mistakes: Mistakes) -> Given:
    from_file: Answers = {}
    by_preset: Answers = {}
    if order.data_file:
        with mistakes.collecting():
            from_file = read_file(order.data_file)
    if order.presets:
        with mistakes.collecting():
            by_preset = _preset_of(order, presets).answers
    return Given({**from_file, **read_pairs(order.data, mistakes)}, by_preset)


def _preset_of(order: Order, presets: Sequence[Preset]) -> Preset:
    if order.template or order.ref:
        raise Problem("--preset is for the template of this command", "with --template or --ref use --data-file")
    if len(order.presets) > 1:
        # The last one would win, and with it a defence of the first could vanish without a word.
        raise Problem("--preset is given twice", "choose one; --data changes an answer of it")
    return preset_named(order.presets[0], presets)

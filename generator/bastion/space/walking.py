"""Through the questions in their order, as Copier goes: each sees what was answered before it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bastion.problems import Problem
from bastion.space.expressions import atom
from bastion.space.questions import NOTHING, Answer, Question, Refusal, Values

_UNKNOWN = object()


class Walk:
    """The way through all questions."""

    def __init__(self, questions: Iterable[Question]) -> None:
        """Take the questions in their order.

        Args:
            questions: All of them.
        """
        self.questions = tuple(questions)
        names = (name for each in self.questions for name in (each.name, *(atom(each.name, box) for box in each.boxes)))
        self._unknown = dict.fromkeys(names, _UNKNOWN)
        # After the last one that can be asked, nothing can be refused any more.
        self._end = max((at for at, each in enumerate(self.questions, 1) if not each.hidden), default=0)

    def ways(self) -> Iterator[dict[str, Answer]]:
        """Yield every valid way to answer, in the order of questions and choices."""
        return self._ways(0, self._start(), {})

    def _ways(self, start: int, values: Values, answers: dict[str, Answer]) -> Iterator[dict[str, Answer]]:
        for position in range(start, self._end):
            question = self.questions[position]
            if question.is_axis and question.asked(values):
                for answer in question.answers(values):
                    further = values.copy()
                    question.put(answer, further)
                    if question.accepts(further):
                        yield from self._ways(position + 1, further, answers | {question.name: answer})
                return
            if _take_default(question, values):
                return
        yield answers

    def follow(self, answers: Mapping[str, Answer]) -> tuple[dict[str, Any], list[Refusal]]:
        """Answer as told; compute what Jinja knows in the end, and say everything that is wrong.

        Args:
            answers: To questions with choices.
        """
        refusals: list[Refusal] = []
        values = self._start()
        for question in self.questions:
            refusals += _answer(question, answers, values) if question.is_axis else _take_default(question, values)
        return values.variables, refusals

    def _start(self) -> Values:
        return Values({"_copier_operation": "copy", "_copier_phase": "prompt"}, self._unknown.copy())


def _answer(question: Question, answers: Mapping[str, Answer], values: Values) -> Iterable[Refusal]:
    given, asked = question.name in answers, question.asked(values)
    if given and asked:
        question.put(answers[question.name], values)
        return question.refusals(answers[question.name], values)
    refusals = _take_default(question, values)
    if given == asked:
        return refusals
    kind = "not asked" if given else "not answered"
    return [*refusals, Refusal(question.name, kind, f"it is {kind}")]


def _take_default(question: Question, values: Values) -> Iterable[Refusal]:
    """Give a question its default, and say what Copier would have against it."""
    default = question.value_by_default(values)
    if default is NOTHING:
        if question.asked(values) and not question.is_axis:
            raise Problem(f"copier.yml: {question.name} has neither choices nor a default")
        return ()
    question.put(default, values)
    if question.hidden and not question.choices:
        return ()
    # Copier does not validate what is not asked, but it looks the default up among the choices.
    asked = question.asked(values)
    return tuple(question.refusals(default, values) if asked else question.refused_choices(default, values))

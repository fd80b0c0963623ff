"""The questions and their possible answers, all read from the template's `copier.yml`; none are listed in Python."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from bastion.answers import Answers
from bastion.mistakes import Mistakes
from bastion.problems import Problem
from bastion.reading_yaml import plain_yaml

_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
"""Quoted text in an expression: an answer may have the name of a capability."""

YES = frozenset({"true", "yes", "y", "on", "1"})
NO = frozenset({"false", "no", "n", "off", "0"})


@dataclass(frozen=True)
class Questionnaire:
    """The questions of one template, by name."""

    questions: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, copier_yml: Path) -> "Questionnaire":
        """Read the questions of a file; a name with an underscore in front is a setting of Copier.

        Args:
            copier_yml: The file.
        """
        content = yaml.safe_load(copier_yml.read_text(encoding="utf-8"))
        return cls({name: question for name, question in content.items() if not name.startswith("_")})

    @property
    def names(self) -> list[str]:
        """The questions that a user may answer: all but the computed capabilities (`when: false`)."""
        return [name for name, question in self.questions.items() if question.get("when") is not False]

    @property
    def asked(self) -> list[str]:
        """The questions that a terminal asks, unless other answers settle them.

        Those with `ask: false` are answered by a flag only.
        """
        return [name for name in self.names if self.questions[name].get("ask", True)]

    @property
    def naming(self) -> str | None:
        """The question for the project's name, if it is asked: by convention the first, and its name ends in `name`."""
        for name in self.asked[:1]:
            if name.endswith("name") and "choices" not in self.questions[name]:
                return name
        return None

    def meaning(self, name: str, answer: object) -> str:
        """Say what an answer means, in the words of its choices; an empty string if it has none.

        Args:
            name: The question.
            answer: A value, or a list of them.
        """
        labels = _labels_of(self.questions[name])
        chosen = answer if isinstance(answer, list) else [answer]
        return "; ".join(labels[each].removeprefix(f"{each}: ") for each in chosen if each in labels)

    def by_default(self, answers: Answers) -> bool:
        """Say whether all these answers are the defaults of their questions.

        Args:
            answers: By question.
        """
        return all(name in self.questions and self.questions[name].get("default") == answers[name] for name in answers)

    def understand(self, answers: Answers) -> Answers:
        """Return the answers as Copier takes them, or refuse those that Copier would misread.

        Copier checks choices and validators itself. But it ignores an unknown name, it lets a capability override
        what the answers imply, it takes `mfa=banana` for yes, and for checkboxes it wants a list.

        Args:
            answers: As they were given.

        Raises:
            Problem: Some answers are refused; it names all of them.
        """
        mistakes = Mistakes()
        understood = self.understand_each(answers, mistakes)
        mistakes.raise_if_any()
        return understood

    def understand_each(self, answers: Answers, mistakes: Mistakes) -> Answers:
        """Return the answers that `understand` would not refuse, and note a mistake for each of the others.

        Args:
            answers: As they were given.
            mistakes: The collector for the refused answers.
        """
        understood = {}
        for name, answer in answers.items():
            with mistakes.collecting():
                understood[name] = self._understand(name, answer)
        return understood

    def _understand(self, name: str, answer: object) -> object:
        if name not in self.names:
            raise Problem(f"there is no question {name!r}", nearest(name, self.names, "questions"))
        question = self.questions[name]
        if question.get("type") == "bool":
            return _yes_or_no(name, answer)
        if question.get("multiselect"):
            return _set_checkboxes(name, question, answer)
        possible = choices_of(question)
        if possible and str(answer) not in possible:
            raise Problem(f"{name} has no choice {str(answer)!r}", nearest(str(answer), possible, "choices"))
        return answer

    def require_all(self, answered: Iterable[str], not_asked: Collection[str]) -> None:
        """Refuse to go on while a question is open, where nobody can be asked.

        Args:
            answered: The questions that have an answer.
            not_asked: The questions that other answers settle.

        Raises:
            Problem: Some questions are open; it names all of them.
        """
        known = set(answered)
        open_questions = [name for name in self.asked if name not in not_asked and name not in known]
        if open_questions:
            named = [self._with_what_settles_it(name, known) for name in open_questions]
            raise Problem(
                f"nobody can be asked here, and there is no answer to {', '.join(named)}",
                "add --defaults, or --data KEY=VALUE for each",
            )

    def refuse_needless(self, answered: Iterable[str], not_asked: Collection[str]) -> None:
        """Refuse each answer to a question that is not asked: Copier would ignore it without a word.

        Args:
            answered: The questions that have an answer.
            not_asked: The questions that other answers settle.

        Raises:
            Problem: Some answers are needless; it names all of them.
        """
        mistakes = Mistakes()
        for name in answered:
            if name in not_asked:
                settled_by = " and ".join(self._decisive(name)) or "the others"
                mistakes.note(
                    Problem(
                        f"{name!r} is not asked with these answers, so that its answer would be ignored",
                        f"leave {name} out, or give another answer to {settled_by}",
                    )
                )
        mistakes.raise_if_any()

    def sources_of(self, capability: str) -> set[str]:
        """Return the capabilities that a capability is computed from, directly or through others.

        Args:
            capability: Its name; any other name has no sources.
        """
        computed = self.questions.keys() - set(self.names)
        found, left = set[str](), {capability} & computed
        while left:
            formula = _TEXT.sub("", str(self.questions[left.pop()].get("default", "")))
            new = computed.intersection(re.findall(r"\w+", formula)) - found
            found |= new
            left |= new
        return found - {capability}

    def _with_what_settles_it(self, name: str, known: Collection[str]) -> str:
        """Name a question, and the open questions whose answers may settle it."""
        deciding = " and ".join(other for other in self._decisive(name) if other not in known)
        return f"{name} (unless {deciding} settles it)" if deciding else name

    def _decisive(self, name: str) -> list[str]:
        """Name the questions whose answers decide whether `name` is asked."""
        condition = str(self.questions[name].get("when", ""))
        return [other for other in self.names if re.search(rf"\b{re.escape(other)}\b", condition)]


def _yes_or_no(name: str, answer: object) -> bool:
    word = str(answer).lower()
    if word not in YES | NO:
        raise Problem(f"{name} asks yes or no and {answer!r} is neither", f"write {name}=true or {name}=false")
    return word in YES


def _set_checkboxes(name: str, question: Mapping[str, Any], answer: object) -> list[str]:
    """Read a list in each way that people write it: `[a, b]`, `a,b`, `a`, `[]`, or nothing. A box twice is one box."""
    given = _listed(answer) if isinstance(answer, str) else answer
    if not isinstance(given, list | None):
        raise Problem(f"{name} takes a list and {answer!r} is none", f"write {name}=[first, second], or {name}=[]")
    chosen, possible = [str(each) for each in given or ()], choices_of(question)
    mistakes = Mistakes()
    for each in chosen:
        if possible and each not in possible:
            mistakes.note(Problem(f"{name} has no choice {each!r}", _other_boxes(name, each, possible)))
    mistakes.raise_if_any()
    return list(dict.fromkeys(chosen))


def _other_boxes(name: str, given: str, possible: Collection[str]) -> str:
    """Return the remedy for an unknown checkbox. It also says how to choose none: people write `features=none`."""
    remedy = nearest(given, possible, "choices")
    return remedy if remedy.endswith("?") else f"{remedy}; {name}=[] chooses none"


def _listed(text: str) -> object:
    try:
        read = plain_yaml(text)
    except ValueError:
        return text
    if isinstance(read, list | dict | None):
        return read
    return [part.strip() for part in text.split(",") if part.strip()]


def choices_of(question: Mapping[str, Any]) -> list[str]:
    """Return the values of a question's choices; an empty list if only Copier can compute them."""
    values = [value.get("value") if isinstance(value, dict) else value for _, value in with_labels(question)]
    plain = [each for each in values if isinstance(each, str) and "{" not in each]
    return plain if len(plain) == len(values) else []


def with_labels(question: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Return the label and the value of each choice; an empty list if only Copier can compute them.

    Args:
        question: As in the file. Copier takes a mapping, a list of pairs, or a list of values that are labels too.
    """
    choices = question.get("choices") or ()
    if isinstance(choices, dict):
        return list(choices.items())
    if isinstance(choices, str):
        return []
    return [(each[0], each[1]) if isinstance(each, list) else (each, each) for each in choices]


def _labels_of(question: Mapping[str, Any]) -> Mapping[object, str]:
    """Return the labels of choices by their values, where the two differ."""
    labels = (str(label) for label, _ in with_labels(question))
    return {value: label for value, label in zip(choices_of(question), labels, strict=False) if value != label}


def nearest(given: str, known: Collection[str], what: str) -> str:
    """Write the remedy for an unknown name: the known name that was probably meant, or all known names.

    Args:
        given: The name as the user wrote it.
        known: The known names.
        what: The word for such names, in the plural.
    """
    found = get_close_matches(given, known, n=1)
    return f"did you mean {found[0]!r}?" if found else f"the {what} are {', '.join(known)}"

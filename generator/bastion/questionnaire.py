"""What may be answered. Everything here is read from the template's `copier.yml`; nothing is listed in Python."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from bastion.answers import Answers
from bastion.problems import Problem

YES_AND_NO = frozenset({"true", "false", "yes", "no", "y", "n", "on", "off", "1", "0"})


@dataclass(frozen=True)
class Questionnaire:
    """The questions of one template, by name."""

    questions: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, copier_yml: Path) -> "Questionnaire":
        """Read the questions; a name with an underscore in front is one of Copier's settings."""
        content = yaml.safe_load(copier_yml.read_text(encoding="utf-8"))
        return cls({name: question for name, question in content.items() if not name.startswith("_")})

    @property
    def names(self) -> list[str]:
        """Name what a user may answer: a computed capability (`when: false`) is not among them."""
        return [name for name, question in self.questions.items() if question.get("when") is not False]

    def check(self, answers: Answers) -> None:
        """Refuse what Copier would let pass: unknown names, capabilities given as answers, odd booleans.

        Copier checks choices and validators itself. But it ignores an unknown name, it lets a capability override
        what the answers imply, and it takes `mfa=banana` for yes.
        """
        for name, answer in answers.items():
            if name not in self.names:
                raise Problem(f"there is no question {name!r}", self._nearest(name))
            if self.questions[name].get("type") == "bool" and str(answer).lower() not in YES_AND_NO:
                raise Problem(f"{name} asks yes or no and {answer!r} is neither", f"write {name}=true or {name}=false")

    def require_all(self, answered: Iterable[str]) -> None:
        """Refuse to go on when somebody would have to be asked."""
        open_questions = [name for name in self.names if name not in answered and self.questions[name].get("ask", True)]
        if open_questions:
            raise Problem(
                f"no terminal to ask in, and no answer to {', '.join(open_questions)}",
                "add --defaults, or --data KEY=VALUE for each",
            )

    def _nearest(self, name: str) -> str:
        nearest = get_close_matches(name, self.names, n=1)
        return f"did you mean {nearest[0]!r}?" if nearest else f"the questions are {', '.join(self.names)}"

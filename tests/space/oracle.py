"""Which combinations are legal, and by which rule others are not: written from what people are told, as data.

Each rule quotes the sentence that it comes from. Nothing here is read from `copier.yml`: when the questionnaire and its
documentation drift apart, this is what notices.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

Answers = Mapping[str, Any]
NOT_ASKED = None


@dataclass(frozen=True)
class Rule:
    """A kind of combination that there is not."""

    name: str
    says: str
    """A sentence from the README or a help text."""
    about: str
    kind: str
    """What is wrong with the answer to the question that it is about, in the words of `Refusal.kind`."""
    illegal: Mapping[str, Collection[Any]]
    """Answers that are not given together; `question: checkbox` stands for one checkbox, set or not."""

    def forbids(self, facts: Answers) -> bool:
        return all(facts[name] in answers for name, answers in self.illegal.items())


@dataclass(frozen=True)
class Oracle:
    """What people are told about one questionnaire."""

    answers: Mapping[str, Collection[str | bool]]
    checkboxes: Mapping[str, Collection[str]]
    sometimes_asked: Collection[str]
    rules: Sequence[Rule]

    def every_combination(self) -> Iterator[dict[str, Any]]:
        """Yield the whole product, legal or not."""
        ways = {**self.answers, **{name: _subsets(boxes) for name, boxes in self.checkboxes.items()}}
        choices = [[*some, *([NOT_ASKED] if name in self.sometimes_asked else [])] for name, some in ways.items()]
        for answers in product(*choices):
            yield {name: answer for name, answer in zip(ways, answers, strict=True) if answer is not NOT_ASKED}

    def broken(self, answers: Answers) -> list[Rule]:
        """Name the rules that some answers break."""
        facts = {name: answers.get(name, NOT_ASKED) for name in self.answers} | {
            f"{name}: {box}": box in answers[name] for name, boxes in self.checkboxes.items() for box in boxes
        }
        return [rule for rule in self.rules if rule.forbids(facts)]


def _subsets(boxes: Collection[str]) -> Iterable[tuple[str, ...]]:
    return [some for size in range(len(boxes) + 1) for some in combinations(boxes, size)]


_NO_TOKENS = "With `cookie` there are no access tokens, and `jwt_algorithm` is not asked."

ORACLE = Oracle(
    answers={
        "database": ["sqlite", "postgresql"],
        "auth": ["bearer", "cookie", "both"],
        "jwt_algorithm": ["HS256", "ES256", "EdDSA"],
        "rate_limit": ["memory", "redis", "gateway"],
        "ci": ["github", "none"],
    },
    checkboxes={"features": ["rbac", "cors"]},
    sometimes_asked=["jwt_algorithm"],
    rules=[
        Rule(
            name="without tokens nothing signs them",
            says=_NO_TOKENS,
            about="jwt_algorithm",
            kind="not asked",
            illegal={"auth": ["cookie"], "jwt_algorithm": ["HS256", "ES256", "EdDSA"]},
        ),
        Rule(
            name="tokens are signed by some algorithm",
            says="Any other answers go together.",
            about="jwt_algorithm",
            kind="not answered",
            illegal={"auth": ["bearer", "both"], "jwt_algorithm": [NOT_ASKED]},
        ),
    ],
)

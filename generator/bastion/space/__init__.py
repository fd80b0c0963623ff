"""The space of valid answers, read from `copier.yml`: which combinations there are, and what follows from each.

`reading` makes `questions` of the questionnaire, with the `expressions` in it. `walking` goes through them as Copier
does. `parts` takes the whole apart, so that it can be counted without being listed. The proof and what the command
explains both build on it; `bastion.questionnaire` judges one user's answers instead, by asking Copier itself.
"""

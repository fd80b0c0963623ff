"""Tests of the generator and of what it renders.

The top folder tests the questionnaire and the command. `combinations/` renders every combination of answers, installs
it, and runs its own checks. `planted/` breaks a render on purpose and wants the right test red.
"""

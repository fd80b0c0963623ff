"""Tests of the tests: a defence is broken in a render, and the test that guards it must turn red.

A gate that was never red proves nothing. Each file beside this one holds the `DEFECTS` of one area; a new area is a new
file, named nowhere else.
"""

"""Tests of the tests: a defence is broken in a render, and the test that guards it must turn red.

A gate that was never red proves nothing.
"""

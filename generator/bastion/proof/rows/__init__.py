"""The second tier: a combination is rendered, installed, held to its own checks and tests, and started.

`row` is one combination from its rendering to its end, step by step; the other modules are what it uses.
"""

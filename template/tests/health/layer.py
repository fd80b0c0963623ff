"""Probes are answered before anything is asked of them."""

from tests.support.layers import Layer

LAYERS = (Layer(name="health", place=10),)

"""The application without the slice that BENCHMARK_WITHOUT names: what a defence costs is what its absence saves."""

import os

import app.main as composition

composition.SLICES = tuple(each for each in composition.SLICES if each.name != os.environ.get("BENCHMARK_WITHOUT"))
app = composition.create_app()

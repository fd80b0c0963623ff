"""Every combination of answers is rendered, installed, and held to what its users will run."""

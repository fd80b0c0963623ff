"""What every slice may use. The core imports no slice; slices import the core and never each other."""

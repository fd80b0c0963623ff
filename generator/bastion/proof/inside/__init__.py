"""What runs inside a render's own Python, beside its code: this folder is put in `PYTHONPATH`.

It sees only the standard library and what the render itself declares, pytest among it.
"""

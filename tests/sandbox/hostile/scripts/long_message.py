# an exception of 50 MB
# ends: refused
# ruff: noqa
raise ValueError("x" * (50 << 20))

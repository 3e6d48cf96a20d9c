# an exit that says all is well
# ends: crashed refused
# ruff: noqa
raise SystemExit(0)

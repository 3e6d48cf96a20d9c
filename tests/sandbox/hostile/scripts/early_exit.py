# an exit that says all is well
# ends: crashed
# ruff: noqa
raise SystemExit(0)

# infinite recursion
# ends: refused
# ruff: noqa
def deeper():
    return deeper()


deeper()

# recursion through the end of the stack
# ends: crashed refused
# ruff: noqa
# Python notices it itself from 3.14 on
import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x"[:0])


repr(Deep().x)

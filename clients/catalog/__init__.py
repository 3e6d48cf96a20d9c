"""The catalog: a deterministic designer that needs no language model, no account and no network.

`conversation` talks until the requirement is complete, `script` writes the designer's file from it.
"""

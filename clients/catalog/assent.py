"""What people say when they agree, when they do not, and when they want nothing more."""

from __future__ import annotations

import re

_YES = re.compile(
    r"(?i)^\W*(?:(?:yes|yep|yeah|yup|y|ok|okay|okey|k|sure|default|the\s+default|defaults?|fine|good|great|perfect|go|go\s+ahead|do\s+it|please|"
    r"please\s+do|approved?|i\s+approve|accept(?:ed)?|confirm(?:ed)?|agreed?|correct|right|looks?\s+(?:good|fine|right|great)|lgtm|sounds\s+good|"
    r"that'?s\s+(?:fine|right|good|ok|it|correct)|that\s+is\s+(?:fine|right|good)|build\s+it|make\s+it|proceed|start|whatever|any|don'?t\s+care|i\s+don'?t\s+(?:care|know|mind)|"
    r"no\s+idea|not\s+sure|you\s+(?:choose|decide|pick)|up\s+to\s+you|all\s+good|nothing|no\s+changes?|thanks?(?:\s+you)?|ship\s+it|👍|✅|ja|oui|si)\W*)*$"
)
_NO = re.compile(r"(?i)^\W*(?:no|nope|n|not\s+(?:yet|quite|really)|wait|change\s+(?:it|something)|wrong)\W*$")
_CANCEL = re.compile(
    r"(?i)^\W*(?:cancel|quit|abort|forget\s+(?:it|about\s+it)|never\s*mind|stop|exit|bye)\W*(?:it|please|that|this)?\W*$"
)


def says_yes(text: str) -> bool:
    """Whether a cleaned answer is assent and nothing else; Enter alone is."""
    return bool(_YES.match(text))


def says_no(text: str) -> bool:
    """Whether a cleaned answer is dissent and nothing else."""
    return bool(_NO.match(text))


def cancels(text: str) -> bool:
    """Whether a cleaned answer ends the talk."""
    return bool(text) and bool(_CANCEL.match(text))

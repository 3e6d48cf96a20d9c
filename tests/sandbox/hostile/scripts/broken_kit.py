# boardkit's own functions replaced
# ends: refused crashed
# ruff: noqa
import kicad.boardkit.run as runner
import sys

runner.intent_of = lambda circuit: {"parts": [MARK[:0]] * 10**7}
runner.json.dumps = lambda *words, **named: 1 / 0

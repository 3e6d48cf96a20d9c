"""What the words of a brief mean: families of boards with their synonyms, colours, connectors, and what is out of scope."""

# ruff: noqa: E501 - patterns of words read best in one line each
from __future__ import annotations

import re
from dataclasses import dataclass

from clients.catalog.text import normalise

FAMILIES = {
    "led_indicator": "an LED indicator (supply, colour)",
    "astable_555": "a 555 blinker or oscillator (rate, supply, colour)",
    "rc_lowpass": "an RC low-pass filter (cutoff)",
    "rc_highpass": "an RC high-pass filter (cutoff)",
    "linear_regulator": "a linear regulator like 7805 or AMS1117 (input, output, current)",
    "lowside_switch": "a low-side MOSFET switch for a motor, relay, solenoid, LED strip … (load, logic level)",
}
CAN_DO = "I can design: " + "; ".join(FAMILIES.values()) + "."


@dataclass(frozen=True)
class Recognition:
    """What a brief asks for: a family, or why it is none; `others` are further families that it mentions."""

    family: str | None
    refusal: str | None = None
    others: tuple[str, ...] = ()
    open_question: str = ""  # a choice that the brief left open and how it was taken


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"(?i)(?<![A-Za-z])(?:" + "|".join(patterns) + r")(?![A-Za-z])")


LOAD = (
    r"motors?|relays?|solenoids?|led[\s-]strips?|light[\s-]strips?|strip\s?lights?|led\s+tape|(?:cooling\s+|pc\s+|dc\s+|case\s+)*fans?|"
    r"(?:water\s+|air\s+|fuel\s+|vacuum\s+)?pumps?|heaters?|heating\s+elements?|valves?|electromagnets?|magnets?|contactors?|"
    r"(?:door\s+)?locks?|latch|coils?|bulbs?|halogens?|sirens?|horns?|blowers?|peltiers?|vibrators?|loads?|peristaltic"
)
_STRONG, _GOOD, _WEAK = 10.0, 5.0, 2.0

# family → (weight, pattern); the family with the largest sum wins.
_CUES: dict[str, list[tuple[float, re.Pattern[str]]]] = {
    "astable_555": [
        (6.0, _words(r"\x00*(?:ne|se|na|lm|lmc|tlc|ts|icm)?-?55[56][a-z]{0,2}(?:\s*timers?)?", r"triple[\s-]five", r"five[\s-]five[\s-]five")),
        (_STRONG, _words(
            r"blink\w*", r"flash(?:ers?|es|ing|ed|y)?(?!\s*(?:memory|drive|chip))", r"astable", r"multi-?vibrators?", r"oscillat\w+",
            r"metronomes?", r"puls(?:es|ing|ate|ates|ating|er|ator)", r"beacons?", r"strob\w+", r"heart-?beats?", r"winks?|winking|winker",
            r"twinkl\w+", r"hazard\s+lights?", r"turn\s+signals?", r"square[\s-]?waves?(?:\s+generators?)?", r"clock\s+(?:generator|source|signal)s?",
            r"(?:toggl|switch|turn|go|com)(?:es|e|s|ing)?\s+(?:\w+\s+){0,3}on\s+and\s+off", r"on\s+and\s+off\s+(?:\w+\s+){0,3}(?:times|every|once|twice)",
            r"on[\s-]off\s+light", r"alternat\w+\s+on\s+and\s+off", r"pulse\s+generators?", r"tick\w*")),
    ],
    "led_indicator": [
        (_STRONG, _words(
            r"(?:pilot|power|status|indicator|signal|warning|panel|power[\s-]on|supply|standby|on)[\s-](?:light|lamp|led|indicator)s?",
            r"indicators?", r"led\s+(?:power\s+|status\s+|supply\s+)?indicat\w+", r"indicat\w+\s+(?:that|when|whether|if|power)",
            r"shows?\s+(?:me\s+)?(?:that|when|whether|if)\s+(?:\w+\s+){0,4}(?:on|present|there|live|powered)",
            r"(?:light|lit|glow)s?\s+(?:up\s+)?(?:when|whenever|while|if|as\s+long)")),
        (3.0, _words(r"leds?", r"light[\s-]emitting\s+diodes?", r"glow\w*", r"lamps?", r"lights?(?:\s+up)?", r"illuminat\w+", r"pilot")),
    ],
    "rc_lowpass": [
        (_STRONG, _words(
            r"low[\s-]*pass(?:es|ing)?", r"lpf", r"l\.?p\.?\s+filters?", r"anti-?\s?alias\w*", r"(?:treble|high|hi|top)[\s-]*(?:cut|roll[\s-]?off|reduc\w+|attenuat\w+)(?:\s+filter)?",
            r"(?:de-?|remove\s+|cut\s+)(?:hiss)\w*", r"hiss\s+filter", r"smooth\w*\s+(?:\w+\s+){0,4}pwm", r"pwm\s+(?:to\s+(?:analog\w*|dc|voltage)|smooth\w*|filter)", r"integrators?",
            r"(?:remov|block|cut|reject|attenuat|suppress|kill|filter|strip|get\s+rid|tam|drop|stop)\w*\s+(?:out\s+|off\s+|of\s+)?(?:\w+\s+){0,5}above",
            r"(?:pass|let|keep|allow|leav)\w*\s+(?:\w+\s+){0,6}(?:below|under|up\s+to|beneath)", r"high[\s-]frequency\s+(?:noise|hash|rejection)", r"noise\s+filters?")),
    ],
    "rc_highpass": [
        (_STRONG, _words(
            r"high[\s-]*pass(?:es|ing)?", r"hpf", r"h\.?p\.?\s+filters?", r"dc[\s-]*(?:block\w*|remov\w*|reject\w*|cut|decoupl\w*|isolat\w*)", r"(?:block|remov|reject|strip|get\s+rid)\w*\s+(?:of\s+)?(?:the\s+|any\s+)?dc(?:\s+offset)?",
            r"ac[\s-]*coupl\w*", r"coupling\s+(?:capacitor|filter|network)", r"rumble(?:\s+filter)?", r"(?:bass|low|lo)[\s-]*(?:cut|roll[\s-]?off)(?:\s+filter)?", r"subsonic\s+filter", r"differentiators?",
            r"(?:remov|block|cut|reject|attenuat|suppress|kill|filter|strip|get\s+rid|drop|stop)\w*\s+(?:out\s+|off\s+|of\s+)?(?:\w+\s+){0,5}(?:below|under|beneath)",
            r"(?:pass|let|keep|allow|leav)\w*\s+(?:\w+\s+){0,6}above", r"hum\s+filters?")),
    ],
    "linear_regulator": [
        (12.0, _words(r"regulat\w+", r"ldos?", r"low[\s-]*drop[\s-]?outs?", r"stabili[sz]\w+", r"(?:lm|l|mc|ua|µa|ka)?-?78[lm]?(?:0[5689]|1[0258]|24)[a-z]{0,3}",
                      r"(?:ams|lm|ld|lt|ap|ncp|reg|tlv|az)?-?1117[a-z]{0,2}(?:-?[1-9]\.\d{1,2})?", r"linear\s+(?:power\s+)?(?:supply|converter|psu)")),
        (6.0, _words(r"(?:power|voltage)\s+suppl(?:y|ies)", r"psu", r"suppl(?:y|ies|ying)\s+(?:[\w-]+\W+){0,6}?(?:from|out\s+of)\s+(?:an?\s+|the\s+|my\s+)*[\d.]+\s?v", r"(?:have|got)\s+(?:\w+\s+){0,3}[\d.]+\s?v\w*\W.{0,30}(?:need|want|require|like)\w*\s+(?:\w+\s+){0,3}[\d.]+\s?v\w*", r"voltage\s+(?:converter|reducer|dropper|adapter|adaptor)",
                     r"(?:drop|step|bring|knock|reduc|lower|convert|turn|tak|get|mak|deriv|cut|produc|generat|creat|deliver)\w*\s+(?:\w+\s+){0,5}(?:[\d.]+\s?v(?:olts?)?\s*)(?:\w+\s+){0,3}(?:down\s+)?(?:to|into|from|out\s+of)\b",
                     r"[\d.]+\s?v(?:olts?)?(?:dc)?\s*(?:->|=>|>|-?to-?|down\s+to|into)\s*[\d.]+\s?v(?:olts?)?", r"[\d.]+\s?v(?:olts?)?\s+(?:rail|supply|source|output)?\s*(?:at\s+[\d.]+\s?m?a\w*\s+)?(?:from|out\s+of|off)\s+(?:an?\s+|the\s+|my\s+)*(?:[\d.]+|usb|car|li)",
                     r"(?:power|run|feed)\w*\s+(?:\w+\s+){0,5}from\s+(?:an?\s+)?[\d.]+\s?v", r"(?:in|input)\W+(?:\w+\W+){0,4}(?:out|output)")),
    ],
    "lowside_switch": [
        (_STRONG, _words(r"mos-?fets?", r"low[\s-]*side", r"fets?", r"ao3400a?", r"irlz44n?", r"n[\s-]?channel", r"(?:relay|motor|solenoid|fan|pump|valve|led[\s-]strip|load|lamp|coil)s?[\s-]+(?:driver|switch|control\w*)(?:s|es)?",
                         r"transistor\s+(?:switch|driver)", r"solid[\s-]state\s+(?:switch|relay)", r"power\s+switch", r"logic[\s-]level\s+switch",
                         rf"(?:switch|driv|control|turn|operat|actuat|energi[sz]|activat|trigger|run|power|fire|start)\w*\s+(?:on\s+|off\s+|on\s+and\s+off\s+)?(?:[\w.,/%-]+\s+){{0,7}}(?:{LOAD})")),
        (4.0, _words(LOAD, r"drivers?", r"(?:electronic\s+)?switch(?:es|ing)?", r"from\s+(?:an?\s+)?(?:logic|gpio|micro\w*|arduino|esp\w*|raspberry\w*|stm32|pico)", r"gpio")),
    ],
}  # fmt: skip

# What boards are asked for that the catalog cannot make; a name for people and the words.
_OUT_OF_SCOPE: list[tuple[str, re.Pattern[str]]] = [
    (name, _words(*patterns))
    for name, patterns in (
        ("switching converters", (r"buck(?:[\s-]boost)?", r"boost(?:er)?", r"step[\s-]?up", r"step[\s-]down\s+(?:converter|module|switch\w*)", r"switch(?:ing|[\s-]mode)\s+(?:regulator|converter|supply|power)\w*", r"smps", r"dc[\s/-]*(?:to[\s-])?dc", r"flyback\s+(?:converter|supply)", r"charge\s+pumps?", r"inverters?", r"lm2596", r"mp1584")),
        ("operational amplifiers", (r"op-?\s?amps?", r"operational\s+amplifiers?", r"(?:lm358|tl07\d|mcp600\d|ne5532|lm741)\w*", r"comparators?", r"instrumentation\s+amp\w*", r"non-?inverting", r"inverting\s+amp\w*", r"gain\s+(?:of\s+)?\d+", r"voltage\s+follower", r"transimpedance")),
        ("amplifiers", (r"(?:audio|guitar|headphone|power|speaker|class[\s-]\w+|microphone|mic)\s*-?(?:pre-?)?amp(?:lifier)?s?", r"pre-?amps?", r"amplif(?:y|ier|iers|ies)", r"lm386", r"tda\d+", r"pam\d+")),
        ("battery chargers and protection", (r"charg(?:er|ing|es?)(?!\s*pump)", r"tp4056", r"dw01a?", r"bms", r"battery\s+(?:protection|management|monitor\w*|gauge)", r"mcp738\d+")),
        ("boards of four or more layers", (r"(?:[3-9]|\d\d+|four|six|eight|ten)[\s,]?-?\s?(?:0{3}\s)?layers?", r"multi-?layer")),
        ("H-bridges, stepper and servo drivers", (r"h-?\s?bridges?", r"steppers?", r"servos?", r"brushless|bldc", r"l293d?|drv88\d\d|l298n?|uln200\d", r"revers(?:e|ible|ing)\s+(?:the\s+)?motor", r"esc")),
        ("mains voltage", (r"mains", r"(?:110|115|120|220|230|240)\s?-?v(?:olts?)?(?:\s?ac)?(?![\w])", r"line\s+voltage", r"household\s+(?:power|current|outlet)", r"wall\s+(?:outlet|socket)", r"triacs?", r"(?:bridge\s+)?rectifiers?(?:\s+bridge)?", r"transformers?")),
        ("radio and networks", (r"wi-?fi", r"bluetooth|ble", r"zigbee", r"lora(?:wan)?", r"antennas?", r"rf", r"gsm|lte|gps|nfc|rfid", r"ethernet", r"nrf24\w*", r"transmitters?", r"receivers?", r"fm\s+radio", r"can\s?bus", r"rs-?485|rs-?232")),
        ("sensors", (r"bme280|bmp\d+|dht\d+|ds18b20|mpu-?\d+|hx711|max\d{4,5}", r"thermometers?|thermostats?|temperature\s+(?:sensor|logger|control\w*)", r"(?:humidity|pressure|light|motion|moisture|proximity|gas|touch|sound|current|distance|hall)[\s-](?:sensor|detector|meter)s?", r"accelerometers?", r"i2c|spi\s+(?:bus|breakout)", r"load\s+cells?", r"sensor\s+(?:board|breakout|module)", r"dark\s+detector|ldr|photo(?:diode|resistor|transistor)s?")),
        ("displays and addressable LEDs", (r"ws281\d\w*", r"neo-?pixels?", r"rgb\w*", r"(?:7|seven)[\s-]segments?", r"oled|lcd|tft|e-?paper", r"led\s+(?:matrix|cube|bar|display|chaser|sequencer)", r"charlieplex\w*", r"knight\s?rider|running\s+lights?|chasers?", r"displays?")),
        ("filters of higher order and active filters", (r"(?:2nd|second|3rd|third|4th|fourth|5th|fifth|higher|nth|two|three|[2-9])[\s-]*(?:order|poles?)(?!\s*(?:terminal|screw|header|connector))", r"active\s+(?:low|high|band|filter)\w*", r"sallen[\s-]*key", r"band[\s-]*(?:pass|stop|reject)", r"notch", r"butterworth|chebyshev|bessel|elliptic", r"lc\s+(?:filter|low|high|network|tank)\w*", r"rlc", r"pi[\s-]filter", r"crossover", r"equali[sz]ers?", r"ferrite\s+filter")),
        ("adjustable, negative and dual regulators", (r"(?:adjustable|variable|programmable|bench)\s+(?:linear\s+|voltage\s+|output\s+)*(?:regulator|supply|psu|power|output)\w*", r"lm317\w*|lm337|tl431|lm723", r"79(?:05|08|09|12|15)", r"negative\s+(?:regulator|supply|rail|voltage)", r"(?:dual|split|bipolar|symmetric\w*)\s+(?:supply|supplies|rails?|power)", r"voltage\s+references?", r"(?:constant|controlled)[\s-]current\s+(?:source|sink|driver|supply)?", r"current\s+(?:source|sink|limiter)", r"virtual\s+ground")),
        ("timers other than the astable 555", (r"mono-?stable", r"one-?shot", r"(?:delay|egg|kitchen|staircase|countdown|off-delay)\s+timers?", r"delay\s+(?:on|off|circuit)", r"pwm\s+(?:generator|controller|dimmer|speed)", r"dimmers?", r"bistable|flip-?\s?flops?|latch(?:ing)\s+(?:switch|circuit)", r"sawtooth|triangle\s+wave|sine\s?(?:wave)?\s+(?:generator|oscillator|wave)|function\s+generator|vco", r"crystal\s+oscillators?", r"ring\s+oscillator")),
        ("discrete-transistor oscillators", (r"(?:two|2|dual)[\s-]transistors?", r"bjt\s+\w+", r"transistor\s+(?:astable|multivibrator|blinker|flasher|oscillator)", r"joule\s+thief", r"colpitts|wien|hartley|phase[\s-]shift\s+oscillator")),
        ("sound", (r"buzzers?", r"speakers?", r"sirens?\s+(?:sound|generator|tone)", r"tone\s+generators?", r"melod\w+", r"door-?bells?", r"morse", r"synth\w*", r"theremin", r"piezo\w*")),
        ("high-side switches and logic", (r"high[\s-]*side", r"p-?\s?channel|p-?mos\w*", r"level[\s-]?shift\w*|level\s+(?:translator|converter)s?", r"opto-?(?:coupler|isolat\w+)s?", r"logic\s+gates?|74hc\w*|cd40\d\d|shift\s+registers?|counters?", r"adcs?|dacs?|analog[\s-]to[\s-]digital", r"voltmeters?|ammeters?|multimeters?", r"voltage\s+dividers?", r"usb\s+hubs?|usb[\s-]?c\s+(?:pd|power\s+delivery|breakout|board)", r"(?:solar|mppt)\s+\w+", r"thermocouples?", r"power\s+over\s+ethernet|poe")),
    )
]  # fmt: skip
_CONTROLLER = _words(
    r"esp-?\s?(?:32|8266)\S*", r"arduino\w*", r"at(?:mega|tiny)\d*\w*", r"stm32\w*", r"rp2040", r"pico", r"raspberry(?:\s?pi)?\w*", r"pic\s?\d+\w*",
    r"micro-?controllers?", r"microprocessors?", r"mcus?", r"teensy", r"fpgas?", r"nodemcu|wemos|esp", r"nano", r"nrf5\d+",
)  # fmt: skip
# Before a term these words say that it stands around the board, not on it, or is not wanted.
_AROUND = re.compile(
    r"(?i)\b(?:for|before|after|into|from|by|off(?:\s+of)?|via|through|of|ahead\s+of|behind|feeding|feeds|driving|"
    r"powers?|powering|supply(?:ing)?|protect\w*|in\s+front\s+of|to|on|at|my|the|our|no|not|without|instead\s+of|rather\s+than|never)"
    r"(?:\s+(?:an?|the|my|our|any|some|use|using|need(?:ed)?|like|its?|your|small|old|typical|usb|phone|\d+|v|[\d.]+\s?v(?:olts?)?|3v3|input\s+of|pin\s+of|output\s+of))*\s*$"
)
_NOT = re.compile(
    r"(?i)\b(?:no|not|without|instead\s+of|rather\s+than|never|(?:do\s+not|don't)\s+(?:want|need|use))(?:\s+(?:an?|any|the|need(?:ed)?|use|using|like))*\s*$"
)
# These may stand before a board as its source or behind it as its user without being asked for.
_NEVER_AROUND = {
    "mains voltage",
    "boards of four or more layers",
    "filters of higher order and active filters",
}


def recognise(text: str) -> Recognition:
    """The family that a brief asks for, or a refusal that says what it cannot and what it can do."""
    text = normalise(text).text
    scores = {family: _score(text, family) for family in _CUES}
    ranked = sorted(scores, key=lambda family: -scores[family])
    best = ranked[0]
    known = scores[best] >= 3.0
    outside = _outside(text, known and scores[best] >= 5.0)
    if outside:
        return Recognition(None, f"I cannot design {' or '.join(outside[:2])} yet. {CAN_DO}")
    if not known and _FILTER.search(text):
        return Recognition(
            "rc_lowpass", open_question="Low-pass or high-pass was not said: low-pass is taken."
        )
    if not known:
        return Recognition(None, f"I do not know what board that is. {CAN_DO}")
    if best == "led_indicator" and scores["lowside_switch"] >= _STRONG:
        best = "lowside_switch"
    if best == "led_indicator" and scores["astable_555"] >= 6.0:
        best = "astable_555"
    if best == "led_indicator":  # an LED beside another function is the lesser of the two
        best = next((family for family in ranked[1:] if _asked_for(text, family)), best)
    others = tuple(
        family for family in ranked if family != best and scores[family] >= _STRONG and not _kin(best, family)
    )
    return Recognition(best, None, others)


_FILTER = _words(r"filters?", r"rc", r"cut-?\s?off", r"corner\s+frequency")


def _asked_for(text: str, family: str) -> bool:
    """Whether a strong cue of the family stands there as a wish and not as what is around the board."""
    return any(
        not _AROUND.search(text[: match.start()])
        for weight, pattern in _CUES[family]
        if weight >= _STRONG
        for match in pattern.finditer(text)
    )


def _kin(best: str, other: str) -> bool:
    """Whether the words of `other` are no second wish: each board has supplies, and a blinker lights an LED."""
    quiet = {
        ("astable_555", "lowside_switch"),
        ("lowside_switch", "astable_555"),
        ("astable_555", "led_indicator"),
    }
    return (best, other) in quiet


def _score(text: str, family: str) -> float:
    """The sum of a family's cues, each pattern once and a little for repetitions, negated ones left out."""
    total = 0.0
    for weight, pattern in _CUES[family]:
        hits = [match for match in pattern.finditer(text) if not _NOT.search(text[: match.start()])]
        if hits:
            total += weight + 0.3 * min(3, len(hits) - 1)
    return total


def _outside(text: str, known: bool) -> list[str]:
    """Names of what is asked for and out of scope."""
    found: list[str] = []
    for name, pattern in _OUT_OF_SCOPE:
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 60) : match.start()]
            if _NOT.search(before) or (known and name not in _NEVER_AROUND and _AROUND.search(before)):
                continue
            found.append(name)
            break
    for match in _CONTROLLER.finditer(text):
        after = text[match.end() :][:14].lower()
        board = re.match(
            r"(?:[\w\d-]*\s+)?(?:board|module|breakout|dev\w*|based|shield|clone|project|controller)\b",
            after.strip(),
        )
        before = text[max(0, match.start() - 60) : match.start()]
        if not known or (board and not _AROUND.search(before)):
            found.append("microcontroller boards")
            break
    return found


COLOURS = {
    "red": "red", "green": "green", "yellow": "yellow", "blue": "blue", "white": "white",
    "amber": "yellow", "orange": "yellow", "warm white": "white", "cool white": "white", "warm-white": "white", "cold white": "white",
    "lime": "green", "emerald": "green", "crimson": "red", "scarlet": "red", "ruby": "red", "golden": "yellow", "gold": "yellow",
}  # fmt: skip
_COLOUR = _words(*sorted(COLOURS, key=len, reverse=True))
_NO_COLOUR = _words(
    r"pink",
    r"purple",
    r"violet",
    r"infra-?\s?red",
    r"ir(?=\s+led)",
    r"uv|ultra-?violet",
    r"cyan",
    r"magenta",
    r"turquoise",
)
_NOT_LED = re.compile(r"(?i)^\s+(?:solder\s*mask|mask|pcbs?\b|board|silk\w*|wires?|cable|button|case|lead)")


def colour_of(text: str) -> tuple[str | None, str | None, list[str]]:
    """The LED colour asked for, a remark where it is another than the word says, and further colours.

    A colour that no part has is returned as the remark with no colour.
    """
    hits = [match for match in _COLOUR.finditer(text) if not _NOT_LED.match(text[match.end() :])]
    missing = _NO_COLOUR.search(text)
    if missing and not hits:
        return None, missing[0], []
    if not hits:
        return None, None, []
    chosen = hits[0]
    if len(hits) > 1 and re.search(r"(?i)\b(?:not|instead\s+of|no)\s+$", text[: hits[0].start()]):
        chosen = hits[1]
        hits = hits[1:]
    word = chosen[0].lower()
    remark = f"{word} LEDs are not stocked, {COLOURS[word]} is taken" if word in {"amber", "orange"} else None
    further = [hit[0].lower() for hit in hits if COLOURS[hit[0].lower()] != COLOURS[word]]
    return COLOURS[word], remark, further


_SCREW = _words(
    r"screw(?:ed)?(?:[\s-]+(?:down\s+|in\s+|type\s+|wire\s+)?(?:terminals?|connect\w+|blocks?|clamps?))?(?!\s*holes?)",
    r"terminal\s+(?:blocks?|strips?|screws?)", r"phoenix(?:\s+\w+)?", r"(?:wire\s+)?terminals", r"wire\s+clamps?",
)  # fmt: skip
_HEADER = _words(
    r"(?:pin|male|female|jumper|dupont|berg)?[\s-]*headers?",
    r"dupont\w*",
    r"bread-?boards?(?:able)?",
    r"pin\s+(?:strip|row|connector)s?",
    r"jumper\s+(?:wires?|leads?)",
    r"pins",
)
_OTHER_CONNECTOR = _words(
    r"barrel(?:\s+(?:jack|connector|socket|plug)s?)?", r"dc\s+(?:jack|socket|plug)s?", r"usb(?:[\s-]?c|[\s-]micro|[\s-]mini|[\s-]b)?\s+(?:connector|socket|jack|plug|receptacle)s?",
    r"(?:micro|mini)[\s-]?usb(?!\s+(?:power|supply|charger))", r"jst\S*", r"bnc", r"rca|phono\s+(?:jack|socket)s?", r"banana\s+\w+", r"xt[36]0", r"molex\S*", r"(?:spring|push)[\s-](?:terminal|loaded|in)\w*",
    r"wago", r"solder\s+pads?", r"(?:3\.5\s?mm|6\.35\s?mm|1/4\"?)?\s*(?:audio|stereo|headphone)\s+jacks?", r"sma\s+connectors?", r"crocodile\s+clips?", r"coin\s+cell\s+holders?", r"battery\s+(?:holder|clip|snap)s?", r"faston|spade\s+\w+|blade\s+terminals?", r"deans|anderson\w*", r"idc\s+\w+", r"edge\s+connectors?", r"qwiic|grove",
)  # fmt: skip


def connector_of(text: str) -> tuple[str | None, list[str]]:
    """ "header", "screw" or None as asked for, and connectors that are not to be had."""
    others = [match[0] for match in _OTHER_CONNECTOR.finditer(text) if not _NOT.search(text[: match.start()])]
    rest = _OTHER_CONNECTOR.sub(" ", text)
    hits = [
        (match.start(), name)
        for name, pattern in (("screw", _SCREW), ("header", _HEADER))
        for match in pattern.finditer(rest)
        if not _NOT.search(rest[: match.start()])
    ]
    return (min(hits)[1] if hits else None), others


_WISHES = [
    (name, _words(*patterns))
    for name, patterns in (
        ("a potentiometer", (r"potentiometers?", r"pots?", r"trim-?(?:pot|mer)s?", r"adjustable(?!\s+(?:regulator|supply))", r"tun(?:e|able)")),
        ("a switch or button", (r"(?:on[/-]off|slide|toggle|push|power)\s+(?:switch|button)(?:es|s)?", r"push-?buttons?", r"reset\s+button")),
        ("a fuse", (r"(?:poly|resettable\s+)?fuses?", r"ptc")),
        ("reverse polarity protection", (r"(?:reverse|polarity|reverse[\s-]polarity)\s+protect\w*", r"protection\s+diode\s+(?:at|on)\s+the\s+input")),
        ("a heat sink", (r"heat-?\s?sinks?",)),
        ("an enclosure", (r"enclosures?", r"(?:plastic|metal)\s+(?:box|case)", r"waterproof\w*", r"ip6\d")),
        ("the colour of the solder mask", (r"(?:red|blue|black|green|white|purple|yellow)\s+(?:solder\s*mask|pcb|board)", r"solder\s*mask")),
        ("another thickness", (r"(?:0\.8|1\.0|1\.2|2\.0|2)\s?mm\s+thick\w*",)),
        ("through-hole parts only", (r"(?:all\s+|only\s+)?through[\s-]?hole(?:\s+only)?", r"tht(?:\s+only)?", r"no\s+smd")),
        ("surface-mount parts only", (r"(?:all|only|fully)[\s-]+(?:smd|smt|surface[\s-]mount)", r"(?:smd|smt|surface[\s-]mount)\s+only")),
        ("a round or shaped outline", (r"round\s+(?:board|pcb|shape)", r"circular", r"hexagon\w*", r"heart[\s-]shaped", r"rounded\s+corners")),
        ("castellations or panels", (r"castellat\w*", r"paneli[sz]\w*", r"v-?cuts?")),
        ("tests points", (r"test\s?points?",)),
    )
]  # fmt: skip


def wishes_of(text: str) -> list[str]:
    """Wishes that the catalog knows and cannot fulfil, by name."""
    return [
        name
        for name, pattern in _WISHES
        if any(not _NOT.search(text[: match.start()]) for match in pattern.finditer(text))
    ]


HOLES = _words(
    r"(?:m[2345]\s+)?mounting[\s-]?holes?",
    r"m[2345]\s+holes?",
    r"screw\s+holes?",
    r"fixing\s+holes?",
    r"holes?\s+(?:in|at|for)\s+\w+",
    r"corner\s+holes?",
)
SOIC = _words(r"soic\w*", r"so-?8", r"smd(?:\s+555)?", r"surface[\s-]mount\w*", r"ne555d")
OUT_PIN = _words(
    r"(?:signal|square[\s-]?wave|clock|555|timer|logic|separate|pulse|third)\s+out(?:put)?(?:\s+(?:pin|terminal|header))?s?",
    r"out(?:put)?[\s-]+(?:pin|terminal|connector|on\s+(?:a\s+)?(?:pin|header|terminal|connector))s?", r"bring\s+(?:the\s+)?output\s+out", r"(?:with|and)\s+(?:an?\s+|the\s+)?output", r"output\s+(?:available|accessible|brought)", r"3-?\s?pin\w*",
)  # fmt: skip

# What drives the input of a switch, and its high level in volts.
_LOGIC = [
    (3.3, _words(r"esp-?\s?(?:32|8266)\S*", r"esp", r"raspberry(?:\s?pi)?\w*", r"rpi", r"(?:pi\s+)?pico\w*", r"stm32\w*", r"rp2040", r"nodemcu|wemos", r"nrf5\d+", r"micro:?\s?bit", r"teensy\s?[34]\S*", r"jetson\w*", r"beagle\w*", r"3v3", r"arduino\s+(?:due|zero|mkr|nano\s*33)", r"lvcmos|lvttl")),
    (5.0, _words(r"arduino\w*", r"at(?:mega|tiny)\d*\w*", r"ttl", r"nano", r"uno", r"74hct?\w*", r"pic\s?1\d\w*", r"5v\s+logic")),
]  # fmt: skip


def implied_logic(text: str) -> tuple[float, str] | None:
    """The high level of a controller that the text names, and its name."""
    for volts, pattern in _LOGIC:
        if match := pattern.search(text):
            return volts, match[0]
    return None

"""The shapes of the data that travels between the agents, all of it plain JSON.

Three artefacts are held apart: the *requirement* (what the user approved), the *intent* (what the
designer's script declares) and the *board* (the copper that was built).  Lengths are millimetres,
angles degrees (counter-clockwise, 0/90/180/270), y grows downwards as in KiCad, and every other
quantity is in the SI unit that its name ends with (`_A`, `_V`, `_s`, `_Hz`, `_ohm`, `_F`).
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Point = tuple[float, float]
Polygon = list[Point]  # a closed ring, first point not repeated
PinRef = tuple[str, str]  # (reference, pad number), e.g. ("U1", "8")

# --------------------------------------------------------------------------- requirement


class Port(TypedDict):
    """A place where the board meets the world; its net carries the port's name."""

    name: str  # "VCC", "GND", "IN", "OUT", "VIN", "VOUT", "LOAD" …: the net's name and the label on the board
    # "signal" goes both ways, as a bus does
    role: Literal["supply_in", "supply_out", "ground", "signal_in", "signal_out", "signal", "load"]
    volts_min: NotRequired[float]
    volts_nom: NotRequired[float]
    volts_max: NotRequired[float]
    current_A: NotRequired[float]  # the most that flows through the port


class Measure(TypedDict):
    """A measurable limit that the user approved; the tester decides by it."""

    id: str  # unique in the requirement, e.g. "blink_period"
    what: Literal[
        "led_current_A",  # current through each LED while lit, at the nominal supply
        "led_period_s",  # period of the LED's current
        "cutoff_Hz",  # -3 dB frequency from `source` to `port`, `kind` says which side passes
        "output_V",  # voltage of `port` under `load_A`, over the whole range of the supply
        "on_voltage_V",  # voltage of the load's port while on, at `load_A` with `logic_V` on the input
        "off_current_A",  # current into the load's port with the input at 0 V
        "junction_C",  # hottest junction of the board's power parts at 25 °C around it
    ]
    min: float | None
    max: float | None
    unit: str  # "A", "s", "Hz", "V", "°C"
    port: NotRequired[str]
    source: NotRequired[str]
    kind: NotRequired[Literal["lowpass", "highpass"]]
    load_A: NotRequired[float]
    logic_V: NotRequired[float]


class NamedPart(TypedDict):
    """A part that the user named, by type or in words: "ATtiny85", "push button"."""

    what: str
    quantity: int  # at least so many


class Requirement(TypedDict):
    """What the user approved: ports with roles and limits in numbers.

    A board of family "custom" belongs to none of the catalog's; its measures may be empty.
    """

    format: Literal[1]
    title: str
    brief: str  # the user's words
    family: str  # what kind of board it is, e.g. "astable_555", or "custom"
    size_mm: tuple[float, float] | None  # the largest outline (width, height); None: as small as it gets
    parts: NotRequired[list[NamedPart]]
    ports: list[Port]
    measures: list[Measure]
    values: dict[str, float | str]  # the family's slots as read, by name with unit: {"frequency_Hz": 1.0, …}
    connector: str  # "header" or "screw"
    assumptions: list[str]  # defaults that were taken, each a sentence
    unused: list[str]  # quantities and wishes of the brief that have no use here, each a sentence


# --------------------------------------------------------------------------- intent


class IntentPin(TypedDict):
    """A pin of a part, as KiCad's symbol has it."""

    number: str
    name: str  # as in KiCad's symbol, "" where it has none
    type: str  # KiCad's electrical type: "power_in", "passive", "output" …


class IntentPart(TypedDict):
    """A part of the intent."""

    ref: str
    symbol: str  # "Timer:NE555P"
    footprint: str  # "Package_DIP:DIP-8_W7.62mm"
    value: str
    part: str | None  # key into kicad/parts/parts.csv
    pins: list[IntentPin]
    line: NotRequired[int]  # where the script says it


class IntentNet(TypedDict):
    """A net of the intent."""

    name: str
    pins: list[PinRef]


class NetClass(TypedDict):
    """Nets that carry a current."""

    name: str
    current_A: float
    nets: list[str]


class Near(TypedDict):
    """Two pads that must lie within `max_mm` of each other."""

    a: PinRef
    b: PinRef
    max_mm: float


class Edge(TypedDict):
    """A part that sits on an edge of the board."""

    ref: str
    side: Literal["left", "right", "top", "bottom", "any"]
    facing: Literal["out", "any"]


class Keepout(TypedDict):
    """Nothing of `what` within a margin around a part."""

    ref: str  # the part that it surrounds
    margin_mm: float
    what: list[Literal["copper", "parts", "vias"]]


class Hole(TypedDict):
    """A mounting hole in a corner."""

    diameter_mm: float
    corner: Literal["top_left", "top_right", "bottom_left", "bottom_right"]


class Label(TypedDict):
    """A text on the silk."""

    text: str
    pin: NotRequired[PinRef]  # beside this pin; without it the text goes to a free place


class BlockUse(TypedDict):
    """A block that the script used."""

    name: str
    refs: list[str]
    ports: dict[str, str]  # port -> net


class Intent(TypedDict):
    """What the designer's script declares; never a coordinate, never a track."""

    format: Literal[1]
    parts: list[IntentPart]
    nets: list[IntentNet]
    netclasses: list[NetClass]
    near: list[Near]
    edges: list[Edge]
    groups: list[list[str]]
    keepouts: list[Keepout]
    holes: list[Hole]
    labels: list[Label]
    blocks: list[BlockUse]
    raw: bool  # the script has a raw(board) step


# --------------------------------------------------------------------------- layout (pure data)


class Pad(TypedDict):
    """A pad of a footprint at rotation 0, relative to the footprint's origin."""

    number: str
    net: str  # "" when it is not connected
    kind: Literal["smd", "through", "hole"]  # hole: not plated, no net
    layers: list[Literal["front", "back"]]  # where it has copper (hole: both)
    polygon: Polygon  # KiCad's own outline of the pad
    centre: Point
    drill_mm: float


class Box(TypedDict):
    """A rectangle along the axes."""

    x0: float
    y0: float
    x1: float
    y1: float


class LayoutPart(TypedDict):
    """A part as placing sees it."""

    ref: str
    footprint: str
    value: str
    courtyard: Box  # at rotation 0, relative to the origin
    body: Box  # where the part's drawing (fab and silk) extends
    silk: list[Polygon]  # silk graphics inflated to their stroke, so that texts can keep clear
    pads: list[Pad]
    pin1_out: (
        float  # the angle that a connector's opening faces at rotation 0; NaN-free: -1 where it has none
    )


class NetRule(TypedDict):
    """What tracks of one net must keep."""

    width_mm: float  # tracks of this net
    clearance_mm: float
    neck_mm: float  # least width within `neck_length_mm` of a pad that is narrower than the track
    neck_length_mm: float


class Rules(TypedDict):
    """Design rules in millimetres: the tier that the board house is asked for."""

    name: str
    track_mm: float
    clearance_mm: float
    via_mm: float
    via_drill_mm: float
    edge_mm: float  # copper to the board's edge
    hole_mm: float  # copper to a hole
    text_mm: float  # height of silk text
    text_stroke_mm: float
    nets: dict[str, NetRule]


class Geometry(TypedDict):
    """All that placing and routing know."""

    size_mm: tuple[float, float] | None  # fixed largest outline, or None: search the smallest
    parts: list[LayoutPart]
    near: list[Near]
    edges: list[Edge]
    groups: list[list[str]]
    keepouts: list[Keepout]
    holes: list[Hole]
    labels: list[Label]
    ground: str | None  # the net to be poured on both layers
    rules: Rules


class Placement(TypedDict):
    """Where a part stands."""

    ref: str
    x: float
    y: float
    rotation: int


class Track(TypedDict):
    """A straight piece of copper."""

    net: str
    layer: Literal["front", "back"]
    width_mm: float
    start: Point
    end: Point


class Via(TypedDict):
    """A plated hole between the layers."""

    net: str
    at: Point
    diameter_mm: float
    drill_mm: float


class Text(TypedDict):
    """A silk text: a reference (`ref` set, `pin` None), a pin's label, or free text."""

    text: str
    ref: str | None
    at: Point  # its centre
    rotation: int  # 0 or 90
    height_mm: float
    stroke_mm: float


class Layout(TypedDict):
    """The result of placing and routing: origin at the board's top left corner."""

    size_mm: tuple[float, float]
    placements: list[Placement]
    tracks: list[Track]
    vias: list[Via]
    pours: list[dict[str, str]]  # {"net": …, "layer": …}: whole-board zones that KiCad fills
    holes: list[dict[str, float]]  # {"x", "y", "diameter_mm"}
    texts: list[Text]
    seed: int
    figures: dict[str, float]  # cpu_s, wire_mm, vias, area_use, iterations …


# --------------------------------------------------------------------------- board, as re-read


class BoardPad(TypedDict):
    """A pad in its place on the board."""

    ref: str
    number: str
    net: str
    kind: Literal["smd", "through", "hole"]
    at: Point
    drill_mm: float
    polygons: dict[str, Polygon]  # by layer "front" | "back"


class BoardFootprint(TypedDict):
    """A part on the board."""

    ref: str
    value: str
    footprint: str
    symbol: str
    part: str | None
    at: Point
    rotation: float
    side: Literal["front", "back"]
    courtyard: Polygon


class BoardZone(TypedDict):
    """A pour and what KiCad filled of it."""

    net: str
    layer: Literal["front", "back"]
    filled: list[list[Polygon]]  # each: outline, then its holes


class BoardText(TypedDict):
    """A text on the board."""

    text: str
    kind: Literal["reference", "value", "user"]
    ref: str | None
    layer: str
    box: Box


class Board(TypedDict):
    """A board file as KiCad reads it, nothing taken from the intent."""

    size_mm: tuple[float, float]
    outline: Polygon
    footprints: list[BoardFootprint]
    pads: list[BoardPad]
    tracks: list[Track]
    vias: list[Via]
    zones: list[BoardZone]
    texts: list[BoardText]


# --------------------------------------------------------------------------- findings


class Check(TypedDict):
    """One gate of the tester, with what it measured."""

    code: str  # stable, e.g. "DRC", "LED_REVERSED", "DECOUPLING_FAR", "BLINK_PERIOD"
    stage: Literal["script", "intent", "layout", "copper", "drc", "spice", "heat", "fabrication"]
    passed: bool
    title: str  # what was checked, for people
    place: str  # "D1", "VCC", "C3–U1.8" … or ""
    measured: str  # with unit
    required: str  # with unit
    cause: str  # likely cause, empty when passed
    fix: str  # what the designer may change, empty when passed

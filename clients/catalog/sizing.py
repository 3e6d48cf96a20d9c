"""Computes component values from what is asked, with the parts' real behaviour, or says why it cannot be.

Formulas and figures are named where they stand; limits of parts come from the parts table.
"""

# ruff: noqa: E501 - sentences for people stand in one line each
from __future__ import annotations

import math
from dataclasses import dataclass

from clients.catalog.eseries import (
    CERAMICS,
    ELECTROLYTICS,
    STOCKED_RESISTORS,
    format_value,
    nearest,
    nearest_of,
)
from clients.catalog.units import show
from kicad.parts import parts_table


class Impossible(ValueError):
    """What is asked cannot be built; `slot` is what would have to change and `offer` a value that works."""

    def __init__(self, slot: str, sentence: str, offer: float | None = None):
        super().__init__(sentence)
        self.slot = slot
        self.sentence = sentence
        self.offer = offer


@dataclass(frozen=True)
class Supply:
    """Volts at a supply's port."""

    low: float
    nominal: float
    high: float


# ------------------------------------------------------------------------------- LED

# Forward volts at 10 mA and slope resistance there (Kingbright and Hubei KENTO data sheets, 0805):
# red and yellow are AlGaInP, the others InGaN.
FORWARD = {
    "red": (1.9, 10.0),
    "yellow": (1.9, 10.0),
    "green": (2.75, 16.0),
    "blue": (2.95, 16.0),
    "white": (2.95, 16.0),
}
LED_BAND_A = (0.005, 0.015)  # bright enough indoors, well within every LED's limit
_POWER_USE = 0.8  # of a resistor's rating


@dataclass(frozen=True)
class LedResistor:
    """The series resistor of an LED: `count` equal pieces of `part` in series, `current_A` at nominal supply."""

    ohm: float
    part: str
    count: int
    current_A: float
    power_W: float  # in each piece at the highest supply
    band_A: tuple[float, float]  # the least and the most current that is asked for

    @property
    def value(self) -> str:
        """The value of one piece as a parts list has it."""
        return format_value(self.ohm)


def led_current(volts: float, ohm: float, colour: str) -> float:
    """Amperes through an LED behind `ohm` at `volts`: (V - Vf) / R with Vf = V10 + (I - 10 mA) · rd."""
    forward, slope = FORWARD[colour]
    return max(0.0, (volts - forward + 0.01 * slope) / (ohm + slope))


def led_band(target_A: float | None) -> tuple[float, float]:
    """The allowed current: ±20 % of what was asked for, else 5 to 15 mA."""
    return LED_BAND_A if target_A is None else (0.8 * target_A, 1.2 * target_A)


def size_led(
    supply: Supply,
    colour: str,
    target_A: float | None = None,
    *,
    drop_V: float = 0.0,
    given_ohm: float | None = None,
    scale: float = 1.0,
    one_piece: bool = False,
) -> LedResistor:
    """The resistor for an LED between the supply (less `drop_V` of what drives it) and ground.

    `scale` raises or lowers the aim, after a simulation that disagreed.  Raises Impossible.
    """
    if supply.high > 60:
        raise Impossible(
            "supply_V", f"An indicator LED board takes at most 60 V; {supply.high:g} V is too much.", 24.0
        )
    if target_A is not None and not 0.0005 <= target_A <= 0.02:
        raise Impossible(
            "led_current_A",
            f"These LEDs take 0.5 mA to 20 mA; {show(target_A, 'A')} is outside of that.",
            0.01 if target_A > 0.02 else 0.002,
        )
    forward = FORWARD[colour][0]
    nominal, highest = supply.nominal - drop_V, supply.high - drop_V
    least = forward + (target_A or LED_BAND_A[0]) * 20
    if nominal < least + (0.1 if target_A is None else 0.0):
        source = f"{supply.nominal:g} V" + (f" less {drop_V:g} V in the 555's output" if drop_V else "")
        raise Impossible(
            "colour" if nominal > FORWARD["red"][0] + 0.3 and colour != "red" else "supply_V",
            f"A {colour} LED needs about {forward:g} V and something for its resistor; {source} is too little.",
            math.ceil(forward + drop_V + 1.0),
        )
    most = min(parts_table()[f"LED_0805_{colour.upper()}"].limits["Imax"], 0.02) * 0.95
    aim = min(target_A or 0.01, most) * scale
    if given_ohm is not None:
        amps = led_current(nominal, given_ohm, colour)
        if not 0.0005 <= amps <= most:
            raise Impossible(
                "resistor_ohm",
                f"{show(given_ohm, 'Ω')} would give the LED {show(amps, 'A')}; it takes 0.5 mA to 20 mA.",
                nearest_of(max(10.0, (nominal - forward) / 0.01), STOCKED_RESISTORS),
            )
        aim = amps
        stock: tuple[float, ...] = (given_ohm,)
        band = (0.8 * amps, 1.2 * amps)
    else:
        stock, band = STOCKED_RESISTORS, led_band(target_A)
    options: list[tuple[float, LedResistor]] = []
    pieces = [("R_0805", 1)] if one_piece else [("R_0805", 1), ("R_1206", 1), ("R_1206", 2), ("R_1206", 3)]
    for rank, (part, count) in enumerate(pieces):
        for ohm in stock:
            amps, hot = (led_current(volts, ohm * count, colour) for volts in (nominal, highest))
            power = hot * hot * ohm
            fits = band[0] * 1.08 <= amps <= band[1] * 0.92 or given_ohm is not None
            if fits and hot <= most / 0.95 and power <= _POWER_USE * parts_table()[part].limits["Pmax"]:
                off = abs(math.log(amps / aim)) + 0.4 * rank
                options.append((off, LedResistor(ohm, part, count, amps, power, band)))
    if not options:
        raise Impossible(
            "supply_V",
            f"No stocked resistor keeps a {colour} LED right over {supply.low:g} to {supply.high:g} V.",
            12.0,
        )
    return min(options, key=lambda option: option[0])[1]


# ------------------------------------------------------------------------------- 555

# TI SLFS022: output about 1.4 V below the supply when high, 1.7 V at 100 mA.
TIMER_DROP_V = 1.45
TIMER_SUPPLY_V = (4.5, 16.0)
TIMER_RANGE_HZ = (1 / 60, 100e3)


@dataclass(frozen=True)
class Astable:
    """Timing parts of an astable 555; period and duty are computed from the chosen values."""

    ra: float
    rb: float
    ct: float
    period_s: float
    duty: float


def astable_period(ra: float, rb: float, ct: float) -> float:
    """Seconds: ln 2 · (RA + 2 RB) · C (TI SLFS022, astable operation)."""
    return math.log(2) * (ra + 2 * rb) * ct


def size_astable(
    supply: Supply,
    frequency_Hz: float,
    duty: float | None = None,
    scale: float = 1.0,
    avoid: tuple[str, ...] = (),
) -> Astable:
    """Timing parts for an NE555.  `scale` corrects the aim after a simulation that disagreed; `avoid` are capacitors.

    Raises Impossible outside of 4.5 to 16 V, 1/60 Hz to 100 kHz, or a duty of 52 to 95 %.
    """
    low, high = TIMER_SUPPLY_V
    if supply.low < low - 1e-9 or supply.high > high:
        raise Impossible(
            "supply_V",
            f"An NE555 runs from 4.5 V to 16 V; {span_of(supply)} is outside of that.",
            5.0 if supply.nominal < low else 12.0,
        )
    if not TIMER_RANGE_HZ[0] * 0.999 <= frequency_Hz <= TIMER_RANGE_HZ[1]:
        raise Impossible(
            "frequency_Hz",
            f"An NE555 does once a minute to 100 kHz well; {show(frequency_Hz, 'Hz')} is outside of that.",
            1.0 if frequency_Hz < 1 else 100e3,
        )
    if duty is not None and not 0.515 <= duty <= 0.95:
        raise Impossible(
            "duty",
            f"This 555 circuit is on for 52 % to 95 % of the time; {duty * 100:.3g} % needs another circuit.",
            0.55 if duty < 0.52 else 0.9,
        )
    aim = scale / frequency_Hz
    best = min(_astables(supply, aim, duty, avoid), key=lambda found: found[0], default=None)
    if best is None or abs(best[1].period_s / aim - 1) > 0.06:
        raise Impossible(
            "frequency_Hz", f"No stocked parts give {show(frequency_Hz, 'Hz')} with that duty.", 1.0
        )
    return best[1]


def _astables(
    supply: Supply, period: float, duty: float | None, avoid: tuple[str, ...]
) -> list[tuple[float, Astable]]:
    """Every choice that the timer bears, with its demerit.

    RA keeps the discharge transistor below 10 mA; the trigger's bias current (0.5 µA typical) may move
    the threshold by 3 %; an electrolytic's leakage asks for less than 300 kΩ.
    """
    ra_least = max(1000.0, supply.high / 0.010)
    found: list[tuple[float, Astable]] = []
    for ct in (*CERAMICS[4:], *ELECTROLYTICS):
        if format_value(ct) in avoid:
            continue
        electrolytic = ct > 1.05e-6
        most = min(0.03 * supply.low / 2 / 0.5e-6, 300e3 if electrolytic else 1e6)
        total = period / (math.log(2) * ct)
        if not ra_least + 2000 <= total <= 2.1 * most:
            continue
        for rb in STOCKED_RESISTORS:
            if rb < 1000 or total - 2 * rb < 0.8 * ra_least:
                continue
            ra = nearest_of(total - 2 * rb, STOCKED_RESISTORS)
            if ra < ra_least or ra + rb > most:
                continue
            real, share = astable_period(ra, rb, ct), (ra + rb) / (ra + 2 * rb)
            off = abs(real / period - 1)
            demerit = 3 * off + (0.4 * (share - 0.5) if duty is None else 3 * abs(share - duty))
            demerit += (0.04 if electrolytic else 0.0) + (0.05 if ct > 50e-6 else 0.0)
            demerit += 0.02 * abs(math.log10((ra + 2 * rb) / 100e3)) + (0.05 if rb > 200e3 else 0.0)
            found.append((demerit, Astable(ra, rb, ct, real, share)))
    return found


def span_of(supply: Supply) -> str:
    """A supply for people."""
    if supply.low == supply.high:
        return f"{supply.nominal:g} V"
    return f"{supply.low:g} V to {supply.high:g} V"


# ------------------------------------------------------------------------------- RC filters

FILTER_RANGE_HZ = (0.5, 1e6)


@dataclass(frozen=True)
class Filter:
    """A first-order filter; `cutoff_Hz` is computed from the chosen values."""

    r: float
    c: float
    cutoff_Hz: float


def cutoff(r: float, c: float) -> float:
    """Hertz: 1 / (2 π R C)."""
    return 1 / (2 * math.pi * r * c)


def size_filter(
    cutoff_Hz: float | None, given_r: float | None = None, given_c: float | None = None, scale: float = 1.0
) -> Filter:
    """R and C for a -3 dB frequency; what is given is kept.  Raises Impossible."""
    if given_r is not None and not 10 <= given_r <= 2.2e6:
        raise Impossible(
            "resistor_ohm", f"A filter's resistor is 10 Ω to 2.2 MΩ here; {show(given_r, 'Ω')} is not.", 10e3
        )
    if given_c is not None and not 99e-12 <= given_c <= 1.01e-6:
        raise Impossible(
            "capacitor_F",
            f"A filter's capacitor is 100 pF to 1 µF (ceramic) here; {show(given_c, 'F')} is not.",
            100e-9,
        )
    if given_r is not None and given_c is not None:
        real = cutoff(given_r, given_c)
        if cutoff_Hz is not None and abs(real / cutoff_Hz - 1) > 0.08:
            raise Impossible(
                "cutoff_Hz",
                f"{show(given_r, 'Ω')} and {show(given_c, 'F')} give {show(real, 'Hz')}, not {show(cutoff_Hz, 'Hz')}.",
                float(f"{real:.4g}"),
            )
        return Filter(given_r, given_c, real)
    if cutoff_Hz is None:
        raise Impossible("cutoff_Hz", "A filter needs its cutoff frequency.", 1000.0)
    if not FILTER_RANGE_HZ[0] <= cutoff_Hz <= FILTER_RANGE_HZ[1]:
        raise Impossible(
            "cutoff_Hz",
            f"These RC filters reach from 0.5 Hz to 1 MHz; {show(cutoff_Hz, 'Hz')} is outside of that.",
            1.0 if cutoff_Hz < 1 else 1e6,
        )
    aim = cutoff_Hz * scale
    options: list[tuple[float, Filter]] = []
    for c in CERAMICS if given_c is None else (given_c,):
        ideal = 1 / (2 * math.pi * aim * c)
        stocked = nearest_of(ideal, STOCKED_RESISTORS) if given_r is None else given_r
        choices = [(stocked, 0.0)]
        if given_r is None and 10 <= ideal <= 2.2e6:  # values to order, where the stocked ones are far off
            choices.append((nearest(ideal, "E24"), 0.08))
            choices += [(nearest(ideal, "E96"), 0.12)] if given_c is not None else []
        for r, extra in choices:
            real = cutoff(r, c)
            off = abs(math.log(real / aim))
            ease = 0.02 * abs(math.log10(r / 10e3)) + (1.0 if not 200 <= r <= 1e6 and not given_r else 0.0)
            options.append((3 * off + ease + extra, Filter(r, c, real)))
    best = min(options, key=lambda option: option[0])[1]
    if abs(best.cutoff_Hz / aim - 1) > 0.07:
        slot = (
            "resistor_ohm" if given_r is not None else "capacitor_F" if given_c is not None else "cutoff_Hz"
        )
        given = (
            show(given_r, "Ω")
            if given_r is not None
            else show(given_c, "F")
            if given_c is not None
            else "another"
        )
        free = size_filter(cutoff_Hz) if slot != "cutoff_Hz" else best
        offer = {"resistor_ohm": free.r, "capacitor_F": free.c, "cutoff_Hz": best.cutoff_Hz}[slot]
        raise Impossible(slot, f"No stocked part makes {show(cutoff_Hz, 'Hz')} with {given}.", offer)
    return best

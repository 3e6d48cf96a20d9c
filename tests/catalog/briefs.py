"""Briefs in many wordings, with what must be read from them: family, slots (SI units), words, size."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Brief(NamedTuple):
    text: str
    family: str
    slots: dict[str, float | tuple[float, float]]
    words: Mapping[str, str] = MappingProxyType({})
    size: tuple[float, float] | None = None


def _briefs(family: str, *rows: Any) -> list[Brief]:
    return [Brief(row[0], family, *row[1:]) for row in rows]


LED = _briefs(
    "led_indicator",
    ("LED power indicator for 5 V, 2-pin header, 25x15 mm", {"supply_V": 5}, {"connector": "header", "pins": "2"}, (25, 15)),
    ("A green pilot lamp that shows when my 24V supply is on", {"supply_V": 24}, {"colour": "green"}),
    ("power light for a coin cell gadget, as small as possible", {"supply_V": (2.7, 3.2)}),
    ("I need a little red light that glows whenever USB power is present, 20 by 15 millimetres", {"supply_V": (4.75, 5.25)}, {"colour": "red"}, (20, 15)),
    ("status LED, blue, 3.3V rail, 2 mA", {"supply_V": 3.3, "led_current_A": 0.002}, {"colour": "blue"}),
    ("Design me a tiny board with one blue LED that lights up as soon as five volts are present", {"supply_V": 5}, {"colour": "blue"}),
    ("indicator lamp, yellow, 12 volts dc, screw terminal, 1 inch by 0.6 inch", {"supply_V": 12}, {"colour": "yellow", "connector": "screw"}, (25.4, 15.24)),
    ("I'd like an LED to tell me that the 3V3 supply is alive", {"supply_V": 3.3}),
    ("power-on LED for a car (12 V car battery), red, 30x20mm", {"supply_V": (9, 15)}, {"colour": "red"}, (30, 20)),
    ("LED tester thing: green led, 9V battery, resistor included", {"supply_V": (7.2, 9.6)}, {"colour": "green"}),
    ("a status light, white, running at 5 mA from USB, header", {"supply_V": (4.75, 5.25), "led_current_A": 0.005}, {"colour": "white"}),
    ("A LED that glows, supply 4.5V, 20x10 mm", {"supply_V": 4.5}, {}, (20, 10)),
    ("warning light 6 volts amber", {"supply_V": 6}, {"colour": "yellow"}),
    ("board 30mm x 20mm, LED green, 5V, 8 mA", {"supply_V": 5, "led_current_A": 0.008}, {"colour": "green"}, (30, 20)),
    ("Put a red LED on a Li-ion cell", {"supply_V": (3.0, 4.2)}, {"colour": "red"}),
    ("yellow LED from a CR2032", {"supply_V": (2.7, 3.2)}, {"colour": "yellow"}),
)  # fmt: skip
ASTABLE = _briefs(
    "astable_555",
    ("555 LED blinker about 1 Hz from 9 V, 40x30 mm", {"frequency_Hz": 1, "supply_V": 9}, {}, (40, 30)),
    ("blink twice a second off a 12V battery", {"frequency_Hz": 2, "supply_V": 12}),
    ("make an LED flash every half second, powered by a 9V battery, screw terminals", {"frequency_Hz": 2, "supply_V": (7.2, 9.6)}, {"connector": "screw"}),
    ("astable 555 at 10 kHz on 12 V with an output pin", {"frequency_Hz": 10e3, "supply_V": 12}, {"out": "yes"}),
    ("metronome light, 120 bpm, 5V", {"frequency_Hz": 2, "supply_V": 5}),
    ("an LED that is on for half a second and off for half a second, 6 V", {"frequency_Hz": 1, "supply_V": 6}),
    ("Something that blinks a yellow LED once every two seconds from my car battery", {"frequency_Hz": 0.5, "supply_V": (9, 15)}, {"colour": "yellow"}),
    ("multivibrator 2.5 Hz 5 volts 1.5 x 1 inch", {"frequency_Hz": 2.5, "supply_V": 5}, {}, (38.1, 25.4)),
    ("flash an LED 30 times a minute; supply between 9 and 12 volts", {"frequency_Hz": 0.5, "supply_V": (9, 12)}),
    ("flashing light for a bicycle, 3 times per second, 6 V", {"frequency_Hz": 3, "supply_V": 6}),
    ("Turn signal style flasher at 90 flashes per minute from 12 V", {"frequency_Hz": 1.5, "supply_V": 12}),
    ("heartbeat lamp, one pulse every 1.5 seconds, 9 volts", {"frequency_Hz": 1 / 1.5, "supply_V": 9}),
    ("I want a light which goes on and off every second; 9V block battery", {"frequency_Hz": 1, "supply_V": (7.2, 9.6)}),
    ("555 timer circuit: period 2 s, 5V supply, red LED", {"frequency_Hz": 0.5, "supply_V": 5}, {"colour": "red"}),
    ("555 flasher, on 0.7 s, off 0.3 s, 9 V", {"frequency_Hz": 1, "duty": 0.7, "supply_V": 9}),
    ("pulse an LED 4 times every 10 seconds off 9 V", {"frequency_Hz": 0.4, "supply_V": 9}),
    ("blink a blue LED at a rate of two hertz, 5 V", {"frequency_Hz": 2, "supply_V": 5}, {"colour": "blue"}),
    ("LED with 500 ms period at 5 V", {"frequency_Hz": 2, "supply_V": 5}),
)  # fmt: skip
LOWPASS = _briefs(
    "rc_lowpass",
    ("RC low-pass 1 kHz with pin headers", {"cutoff_Hz": 1e3}, {"connector": "header"}),
    ("low pass filter, corner at 3.4 kHz, screw terminals, 30x20", {"cutoff_Hz": 3.4e3}, {"connector": "screw"}, (30, 20)),
    ("anti-aliasing filter for an ADC, cutoff 10kHz", {"cutoff_Hz": 10e3}),
    ("I want to remove everything above 500 hertz from an audio line", {"cutoff_Hz": 500}),
    ("treble cut at 2k5Hz", {"cutoff_Hz": 2500}),
    ("LPF fc=10k, header", {"cutoff_Hz": 10e3}),
    ("low-pass, R = 4.7 kΩ, cutoff 1 kHz", {"cutoff_Hz": 1e3, "resistor_ohm": 4.7e3}),
    ("Passive RC network which lets through everything below 300 Hz", {"cutoff_Hz": 300}),
    ("low-pass with time constant 1 ms", {"cutoff_Hz": 159.155}),
    ("smooth a PWM signal of 20 kHz, cut-off 100 Hz", {"cutoff_Hz": 100}),
    ("first order RC lowpass with a corner frequency of 159 Hz", {"cutoff_Hz": 159}),
)  # fmt: skip
HIGHPASS = _briefs(
    "rc_highpass",
    ("a high-pass with R = 10k and C = 100 nF", {"resistor_ohm": 10e3, "capacitor_F": 100e-9}),
    ("DC block, 20 Hz corner", {"cutoff_Hz": 20}),
    ("rumble filter 30 Hz with 1uF", {"cutoff_Hz": 30, "capacitor_F": 1e-6}),
    ("first-order high pass, -3 dB at 100 Hz, 3-pin header", {"cutoff_Hz": 100}, {"pins": "3"}),
    ("high pass filter, 80 hertz, screw terminals 40x25mm", {"cutoff_Hz": 80}, {"connector": "screw"}, (40, 25)),
    ("AC coupling network, 5 Hz, 100k", {"cutoff_Hz": 5, "resistor_ohm": 100e3}),
    ("remove DC offset from audio signal, corner around 10 Hz", {"cutoff_Hz": 10}),
    ("cut everything below 200 Hz", {"cutoff_Hz": 200}),
    ("HPF at 1.5 kHz", {"cutoff_Hz": 1500}),
)  # fmt: skip
REGULATOR = _briefs(
    "linear_regulator",
    ("12 V to 5 V LM7805 supply, 200 mA, with screw terminals", {"input_V": 12, "output_V": 5, "load_A": 0.2}, {"connector": "screw", "regulator": "LM78"}),
    ("Regulate 9-15 V down to 5 V at 150 mA", {"input_V": (9, 15), "output_V": 5, "load_A": 0.15}),
    ("AMS1117-3.3 from USB, 300 mA", {"input_V": (4.75, 5.25), "output_V": 3.3, "load_A": 0.3}, {"regulator": "AMS1117"}),
    ("5 V supply from 12 V, 100 mA", {"input_V": 12, "output_V": 5, "load_A": 0.1}),
    ("3.3V LDO from a 5V rail, 0.25 A, 30x20 mm", {"input_V": 5, "output_V": 3.3, "load_A": 0.25}, {}, (30, 20)),
    ("Make 9V out of 15V for a guitar pedal, 50 mA", {"input_V": 15, "output_V": 9, "load_A": 0.05}),
    ("7812 board, input 15 to 20 V, 50 milliamps", {"input_V": (15, 20), "output_V": 12, "load_A": 0.05}),
    ("step 24 V down to 12 V, a tenth of an amp", {"input_V": 24, "output_V": 12, "load_A": 0.1}),
    ("5V regulator for an ESP32, from 7.5 V, 300 mA", {"input_V": 7.5, "output_V": 5, "load_A": 0.3}),
    ("convert 12V DC to 3.3V DC for my microcontroller, max 80 mA", {"input_V": 12, "output_V": 3.3, "load_A": 0.08}),
    ("make 3.3 volts from 5 volts for a sensor, one hundred milliamps", {"input_V": 5, "output_V": 3.3, "load_A": 0.1}),
    ("5V regulated supply running off a 12V car battery, 80mA", {"input_V": (9, 15), "output_V": 5, "load_A": 0.08}),
    ("I have 15 V and need 12 V at 100 mA", {"input_V": 15, "output_V": 12, "load_A": 0.1}),
    ("Input: 8-12V. Output: 5V/100mA. Linear regulator please.", {"input_V": (8, 12), "output_V": 5, "load_A": 0.1}),
    ("5 V power supply, input 7 to 9 V, 250 mA, pin headers", {"input_V": (7, 9), "output_V": 5, "load_A": 0.25}),
    ("voltage regulator board 1.8 V, 150 mA, 3.3 V input", {"input_V": 3.3, "output_V": 1.8, "load_A": 0.15}),
    ("12V->5V, 100mA, linear", {"input_V": 12, "output_V": 5, "load_A": 0.1}),
)  # fmt: skip
SWITCH = _briefs(
    "lowside_switch",
    ("MOSFET driver for a 12 V 1 A load from 3.3 V logic", {"load_V": 12, "load_A": 1, "logic_V": 3.3}),
    ("low-side switch for a 24V 2A solenoid, 5 V logic", {"load_V": 24, "load_A": 2, "logic_V": 5}),
    ("switch a 5V relay (80 mA) from an ESP32 GPIO", {"load_V": 5, "load_A": 0.08, "logic_V": 3.3}),
    ("Arduino controlled 12V LED strip, 24 W", {"load_V": 12, "load_A": 2, "logic_V": 5}),
    ("drive a small DC motor, 6 V 500mA, from a Raspberry Pi pin", {"load_V": 6, "load_A": 0.5, "logic_V": 3.3}),
    ("turn a 12V fan on and off with 3V3 logic, fan draws 0.3 amps", {"load_V": 12, "load_A": 0.3, "logic_V": 3.3}),
    ("pump driver 12V/1.5A, logic level 5V, screw terminals", {"load_V": 12, "load_A": 1.5, "logic_V": 5}, {"connector": "screw"}),
    ("switch a 12V solenoid valve drawing 700 mA from a 3.3V microcontroller output", {"load_V": 12, "load_A": 0.7, "logic_V": 3.3}),
    ("control an LED strip (12 V, 1.2 A) with a Raspberry Pi", {"load_V": 12, "load_A": 1.2, "logic_V": 3.3}),
    ("relay driver for 24 V relay, coil current 40 mA, 5 V TTL input", {"load_V": 24, "load_A": 0.04, "logic_V": 5}),
    ("drive a 3 V vibration motor at 80 mA from 3.3V GPIO", {"load_V": 3, "load_A": 0.08, "logic_V": 3.3}),
    ("let my ESP32 turn on a 9V pump that needs 1 amp", {"load_V": 9, "load_A": 1, "logic_V": 3.3}),
    ("transistor switch for a 6 V lamp of 3 W, logic 5 V", {"load_V": 6, "load_A": 0.5, "logic_V": 5}),
    ("I need to switch a 12 V motor that takes 1.5 amperes, using a 3.3 volt GPIO pin. Screw terminals. Board no bigger than 50 by 40 mm.", {"load_V": 12, "load_A": 1.5, "logic_V": 3.3}, {"connector": "screw"}, (50, 40)),
)  # fmt: skip
ALL = [*LED, *ASTABLE, *LOWPASS, *HIGHPASS, *REGULATOR, *SWITCH]

OUT_OF_SCOPE = [
    "ESP32 board with USB-C, CH340C, auto-reset, I2C header",
    "Op-amp non-inverting amplifier, gain 11, single 5 V, mid-rail bias",
    "ATtiny85 board with ISP, reset button, two LEDs",
    "Two-transistor astable with two red LEDs, coin cell",
    "I2C sensor breakout, BME280, 3.3 V LDO, level shifting, 4-pin header",
    "Arduino-style ATmega328P, 16 MHz, FTDI header, 60x50",
    "Li-ion charger TP4056 + DW01 protection, USB-C, 0.5 A",
    "buck converter 12 V to 5 V 2 A",
    "audio amplifier 3 W",
    "4-layer board with a 555",
    "a boost converter from 5 V to 12 V",
    "second-order low-pass 1 kHz",
    "stepper motor driver",
    "FM transmitter",
    "LED blinker from 230 V mains",
    "make me a sandwich",
    "Hello",
    "12 V",
]

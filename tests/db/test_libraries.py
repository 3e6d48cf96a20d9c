"""KiCad's libraries in the database: stored whole or not at all, found by words, fast."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from clients.server import Server
from tests.conftest import WORKER, Database
from tests.db.test_design_control import call, code_of
from tests.db.test_plans import nodes

KNOWN = [
    ("Regulator_Linear:AMS1117-3.3", "1A Low Dropout regulator, positive, 3.3V fixed output, SOT-223", "linear regulator ldo fixed positive",
     "Package_TO_SOT_SMD:SOT-223-3_TabPin2", "SOT?223*TabPin2*", 3),
    ("Regulator_Linear:AMS1117-5.0", "1A Low Dropout regulator, positive, 5.0V fixed output, SOT-223", "linear regulator ldo fixed positive",
     "Package_TO_SOT_SMD:SOT-223-3_TabPin2", "SOT?223*TabPin2*", 3),
    ("Regulator_Linear:LM7805_TO220", "Positive 1A 35V Linear Regulator, Fixed Output 5V, TO-220", "Voltage Regulator 1A Positive",
     "Package_TO_SOT_THT:TO-220-3_Vertical", "TO?220*", 3),
    ("Regulator_Linear:MCP1700x-330xxTT", "250mA Low Quiscent Current LDO, 3.3V output, SOT-23", "regulator linear ldo",
     "Package_TO_SOT_SMD:SOT-23-3", "SOT?23*", 3),
    ("Timer:NE555P", "Precision Timers, 555 compatible, PDIP-8", "single timer 555", "Package_DIP:DIP-8_W7.62mm", "DIP*W7.62mm*", 8),
    ("MCU_Microchip_ATtiny:ATtiny85-20P", "20MHz, 8kB Flash, 512B SRAM, 512B EEPROM, debugWIRE, DIP-8", "AVR 8bit Microcontroller tinyAVR",
     "Package_DIP:DIP-8_W7.62mm", "DIP*W7.62mm*", 8),
    ("MCU_Microchip_ATtiny:ATtiny85-20S", "20MHz, 8kB Flash, 512B SRAM, 512B EEPROM, debugWIRE, SOIC-8W", "AVR 8bit Microcontroller tinyAVR",
     "Package_SO:SOIC-8W_5.3x5.3mm_P1.27mm", "SOIC*5.3x5.3mm*P1.27mm*", 8),
    ("Device:R", "Resistor", "R res resistor", "", "R_*", 2),
    ("Device:LED", "Light emitting diode", "LED diode", "", "LED* LED_SMD:* LED_THT:*", 2),
    ("Device:C_Polarized", "Polarized capacitor", "cap capacitor", "", "CP_*", 2),
    ("Connector_Generic:Conn_01x04", "Generic connector, single row, 01x04", "connector", "", "Connector*:*_1x??_*", 4),
    ("Switch:SW_Push", "Push button switch, generic, two pins", "switch normally-open pushbutton push-button", "", "", 2),
]  # fmt: skip
FOOTPRINTS = [
    ("Package_TO_SOT_SMD:SOT-223-3_TabPin2", "module CMS SOT223 4 pins", "CMS SOT", 4),
    ("Package_TO_SOT_SMD:SOT-23", "SOT, 3 Pin", "SOT TO_SOT_SMD", 3),
    (
        "Resistor_SMD:R_0805_2012Metric",
        "Resistor SMD 0805 (2012 Metric), square (rectangular) end terminal",
        "resistor",
        2,
    ),
    (
        "Resistor_SMD:R_0805_2012Metric_Pad1.20x1.40mm_HandSolder",
        "Resistor SMD 0805 (2012 Metric), square end terminal",
        "resistor handsolder",
        2,
    ),
    ("Capacitor_SMD:C_0805_2012Metric", "Capacitor SMD 0805 (2012 Metric)", "capacitor", 2),
    (
        "Package_DIP:DIP-8_W7.62mm",
        "8-lead though-hole mounted DIP package, row spacing 7.62 mm (300 mils)",
        "THT DIP DIL PDIP 2.54mm",
        8,
    ),
    (
        "Package_QFP:TQFP-32_7x7mm_P0.8mm",
        "32-Lead Plastic Thin Quad Flatpack (PT) - 7x7x1.0 mm Body",
        "QFP 0.8",
        32,
    ),
    (
        "Connector_PinHeader_2.54mm:PinHeader_1x04_P2.54mm_Vertical",
        "Through hole straight pin header, 1x04, 2.54mm pitch, single row",
        "THT pin header",
        4,
    ),
]
SYMBOL = ("symbol", "description", "keywords", "footprint", "footprint_filters", "pins")
FOOTPRINT = ("footprint", "description", "tags", "pads")


def symbols(rows: list[Any]) -> list[dict[str, Any]]:
    """Rows as store_library takes them."""
    return [dict(zip(SYMBOL, row, strict=True)) for row in rows]


def store(connection: psycopg.Connection, kind: str, version: str, pages: list[list[dict[str, Any]]]) -> int:
    """Send a library in pages; returns what the last one gave."""
    count = 0
    for number, page in enumerate(pages):
        words = (kind, version, Jsonb(page), number == 0, number == len(pages) - 1)
        (count,) = connection.execute("select store_library(%s, %s, %s, %s, %s)", words).fetchone() or (0,)
    return count


def noise(count: int) -> list[dict[str, Any]]:
    """So many symbols such as a large library has, most of them of no interest."""
    dice = random.Random(7)
    kinds = ["Operational amplifier", "N-channel MOSFET", "Schottky diode", "Buck converter", "Voltage reference", "Logic gate", "Microcontroller",
             "LDO regulator, 1.8V output", "Low dropout regulator 2.5V", "EEPROM", "Optocoupler", "Crystal oscillator"]  # fmt: skip
    packages = ["SOT-23", "SOT-23-5", "SOIC-8", "TSSOP-14", "QFN-32", "TO-220", "DIP-8", "SOT-89", "DFN-8"]
    return [
        {
            "symbol": f"Library_{n % 97}:{dice.choice('ABCDLMNT')}{dice.choice('CDLMPSV')}{n}{dice.choice('ABX')}",
            "description": f"{dice.choice(kinds)}, {dice.randint(1, 60)}V, {dice.choice(packages)}",
            "keywords": dice.choice(kinds).lower(),
            "footprint": f"Package:{dice.choice(packages)}",
            "footprint_filters": "",
            "pins": dice.randint(2, 64),
        }
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def stored(server: Server, template: str) -> Iterator[Database]:
    """As many symbols and footprints as KiCad has, among them those that are looked for."""
    name = f"mas_test_{WORKER}_libraries"
    with Database("postgres", server).connect() as maintenance:
        maintenance.execute(f"create database {name} template {template}")
        made = Database(name, server)
        with made.connect() as owner:
            for role in ("kicad", "pcb_designer", "admin", "terminal", "monitor"):
                owner.execute(f"grant connect on database {name} to {role}")
        with made.connect("kicad") as kicad:
            rows = noise(20000)
            assert (
                store(
                    kicad,
                    "symbols",
                    "9.0.8",
                    [*(rows[n : n + 5000] for n in range(0, 20000, 5000)), symbols(KNOWN)],
                )
                == 20012
            )
            others = [
                {
                    "footprint": r["symbol"],
                    "description": r["description"],
                    "tags": r["keywords"],
                    "pads": r["pins"],
                }
                for r in rows[:4900]
            ]
            known = [dict(zip(FOOTPRINT, row, strict=True)) for row in FOOTPRINTS]
            assert store(kicad, "footprints", "9.0.8", [others, known]) == 4908
        yield made
        maintenance.execute(f"drop database {name} with (force)")


def find(
    database: Database, words: str, kind: str = "symbol", limit: int = 5, role: str = "pcb_designer"
) -> list[str]:
    """Names that are found, best first."""
    with database.connect(role) as agent:
        return [
            name
            for (name,) in agent.execute(
                f"select {kind} from find_{kind}s(%s, %s)", (words, limit)
            ).fetchall()
        ]


# ---------------------------------------------------------------------------- finding


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("LDO 3.3V SOT-223", "Regulator_Linear:AMS1117-3.3"),
        ("ldo 3.3v sot223", "Regulator_Linear:AMS1117-3.3"),
        ("AMS1117-5.0", "Regulator_Linear:AMS1117-5.0"),
        ("ams1117 5.0v", "Regulator_Linear:AMS1117-5.0"),
        ("LDO 3.3V SOT-23", "Regulator_Linear:MCP1700x-330xxTT"),
        ("555 timer", "Timer:NE555P"),
        ("NE555", "Timer:NE555P"),
        ("ATtiny85 SOIC", "MCU_Microchip_ATtiny:ATtiny85-20S"),
        ("attiny85 DIP-8", "MCU_Microchip_ATtiny:ATtiny85-20P"),
        ("ATiny85-20P", "MCU_Microchip_ATtiny:ATtiny85-20P"),  # misspelt
        ("7805", "Regulator_Linear:LM7805_TO220"),
        ("resistor", "Device:R"),
        ("polarized capacitor", "Device:C_Polarized"),
        ("LED", "Device:LED"),
        ("push button", "Switch:SW_Push"),
        ("Conn_01x04", "Connector_Generic:Conn_01x04"),
        ("connector 1 row 01x04", "Connector_Generic:Conn_01x04"),
    ],
)
def test_a_symbol_is_found_by_what_a_person_would_say(stored: Database, words: str, best: str) -> None:
    found = find(stored, words)
    assert found[0] == best, found


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("SOT-223", "Package_TO_SOT_SMD:SOT-223-3_TabPin2"),
        ("SOT223", "Package_TO_SOT_SMD:SOT-223-3_TabPin2"),
        ("resistor 0805", "Resistor_SMD:R_0805_2012Metric"),
        ("R_0805 handsolder", "Resistor_SMD:R_0805_2012Metric_Pad1.20x1.40mm_HandSolder"),
        ("capacitor 0805", "Capacitor_SMD:C_0805_2012Metric"),
        ("TQFP32", "Package_QFP:TQFP-32_7x7mm_P0.8mm"),
        ("pin header 1x04 2.54mm", "Connector_PinHeader_2.54mm:PinHeader_1x04_P2.54mm_Vertical"),
        ("PinHeder_1x04", "Connector_PinHeader_2.54mm:PinHeader_1x04_P2.54mm_Vertical"),  # misspelt
        ("DIP-8 W7.62mm", "Package_DIP:DIP-8_W7.62mm"),
    ],
)
def test_a_footprint_is_found_by_what_a_person_would_say(stored: Database, words: str, best: str) -> None:
    found = find(stored, words, "footprint")
    assert found[0] == best, found


@pytest.mark.parametrize(
    "words",
    [
        "",
        "   ",
        "' | \\ :* & !",
        "!!!",
        "(",
        "\u00bd \u03a9",
        "x" * 5000,
        "a b c d e f g h i j k l m n o p q r s t",
    ],
)
def test_odd_words_find_little_and_do_no_harm(stored: Database, words: str) -> None:
    for kind in ("symbol", "footprint"):
        assert len(find(stored, words, kind)) <= 5


def test_limits_are_kept(stored: Database) -> None:
    assert len(find(stored, "regulator", limit=1000)) == 100
    assert find(stored, "regulator", limit=0) == []
    with stored.connect("terminal") as terminal:
        assert terminal.execute("select * from find_symbols(null)").fetchall() == []


def test_it_reads_by_its_indexes_and_in_milliseconds(stored: Database) -> None:
    plans: list[dict[str, Any]] = []

    def keep(notice: Any) -> None:
        _, found, text = (notice.message_primary or "").partition("plan:\n")
        if found:
            plans.append(json.loads(text))

    with stored.connect() as connection:
        connection.execute("vacuum analyze core.library_symbols")
        connection.execute("vacuum analyze core.library_footprints")
        connection.add_notice_handler(keep)
        connection.execute("load 'auto_explain'")
        for setting in (
            "log_min_duration = 0",
            "log_nested_statements = on",
            "log_analyze = on",
            "log_format = json",
        ):
            connection.execute(f"set auto_explain.{setting}")
        connection.execute("set client_min_messages = log")
        connection.execute("set session authorization pcb_designer")
        for _ in range(7):  # past the fifth a plan may be generic
            for kind, words in (
                ("symbol", "LDO 3.3V SOT-223"),
                ("footprint", "SOT223"),
                ("symbol", "ATiny85-20P"),
            ):
                connection.execute(f"select * from api.find_{kind}s(%s)", (words,))
    reads = [plan for plan in plans if "core.library_" in plan["Query Text"]]
    assert len(reads) == 21
    for plan in reads:
        scans = [n for n in nodes(plan["Plan"]) if str(n.get("Relation Name", "")).startswith("library_")]
        assert {n["Node Type"] for n in scans} == {"Bitmap Heap Scan"}
        used = {
            n["Index Name"].partition("_")[2].partition("_")[2]
            for n in nodes(plan["Plan"])
            if "Index Name" in n
        }
        assert used == {"search_idx", "name_idx"}
    with stored.connect("pcb_designer") as agent:
        agent.execute("select * from find_symbols('LDO 3.3V SOT-223')")
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            agent.execute("select * from find_symbols('LDO 3.3V SOT-223')")
            taken.append(time.perf_counter() - began)
    assert min(taken) < 0.25, taken  # a walk over the table takes a multiple


def test_who_may_find_and_who_may_store(database: Database) -> None:
    for role in (
        "client_manager",
        "pcb_designer",
        "kicad",
        "pcb_tester",
        "terminal",
        "discord_bot",
        "admin",
        "monitor",
    ):
        may = role in ("pcb_designer", "kicad", "admin")
        code = code_of(database, "select store_library('symbols', '1', '[]', true, true)", role=role)
        assert code == (None if may else "42501"), role
        assert call(database, "select library_version('symbols')", role=role) is not None or not may
        assert code_of(database, "select * from find_symbols('x')", role=role) is None


# ---------------------------------------------------------------------------- storing


def page(*names: str, **more: Any) -> list[dict[str, Any]]:
    """Symbols of these names."""
    return [{"symbol": f"Lib:{name}", "description": name, "pins": 2} | more for name in names]


def there(database: Database) -> tuple[list[str], str | None]:
    """What a reader sees, and which version."""
    with database.connect("pcb_designer") as reader:
        names = [
            name
            for (name,) in reader.execute("select symbol from find_symbols('lib', 100) order by 1").fetchall()
        ]
    return names, call(database, "select library_version('symbols')", role="pcb_designer")


def test_a_library_is_seen_whole_or_not_at_all(database: Database) -> None:
    assert there(database) == ([], None)
    with database.connect("kicad") as kicad:
        store(kicad, "symbols", "1", [page("A", "B")])
        assert there(database) == (["Lib:A", "Lib:B"], "1")
        kicad.execute(
            "select store_library('symbols', '2', %s, true, false)", (Jsonb(page("B", "C", pins=5)),)
        )
        assert there(database) == (["Lib:A", "Lib:B"], "1")
        kicad.execute("select store_library('symbols', '2', %s, false, false)", (Jsonb(page("D")),))
        assert there(database) == (["Lib:A", "Lib:B"], "1")
        with kicad.transaction(force_rollback=True):  # killed before its commit
            kicad.execute("select store_library('symbols', '2', %s, false, true)", (Jsonb(page("E")),))
        assert there(database) == (["Lib:A", "Lib:B"], "1")
        (count,) = kicad.execute(
            "select store_library('symbols', '2', %s, false, true)", (Jsonb(page("E")),)
        ).fetchone() or (0,)
        assert count == 4
        assert there(database) == (["Lib:B", "Lib:C", "Lib:D", "Lib:E"], "2")
        assert kicad.execute("select pins from find_symbols('B')").fetchall() == [(5,)]
    with database.connect() as owner:
        assert owner.execute("select count(*) from core.library_pages").fetchone() == (0,)


def test_two_that_store_at_once_do_not_mix(database: Database) -> None:
    query = "select store_library('symbols', %s, %s, %s, %s)"
    with database.connect("kicad") as one, database.connect("pcb_designer") as other:
        one.execute(query, ("1", Jsonb(page("A")), True, False))
        other.execute(query, ("1", Jsonb(page("X")), True, False))
        one.execute(query, ("1", Jsonb(page("B")), False, True))
        assert there(database) == (["Lib:A", "Lib:B"], "1")
        with pytest.raises(psycopg.Error) as refused:
            other.execute(query, ("1", Jsonb(page("Y")), False, True))
        assert refused.value.sqlstate == "PB046"
        assert there(database) == (["Lib:A", "Lib:B"], "1")
        other.execute(query, ("2", Jsonb(page("X")), True, True))  # begins anew
    assert there(database) == (["Lib:X"], "2")


def test_the_first_page_forgets_what_the_connection_sent_before(database: Database) -> None:
    with database.connect("kicad") as kicad:
        kicad.execute("select store_library('symbols', '1', %s, true, false)", (Jsonb(page("A")),))
        store(kicad, "symbols", "1", [page("B")])
    assert there(database) == (["Lib:B"], "1")


def test_a_name_that_comes_twice_is_one_and_what_is_long_is_cut(database: Database) -> None:
    with database.connect("kicad") as kicad:
        rows = [*page("A"), *page("A"), *page("B", description="d" * 5000, keywords="k " * 5000)]
        assert store(kicad, "symbols", "1", [rows]) == 3
        kinds = kicad.execute(
            "select length(description), length(keywords) from find_symbols('B')"
        ).fetchall()
    assert there(database) == (["Lib:A", "Lib:B"], "1")
    assert kinds == [(2000, 2000)]


@pytest.mark.parametrize(
    ("kind", "version", "rows", "first"),
    [
        ("parts", "1", [], True),
        (None, "1", [], True),
        ("symbols", "", [], True),
        ("symbols", None, [], True),
        ("symbols", "v" * 201, [], True),
        ("symbols", "1", {}, True),
        ("symbols", "1", None, True),
        ("symbols", "1", [1], True),
        ("symbols", "1", [{"symbol": "no library", "pins": 1}], True),
        ("symbols", "1", [{"footprint": "A:B", "pads": 1}], True),
        ("symbols", "1", [{"symbol": "A:B"}], True),
        ("symbols", "1", [{"symbol": "A:B", "pins": "many"}], True),
        ("symbols", "1", [{"symbol": "A:B", "pins": -1}], True),
        ("symbols", "1", [{"symbol": "A:" + "b" * 400, "pins": 1}], True),
        ("symbols", "1", [{"symbol": "A:B", "pins": 1}] * 5001, True),
        ("symbols", "1", [], False),
        ("symbols", "1", [], None),
    ],
)
def test_a_bad_page_is_refused_with_a_code(
    database: Database, kind: Any, version: Any, rows: Any, first: Any
) -> None:
    query = "select store_library(%s, %s, %s, %s, true)"
    assert (
        code_of(
            database, query, kind, version, Jsonb(rows) if rows is not None else None, first, role="kicad"
        )
        == "PB046"
    )

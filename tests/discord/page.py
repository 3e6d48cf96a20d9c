"""A transcript of the loopback Discord as a page that looks like a chat: one file, without scripts, fonts or addresses.

Every word of it is escaped; of Discord's markup it knows what the bot uses: blocks of code, small print and escapes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from time import localtime, strftime
from typing import Any

Entry = dict[str, Any]
STYLE = Path(__file__).with_name("page.css")
SIGNS = {"channel": "#", "thread": "≡", "direct": "@"}
DEEDS = {"command": "used", "click": "pressed", "form": "filled in", "no answer": "was told"}
COLOURS = (
    "#2e9e6f",
    "#c0563b",
    "#5865f2",
    "#8a5fc7",
    "#b8862b",
    "#3b82c4",
)  # of avatars, in the order of appearance
GREY = 0x4E5058
FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
ESCAPED = re.compile(r"\\([\\*_~`|\[\]<>#@-])")
SMALL = "-# "
KIB = 1024


def page(transcript: Iterable[Entry], pictures: Mapping[int, bytes]) -> str:
    """The page; `pictures` are PNGs by the numbers of their files."""
    places: dict[int, list[Entry]] = {}
    for entry in transcript:
        places.setdefault(entry["place"]["number"], []).append(entry)
    names = dict.fromkeys(entry["author"] for entries in places.values() for entry in entries)
    drawing = Drawing(pictures, {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(names)})
    sections = "".join(map(drawing.section, places.values()))
    head = f'<meta charset="utf-8"><title>A talk</title><style>{STYLE.read_text()}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{sections}</main></body></html>'


@dataclass(frozen=True)
class Drawing:
    """What every part of a page needs to know."""

    pictures: Mapping[int, bytes]
    colours: Mapping[str, str]

    def section(self, entries: list[Entry]) -> str:
        """All that was said at one place."""
        place, shown, before = entries[0]["place"], list[str](), None
        opened = {entry["number"]: entry["text"] for entry in entries if entry["kind"] == "thread"}
        for entry in (each for each in entries if each["kind"] != "thread" and not each.get("deleted")):
            shown.append(self._entry(entry, before, opened.get(entry["number"])))
            before = entry
        title = f"<h1><i>{SIGNS[place['kind']]}</i>{escape(place['name'] or 'direct messages')}</h1>"
        return f'<section class="{place["kind"]}">{title}{"".join(shown)}</section>'

    def _entry(self, entry: Entry, before: Entry | None, opened: str | None) -> str:
        kind, author = entry["kind"], escape(entry["author"])
        if kind == "system":
            return f'<article class="deed"><i>→</i>{author} {escape(entry["text"])}</article>'
        if kind != "message":
            words = f"{author} {DEEDS[kind]} <b>{escape(entry['text'])}</b>"
            return f'<article class="deed"><i>↳</i>{words}</article>'
        same = _goes_on(before, entry)
        kinds = ["private"] * bool(entry["ephemeral"]) + ["goes-on"] * same
        parts = [
            "" if same else self._header(entry),
            _text(entry),
            *(self._embed(embed, entry["files"]) for embed in entry["embeds"]),
            *(_file(file) for file in entry["files"] if file["number"] not in self.pictures),
            _buttons(entry["buttons"]),
            "" if opened is None else f'<div class="opened"><i>≡</i><b>{escape(opened)}</b></div>',
            _note(f"Only {entry['ephemeral']} can see this") if entry["ephemeral"] else "",
        ]
        return f'<article class="{" ".join(kinds)}">{"".join(parts)}</article>'

    def _header(self, entry: Entry) -> str:
        name, bot = entry["author"], " <em>APP</em>" if entry["bot"] else ""
        style = f"background:{self.colours[name]}"
        avatar = f'<div class="avatar" style="{style}">{escape(name[:1].upper())}</div>'
        time = strftime("%H:%M", localtime(entry["at"]))
        return f"{avatar}<header><b>{escape(name)}</b>{bot} <time>{time}</time></header>"

    def _embed(self, embed: Mapping[str, Any], files: Iterable[Mapping[str, Any]]) -> str:
        attached = {f"attachment://{file['name']}": file["number"] for file in files}
        picture = self.pictures.get(attached.get(embed.get("image", {}).get("url"), 0))
        parts = [
            f"<h2>{marked(embed['title'])}</h2>" if "title" in embed else "",
            f"<div>{marked(embed['description'])}</div>" if "description" in embed else "",
            f'<img alt="" src="data:image/png;base64,{_base64(picture)}">' if picture else "",
            f"<footer>{escape(embed['footer']['text'])}</footer>" if "footer" in embed else "",
        ]
        style = f"border-color:#{int(embed.get('color') or GREY):06x}"
        return f'<div class="embed" style="{style}">{"".join(parts)}</div>'


def marked(text: str) -> str:
    """Words with Discord's markup as HTML."""
    parts = FENCE.split(text)  # words and blocks of code in turn
    return "".join(
        f"<pre>{escape(part)}</pre>" if number % 2 else _lines(part.strip("\n"))
        for number, part in enumerate(parts)
    )


def _lines(text: str) -> str:
    shown = []
    for small, lines in groupby(text.split("\n"), lambda line: line.startswith(SMALL)):
        words = [escape(ESCAPED.sub(r"\1", line.removeprefix(SMALL) if small else line)) for line in lines]
        shown += [f"<small>{each}</small>" for each in words] if small else words
    return f"<p>{chr(10).join(shown)}</p>" if text else ""


def _goes_on(before: Entry | None, entry: Entry) -> bool:
    """Whether this is said by the same author in one go, so that the name need not stand there again."""
    if before is None or not before["kind"] == entry["kind"] == "message" or entry["embeds"]:
        return False
    return all(before[same] == entry[same] for same in ("author", "ephemeral"))


def _text(entry: Entry) -> str:
    words = marked(entry["text"])
    for name in {escape(name) for name in entry["hears"]}:
        words = words.replace(f"@{name}", f'<span class="called">@{name}</span>')
    return words + (_note("(edited)") if entry["edits"] and words else "")


def _note(words: str) -> str:
    return f'<div class="note">{escape(words)}</div>'


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _file(file: Mapping[str, Any]) -> str:
    size = _note(f"{max(1, round(file['bytes'] / KIB))} KB")
    words = f"<b>{escape(file['name'])}</b>{size}"
    return f'<div class="file"><i>▤</i><div>{words}</div></div>'


def _buttons(buttons: Iterable[Mapping[str, Any]]) -> str:
    drawn = "".join(f'<span class="{button["style"]}">{escape(button["label"])}</span>' for button in buttons)
    return f'<div class="buttons">{drawn}</div>' if drawn else ""

#!/usr/bin/env python3
"""Rebuild the font files in this folder from the released packages. See README.md beside it.

Usage: build.py INTER_WOFF2 MONO_WOFF2 PHOSPHOR_TTF PHOSPHOR_FILL_TTF
"""

import pathlib
import re
import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = pathlib.Path(__file__).resolve().parent
ICON_RS = HERE.parent.parent / "src" / "gui" / "icon.rs"

# Latin with both extensions, IPA-free; Greek; Cyrillic; Vietnamese; punctuation, currency,
# letterlike, number forms, arrows, mathematics and the technical signs for keys (⌘ ⌥ ⌃ ⎋ ⏎).
TEXT = [
    (0x20, 0x7E), (0xA0, 0x24F), (0x2B0, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F),
    (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20CF), (0x2100, 0x218F),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2300, 0x23FF), (0x2500, 0x25FF), (0x2600, 0x26FF),
    (0x2713, 0x2717), (0xFFFD, 0xFFFD),
]


def subset(font, unicodes, features):
    options = Options()
    options.layout_features = features
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.drop_tables += ["DSIG", "STAT", "meta"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=unicodes)
    subsetter.subset(font)
    font.flavor = None
    return font


def bearings(font):
    glyphs = font["glyf"]
    for name, (advance, _) in list(font["hmtx"].metrics.items()):
        glyphs[name].recalcBounds(glyphs)
        font["hmtx"][name] = (advance, getattr(glyphs[name], "xMin", 0))
    return font


def save(font, name):
    path = HERE / name
    font.save(path)
    print(f"{name}: {path.stat().st_size} bytes, {len(font.getGlyphOrder())} glyphs")


def main():
    inter, mono, icons, icons_fill = sys.argv[1:]
    text = [c for first, last in TEXT for c in range(first, last + 1)]

    # One optical size and the three weights in use; `calt` would turn "->" into an arrow while one types.
    font = subset(TTFont(inter), text, ["kern", "mark", "mkmk", "ccmp", "locl"])
    save(instancer.instantiateVariableFont(font, {"opsz": 14, "wght": (400, 400, 600)}), "Inter.ttf")

    # The NL ("no ligatures") cut: what one reads is what is stored.
    save(subset(TTFont(mono), text, ["mark", "mkmk"]), "JetBrainsMonoNL.ttf")

    # Phosphor gives every glyph the same box. Saving computes the true boxes, and the side bearings must follow,
    # or renderers shift each icon by the difference.
    used = [int(code, 16) for code in re.findall(r"\\u\{([0-9a-f]{4})\}", ICON_RS.read_text())]
    save(bearings(subset(TTFont(icons), used, [])), "Phosphor.ttf")
    save(bearings(subset(TTFont(icons_fill), used, [])), "PhosphorFill.ttf")


if __name__ == "__main__":
    main()

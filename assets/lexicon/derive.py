#!/usr/bin/env python3
"""Writes emojilib.txt: nouns with a sprite, from the keywords of emojilib.

For maintainers only; the build and the program never run it. Usage:

    npm pack emojilib @iconify-json/fluent-emoji-flat    # and unpack both
    derive.py EMOJILIB_JSON ICONIFY_DIR SPRITES_TXT > emojilib.txt

SPRITES_TXT lists the sprites the illustrator ships. Taken are the names of the sprites, their emoji, and the keywords that
derive-keep.txt lists, unless words.txt or nouns.txt know them already.
"""

import collections
import json
import pathlib
import re
import sys

emojilib, iconify, sprites_txt = map(pathlib.Path, sys.argv[1:4])
here = pathlib.Path(__file__).parent

KEEP = {
    word.replace("-", " ")
    for line in (here / "derive-keep.txt").read_text().splitlines()
    if not line.startswith("#")
    for word in line.split()
}
CLASSES = {
    "Activities": "held",
    "Animals & Nature": "thing",
    "Food & Drink": "held",
    "Objects": "held",
    "Travel & Places": "thing",
}


def known():
    words = set()
    for name in ("words.txt", "nouns.txt"):
        for line in (here / name).read_text().splitlines():
            if line and not line.startswith("#"):
                words.update(w.strip() for w in line.split(":", 1)[1].split(","))
    return words


def sprites():
    """Emoji -> (sprite, class) for what the illustrator ships."""
    shipped = set(re.findall(r"[a-z0-9-]+", sprites_txt.read_text()))
    category = {}
    for name, members in json.loads((iconify / "metadata.json").read_text())["categories"].items():
        category.update(dict.fromkeys(members, name))
    curated = {}
    for line in (here / "nouns.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            kind, sprite = line.split(":", 1)[0].split(" ")
            curated[sprite] = kind
    found = {}
    for code, sprite in json.loads((iconify / "chars.json").read_text()).items():
        points = [int(point, 16) for point in code.split("-") if point != "fe0f"]
        kind = curated.get(sprite) or CLASSES.get(category.get(sprite))
        if sprite in shipped and kind:
            found["".join(map(chr, points))] = (sprite, kind)
    return found


def main():
    taken = known()
    emoji = sprites()
    claims = collections.defaultdict(list)
    own = {}
    for symbol, keywords in json.loads(emojilib.read_text()).items():
        entry = emoji.get(symbol.replace("\ufe0f", ""))
        if entry is None:
            continue
        for rank, keyword in enumerate(keywords):
            word = keyword.lower().replace("_", " ").replace("-", " ").strip()
            claims[word].append((rank, entry))
        own[entry[0].replace("-", " ")] = entry
    table = collections.defaultdict(list)
    for word, entries in claims.items():
        sensible = re.fullmatch(r"[a-z]{3,}( [a-z]+){0,2}", word)
        if not sensible or word in taken:
            continue
        if word in own:
            table[own[word]].append(word)
        elif word in KEEP:
            table[min(entries)[1]].append(word)
    for symbol, entry in emoji.items():
        if len(symbol) == 1:
            table[entry].append(symbol)
    print("# Derived from emojilib (MIT, Copyright (c) 2014 Mu-An Chiou; see emojilib-LICENSE.txt) by derive.py. Not edited by hand.")
    for (sprite, kind), words in sorted(table.items()):
        print(f"{kind} {sprite}: {', '.join(sorted(set(words)))}")


main()

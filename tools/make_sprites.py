#!/usr/bin/env python3
"""Remakes assets/sprites.json.gz, the illustrator's sprite set, from the npm package it is cut from.

Only a maintainer runs this, when the list below changes; building the program never needs it.

    npm pack @iconify-json/fluent-emoji-flat@1.2.6 && tar xzf iconify-json-fluent-emoji-flat-1.2.6.tgz
    python3 tools/make_sprites.py package/icons.json package/metadata.json assets/sprites.json.gz

The file is a JSON object: sprite name -> {"b": SVG body in a 32 x 32 box, "t": [five skin tones]}.
A tone is a list of colour replacements, "old>new old>new". A few people's tones are not mere recolourings
in the package (a path is drawn a little differently); they get the replacements most others agree on.
The output is the same byte for byte for the same input (no time stamp, sorted names).
"""

import gzip
import json
import re
import sys
from collections import Counter, defaultdict

TONES = ["light", "medium-light", "medium", "medium-dark", "dark"]
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")

# Taken whole, except what LEFT_OUT names.
CATEGORIES = ["Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects"]

# Not for a picture book, signs and text that read as an interface, regional texts, and near doubles.
LEFT_OUT = set("""
cockroach microbe mosquito pig-nose white-flower guide-dog water-buffalo ox bison worm fly
beer-mug bottle-with-popping-cork clinking-beer-mugs clinking-glasses cocktail-glass sake tumbler-glass
wine-glass kitchen-knife mate tropical-drink chopsticks fish-cake-with-swirl oden tamale bento-box dango
moon-cake pouring-liquid rice-cracker stuffed-flatbread takeout-box fondue falafel flatbread olive ginger-root
barber-pole brick building-construction church construction hindu-temple hospital hotel kaaba love-hotel
map-of-japan mosque motorway oil-drum shinto-shrine stop-sign synagogue tokyo-tower statue-of-liberty
department-store convenience-store derelict-house globe-showing-americas globe-showing-asia-australia
globe-with-meridians fuel-pump japanese-post-office bank bellhop-bell station stadium thermometer cyclone
airplane-arrival airplane-departure auto-rickshaw articulated-lorry bullet-train delivery-truck light-rail
metro minibus monorail motorized-wheelchair oncoming-automobile oncoming-bus oncoming-police-car oncoming-taxi
railway-car suspension-railway tram tram-car trolleybus railway-track sport-utility-vehicle motor-scooter
cityscape cityscape-at-dusk bridge-at-night sunrise sunrise-over-mountains sunset night-with-stars foggy fog
sun-behind-cloud sun-behind-large-cloud sun-behind-rain-cloud sun-behind-small-cloud milky-way mount-fuji
new-moon first-quarter-moon first-quarter-moon-face last-quarter-moon-face last-quarter-moon new-moon-face
waning-crescent-moon waning-gibbous-moon waxing-crescent-moon waxing-gibbous-moon wedding wheel water-wave
desert beach-with-umbrella camping national-park school-bus hourglass-not-done japanese-castle
eight-oclock eight-thirty eleven-oclock eleven-thirty five-oclock five-thirty four-oclock four-thirty
nine-oclock nine-thirty one-oclock one-thirty seven-oclock seven-thirty six-oclock six-thirty ten-oclock
ten-thirty three-oclock three-thirty twelve-oclock twelve-thirty two-oclock two-thirty timer-clock
1st-place-medal 2nd-place-medal 3rd-place-medal american-football boxing-glove club-suit diamond-suit heart-suit
spade-suit hamsa joker mahjong-red-dragon martial-arts-uniform military-medal nazar-amulet pine-decoration
pool-8-ball red-envelope reminder-ribbon rugby-football slot-machine sports-medal tanabata-tree firecracker
flower-playing-cards japanese-dolls moon-viewing-ceremony cricket-game field-hockey lacrosse admission-tickets
goal-net performing-arts curling-stone softball bowling joystick video-game piata
adhesive-bandage alembic balance-scale ballot-box-with-ballot bar-chart battery bell-with-slash bikini black-nib
bookmark-tabs bow-and-arrow briefs broken-chain calendar card-file-box card-index card-index-dividers
carpentry-saw chains chart-decreasing chart-increasing chart-increasing-with-yen cigarette clamp clapper-board
clipboard clutch-bag coffin computer-disk computer-mouse control-knobs credit-card crossed-swords dagger
desktop-computer diya-lamp dna dollar-banknote drop-of-blood dvd e-mail electric-plug elevator
envelope-with-arrow euro-banknote fax-machine file-cabinet file-folder film-frames film-projector
fire-extinguisher floppy-disk funeral-urn hammer-and-pick hammer-and-wrench handbag headstone
high-heeled-shoe hook identification-card inbox-tray incoming-envelope keyboard lab-coat laptop ledger
level-slider link linked-paperclips lipstick locked-with-key locked-with-pen lotion-bottle low-battery
military-helmet mobile-phone-with-arrow mobile-phone money-bag money-with-wings mouse-trap movie-camera
muted-speaker newspaper nut-and-bolt one-piece-swimsuit open-file-folder optical-disk outbox-tray
page-facing-up page-with-curl pager paperclip petri-dish pill placard plunger pound-banknote prayer-beads
printer pushpin razor receipt knot mirror-ball rescue-workers-helmet rolled-up-newspaper round-pushpin safety-pin safety-vest
satellite-antenna screwdriver shopping-cart shower speaker-high-volume speaker-low-volume
speaker-medium-volume spiral-calendar spiral-notepad stethoscope studio-microphone syringe tear-off-calendar
telephone-receiver test-tube toilet toolbox trackball triangular-ruler video-camera videocassette
wastebasket water-pistol white-cane womans-clothes womans-sandal wrench x-ray yen-banknote moai
""".split())

# From the other categories, by name.
ALSO = """
baby boy girl child man woman old-man old-woman older-person prince princess person-with-crown man-mage woman-mage
man-fairy woman-fairy man-elf woman-elf man-merpeople woman-merpeople man-genie woman-genie man-superhero
woman-superhero santa-claus mrs-claus troll ogre ninja man-astronaut woman-astronaut astronaut man-cook woman-cook cook
man-farmer woman-farmer farmer man-firefighter woman-firefighter firefighter man-artist woman-artist artist
man-pilot woman-pilot pilot man-police-officer woman-police-officer police-officer guard man-scientist woman-scientist
scientist man-singer woman-singer singer man-student woman-student student man-detective woman-detective detective
man-health-worker woman-health-worker health-worker mechanic man-mechanic woman-mechanic construction-worker
man-construction-worker woman-construction-worker person-red-hair woman-red-hair man-red-hair
woman-white-hair man-white-hair woman-blonde-hair man-blonde-hair man-beard man-bald
woman-with-headscarf man-wearing-turban  baby-angel
robot alien alien-monster ghost clown-face paw-prints footprints skull
red-heart pink-heart yellow-heart green-heart blue-heart purple-heart orange-heart sparkling-heart two-hearts
growing-heart beating-heart love-letter zzz dizzy dashing-away sweat-droplets collision speech-balloon
thought-balloon eyes waving-hand bomb pirate-flag chequered-flag triangular-flag
musical-note musical-notes
""".split()

# Drawn before a square night sky, which has no place in a picture with a sky of its own. The shooting star's tail ends
# at that square's corner, so it gets another.
NIGHT_SKY = re.compile(r'<path fill="#533566" d="M26[^"]*"/>')
ON_NIGHT_SKY = ["fireworks", "sparkler", "shooting-star"]
STAR_TAIL = re.compile(r'<path fill="#e1d8ec" [^>]*/><path fill="#a38439" [^>]*/>')
NEW_STAR_TAIL = (
    '<path fill="#ffe58a" fill-opacity=".45" d="M31 1L9.25 11.6L19.64 24z"/>'
    '<path fill="#fff4c4" fill-opacity=".6" d="M28.500 3.500L12 14L17 20z"/>'
)


def main() -> None:
    icons_path, metadata_path, out_path = sys.argv[1:4]
    icons = json.load(open(icons_path, encoding="utf-8"))["icons"]
    categories = json.load(open(metadata_path, encoding="utf-8"))["categories"]
    names = set(n for n in ALSO if n in icons)
    for category in CATEGORIES:
        for name in categories[category]:
            if name not in LEFT_OUT and not name.endswith(tuple("-" + t for t in TONES)):
                names.add(name)
    usual = usual_tones(icons)
    sprites = {}
    for name in sorted(names):
        body = icons[name]["body"]
        if "<filter" in body:
            continue  # slow to draw, and there are a handful only
        if name in ON_NIGHT_SKY:
            body = STAR_TAIL.sub(NEW_STAR_TAIL, NIGHT_SKY.sub("", body))
        sprite = {"b": with_own_ids(name, body)}
        if all(f"{name}-{t}" in icons for t in TONES):
            sprite["t"] = [tone(body, icons[f"{name}-{t}"]["body"], usual[t]) for t in TONES]
        sprites[name] = sprite
    text = json.dumps(dict(sorted(sprites.items())), separators=(",", ":"))
    with open(out_path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        out.write(text.encode())
    print(f"{len(sprites)} sprites, {len(text)} bytes of JSON")


def with_own_ids(name: str, body: str) -> str:
    """Ids are made unique over the whole set, so that sprites can share one document."""
    ids = re.findall(r'\bid="([^"]+)"', body)
    for number, old in enumerate(dict.fromkeys(ids)):
        new = f"{name}.{number}"
        body = body.replace(f'id="{old}"', f'id="{new}"')
        body = body.replace(f"url(#{old})", f"url(#{new})").replace(f'href="#{old}"', f'href="#{new}"')
    return body


def usual_tones(icons: dict) -> dict[str, dict[str, str]]:
    """For each tone, the new colour that most sprites give to an old one."""
    usual = {}
    for tone_name in TONES:
        votes = defaultdict(Counter)
        for name, icon in icons.items():
            toned = icons.get(f"{name}-{tone_name}")
            if toned:
                for old, new in (recolouring(icon["body"], toned["body"]) or {}).items():
                    votes[old][new] += 1
        usual[tone_name] = {old: news.most_common(1)[0][0] for old, news in votes.items()}
    return usual


def tone(plain: str, toned: str, usual: dict[str, str]) -> str:
    colours = recolouring(plain, toned)
    if colours is None:
        colours = {old: usual.get(old, old) for old in COLOUR.findall(plain)}
    return " ".join(f"{old}>{new}" for old, new in colours.items() if old != new)


def recolouring(plain: str, toned: str) -> dict[str, str] | None:
    """The colours to replace to get `toned` from `plain`, or None where the shapes differ too."""
    if shapes(plain) != shapes(toned):
        return None
    colours = {}
    for old, new in zip(COLOUR.findall(plain), COLOUR.findall(toned)):
        if colours.setdefault(old, new) != new:
            return None
    return colours


def shapes(body: str) -> str:
    body = re.sub(r'id="[^"]*"', "id", body)
    body = re.sub(r"url\(#[^)]*\)", "url", body)
    body = re.sub(r'href="#[^"]*"', "href", body)
    return COLOUR.sub("#", body)


if __name__ == "__main__":
    main()

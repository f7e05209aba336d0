"""Writes the tables of src/core/fold.c: simple 1:1 upper or lower case of the basic plane as ranges.

A code point that is not ASCII never folds to one that is by upper case (U+0131 and U+017F would), and U+0130 has no lower
case: so do the services' own comparisons.
Run by hand when Unicode moves on: python3 tools/fold_table.py upper > src/core/fold_upper.def, and lower likewise.
"""
import sys
import unicodedata


def simple_upper(cp: int) -> int:
    """Simple mapping: the full one when it is a single character, else the title case form, else none."""
    for form in (chr(cp).upper(), chr(cp).title()):
        if len(form) == 1:
            up = ord(form)
            return cp if up > 0xFFFF or (cp >= 0x80 and up < 0x80) else up
    return cp


def simple_lower(cp: int) -> int:
    """Likewise; the dotted I would become two characters."""
    form = chr(cp).lower()
    return ord(form) if len(form) == 1 and ord(form) <= 0xFFFF else cp


which = sys.argv[1]
simple = {"upper": simple_upper, "lower": simple_lower}[which]
pairs = [(cp, simple(cp) - cp) for cp in range(0x80, 0x10000) if not 0xD800 <= cp <= 0xDFFF]
ranges: list[list[int]] = []  # first, last, step, delta
for cp, delta in pairs:
    if delta == 0:
        continue
    last = ranges[-1] if ranges else None
    if last and last[3] == delta and cp - last[1] in ((last[2],) if last[0] != last[1] else (1, 2)):
        last[2] = cp - last[1]
        last[1] = cp
    else:
        ranges.append([cp, cp, 1, delta])

print(f"/* Unicode {unicodedata.unidata_version}, by tools/fold_table.py {which}: X(first, last, step, delta) */")
for first, final, step, delta in ranges:
    print(f"X(0x{first:04x}, 0x{final:04x}, {step}, {delta})")

#!/usr/bin/env python3
"""Turns a folder of files into one C file: a table of path, text, length and mode.

usage: embed.py --include room/header.h --type 'struct asset' --name room_assets [--depfile FILE] FOLDER OUT.c

The header declares the type, whose members are path, text, n and mode in this order, and the two names that are defined:
`const TYPE NAME[]` and `const size_t NAME_n`. Texts become string literals, which compilers read about fifteen times
faster than arrays of bytes. The table is sorted by path; files ending in ~ and __pycache__ are left out.
"""

import argparse
import os
import sys

NAMED = {0x0A: "\\n", 0x09: "\\t", 0x22: '\\"', 0x5C: "\\\\"}


def literal(data):
    """The bytes as adjacent C string literals, one for each line of the file."""
    lines = data.split(b"\n")
    pieces = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return "\n".join('     "' + "".join(map(char, piece)) + '"' for piece in pieces) or '     ""'


def char(byte):
    # Three octal digits never swallow a digit that follows, and a question mark never begins a trigraph.
    if byte in NAMED:
        return NAMED[byte]
    return chr(byte) if 0x20 <= byte < 0x7F and byte != 0x3F else "\\%03o" % byte


def walk(folder):
    """Every file as (path with slashes, full path), and every folder: a new file must cause a new build."""
    files, folders = [], []
    for where, names, found in os.walk(folder):
        names[:] = sorted(n for n in names if n != "__pycache__")
        folders.append(where)
        for name in found:
            if not name.endswith("~"):
                full = os.path.join(where, name)
                files.append((os.path.relpath(full, folder).replace(os.sep, "/"), full))
    return sorted(files), folders


def table(files, options):
    # ISO C promises only 4095 bytes for a literal; the compilers that build this take far more.
    out = ["/* Made by tools/embed.py: change the files, not this. */", f'#include "{options.include}"', ""]
    out += ['#pragma GCC diagnostic ignored "-Woverlength-strings"', ""]
    out += [f"const {options.type} {options.name}[] = {{"]
    for path, full in files:
        with open(full, "rb") as f:
            data = f.read()
        mode = "0755" if os.stat(full).st_mode & 0o100 else "0644"
        out += [f'    {{"{path}",', literal(data) + ",", f"     {len(data)}, {mode}}},"]
    out += ["};", "", f"const size_t {options.name}_n = {len(files)};", ""]
    return "\n".join(out)


def escape(path):
    return path.replace("\\", "\\\\").replace(" ", "\\ ").replace("#", "\\#")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--include", required=True)
    p.add_argument("--type", required=True)
    p.add_argument("--name", required=True)
    p.add_argument("--depfile")
    p.add_argument("folder")
    p.add_argument("out")
    options = p.parse_args()
    files, folders = walk(options.folder)
    if not files:
        sys.exit(f"embed.py: {options.folder} has no files")
    with open(options.out, "w", encoding="ascii") as f:
        f.write(table(files, options))
    if options.depfile:
        with open(options.depfile, "w", encoding="utf-8") as f:
            f.write(escape(options.out) + ": " + " ".join(escape(x) for x in [full for _, full in files] + folders) + "\n")


if __name__ == "__main__":
    main()

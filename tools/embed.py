#!/usr/bin/env python3
"""Writes a C file that holds the bytes of a file: embed.py INPUT OUTPUT HEADER NAME."""

import sys

source, target, header, name = sys.argv[1:]
with open(source, "rb") as file:
    lines = file.read().splitlines(keepends=True)
# Octal escapes have three digits, so what follows them is never taken for a part.
rows = ['    "' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in line) + '"' for line in lines]
with open(target, "w", encoding="ascii") as file:
    file.write(f'#include "{header}"\n\nconst char {name}[] =\n' + "\n".join(rows) +
               f";\nconst size_t {name}_size = sizeof {name} - 1;\n")

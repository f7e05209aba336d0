"""Writes all codes/*.def sorted by code to stdout: each file is one room's, `slipway explain` lists them by code."""
import re
import sys

rules = []
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as definitions:
        rules += re.split(r"^(?=X\()", definitions.read(), flags=re.MULTILINE)[1:]
# What stands between two rules (comments, blank lines) is not carried over.
rules = [re.sub(r"\)\s*(/\*.*?\*/\s*)*\Z", ")", rule, flags=re.DOTALL) for rule in rules]
codes = [re.match(r"X\(\s*(\w+)", rule).group(1) for rule in rules]
twice = sorted({code for code in codes if codes.count(code) > 1})
wrong = [code for code in codes if not re.fullmatch(r"[A-Z]{2}[0-9]{3}", code)]
if twice or wrong:
    sys.exit(f"codes: defined twice: {twice}, not two letters and three digits: {wrong}")
print("\n".join(rule for _, rule in sorted(zip(codes, rules))))

"""Print the share of the facts that the descriptions hold, and what is missing."""

from __future__ import annotations

from . import absent, data, libraries, plain, stand_ins

stand_ins.install()
found = total = values = 0
for module in (plain, data, libraries, stand_ins):
    for name, lost in absent(module.VALUES):
        facts = module.VALUES[name][1]
        total, found, values = total + len(facts), found + len(facts) - len(lost), values + 1
        if lost:
            print(f"{module.__name__.rpartition('.')[2]}: {name}: {lost}")
print(f"{values} values, {found} of {total} facts: {found / total:.3f}")

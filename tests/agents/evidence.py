#!/usr/bin/env python3
"""Writes the column `lists` of the table: which of the lists show a token whose operator does not document it.

A row whose source is an address is its operator's own word, and one whose source is a word of the language needs none:
both stand whatever the lists say, and name none.
"""

import argparse
import csv
import os
import re

import lists
from score import ROOT

TABLE = ROOT / "shared/agents/agents.csv"
WORD = "A word that no browser uses"
OF_PEOPLE = {"browser", "old_browser", "in_app", "unknown"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("AGENTS_DATA", "/tmp/agents-data"))
    bots, people = ({}, {})
    for groups, texts in zip(lists.load(parser.parse_args().data), (bots, people)):
        for name, agents in groups.items():
            texts[lists.origin(name)] = texts.get(lists.origin(name), "") + "\n" + "\n".join(agents).lower()
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        found = []
        if not row["source"].startswith("http") and row["source"] != WORD:
            before = {"any": "", "word": "(?<![a-z0-9])", "start": "\n"}[row["at"]]
            token = re.compile(before + re.escape(row["token"]))
            groups = [people] if row["class"] in OF_PEOPLE else [people, bots] if row["class"] == "none" else [bots]
            found = sorted({name for texts in groups for name, text in texts.items() if token.search(text)})
        row["lists"] = " ".join(found)
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()

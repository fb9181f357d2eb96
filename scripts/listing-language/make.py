#!/usr/bin/env python3
"""Makes functions/listing-check/policy/language/*.csv anew from published tables.

  make.py SOURCES OUT      SOURCES: a folder with the unpacked packages that README.md names; OUT: the folder to write

Needs pillow, numpy and a Noto Sans CJK font, for the glyphs. Deterministic: the same sources make the same bytes."""

import csv, json, math, pickle, sys, unicodedata
from pathlib import Path

sources, out = Path(sys.argv[1]), Path(sys.argv[2])
FONTS = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
]
# Words that rarer texts have are left out: the pack is loaded by every instance.
FEWEST = 10
LONGEST = 6
# Of each character, how many that look like it.
ALIKE = 7
# And how many that share its part; a part that more characters have tells nothing; how alike they must be drawn, and are
# taken to be.
KINDRED, FAMILY, KIN, LIKENESS_OF_KIN = 6, 24, 0.3, 68


def find(name):
    return sorted(sources.rglob(name))[0]


def write(name, header, rows):
    with open(out / name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["# " + header[0], *header[1:]])
        writer.writerows(rows)


def is_han(char):
    return 0x3400 <= ord(char) <= 0x9FFF or 0x20000 <= ord(char) <= 0x3FFFF


# --- Traditional and other old or regional forms -> the common one.
simple, standard = {}, {}
for name in ["TSCharacters.txt", "TWVariants.txt", "HKVariants.txt", "JPShinjitaiCharacters.txt"]:
    for line in find(name).read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#") or "\t" not in line:
            continue
        a, b = line.split("\t")[:2]
        b = next((one for one in b.split() if one != a or not name.startswith("JP")), a)
        if len(a) != 1 or len(b) != 1:
            continue
        if name == "TSCharacters.txt":
            simple.setdefault(a, b)
            standard.setdefault(a, b)
        elif name.startswith("JP"):
            try:
                a.encode("gb2312")  # common in simplified texts
            except UnicodeEncodeError:
                simple.setdefault(a, b)  # Japanese form -> traditional
        else:
            simple.setdefault(b, a)  # standard traditional -> regional form: the other way
common = {}
for line in find("STCharacters.txt").read_text(encoding="utf-8").splitlines():
    if "\t" in line and not line.startswith("#"):
        common[line.split("\t")[0]] = True
# --- Words and how dear they are.
counts, total = {}, 0
for line in find("dict.txt").read_text(encoding="utf-8").splitlines():
    word, count = line.split()[:2]
    if all(is_han(c) for c in word):
        counts[word] = counts.get(word, 0) + int(count)
        total += int(count)
rows = {}
for a in simple:
    # A regional form leads to the standard traditional one, and that to the simplified one.
    b = standard.get(a, simple[a])
    b = standard.get(b, b)
    # Characters that are common in simplified texts stay what they are.
    if b != a and (a not in common or counts.get(a, 0) < 3000):
        rows[a] = b

cost = lambda count: round(4 * math.log2(total / max(count, 1)))
for a in [a for a in rows if counts.get(a, 0) > 3000 and counts.get(a, 0) > counts.get(rows[a], 0)]:
    del rows[a]
write("traditional.csv", ["form", "common"], sorted(rows.items()))
kept = sorted(w for w, n in counts.items() if 2 <= len(w) <= LONGEST and n >= FEWEST)
write("words.csv", ["word", "cost"], [(w, min(cost(counts[w]), 99)) for w in kept])

# --- Taken apart.
pieces = pickle.loads(find("data.pkl").read_bytes())
rows_split = []
for char in sorted(pieces):
    if len(char) != 1 or counts.get(char, 0) < 3:
        continue
    for parts in pieces[char]:
        if 2 <= len(parts) <= 3 and all(len(p) == 1 for p in parts) and char not in parts:
            rows_split.append((char, " ".join(parts)))
write("splits.csv", ["character", "parts"], rows_split)

# --- Sounds, without tones; the common one first.
plain = {}
for code, sounds in json.loads(find("pinyin_dict.json").read_text()).items():
    char = chr(int(code))
    if not 0x4E00 <= ord(char) <= 0x9FFF:
        continue
    seen = []
    for sound in sounds.split(","):
        base = unicodedata.normalize("NFD", sound)
        base = "".join(c for c in base.replace("u\u0308", "v") if c.isascii() and c.isalpha())
        if base and base not in seen and base not in ("m", "n", "ng", "hm", "hng", "ê"):
            seen.append(base)
    if seen:
        plain[char] = seen[:3]


def in_gb2312(char):
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


parts_used = {p for _, parts in rows_split for p in parts.split()}
usual = {w for w in plain if (counts.get(w, 0) > 0 or in_gb2312(w) or w in parts_used) and w not in rows}
write(
    "characters.csv",
    ["character", "cost", "sounds"],
    [(c, min(cost(counts.get(c, 0)) if c in counts else 99, 99), " ".join(plain[c])) for c in sorted(usual)],
)

# --- Emoji: their names, short ones.
names = json.loads((find("annotations.json").parent.parent / "zh" / "annotations.json").read_text())
names = names["annotations"]["annotations"]
rows_emoji = []
for emoji in sorted(names):
    base = emoji.replace("\ufe0f", "")
    # A root is drawn for a v, and no picture of anything.
    if len(base) != 1 or base == "√" or ord(base) < 0x2190 or 0x3000 <= ord(base) < 0xFB00:
        continue
    said = names[emoji].get("tts", []) + names[emoji].get("default", [])
    short = [n for n in dict.fromkeys(said) if 1 <= len(n) <= 4 and all(is_han(c) for c in n)]
    if short:
        rows_emoji.append((base, " ".join(short[:12])))
write("emoji.csv", ["emoji", "names"], rows_emoji)

# --- Other letters that look like a Latin one, and other styles.
look = json.loads(find("confusables.json").read_text())
forms = {}
import re

for code in range(0x80, 0x1FFFF):
    char = chr(code)
    if is_han(char) or 0xD800 <= code < 0xE000 or 0xAC00 <= code < 0xD7A4 or 0xFE00 <= code <= 0xFE0F:
        continue
    folded = unicodedata.normalize("NFKC", char)
    name = unicodedata.name(char, "")
    kind = None
    if folded != char and 1 <= len(folded) <= 4 and not unicodedata.category(char).startswith("M"):
        body = folded.strip("().,")
        if body and (all(c.isascii() and c.isalnum() for c in body) or (len(body) == 1 and is_han(body))):
            kind = "number" if unicodedata.category(char) in ("No", "Nl") and body[0].isdigit() else "style"
            if unicodedata.category(char) == "Nl" and not body[0].isdigit():
                kind = "style"
            folded = body
        elif len(folded) == 1 and folded.isascii() and folded.isprintable():
            kind = "style"
    if kind is None:
        m = re.match(r"(?:LATIN LETTER SMALL CAPITAL|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER|"
                     r"REGIONAL INDICATOR SYMBOL LETTER|SQUARED LATIN CAPITAL LETTER|LATIN SUBSCRIPT SMALL LETTER|"
                     r"TORTOISE SHELL BRACKETED LATIN CAPITAL LETTER) ([A-Z])$", name)
        n = re.match(r"(?:DINGBAT NEGATIVE CIRCLED|NEGATIVE CIRCLED|DINGBAT CIRCLED SANS-SERIF|"
                     r"DINGBAT NEGATIVE CIRCLED SANS-SERIF|DOUBLE CIRCLED) (DIGIT|NUMBER) ([A-Z]+)$", name)
        if m:
            folded, kind = m.group(1), "style"
        elif n and unicodedata.numeric(char, None) is not None:
            folded, kind = str(int(unicodedata.numeric(char))), "number"
        elif unicodedata.decimal(char, None) is not None:
            folded, kind = str(unicodedata.decimal(char)), "number"
    if kind is None and char in look:
        target = look[char]
        if len(target) == 1 and target.isascii() and target.isalnum() and char.isalpha():
            # Of a capital, the table's small l is what a reader takes for a capital I.
            capital = unicodedata.category(char) == "Lu" or "LISU" in name
            folded, kind = "i" if target == "l" and capital else target, "homoglyph"
    if kind is None and char.isalpha():
        stripped = unicodedata.normalize("NFD", char)
        if len(stripped) > 1 and stripped[0].isascii() and all(unicodedata.category(c) == "Mn" for c in stripped[1:]):
            folded, kind = stripped[0], "mark"
    if kind:
        forms[char] = (folded.lower(), kind)
# Capitals and small letters that a reader takes for Latin ones, though UTS #39 does not.
by_eye = {
    "Ьь": "b", "ԍԌ": "g", "Ηη": "n", "τт": "t", "κк": "k", "вβ": "b", "н": "h", "м": "m", "Иип": "n", "Яя": "r",
    "ШшЩщωѡ": "w", "Цц": "u", "α": "a", "γ": "y", "ε": "e", "Λλ": "a", "μ": "u", "π": "n", "σ": "o", "ΣΞ": "e",
    "ΦΘ": "o", "Δ": "a", "ə": "e", "Ɩ": "i", "Ν": "n", "Η": "h", "Ⅴ": "v", "Ꮖ": "i", "гГ": "r",
    # Kana and phonetic letters that are drawn as a character is.
    "エ": "工", "ロ": "口", "カ": "力", "タ": "夕", "ニ": "二", "ハ": "八", "ト": "卜", "ミ": "三", "セ": "七", "ㄚ": "丫",
}
for chars, to in by_eye.items():
    for char in chars:
        forms[char] = (to, "homoglyph")
for char, to in {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "Ø": "o", "Ł": "l", "Đ": "d", "ħ": "h", "ƙ": "k", "ŧ": "t"}.items():
    forms[char] = (to, "homoglyph")
for code in list(range(0x2F00, 0x2FD6)) + list(range(0x2E80, 0x2EF4)) + list(range(0xF900, 0xFAFF)):
    char = chr(code)
    folded = unicodedata.normalize("NFKC", char)
    if folded != char and len(folded) == 1:
        forms[char] = (folded, "style")
# Radicals that stand for a whole character, which NFKC leaves alone.
radicals = {
    0x2E81: "厂", 0x2E85: "亻", 0x2E86: "冂", 0x2E87: "几", 0x2E88: "刀", 0x2E89: "刂", 0x2E8A: "卜", 0x2E8C: "小",
    0x2E8D: "小", 0x2E92: "巳", 0x2E93: "幺", 0x2E96: "忄", 0x2E97: "心", 0x2E98: "扌", 0x2E99: "攵", 0x2E9C: "日",
    0x2E9D: "月", 0x2EA0: "民", 0x2EA1: "氵", 0x2EA3: "灬", 0x2EA6: "丬", 0x2EA7: "牛", 0x2EA8: "犭", 0x2EA9: "王",
    0x2EAB: "目", 0x2EAC: "示", 0x2EAD: "礻", 0x2EAE: "竹", 0x2EB0: "纟", 0x2EB6: "羊", 0x2EB7: "羊", 0x2EB8: "羊",
    0x2EB9: "老", 0x2EBB: "聿", 0x2EBC: "肉", 0x2EBD: "臼", 0x2EBE: "艹", 0x2EBF: "艹", 0x2EC0: "艹", 0x2EC1: "虎",
    0x2EC2: "衤", 0x2EC3: "西", 0x2EC4: "西", 0x2EC5: "见", 0x2EC6: "角", 0x2EC7: "角", 0x2EC8: "讠", 0x2EC9: "贝",
    0x2ECA: "足", 0x2ECB: "车", 0x2ECC: "辶", 0x2ECD: "辶", 0x2ECE: "辶", 0x2ED0: "钅", 0x2ED1: "长", 0x2ED2: "长",
    0x2ED3: "长", 0x2ED4: "门", 0x2ED6: "阝", 0x2ED7: "雨", 0x2ED8: "青", 0x2ED9: "韦", 0x2EDA: "页", 0x2EDB: "风",
    0x2EDC: "飞", 0x2EDD: "食", 0x2EDE: "食", 0x2EE0: "饣", 0x2EE1: "首", 0x2EE2: "马", 0x2EE3: "骨", 0x2EE4: "鬼",
    0x2EE5: "鱼", 0x2EE6: "鸟", 0x2EE7: "卤", 0x2EE8: "麦", 0x2EE9: "黄", 0x2EEA: "黾", 0x2EEB: "齐", 0x2EEC: "齐",
    0x2EED: "齿", 0x2EEE: "齿", 0x2EEF: "龙", 0x2EF0: "龙", 0x2EF1: "龟", 0x2EF2: "龟",
}
for code, whole in radicals.items():
    forms[chr(code)] = (whole, "style")
# Roman numerals that are no letters: among digits they are digits.
for code in range(0x2160, 0x2169):
    if code not in (0x2160, 0x2164):
        forms[chr(code)] = forms[chr(code + 16)] = (str(code - 0x215F), "number")
SIGNS = "@$!|+&*"
forms = {c: f for c, f in forms.items() if all(x.isalnum() or x in SIGNS for x in f[0])}
write("forms.csv", ["form", "reads", "kind"], [(c, *forms[c]) for c in sorted(forms)])

# --- Characters that look alike.
from PIL import Image, ImageDraw, ImageFont, ImageFilter
import numpy as np

chars = sorted((c for c in counts if len(c) == 1 and c in usual and counts[c] >= 3), key=lambda c: (-counts[c], c))[:6500]
known = set(chars)
chars += sorted(c for c in usual if c not in known and 0x4E00 <= ord(c) <= 0x9FFF)[:3000]
known_glyphs = set(chars)
matrices = []
for path in FONTS:
    font = ImageFont.truetype(path, 56, index=2)
    pixels = []
    for c in chars:
        image = Image.new("L", (64, 64), 0)
        box = font.getbbox(c)
        ImageDraw.Draw(image).text((32 - (box[0] + box[2]) / 2, 32 - (box[1] + box[3]) / 2), c, fill=255, font=font)
        image = image.filter(ImageFilter.GaussianBlur(1.6)).resize((32, 32), Image.BILINEAR)
        v = np.asarray(image, dtype=np.float32).ravel()
        v = v - v.mean()
        pixels.append(v / (np.linalg.norm(v) or 1))
    matrices.append(np.stack(pixels))
# Characters that share the part that tells them apart, or of which one is the other's part, are taken for each other
# though they are drawn less alike. A part that many characters have, as radicals are, tells nothing.
parts_of, having = {}, {}
for char, parts in rows_split:
    if char in known_glyphs and " " in parts:
        for part in parts.split():
            parts_of.setdefault(char, set()).add(part)
            having.setdefault(part, set()).add(char)
family = {c: {d for p in parts_of.get(c, ()) if len(having[p]) <= FAMILY for d in having[p] | {p}} for c in chars}
for char, others in list(family.items()):
    for other in others & known_glyphs:
        family[other].add(char)
place = {c: i for i, c in enumerate(chars)}
# The likeness is that of the typeface in which two look more alike.
rows_glyph = []
for start in range(0, len(chars), 500):
    near = np.maximum.reduce([matrix[start : start + 500] @ matrix.T for matrix in matrices])
    for i, row in enumerate(near):
        order = np.argsort(-row, kind="stable")[1:13]
        alike = [(chars[j], int(round(float(row[j]) * 100))) for j in order if row[j] >= 0.68][:ALIKE]
        taken = {c for c, _ in alike}
        kin = sorted(
            ((c, int(round(float(row[place[c]]) * 100))) for c in family[chars[start + i]] - taken - {chars[start + i]}
             if c in place and counts.get(c, 0) >= 100 and row[place[c]] >= KIN),
            key=lambda one: (-one[1], one[0]),
        )[:KINDRED]
        alike += [(c, max(n, LIKENESS_OF_KIN)) for c, n in kin]
        if alike:
            rows_glyph.append((chars[start + i], " ".join(f"{c}{s}" for c, s in alike)))
write("glyphs.csv", ["character", "alike"], sorted(rows_glyph))

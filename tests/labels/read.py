"""Reads pictures with zxing-cpp, and writes their pixels beside them for jsQR, which takes no files.

read.py PNG...   prints JSON: for each picture the texts found and its size; <picture>.rgba holds four bytes a pixel.
"""

import json
import sys

import zxingcpp
from PIL import Image

answers = {}
for path in sys.argv[1:]:
    with Image.open(path) as file:
        image = file.convert("RGBA")
    with open(f"{path}.rgba", "wb") as pixels:
        pixels.write(image.tobytes())
    found = zxingcpp.read_barcodes(image.convert("L"))
    answers[path] = {"texts": [code.text for code in found], "width": image.width, "height": image.height}
print(json.dumps(answers))

// Pictures, drawn here so that the folder holds no binary files.

const GROUND = {
  tea: ["#dcebdf", "#a9cbb5"],
  home: ["#f8e7d6", "#e6bf9f"],
  desk: ["#e0e6f3", "#aebbd9"],
  outdoors: ["#f6e3df", "#dba79d"],
};

const line = (d, colour, width = 4) =>
  `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
const path = (d, fill) => `<path d="${d}" fill="${fill}"/>`;
const rect = (x, y, width, height, r, fill) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${r}" fill="${fill}"/>`;
const dot = (x, y, r, fill) => `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`;
const oval = (x, y, rx, ry, fill) => `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" fill="${fill}"/>`;
const times = (count, draw) => Array.from({ length: count }, (_, at) => draw(at)).join("");

// On 400 × 300; things stand at about y = 240.
const ART = {
  "celadon-teapot": () =>
    line("M282 140c52-12 66 62-6 74", "#4f8a70", 13) +
    path("M128 178c-40-2-50-44-72-54l20-12c24 10 36 26 62 28z", "#5f9b80") +
    path("M206 112c66 0 92 34 92 70 0 34-30 58-92 58s-92-24-92-58c0-36 26-70 92-70z", "#7fb79d") +
    path("M206 112c-58 0-86 30-90 62 30 14 150 14 180 0-4-32-32-62-90-62z", "#90c6ad") +
    oval(206, 114, 52, 12, "#5f9b80") +
    path("M158 112c4-22 92-22 96 0z", "#7fb79d") +
    dot(206, 88, 12, "#4f8a70") +
    line("M142 178c2 22 16 38 36 44", "#c3e4d4", 6),
  "longjing-tin": () =>
    path("M132 92v132c0 22 136 22 136 0V92z", "#2f6b4f") +
    oval(200, 92, 68, 17, "#418768") +
    path("M128 74v20c0 24 144 24 144 0V74z", "#24573f") +
    oval(200, 74, 72, 18, "#3b7d60") +
    oval(200, 71, 46, 10, "#4f9676") +
    rect(156, 128, 88, 92, 8, "#f3ead2") +
    path("M200 144c30 16 30 46 0 62-30-16-30-46 0-62z", "#6aa36f") +
    line("M200 150v62", "#2f6b4f", 3) +
    line("M200 176l14-10M200 190l-14-10", "#2f6b4f", 2.5),
  "bamboo-steamer": () =>
    path("M96 128c20-56 188-56 208 0z", "#d6ac6a") +
    line("M122 118c40-40 116-40 156 0M152 106c30-22 66-22 96 0", "#b98b49", 4) +
    rect(186, 72, 28, 14, 6, "#9c7034") +
    rect(88, 126, 224, 52, 12, "#e2bd80") +
    rect(88, 184, 224, 56, 12, "#d6ac6a") +
    rect(88, 142, 224, 9, 0, "#b98b49") +
    rect(88, 204, 224, 9, 0, "#a87b3c") +
    times(8, (at) => line(`M${108 + at * 26} 130v44M${108 + at * 26} 189v46`, "#c39655", 2.5)),
  "paper-lantern": () =>
    line("M200 20v30", "#7a4a2a", 4) +
    `<circle cx="200" cy="136" r="112" fill="#fff4d6" opacity=".55"/>` +
    oval(200, 136, 90, 84, "#f8d48a") +
    times(
      5,
      (at) =>
        `<ellipse cx="200" cy="136" rx="${[90, 66, 40, 14, 0][at]}" ry="84" fill="none" stroke="#e0a850" stroke-width="3"/>`,
    ) +
    oval(176, 112, 34, 40, "#fdeab8") +
    rect(170, 46, 60, 14, 5, "#8a4b2c") +
    rect(170, 212, 60, 14, 5, "#8a4b2c") +
    line("M200 226v18M192 244v30M200 244v36M208 244v30", "#b5452f", 4),
  "linen-cushion": () =>
    path(
      "M104 76c62 16 130 16 192 0 12 0 16 8 14 16-14 46-14 90 0 134 2 10-4 16-14 16-62-14-130-14-192 0-10 0-16-6-14-16 14-44 14-88 0-134-2-8 2-16 14-16z",
      "#cf8f6a",
    ) +
    path("M118 92c54 12 110 12 164 0-10 44-10 90 0 132-54-10-110-10-164 0 10-42 10-88 0-132z", "#dfa583") +
    line(
      "M146 118c36 6 72 6 108 0M142 146c40 4 78 4 116 0M142 174c40-2 78-2 116 0M146 202c36-4 72-4 108 0",
      "#f3d2bb",
      5,
    ) +
    dot(200, 160, 9, "#a9663f"),
  "clay-vase": () =>
    line("M204 118c-8-40 12-62 40-88M212 74c-18-14-28-24-46-30M226 50c14 0 26 4 40 14", "#6b4a3a", 4) +
    [
      [244, 30],
      [166, 44],
      [266, 64],
      [214, 76],
      [188, 56],
      [232, 46],
    ]
      .map(([x, y]) => dot(x, y, 10, "#f08f93") + dot(x, y, 4, "#fff1d0"))
      .join("") +
    path("M180 112h40c2 24 54 48 54 84 0 30-28 46-74 46s-74-16-74-46c0-36 52-60 54-84z", "#9a6a50") +
    path("M180 112h20v130c-46 0-74-16-74-46 0-36 52-60 54-84z", "#ad7b5f") +
    rect(172, 104, 56, 14, 7, "#7f533c") +
    line("M130 186c40 16 100 16 140 0", "#d9b39a", 5),
  "thread-notebook": () =>
    `<g transform="rotate(-7 200 150)">` +
    rect(122, 58, 172, 194, 6, "#cfd6e6") +
    rect(116, 50, 172, 194, 6, "#f7f2e6") +
    rect(108, 44, 172, 194, 6, "#33508a") +
    rect(108, 44, 32, 194, 6, "#284272") +
    line("M132 44v194", "#f4e6c4", 3) +
    times(4, (at) => line(`M108 ${72 + at * 46}h24`, "#f4e6c4", 3)) +
    rect(186, 70, 54, 106, 4, "#f7f2e6") +
    line("M213 86v74M201 100h24M201 124h24", "#33508a", 4) +
    "</g>",
  "fountain-pen": () =>
    line("M86 238c40-12 62 8 96-6s34-4 52-2", "#33508a", 4) +
    `<g transform="rotate(-38 200 150)">` +
    rect(150, 134, 190, 34, 16, "#c49a45") +
    rect(150, 134, 190, 13, 7, "#e0bd6e") +
    rect(220, 130, 16, 42, 4, "#8f6c27") +
    rect(252, 122, 78, 8, 4, "#8f6c27") +
    path("M152 136c-22 2-34 6-44 9v12c10 3 22 7 44 9z", "#6d5220") +
    path("M110 142c-26 2-44 6-62 9 18 3 36 7 62 9z", "#eceff5") +
    line("M50 151h44", "#8793ab", 2) +
    dot(94, 151, 3.5, "#8793ab") +
    "</g>",
  "desk-clock": () =>
    line("M152 226l-16 22M248 226l16 22", "#7d5733", 12) +
    dot(200, 148, 98, "#b98450") +
    dot(200, 148, 82, "#fffdf7") +
    times(
      12,
      (at) =>
        `<rect x="197.500" y="74" width="5" height="${at % 3 ? 8 : 14}" rx="2" fill="#4b5a78" transform="rotate(${at * 30} 200 148)"/>`,
    ) +
    line("M200 148l-34-26", "#24314d", 7) +
    line("M200 148l44-30", "#24314d", 5) +
    line("M200 160v46", "#d0573f", 2.5) +
    dot(200, 148, 7, "#d0573f"),
  "canvas-backpack": () =>
    line("M172 62c0-34 56-34 56 0", "#5a4632", 9) +
    line("M124 118c-22 24-26 70-12 102M276 118c22 24 26 70 12 102", "#6f5a3e", 13) +
    path("M200 52c56 0 80 30 80 74v96c0 14-8 22-22 22H142c-14 0-22-8-22-22v-96c0-44 24-74 80-74z", "#7d8a5a") +
    path("M200 52c56 0 80 30 80 74v14c-40 22-120 22-160 0v-14c0-44 24-74 80-74z", "#92a06b") +
    rect(144, 174, 112, 62, 12, "#6a774a") +
    path("M144 186c0-8 4-12 12-12h88c8 0 12 4 12 12v8c-34 14-78 14-112 0z", "#7d8a5a") +
    rect(168, 130, 12, 44, 4, "#5a4632") +
    rect(220, 130, 12, 44, 4, "#5a4632") +
    rect(165, 156, 18, 12, 3, "#d8b266") +
    rect(217, 156, 18, 12, 3, "#d8b266"),
  "oil-umbrella": () =>
    `<g transform="rotate(12 200 150)">` +
    line("M200 50v190", "#7a4a2a", 7) +
    path(
      "M200 48C122 48 76 104 70 160c20-14 44-14 65 0 20-14 44-14 65 0 21-14 45-14 65 0 21-14 45-14 65 0-6-56-52-112-130-112z",
      "#c8432f",
    ) +
    path("M200 48c-36 28-60 66-65 112 20-14 44-14 65 0 21-14 45-14 65 0-5-46-29-84-65-112z", "#dd5f45") +
    line("M200 48v112M200 48c-34 28-58 64-65 112M200 48c34 28 58 64 65 112", "#8e2a1c", 2.5) +
    line("M96 122c66-26 142-26 208 0", "#f3c9a4", 4) +
    path("M192 50l8-22 8 22z", "#5d371d") +
    rect(195, 206, 10, 46, 5, "#5d371d") +
    "</g>",
  "moon-sneaker": () =>
    dot(292, 82, 42, "#fff3d8") +
    dot(280, 72, 8, "#efd9ac") +
    dot(304, 94, 11, "#efd9ac") +
    path("M66 204c-2-34 6-70 16-88 22 14 44 12 60-8 26 36 62 58 116 66 38 6 70 16 72 40z", "#f5f6fa") +
    path("M66 204c-2-34 6-70 16-88 12 8 24 11 35 8-4 30-4 56 2 82z", "#3d4f86") +
    path("M250 173c42 6 78 14 80 41h-62c-18-6-24-24-18-41z", "#dfe3f0") +
    path("M142 108c10 14 22 26 36 36l-20 20c-16-12-28-28-36-42 8-2 14-8 20-14z", "#3d4f86") +
    line("M164 156l22-18M182 168l18-20M202 177l14-20", "#d0573f", 5) +
    line("M132 194c40-4 66-10 92-30", "#d0573f", 8) +
    path("M60 202h272c8 0 10 6 9 14-2 14-10 20-24 20H84c-18 0-26-12-24-34z", "#ffffff") +
    path("M60 218h280c-3 12-11 18-23 18H84c-14 0-22-6-24-18z", "#d0573f"),
};

/** A product's picture as SVG text. */
export function picture({ id, category }) {
  const [from, to] = GROUND[category];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600" viewBox="0 0 400 300">` +
    `<defs><linearGradient id="g" x2="0" y2="1"><stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient></defs>` +
    `<rect width="400" height="300" fill="url(#g)"/><ellipse cx="200" cy="246" rx="128" ry="13" fill="#000" opacity=".13"/>${ART[id]()}</svg>`
  );
}

/** A moon over a hill, 16 × 16, as an ICO: what /favicon.ico must be for whoever asks without reading any page. */
export function icon() {
  const size = 16;
  const head = Buffer.alloc(6 + 16 + 40);
  const pixels = Buffer.alloc(size * size * 4);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const moon = (x - 10) ** 2 + (y - 5) ** 2 <= 12;
      const hill = y > 8 + (x - 6) ** 2 / 14;
      const corner = Math.min(x, 15 - x) + Math.min(y, 15 - y) < 2;
      const [red, green, blue] = moon ? [255, 232, 178] : hill ? [122, 178, 150] : [31, 74, 66];
      // Rows of a bitmap go from the bottom up; a pixel is blue, green, red, alpha.
      pixels.set([blue, green, red, corner ? 0 : 255], ((size - 1 - y) * size + x) * 4);
    }
  }
  const mask = Buffer.alloc(size * 4);
  head.writeUInt16LE(1, 2); // an icon
  head.writeUInt16LE(1, 4); // of one picture
  head.set([size, size], 6);
  head.writeUInt16LE(1, 10);
  head.writeUInt16LE(32, 12); // bits a pixel
  head.writeUInt32LE(40 + pixels.length + mask.length, 14);
  head.writeUInt32LE(22, 18); // where it begins
  head.writeUInt32LE(40, 22);
  head.writeInt32LE(size, 26);
  head.writeInt32LE(size * 2, 30); // colours and mask together
  head.writeUInt16LE(1, 34);
  head.writeUInt16LE(32, 36);
  return Buffer.concat([head, pixels, mask]);
}

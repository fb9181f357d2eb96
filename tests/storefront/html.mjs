// HTML by template, in which everything is escaped that is not HTML itself.

class Html {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export const escape = (text) => String(text).replace(/[&<>"']/g, (sign) => ESCAPES[sign]);

function piece(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(piece).join("");
  // So that `condition && html` may be written.
  return value === undefined || value === null || value === false ? "" : escape(value);
}

export function html(texts, ...values) {
  return new Html(texts.reduce((before, text, at) => before + piece(values[at - 1]) + text));
}

// Making elements.  Words enter by textContent alone, never as markup.

// An element: properties as they are in the DOM, data- and aria- attributes by name, children as nodes or words.
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// A table's contents: a header and rows of cells, each a word or a node; the first cell of a row names it.
export function fillTable(table, caption, header, rows) {
  const cells = (row) => row.map((cell, at) => el(at ? "td" : "th", at ? {} : { scope: "row" }, cell));
  table.replaceChildren(
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, ...header.map((word) => el("th", { scope: "col" }, word)))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...cells(row)))),
  );
}

// Set words only where they differ, so that a screen reader is not told twice.
export function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

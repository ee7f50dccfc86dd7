// What of a page axe judges, whatever the page says, in whichever language, and however long its lists are: each kind
// of element, and whether it is there more often than once.
() => {
  const SHOWN = ["class", "role", "type", "scope", "autocomplete"];
  const attribute = ({name, value}) => {
    if (SHOWN.includes(name) || name.startsWith("aria-")) return `${name}=${value.replace(/[0-9a-f-]{6,}|[0-9]+/g, "")}`;
    return value ? name : `${name}?`;
  };
  const counted = new Map();
  for (const one of document.querySelectorAll("*")) {
    const empty = one.textContent.trim() === "";
    const kind = `${one.parentElement?.localName} ${one.localName} ${[...one.attributes].map(attribute).join(" ")} ${empty}`;
    counted.set(kind, Math.min(2, (counted.get(kind) ?? 0) + 1));
  }
  return [...counted].map(([kind, times]) => `${times} ${kind}`).sort().join("\n");
}

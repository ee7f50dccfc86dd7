// What makes pages nicer; each works without.

// Copy: <button data-copy="text">
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  setTimeout(() => { label.textContent = before; }, 2000);
});

// What one types can be looked at: <input type="password" data-show="Show">
for (const field of document.querySelectorAll("[data-show]")) {
  const label = document.createElement("label");
  label.className = "check shows";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.autocomplete = "off";
  const text = document.createElement("span");
  text.textContent = field.dataset.show;
  label.append(box, text);
  field.after(label);
  const show = () => { field.type = box.checked ? "text" : "password"; };
  box.addEventListener("change", show);
  // what is sent is a password again, so that the browser keeps it as one
  field.form?.addEventListener("submit", () => { box.checked = false; show(); });
}

// A form that was sent is not sent twice by a second press.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.dataset.again !== undefined) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});

// Choose and go: <select data-go> sends its form.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-go]")) event.target.form.requestSubmit();
});

// The tab of this page is in sight where a row of tabs scrolls.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.parentElement;
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

// "/" leads to the search.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("input[type=search]");
  if (search) { event.preventDefault(); search.focus(); search.select(); }
});

// What is going on: <div data-events="/orders/.../events"> is replaced by each event's HTML, until one says "end".
for (const place of document.querySelectorAll("[data-events]")) {
  const source = new EventSource(place.dataset.events);
  source.addEventListener("page", (event) => { place.innerHTML = event.data; });
  source.addEventListener("end", () => source.close());
}

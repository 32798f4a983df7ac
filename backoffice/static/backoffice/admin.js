/* The Back Office works without any script; this adds the menu of small screens, and filters that
   close like menus. */
"use strict";

/* The menu: the button appears with the script, and only then the navigation folds. */
for (const button of document.querySelectorAll(".menu-button")) {
  const side = button.closest(".side");
  side.classList.add("folds");
  button.hidden = false;
  button.addEventListener("click", () => {
    const open = side.classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  });
  side.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && side.classList.contains("open")) {
      side.classList.remove("open");
      button.setAttribute("aria-expanded", "false");
      button.focus();
    }
  });
}

/* Filters: one open at a time; Escape and a press elsewhere close them. */
const filters = [...document.querySelectorAll("details.filter")];
const closeFilters = (but) => {
  for (const filter of filters) if (filter !== but) filter.open = false;
};
for (const filter of filters) {
  filter.addEventListener("toggle", () => filter.open && closeFilters(filter));
  filter.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !filter.open) return;
    filter.open = false;
    filter.querySelector("summary").focus();
  });
}
if (filters.length) {
  document.addEventListener("click", (event) => {
    closeFilters(event.target.closest("details.filter"));
  });
}

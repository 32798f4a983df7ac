/* The Back Office works without any script; this adds the menu of small screens, tabs with the
   keyboard, and filters that close like menus. */
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

/* Tabs. Markup: [data-tabs] holds sections [data-tab="Name"] with an id; without a script they
   stand below each other as one page. */
for (const box of document.querySelectorAll("[data-tabs]")) {
  const panels = [...box.querySelectorAll("[data-tab]")];
  if (panels.length < 2) continue;
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.tabs);
  const tabs = panels.map((panel) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${panel.id}`;
    tab.textContent = panel.dataset.tab;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    if (panel.querySelector(".errorlist, .errors")) tab.classList.add("has-error");
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    /* Focusable only where nothing in it is, so that the keyboard reaches its text. */
    if (!panel.querySelector("a[href], button, input, select, textarea")) panel.tabIndex = 0;
    list.append(tab);
    return tab;
  });

  const show = (index) => {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
      panels[at].hidden = at !== index;
    });
  };
  const choose = (index) => {
    show(index);
    tabs[index].focus();
    history.replaceState(null, "", `#${panels[index].id}`);
  };
  /* The panel named by the hash, or the one that holds the named element. */
  const fromHash = () => {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    return named ? panels.findIndex((panel) => panel.contains(named)) : -1;
  };

  tabs.forEach((tab, at) => tab.addEventListener("click", () => choose(at)));
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const forward = getComputedStyle(list).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    const to = {
      [forward]: (at + 1) % tabs.length,
      [back]: (at + tabs.length - 1) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
  });
  box.prepend(list);
  box.classList.add("tabbed");
  const withError = panels.findIndex((panel) => panel.querySelector(".errorlist, .errors"));
  show(Math.max(withError >= 0 ? withError : fromHash(), 0));
  addEventListener("hashchange", () => {
    const at = fromHash();
    if (at >= 0) {
      show(at);
      document.getElementById(decodeURIComponent(location.hash.slice(1))).scrollIntoView();
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

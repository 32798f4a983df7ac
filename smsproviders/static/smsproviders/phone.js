// Looks for new messages; without this script the page shows them when it is loaded again.
"use strict";

(() => {
  const screen = document.querySelector("[data-messages]");
  const SECONDS = 1;
  const SECONDS_WHILE_HIDDEN = 5;

  // The server writes UTC; a phone shows the time of where it is.
  function showLocalTimes() {
    for (const time of screen.querySelectorAll("time")) {
      time.textContent = new Date(time.dateTime).toLocaleTimeString();
    }
  }

  function show(list) {
    const shown = screen.querySelector("ol");
    if (list.dataset.newest === shown.dataset.newest) return;
    if (list.dataset.newest) list.querySelector("li").classList.add("sms-new");
    shown.replaceWith(list);
    showLocalTimes();
  }

  async function look() {
    try {
      const answer = await fetch(screen.dataset.messages, { cache: "no-store" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const list = page.querySelector("ol[data-newest]");
        if (list) show(list);
      }
    } catch {
      // The server is being restarted: look again.
    }
    setTimeout(look, 1000 * (document.hidden ? SECONDS_WHILE_HIDDEN : SECONDS));
  }

  showLocalTimes();
  setTimeout(look, 1000 * SECONDS);
})();

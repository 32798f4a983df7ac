/* The preview as one types: the server makes it, so that it says what saving will say. Without this
   script the button does the same. */
"use strict";

for (const form of document.querySelectorAll("form[data-preview]")) {
  const shown = document.getElementById(form.dataset.preview);
  const told = document.getElementById(`${form.dataset.preview}-told`);
  let waiting = 0;
  let asked = null;

  const show = async () => {
    asked?.abort();
    asked = new AbortController();
    const body = new FormData(form);
    body.set("part", "1");
    try {
      const answer = await fetch(form.action, { method: "POST", body, signal: asked.signal });
      /* Signed out: saving will say so. */
      if (!answer.ok || answer.redirected) return;
      shown.innerHTML = await answer.text();
    } catch {
      return;
    }
    const size = shown.querySelector("[data-summary]").textContent;
    if (told.textContent !== size) told.textContent = size;
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 250);
  });
}

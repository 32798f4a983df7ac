/* Provider settings: says that a check is at work, and follows a test message to its receipt. */
"use strict";

for (const form of document.querySelectorAll("form[data-working]")) {
  form.addEventListener("submit", () => {
    form.querySelector("button").disabled = true;
    form.querySelector(".working").textContent = form.dataset.working;
  });
}
/* Back by the browser's button: the page comes from its cache as it was left. */
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-working]")) {
    form.querySelector("button").disabled = false;
    form.querySelector(".working").textContent = "";
  }
});

for (const box of document.querySelectorAll("[data-status]:not([data-over])")) {
  const part = (name) => box.querySelector(`[data-part="${name}"]`);
  let failures = 0;

  const show = (told) => {
    const state = part("state");
    if (state.textContent !== told.state_words) state.textContent = told.state_words;
    state.className = `chip ${told.tone} chip-${told.tone}`;
    for (const step of told.steps) {
      const line = box.querySelector(`[data-step="${step.key}"]`);
      line.classList.toggle("done", step.after !== "");
      line.querySelector('[data-part="after"]').textContent = step.after;
    }
    part("error").textContent = told.error;
    part("error").hidden = told.error === "";
    if (told.provider_message_id) part("id").textContent = told.provider_message_id;
    if (told.cost) part("cost").textContent = told.cost;
    if (told.is_over) part("reload").hidden = true;
  };

  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.status, { headers: { Accept: "application/json" } });
      /* Signed out, or gone: the reload link says the rest. */
      if (!answer.ok || answer.redirected) return;
      const told = await answer.json();
      failures = 0;
      show(told);
      if (told.is_over) return;
    } catch {
      failures += 1;
      if (failures > 20) return;
    }
    setTimeout(ask, 1000);
  };
  setTimeout(ask, 500);
}

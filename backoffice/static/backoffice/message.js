/* A message under way: asks for the page again and takes over what changed, until it is over. */
"use strict";

const PAUSE = 3000;
let failures = 0;

/* What is unfolded stays so; what has the focus is left alone until it has not. */
const renew = (part, fresh) => {
  if (!fresh || fresh.innerHTML === part.innerHTML) return true;
  if (part.contains(document.activeElement)) return false;
  const open = new Set([...part.querySelectorAll("details[open]")].map((one) => one.dataset.keep));
  for (const one of fresh.querySelectorAll("details")) one.open = open.has(one.dataset.keep);
  part.innerHTML = fresh.innerHTML;
  return true;
};

const look = async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    /* Signed out, or gone: a reload says the rest. */
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const isOver = page.getElementById("story")?.dataset.live !== "yes";
    /* The form of "Send again" must not lose what was chosen in it: it comes anew at the end. */
    const names = isOver ? ["state", "story", "side"] : ["state", "story"];
    const done = names.map((name) => renew(document.getElementById(name), page.getElementById(name)));
    failures = 0;
    if (isOver && done.every(Boolean)) return;
  } catch {
    failures += 1;
    if (failures > 20) return;
  }
  setTimeout(look, PAUSE);
};
setTimeout(look, PAUSE);

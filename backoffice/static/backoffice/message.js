/* A message under way: asks for the page again and takes over what changed, until it is over. */
"use strict";

const PAUSE = 3000;
let failures = 0;

/* What is unfolded stays so, and the focus stays on its summary or link. */
const renew = (part, fresh) => {
  if (!fresh || fresh.innerHTML === part.innerHTML) return;
  const folds = [...part.querySelectorAll("details")];
  const focused = [...part.querySelectorAll("a, summary, pre")].indexOf(document.activeElement);
  part.innerHTML = fresh.innerHTML;
  for (const fold of folds) {
    const same = part.querySelector(`details[data-keep="${fold.dataset.keep}"]`);
    if (same) same.open = fold.open;
  }
  if (focused >= 0) [...part.querySelectorAll("a, summary, pre")][focused]?.focus();
};

const look = async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    /* Signed out, or gone: a reload says the rest. */
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const isOver = page.getElementById("story")?.dataset.live !== "yes";
    /* The form of "Send again" must not lose what was chosen in it: it comes anew at the end. */
    for (const name of isOver ? ["state", "story", "side"] : ["state", "story"]) {
      renew(document.getElementById(name), page.getElementById(name));
    }
    failures = 0;
    if (isOver) return;
  } catch {
    failures += 1;
    if (failures > 20) return;
  }
  setTimeout(look, PAUSE);
};
setTimeout(look, PAUSE);

// Follows an SMS code on its way: asks every 3 s, rests while the page is hidden, ends on a final
// state. After that it asks once more, when the code's life is over. The server writes the words;
// they are replaced only when they changed, so that a screen reader hears each step once.
(() => {
  const line = document.querySelector("[data-delivery]");
  if (!line) return;
  const resend = document.querySelector("#resend button");
  const EVERY = 3000;
  const over = performance.now() + Number(line.dataset.ends) * 1000;
  let shown = line.dataset.state;
  let ended = line.dataset.final === "true";
  let gone = false;
  let timer = null;

  async function ask() {
    timer = null;
    try {
      const answer = await fetch(line.dataset.delivery, { headers: { Accept: "application/json" }, redirect: "error" });
      // 404: this session no longer waits for it.
      gone = answer.status === 404;
      if (answer.ok) show(await answer.json());
    } catch {
      // offline for a moment: the next question may get through
    }
    plan();
  }

  function show(news) {
    ended = news.final;
    gone = ended && !news.live;
    if (news.state === shown) return;
    shown = news.state;
    line.dataset.state = news.state;
    line.dataset.step = news.step;
    line.dataset.final = news.final;
    const words = document.createElement("template");
    words.innerHTML = news.html;
    document.dispatchEvent(new CustomEvent("times:show", { detail: words.content }));
    line.replaceChildren(words.content);
    if (resend && !resend.disabled) resend.textContent = news.button;
  }

  function plan() {
    if (gone || timer !== null || document.hidden) return;
    const wait = ended ? Math.max(EVERY, over - performance.now() + 1000) : EVERY;
    timer = setTimeout(ask, wait);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      timer = null;
    } else if (!ended && !gone && timer === null) ask();
    else plan();
  });
  plan();
})();

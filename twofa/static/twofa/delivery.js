// Follows an SMS code on its way: asks every 3 s, rests while the page is hidden, ends on a final
// state. The server writes the words; they are replaced only when they changed, so that a screen
// reader hears each step once.
(() => {
  const line = document.querySelector("[data-delivery]");
  if (!line || line.dataset.final === "true") return;
  const EVERY = 3000;
  let shown = line.dataset.state;
  let timer = null;
  let ended = false;

  async function ask() {
    timer = null;
    try {
      const answer = await fetch(line.dataset.delivery, { headers: { Accept: "application/json" }, redirect: "error" });
      // 404: this session no longer waits for it.
      ended = answer.status === 404 || (answer.ok && show(await answer.json()));
    } catch {
      // offline for a moment: the next question may get through
    }
    plan();
  }

  function show(news) {
    if (news.state !== shown) {
      shown = news.state;
      line.dataset.state = news.state;
      line.dataset.step = news.step;
      line.dataset.final = news.final;
      line.innerHTML = news.html;
      document.dispatchEvent(new CustomEvent("times:changed"));
    }
    return news.final;
  }

  function plan() {
    if (!ended && timer === null && !document.hidden) timer = setTimeout(ask, EVERY);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      timer = null;
    } else if (!ended && timer === null) ask();
  });
  plan();
})();

// Counts down to the moment from which the server takes another request. The server gives seconds
// left, not a time of day: the client's clock may be wrong. The server enforces the wait itself.
// A button is dead until then; other text, such as the end of a lock, is followed by data-after.
(() => {
  for (const element of document.querySelectorAll("[data-wait]")) {
    const { wait, waiting, after } = element.dataset;
    const ends = performance.now() + Number(wait) * 1000;
    const ready = after ?? element.textContent;
    const tick = () => {
      const left = Math.ceil((ends - performance.now()) / 1000);
      if ("disabled" in element) element.disabled = left > 0;
      element.textContent = left > 0 ? waiting.replace("%(time)s", clock(left)) : ready;
      if (left > 0) setTimeout(tick, 250);
    };
    if (Number(wait) > 0) tick();
  }

  function clock(seconds) {
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
})();

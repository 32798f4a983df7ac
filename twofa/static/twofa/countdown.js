// Counts down to the moment from which the server takes another request. The server gives seconds
// left, not a time of day: the client's clock may be wrong. The server enforces the wait itself.
(() => {
  for (const button of document.querySelectorAll("[data-wait]")) {
    const ends = performance.now() + Number(button.dataset.wait) * 1000;
    const ready = button.textContent;
    const tick = () => {
      const left = Math.ceil((ends - performance.now()) / 1000);
      button.disabled = left > 0;
      button.textContent = left > 0 ? button.dataset.waiting.replace("%s", clock(left)) : ready;
      if (left > 0) setTimeout(tick, 250);
    };
    if (Number(button.dataset.wait) > 0) tick();
  }

  function clock(seconds) {
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
})();

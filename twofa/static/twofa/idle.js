// Warns two minutes before a session ends in which nothing happened, and prolongs it if asked to.
// All tabs of the service share one session, so each notes when it last heard of the server.
(() => {
  const dialog = document.querySelector("dialog[data-idle]");
  if (!dialog) return;
  const KEY = "heard-of-the-server";
  const WARNING = 120_000;
  const idle = Number(dialog.dataset.idle) * 1000;
  let heard = 0;
  note();

  function note() {
    heard = Date.now();
    try {
      localStorage.setItem(KEY, heard);
    } catch {
      // storage is switched off: this tab counts for itself
    }
  }

  function last() {
    try {
      return Math.max(heard, Number(localStorage.getItem(KEY)));
    } catch {
      return heard;
    }
  }

  function check() {
    const left = last() + idle - Date.now();
    if (left <= 0) over();
    else if (left > WARNING) dialog.close();
    else if (!dialog.open) dialog.showModal();
  }

  function over() {
    clearInterval(watch);
    dialog.querySelector("[data-soon]").hidden = true;
    dialog.querySelector("[data-over]").hidden = false;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[data-over] a").focus();
  }

  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(event.target.action, { method: "POST", body: new FormData(event.target), redirect: "error" });
      if (!answer.ok) return over();
      note();
      dialog.close();
    } catch {
      // offline for a moment: the dialog stays, and can be pressed again
    }
  });

  const watch = setInterval(check, 5000);
})();

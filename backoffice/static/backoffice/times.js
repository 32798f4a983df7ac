// Shows each <time data-local> in the reader's own time zone; the title keeps the exact UTC.
// With data-local="time" the date is left out today.
(() => {
  const language = document.documentElement.lang || undefined;
  const timeOnly = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
  const dateAndTime = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

  function show() {
    for (const time of document.querySelectorAll("time[data-local]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const today = time.dataset.local === "time" && at.toDateString() === new Date().toDateString();
      time.title ||= time.textContent.trim();
      time.textContent = (today ? timeOnly : dateAndTime).format(at);
    }
  }

  show();
  document.addEventListener("times:changed", show);
})();

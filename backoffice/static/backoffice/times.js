// Shows each <time data-local> in the reader's own time zone; the title keeps the exact UTC.
// With data-local="time" the date is left out today.
(() => {
  // With the digits that the server writes: some systems would mix in those of the script.
  const language = `${document.documentElement.lang || "en"}-u-nu-latn`;
  const timeOnly = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
  const dateAndTime = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

  function show(within) {
    for (const time of within.querySelectorAll("time[data-local]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const today = time.dataset.local === "time" && at.toDateString() === new Date().toDateString();
      time.title ||= time.textContent.trim();
      time.textContent = (today ? timeOnly : dateAndTime).format(at);
    }
  }

  show(document);
  // What is about to be put into the page, so that a screen reader hears it once.
  document.addEventListener("times:show", (event) => show(event.detail));
})();

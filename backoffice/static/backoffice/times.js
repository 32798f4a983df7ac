// Shows each <time data-local> in the reader's own time zone; the title keeps the exact UTC.
// With data-local="time" the date is left out today, with "clock" always. Where lists stand by day
// (data-days), the days are those of that time zone too.
(() => {
  // In the page's language, as the reader's country writes it: 14:05, or 2:05 PM. With the digits
  // that the server writes: some systems would mix in those of the script.
  const spoken = document.documentElement.lang || "en";
  const country = navigator.languages.find((one) => one.split("-")[0] === spoken.split("-")[0]);
  const language = `${country ?? spoken}-u-nu-latn`;
  const date = { day: "numeric", month: "short", year: "numeric" };
  const clock = { hour: "2-digit", minute: "2-digit" };
  const [day, timeOnly, dateAndTime] = [date, clock, { ...date, ...clock }].map((parts) => new Intl.DateTimeFormat(language, parts));

  function show(within) {
    for (const time of within.querySelectorAll("time[data-local]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const kind = time.dataset.local;
      const short = kind === "clock" || (kind === "time" && at.toDateString() === new Date().toDateString());
      time.title ||= kind === "clock" ? time.dateTime : time.textContent.trim();
      time.textContent = (short ? timeOnly : dateAndTime).format(at);
    }
  }

  function sortByDay(days) {
    const [first, ...others] = days.querySelectorAll("[data-day]");
    if (!first) return;
    const lines = [...days.querySelectorAll("li")];
    others.forEach((other) => other.remove());
    first.querySelector("ul").replaceChildren();
    let section, shown;
    for (const line of lines) {
      const at = new Date(line.querySelector("time").dateTime);
      if (shown !== day.format(at)) {
        shown = day.format(at);
        section = section ? days.appendChild(first.cloneNode(true)) : first;
        section.querySelector("h2 time").textContent = shown;
        section.querySelector("ul").replaceChildren();
      }
      section.querySelector("ul").append(line);
    }
  }

  document.querySelectorAll("[data-days]").forEach(sortByDay);
  show(document);
  // What is about to be put into the page, so that a screen reader hears it once.
  document.addEventListener("times:show", (event) => show(event.detail));
})();

// Copy, download and print. The buttons are hidden until this script runs, since without it they
// would do nothing; the text itself can always be selected.
(() => {
  const source = (button) => document.getElementById(button.dataset.of);
  const lines = (element) => [...element.querySelectorAll("[data-line]")].map((line) => line.textContent.trim());
  // Items stand one a line; a key that is grouped to be read is copied without the spaces.
  const textOf = (element) => (element.dataset.copy ?? lines(element).join("\n")) + (element.dataset.copy ? "" : "\n");

  const acts = {
    async copy(button) {
      const text = textOf(source(button));
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        getSelection().selectAllChildren(source(button));
        if (!document.execCommand("copy")) return;
      }
      tell(button);
    },
    download(button) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([textOf(source(button))], { type: "text/plain" }));
      link.download = button.dataset.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    },
    print() {
      window.print();
    },
  };

  function tell(button) {
    const before = button.textContent;
    button.textContent = button.dataset.done;
    document.getElementById(button.dataset.tell).textContent = button.dataset.done;
    setTimeout(() => {
      button.textContent = before;
    }, 2000);
  }

  for (const button of document.querySelectorAll("[data-act]")) {
    button.hidden = false;
    button.addEventListener("click", () => acts[button.dataset.act](button));
  }
})();

// What is wrong with the page, asked in the page. findings.py says what each answer means.
({
  words(one) {
    const text = one.ariaLabel || one.innerText || one.name || one.className || "";
    return `<${one.localName}> ${String(text).trim().replace(/\s+/g, " ").slice(0, 60)}`;
  },

  shown(one) {
    return one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
  },

  all(selector = "body *") {
    return [...document.querySelectorAll(selector)].filter((one) => this.shown(one));
  },

  pressed() {
    const found = this.all("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']");
    return found.filter((one) => !one.disabled && !one.closest("[inert]"));
  },

  // A tick is pressed by its label, too.
  size(one) {
    const areas = [one, ...(["checkbox", "radio"].includes(one.type) ? one.labels : [])];
    const boxes = areas.map((area) => area.getBoundingClientRect());
    return [Math.max(...boxes.map((box) => box.width)), Math.max(...boxes.map((box) => box.height))];
  },

  // WCAG 2.5.5, exception "inline". A link that is alone in its block is none.
  isInText(one) {
    if (getComputedStyle(one).display !== "inline") return false;
    let block = one.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    return block.innerText.trim().length > one.innerText.trim().length;
  },

  small(least) {
    const found = [];
    for (const one of this.pressed()) {
      const [width, height] = this.size(one);
      const isSmall = width < least - 0.5 || height < least - 0.5;
      if (isSmall && !this.isInText(one)) found.push(`${this.words(one)}: ${Math.round(width)} x ${Math.round(height)}`);
    }
    return found;
  },

  isClipped(one, direction) {
    const style = getComputedStyle(one);
    if (one.localName === "input" || one.closest(".visually-hidden, svg")) return false;
    if (direction === "x") return style.overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1;
    return style.overflowY !== "visible" && one.scrollHeight > one.clientHeight + 1;
  },

  sideways() {
    const wide = document.documentElement.scrollWidth;
    const page = wide > innerWidth ? [`the page: ${wide} of ${innerWidth}`] : [];
    return [...page, ...this.all().filter((one) => this.isClipped(one, "x")).map((one) => this.words(one))];
  },

  cut() {
    return this.all().filter((one) => this.isClipped(one, "x") || this.isClipped(one, "y")).map((one) => this.words(one));
  },

  // Of the buttons of a choice the keyboard reaches the chosen one, or the first.
  stops() {
    const isReached = (one) => {
      if (one.type !== "radio") return one.tabIndex >= 0;
      const group = [...document.getElementsByName(one.name)];
      return one === (group.find((other) => other.checked) ?? group[0]);
    };
    return this.pressed().filter(isReached).map((one) => this.words(one));
  },

  toTheTop() {
    document.activeElement.blur();
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  },

  focused() {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    return {
      words: this.words(one),
      hasRing: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      isSeen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
  },

  unfocused() {
    const fault = document.querySelector("[role=alert][tabindex]") ?? document.querySelector("[aria-invalid=true]");
    return fault && fault !== document.activeElement ? [this.words(fault)] : [];
  },

  nested() {
    const live = this.all("[role=status], [role=alert], [aria-live]");
    return live.filter((one) => live.some((other) => other !== one && other.contains(one))).map((one) => this.words(one));
  },
})

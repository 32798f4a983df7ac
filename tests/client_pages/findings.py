"""What is wrong with the page that a window shows, in words that name the element."""

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TARGET = 44  # CSS pixels, of WCAG 2.5.5

_COMMON = """
  const words = (one) => `<${one.localName}> ${(one.ariaLabel || one.innerText || one.name || one.className || "").trim().slice(0, 40)}`;
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
  const pressed = () => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((one) => shown(one) && !one.disabled && !one.closest("[inert]"));
"""
_SMALL = """(least) => {
  const found = [];
  for (const one of pressed()) {
    const box = one.getBoundingClientRect();
    let { width, height } = box;
    if (["checkbox", "radio"].includes(one.type)) {
      for (const label of one.labels) {
        const area = label.getBoundingClientRect();
        width = Math.max(width, area.width);
        height = Math.max(height, area.height);
      }
    }
    // WCAG 2.5.5, exception: a link in a sentence. Alone in its block it is none.
    let block = one.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    const isInText = getComputedStyle(one).display === "inline" && block.innerText.trim().length > one.innerText.trim().length;
    if (!isInText && (width < least - .5 || height < least - .5)) found.push(`${words(one)}: ${Math.round(width)} x ${Math.round(height)}`);
  }
  return found;
}"""
_SIDEWAYS = """() => {
  const root = document.documentElement;
  const found = root.scrollWidth > innerWidth ? [`the page: ${root.scrollWidth} of ${innerWidth}`] : [];
  for (const one of document.querySelectorAll("body *")) {
    const style = getComputedStyle(one);
    const clips = style.overflowX !== "visible" && !one.closest(".visually-hidden");
    if (clips && shown(one) && one.localName !== "input" && one.scrollWidth > one.clientWidth + 1) found.push(`${words(one)}: ${one.scrollWidth} of ${one.clientWidth}`);
  }
  return found;
}"""
_CUT = """() => {
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    const style = getComputedStyle(one);
    if (!shown(one) || one.closest(".visually-hidden, svg") || one.localName === "input") continue;
    const clips = style.overflow !== "visible";
    if (clips && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)) found.push(words(one));
  }
  return found;
}"""
# Of buttons of a choice the keyboard reaches the chosen one, or the first.
_STOPS = """() => {
  const reached = (one) => {
    if (one.type !== "radio") return one.tabIndex >= 0;
    const group = [...document.getElementsByName(one.name)];
    return one === (group.find((other) => other.checked) ?? group[0]);
  };
  return pressed().filter(reached).map(words);
}"""
_FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const isSeen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return { words: words(one), ring, isSeen };
}"""
_MARKED = """() => {
  const faulty = document.querySelector("[role=alert][tabindex]") ?? document.querySelector("[aria-invalid=true]");
  return faulty && faulty !== document.activeElement ? [`${words(faulty)} has no focus`] : [];
}"""
_SPOKEN = """() => {
  const found = [];
  const live = [...document.querySelectorAll("[role=status], [role=alert], [aria-live]")];
  for (const one of live) if (live.some((other) => other !== one && other.contains(one))) found.push(`${words(one)} is spoken twice`);
  return found;
}"""


def _ask(page: "Page", question: str, value: object = None) -> list[str]:
    answer: list[str] = page.evaluate(
        f"(value) => {{ {_COMMON} return ({question})(value); }}", value
    )
    return answer


def axe(page: "Page") -> list[str]:
    """Rules of WCAG 2.2 AA, and of good practice, that a program can see broken."""
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def small_targets(page: "Page") -> list[str]:
    """What is pressed and is less than 44 px wide or high, links in sentences left out."""
    return _ask(page, _SMALL, TARGET)


def sideways(page: "Page") -> list[str]:
    """What has to be scrolled sideways, the page or a part of it."""
    return _ask(page, _SIDEWAYS)


def lost_at_double_size(page: "Page") -> list[str]:
    """What is cut off or sticks out when text is twice as large."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found = _ask(page, _CUT) + _ask(page, _SIDEWAYS)
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def focus_not_moved(page: "Page") -> list[str]:
    """After a form was refused, the fault has the focus."""
    return _ask(page, _MARKED)


def spoken_twice(page: "Page") -> list[str]:
    """Live regions inside of live regions."""
    return _ask(page, _SPOKEN)


def wrong_focus_order(page: "Page") -> list[str]:
    """By keyboard from the top: everything once, in the order of the page, seen and with a ring."""
    wanted = _ask(page, _STOPS)
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
    page.evaluate(
        "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
    )
    reached, found = [], []
    for _ in wanted:
        page.keyboard.press("Tab")
        one = page.evaluate(f"() => {{ {_COMMON} return ({_FOCUSED})(); }}")
        if one is None:
            break
        reached.append(one["words"])
        found += [] if one["ring"] else [f"{one['words']} has no ring"]
        found += [] if one["isSeen"] else [f"{one['words']} is out of sight"]
    if reached != wanted:
        found.append(f"{reached} instead of {wanted}")
    return found

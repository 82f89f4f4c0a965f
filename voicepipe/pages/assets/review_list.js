/* The list of lines: only the rows in sight are in the document, however many there are. */
"use strict";
voicepipeReview.list = (() => {
  const R = voicepipeReview;
  const HEIGHT = 60;
  const MARGIN = 8;
  const box = document.getElementById("list");
  const spacer = document.getElementById("spacer");
  const rows = new Map();
  let chosen = 0;
  let onChoose = () => {};

  const VERDICT_TAGS = { passed: "good", failed: "bad", "not judged": "doubt" };
  const REVIEW_TAGS = {
    approved: ["good", "approved"], rejected: ["bad", "rejected"], rerecord: ["info", "to record"],
    retake: ["info", "retake"], lapsed: ["doubt", "lapsed"],
  };

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function tag(kind, text) { return element("span", `tag ${kind}`, text); }

  function verdictTag(card) {
    if (!card.sound) return tag("", "no clip");
    return tag(VERDICT_TAGS[card.verdict] || "doubt", card.verdict);
  }

  function reviewTag(card) {
    const found = REVIEW_TAGS[R.reviewOf(card)];
    return found ? tag(found[0], found[1]) : null;
  }

  function slotTag(card) {
    if (!card.slot) return null;
    const off = card.slot.difference_s;
    return tag(card.slot_state === "fits" ? "" : "doubt", `${off < 0 ? "−" : "+"}${Math.abs(off).toFixed(1)} s`);
  }

  function row(card, position) {
    const made = element("div", "row");
    made.id = `row-${card.index}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-setsize", R.shown.length);
    made.setAttribute("aria-posinset", position + 1);
    made.style.top = `${position * HEIGHT}px`;
    made.addEventListener("click", () => choose(position));
    fill(made, card, position);
    return made;
  }

  function fill(made, card, position) {
    made.classList.toggle("chosen", position === chosen);
    made.classList.toggle("done", R.isReviewed(card));
    made.setAttribute("aria-selected", position === chosen);
    const head = element("div", "head");
    const who = element("span", "who", card.name);
    who.dir = "auto";
    head.append(who, element("span", "", card.language), element("span", "id", card.line));
    head.append(element("span", "grow"));
    const review = reviewTag(card);
    if (review) head.append(review);
    const slot = slotTag(card);
    if (slot) head.append(slot);
    head.append(verdictTag(card));
    const text = element("div", "text", card.text || "not translated yet");
    text.dir = "auto";
    text.lang = card.language;
    made.replaceChildren(head, text);
  }

  function draw() {
    const first = Math.max(0, Math.floor(box.scrollTop / HEIGHT) - MARGIN);
    const last = Math.min(R.shown.length, Math.ceil((box.scrollTop + box.clientHeight) / HEIGHT) + MARGIN);
    for (const [position, made] of rows) {
      if (position < first || position >= last) {
        made.remove();
        rows.delete(position);
      }
    }
    for (let position = first; position < last; position += 1) {
      if (!rows.has(position)) {
        const made = row(R.shown[position], position);
        rows.set(position, made);
        spacer.append(made);
      }
    }
    const current = R.shown[chosen];
    if (current) box.setAttribute("aria-activedescendant", `row-${current.index}`);
    else box.removeAttribute("aria-activedescendant");
  }

  /* Shows the list anew; the line that was chosen stays chosen where it is still there. */
  function reload(keep) {
    R.refresh();
    const at = keep ? R.shown.indexOf(keep) : 0;
    chosen = Math.max(0, at);
    spacer.style.height = `${R.shown.length * HEIGHT}px`;
    rows.forEach((made) => made.remove());
    rows.clear();
    spacer.querySelector(".empty")?.remove();
    if (!R.shown.length) spacer.append(element("p", "empty", "No line is like this."));
    reveal();
    draw();
    onChoose(R.shown[chosen] || null, false);
  }

  function reveal() {
    const top = chosen * HEIGHT;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + HEIGHT > box.scrollTop + box.clientHeight) box.scrollTop = top + HEIGHT - box.clientHeight;
  }

  function choose(position) {
    if (!R.shown.length) return;
    const before = chosen;
    chosen = Math.min(R.shown.length - 1, Math.max(0, position));
    reveal();
    draw();
    for (const one of [before, chosen]) {
      if (rows.has(one)) fill(rows.get(one), R.shown[one], one);
    }
    onChoose(R.shown[chosen], true);
  }

  function chooseCard(card) {
    const position = R.shown.indexOf(card);
    if (position < 0) return false;
    choose(position);
    return true;
  }

  function renew(card) {
    const position = R.shown.indexOf(card);
    if (rows.has(position)) fill(rows.get(position), card, position);
  }

  box.addEventListener("scroll", draw, { passive: true });
  window.addEventListener("resize", draw);

  return {
    element, tag, verdictTag, reviewTag, reload, choose, chooseCard, renew,
    get card() { return R.shown[chosen] || null; },
    get position() { return chosen; },
    set onChoose(then) { onChoose = then; },
  };
})();

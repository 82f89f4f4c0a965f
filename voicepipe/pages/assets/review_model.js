/* What there is to review, what is shown of it, and what was decided. Draws nothing. */
"use strict";
window.voicepipeReview = (() => {
  const config = JSON.parse(document.getElementById("config").textContent);
  const cards = [];
  const byKey = new Map();
  const byBase = new Map();
  const places = new Map();
  const pictures = new Map();
  const waiting = new Map();
  const decided = new Map();
  const storeName = `voicepipe-review:${config.bank}`;
  const filters = { search: "", verdict: "", character: "", scene: "", language: "", status: "", review: "", slot: "" };
  let sort = "worst";
  let shown = [];
  let dropped = 0;

  const keyOf = (card) => (card.key ??= `${card.line}|${card.language}`);

  function takeCard(card) {
    const key = keyOf(card);
    const known = byKey.get(key);
    if (known) {
      Object.assign(known, card, { haystack: undefined });
      return known;
    }
    card.index = cards.length;
    cards.push(card);
    byKey.set(key, card);
    const base = `${card.base}|${card.language}`;
    byBase.set(base, [...(byBase.get(base) || []), card]);
    return card;
  }

  function takeCards(given) { given.forEach(takeCard); }
  function takePlaces(given) { for (const [sha, file] of Object.entries(given)) places.set(sha, file); }

  function takePictures(given) {
    for (const [sha, picture] of Object.entries(given)) {
      pictures.set(sha, picture);
      (waiting.get(sha) || []).forEach((then) => then(picture));
      waiting.delete(sha);
    }
  }

  /* Reads the file that holds a sound's picture when it is first wanted, by a script tag: a page
     that was opened from disk may not fetch. */
  const asked = new Set();
  function withPicture(sha, then) {
    if (pictures.has(sha)) { then(pictures.get(sha)); return; }
    waiting.set(sha, [...(waiting.get(sha) || []), then]);
    const file = places.get(sha);
    if (!file || asked.has(file)) return;
    asked.add(file);
    const script = document.createElement("script");
    script.src = file;
    document.head.append(script);
  }

  /* Decisions */

  function decisionOf(card) { return decided.get(keyOf(card)) || {}; }

  function assessmentOf(card) {
    const own = decisionOf(card);
    if (own.assessment !== undefined) return own.assessment;
    return card.assessment_standing === "lapsed" ? "" : card.assessment;
  }

  function isReviewed(card) { return Boolean(assessmentOf(card)) || Boolean(decisionOf(card).retake); }

  function decide(card, change) {
    const before = decisionOf(card);
    const after = { ...before, ...change, sound: card.sound ? card.sound.sha : "" };
    decided.set(keyOf(card), after);
    remember();
  }

  function undo(card) {
    decided.delete(keyOf(card));
    remember();
  }

  function remember() {
    try {
      localStorage.setItem(storeName, JSON.stringify([...decided]));
    } catch { /* a browser that keeps nothing: the file that is saved holds all */ }
  }

  function recall() {
    if (config.served) return;
    let kept = [];
    try { kept = JSON.parse(localStorage.getItem(storeName) || "[]"); } catch { kept = []; }
    for (const [key, decision] of Array.isArray(kept) ? kept : []) {
      const card = byKey.get(key);
      const now = card && card.sound ? card.sound.sha : "";
      if (card && decision && decision.sound === now) decided.set(key, decision);
      else dropped += 1;
    }
  }

  const VERBS = { approved: "approve", rejected: "reject", rerecord: "rerecord", "": "withdraw" };

  function requestsOf(card, decision) {
    const about = { line: card.line, language: card.language, sound: decision.sound };
    const requests = [];
    if (decision.assessment !== undefined) {
      requests.push({ decision: VERBS[decision.assessment], words: decision.reason || "", ...about });
    }
    if (decision.pin !== undefined) requests.push({ decision: decision.pin ? "pin" : "unpin", ...about });
    if (decision.note !== undefined) requests.push({ decision: "note", words: decision.note, ...about });
    if (decision.retake) requests.push({ decision: "retake", ...about });
    return requests;
  }

  function document_() {
    const decisions = [];
    for (const card of cards) {
      const decision = decided.get(keyOf(card));
      if (decision) decisions.push(...requestsOf(card, decision));
    }
    return { schema: 1, what: "voicepipe review", bank: config.bank, version: config.version, decisions };
  }

  /* What is shown */

  function reviewOf(card) {
    const own = decisionOf(card);
    if (own.retake || card.retake_due) return "retake";
    if (own.assessment === undefined && card.assessment_standing === "lapsed") return "lapsed";
    return assessmentOf(card) || "open";
  }

  function matches(card) {
    if (filters.verdict && card.verdict !== filters.verdict) return false;
    if (filters.character && card.character !== filters.character) return false;
    if (filters.scene && card.scene !== filters.scene) return false;
    if (filters.language && card.language !== filters.language) return false;
    if (filters.status && card.status !== filters.status) return false;
    if (filters.slot && card.slot_state !== filters.slot) return false;
    if (filters.review && reviewOf(card) !== filters.review) return false;
    return !filters.search || haystack(card).includes(filters.search);
  }

  function haystack(card) {
    card.haystack ??= [card.line, card.text, card.name, card.heard, ...card.faults.map((f) => f.reason)]
      .join("\n").toLocaleLowerCase();
    return card.haystack;
  }

  /* By what share of its slot a clip misses it; lines without one come last. */
  function offSlot(card) { return card.slot ? Math.abs(card.slot.difference_s) / card.slot.seconds : -1; }

  const ORDERS = {
    worst: (a, b) => a.place - b.place || a.index - b.index,
    script: (a, b) => a.index - b.index,
    longest: (a, b) => (b.sound ? b.sound.s : 0) - (a.sound ? a.sound.s : 0) || a.index - b.index,
    slot: (a, b) => offSlot(b) - offSlot(a) || a.index - b.index,
    character: (a, b) => a.name.localeCompare(b.name) || a.index - b.index,
  };

  function refresh() { shown = cards.filter(matches).sort(ORDERS[sort]); }
  function setFilter(name, value) { filters[name] = name === "search" ? value.toLocaleLowerCase() : value; }
  function setSort(value) { sort = value in ORDERS ? value : "worst"; }

  function neighbours(card, bases) {
    return bases.flatMap((base) => byBase.get(`${base}|${card.language}`) || []);
  }

  return {
    config, cards, filters, takeCard, takeCards, takePlaces, takePictures, withPicture,
    decisionOf, assessmentOf, isReviewed, decide, undo, recall, requestsOf, document: document_,
    reviewOf, refresh, setFilter, setSort, neighbours, keyOf,
    get shown() { return shown; },
    get dropped() { return dropped; },
    get nDecided() { return decided.size; },
  };
})();

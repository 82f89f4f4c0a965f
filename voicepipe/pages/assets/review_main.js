/* Filters, keys, deciding, saving; and with a server behind the page, telling it. */
"use strict";
(() => {
  const R = voicepipeReview;
  const { list, detail, sound } = R;
  const $ = (id) => document.getElementById(id);
  const REASONS_OFFERED = ["wrong word", "swallowed word", "wrong emotion", "too fast", "too slow", "noise", "wrong voice"];
  const REVIEWS = [["open", "open"], ["approved", "approved"], ["rejected", "rejected"], ["rerecord", "to record"], ["retake", "retake asked for"], ["lapsed", "lapsed"]];

  let toastTimer = 0;
  function toast(text) {
    $("toast").textContent = text;
    $("toast").classList.add("shown");
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => $("toast").classList.remove("shown"), 3500);
  }

  /* Filters */

  function fillSelect(id, pairs) {
    const select = $(id);
    select.replaceChildren(new Option("all", ""), ...pairs.map(([value, name]) => new Option(name, value)));
    select.addEventListener("change", () => {
      R.setFilter(id.replace("filter-", ""), select.value);
      list.reload(list.card);
    });
  }

  function values(name) {
    const counts = new Map();
    R.cards.forEach((card) => { if (card[name]) counts.set(card[name], (counts.get(card[name]) || 0) + 1); });
    return counts;
  }

  function fillFilters() {
    const names = new Map(R.cards.map((card) => [card.character, card.name]));
    fillSelect("filter-verdict", [...values("verdict")].map(([v, n]) => [v, `${v} (${n})`]));
    fillSelect("filter-character", [...values("character")].map(([v, n]) => [v, `${names.get(v)} (${n})`]));
    fillSelect("filter-scene", [...values("scene")].map(([v, n]) => [v, `${v} (${n})`]));
    fillSelect("filter-language", [...values("language")].map(([v, n]) => [v, `${v} (${n})`]));
    fillSelect("filter-status", [...values("status")].map(([v, n]) => [v, `${v} (${n})`]));
    fillSelect("filter-review", REVIEWS);
    const slots = [...values("slot_state")].map(([v, n]) => [v, `${v} (${n})`]);
    fillSelect("filter-slot", slots);
    document.querySelectorAll(".of-slots").forEach((one) => { one.hidden = !slots.length; });
    $("sort").addEventListener("change", () => { R.setSort($("sort").value); list.reload(list.card); });
    $("search").addEventListener("input", () => { R.setFilter("search", $("search").value); list.reload(list.card); });
    $("reset").addEventListener("click", () => {
      for (const name of Object.keys(R.filters)) {
        R.setFilter(name, "");
        $(name === "search" ? "search" : `filter-${name}`).value = "";
      }
      list.reload(list.card);
    });
  }

  function progress() {
    const heard = R.shown.filter((card) => card.sound);
    const done = heard.filter(R.isReviewed).length;
    $("bar").style.width = `${heard.length ? (100 * done) / heard.length : 0}%`;
    $("progress").setAttribute("aria-valuemax", heard.length);
    $("progress").setAttribute("aria-valuenow", done);
    $("progress-text").textContent = `${done} of ${heard.length} reviewed`;
    const n = R.nDecided;
    $("save").textContent = R.config.served ? "Written as you decide" : `Save decisions${n ? ` (${n})` : ""}`;
    $("save").disabled = R.config.served || !n;
  }

  /* Deciding */

  function ask(title, label, words, chips) {
    return new Promise((answer) => {
      const dialog = $("ask");
      $("ask-title").textContent = title;
      $("ask-label").textContent = label;
      $("ask-words").value = words;
      $("ask-chips").replaceChildren(...chips.map((chip) => {
        const one = list.element("button", "", chip);
        one.type = "button";
        one.addEventListener("click", () => { $("ask-words").value = chip; dialog.close("yes"); });
        return one;
      }));
      dialog.returnValue = "";
      dialog.onclose = () => answer(dialog.returnValue === "yes" ? $("ask-words").value.replace(/\s+/g, " ").trim() : null);
      dialog.showModal();
      $("ask-words").focus();
    });
  }

  async function decide(card, change, moves) {
    const position = list.position;
    R.decide(card, change);
    if (R.config.served) await tell(card, change);
    list.renew(card);
    progress();
    detail.show(card, true);
    if (moves && $("onward").checked && list.position === position && position + 1 < R.shown.length) list.choose(position + 1);
  }

  const ACTIONS = {
    play: (card) => sound.toggle(detail.takeNow(card), detail.takesOf(card)),
    approve: (card) => card.sound && decide(card, { assessment: "approved", reason: "" }, true),
    reject: async (card) => {
      if (!card.sound) return;
      const words = await ask("Reject", "Why, in a few words", R.decisionOf(card).reason || "", REASONS_OFFERED);
      if (words) await decide(card, { assessment: "rejected", reason: words }, true);
    },
    rerecord: (card) => decide(card, { assessment: "rerecord", reason: "" }, true),
    retake: (card) => {
      if (card.source === "recorded") { toast("It is a recording: ask for it to be recorded."); return; }
      decide(card, { retake: !R.decisionOf(card).retake }, true);
    },
    pin: (card) => card.sound && decide(card, { pin: !(R.decisionOf(card).pin ?? card.pinned) }, false),
    note: async (card) => {
      const words = await ask("Note", "For whoever works on this line", R.decisionOf(card).note ?? card.note, []);
      if (words !== null) await decide(card, { note: words }, false);
    },
    undo: async (card) => {
      const before = R.decisionOf(card);
      R.undo(card);
      if (R.config.served && before.assessment !== undefined) await tell(card, { assessment: "" });
      list.renew(card);
      progress();
      detail.show(card, true);
    },
    next: () => list.choose(list.position + 1),
    previous: () => list.choose(list.position - 1),
    compare: (card) => card.earlier.length && detail.compare(card, detail.chosenTake ? 0 : 1),
    before: (card) => playNeighbour(R.neighbours(card, card.before)),
    after: (card) => playNeighbour(R.neighbours(card, card.after)),
    search: () => $("search").focus(),
    save: () => save(),
    help: () => $("help").showModal(),
  };
  const KEYS = {
    " ": "play", j: "next", ArrowDown: "next", k: "previous", ArrowUp: "previous", a: "approve", r: "reject",
    t: "retake", x: "rerecord", p: "pin", n: "note", u: "undo", b: "compare", "[": "before", "]": "after",
    "/": "search", s: "save", "?": "help",
  };

  function playNeighbour(found) {
    const heard = found.find((card) => card.sound);
    if (heard) sound.play(heard.sound);
    else toast("No clip there.");
  }

  function act(name) {
    const card = list.card;
    if (card || ["search", "help", "save"].includes(name)) ACTIONS[name](card);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const target = event.target;
    if (target instanceof HTMLInputElement && target.type === "search") {
      if (event.key === "Escape" || event.key === "Enter") $("list").focus();
      return;
    }
    if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return;
    if (event.key === " " && target instanceof HTMLButtonElement && !target.classList.contains("play")) return;
    const action = KEYS[event.key] || KEYS[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    act(action);
  });

  /* Saving */

  function save() {
    if (R.config.served || !R.nDecided) return;
    const content = `${JSON.stringify(R.document(), null, 1)}\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
    link.download = `review-${R.config.bank}-${R.config.version || "new"}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    toast(`Saved. Take it in with: voicepipe review apply ${link.download}`);
  }

  /* A server behind the page */

  async function call(name, body) {
    const answer = await fetch(`api/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Voicepipe-Review": "1" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error((await answer.text()).slice(0, 300) || `status ${answer.status}`);
    return answer.json();
  }

  async function tell(card, change) {
    const decision = { ...change, sound: card.sound ? card.sound.sha : "" };
    try {
      const answer = await call("decide", { decisions: R.requestsOf(card, decision) });
      answer.refused.forEach((one) => toast(`Refused: ${one.line}: ${one.reason}`));
      if (answer.held) toast("Written as soon as the take that is being made is done.");
      takeNews(answer);
    } catch (error) {
      R.undo(card);
      toast(`Not written: ${error.message}`);
    }
  }

  function takeNews(news) {
    if (news.places) R.takePlaces(news.places);
    for (const fresh of news.cards || []) {
      const card = R.takeCard(fresh);
      R.undo(card);
      list.renew(card);
      if (card === list.card) detail.show(card, false);
    }
    progress();
  }

  async function watch() {
    let seen = 0;
    for (;;) {
      try {
        const news = await call("news", { seen });
        seen = news.seen;
        takeNews(news);
        (news.said || []).forEach(toast);
      } catch (error) {
        toast(`The server does not answer: ${error.message}`);
        await new Promise((go) => setTimeout(go, 5000));
      }
    }
  }

  /* Beginning */

  detail.act = act;
  sound.onChange = () => detail.tick();
  sound.onFault = (error) => toast(`It cannot be played: ${error.message}`);
  list.onChoose = (card, moved) => {
    detail.show(card, false);
    if (!moved) progress();
    if (moved && $("autoplay").checked && card && card.sound) sound.play(card.sound, detail.takesOf(card));
    else sound.stop();
  };
  $("save").addEventListener("click", save);
  $("help-button").addEventListener("click", () => act("help"));
  window.addEventListener("resize", () => { if (list.card) detail.show(list.card, true); });
  R.recall();
  fillFilters();
  list.reload(null);
  $("list").focus();
  if (R.dropped) toast(`${R.dropped} earlier decisions are about sounds that are gone: decide anew`);
  if (R.config.served) watch();
})();

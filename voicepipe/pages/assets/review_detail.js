/* All about the chosen line. Texts of scripts are only ever text here, never markup. */
"use strict";
voicepipeReview.detail = (() => {
  const R = voicepipeReview;
  const { element, tag } = R.list;
  const box = document.getElementById("detail");
  const REASONS = {
    silent: "silent", clipped: "clipped", clicks: "clicks", offset: "DC offset", gap: "gap inside",
    cut_off: "cut off at the end", start_buzz: "buzz at the start", too_short: "too short",
    too_long: "too long", off_slot: "misses its slot", too_quiet: "too quiet", too_loud: "too loud", noise: "noise", hum: "hum",
    missing_words: "words are missing", added_words: "words were added",
    repeated_words: "words are repeated", wrong_words: "other words",
    reference_leak: "the reference clip's words", wrong_language: "another language",
    unlike_voice: "unlike the voice", other_voice: "somebody else's voice", unnatural: "unnatural",
  };
  let parts = {};
  let chosenTake = 0;
  let act = () => {};

  function takesOf(card) { return card.sound ? [card.sound, ...card.earlier] : []; }
  function takeNow(card) { return takesOf(card)[chosenTake] || null; }

  /* Marks words of a text: pieces of it, each plain or marked. Places count characters, not units
     of UTF-16; where both ends are the same something was added, which is shown there. */
  function marked(text, marks) {
    const characters = [...text];
    const part = (from, to) => characters.slice(from, to).join("");
    const pieces = [];
    let done = 0;
    const ordered = [...marks].sort((a, b) => a.from - b.from || a.to - b.to);
    for (const { from, to, kind, title, added } of ordered) {
      const isInside = from < done || to > characters.length || (from === to && !added);
      if (isInside) continue;
      const mark = element(from === to ? "ins" : "mark", kind, from === to ? added : part(from, to));
      mark.title = title;
      pieces.push(document.createTextNode(part(done, from)), mark);
      done = to;
    }
    pieces.push(document.createTextNode(part(done, characters.length)));
    return pieces;
  }

  /* What is to be marked in the line's own text, or in what was heard: faults before the rest. */
  function marks(card, places) {
    const found = [];
    const recognised = [...card.heard];
    [[card.faults, ""], [card.noticed, "slight "]].forEach(([faults, weight]) => faults.forEach((fault) => {
      fault[places].forEach(([from, to], at) => {
        const words = recognised.slice(...(fault.heard_places[at] || [0, 0])).join("");
        const said = words ? `: heard “${words}”` : "";
        found.push({
          from, to, kind: `${weight}${fault.reason}`, added: words,
          title: `${REASONS[fault.reason] || fault.reason}${said}`,
        });
      });
    }));
    return found;
  }

  function whoLine(card) {
    const line = element("div", "who-line");
    const name = element("span", "name", card.name);
    name.dir = "auto";
    line.append(name, element("span", "mono faint", card.line), tag("", card.language), R.list.verdictTag(card));
    const review = R.list.reviewTag(card);
    if (card.status !== review?.textContent) line.append(tag(card.status === "final" ? "good" : "", card.status));
    if (review) line.append(review);
    if (R.decisionOf(card).pin ?? card.pinned) line.append(tag("info", "pinned"));
    if (card.outdated) line.append(tag("doubt", "clip of an earlier script"));
    if (card.stale) line.append(tag("doubt", "stale translation"));
    return line;
  }

  function said(card) {
    const texts = [];
    const tells = card.reason || card.assessment_standing !== "holds";
    if (card.assessment && tells && R.decisionOf(card).assessment === undefined) {
      const standing = card.assessment_standing === "holds" ? "" : ` (${card.assessment_standing})`;
      texts.push(`${card.assessment}${standing}${card.reason ? `: ${card.reason}` : ""}`);
    }
    const own = R.decisionOf(card);
    if (own.reason) texts.push(`${own.assessment}: ${own.reason}`);
    const note = own.note ?? card.note;
    if (note) texts.push(`Note: ${note}`);
    if (!texts.length) return null;
    const made = element("div", "said");
    texts.forEach((text) => {
      const row = element("p", "", text);
      row.dir = "auto";
      made.append(row);
    });
    return made;
  }

  function textOf(card) {
    const text = element("p", "say");
    text.dir = "auto";
    text.lang = card.language;
    text.append(...marked(card.text || "not translated yet", marks(card, "places")));
    return text;
  }

  /* A fault of the whole clip is not marked in it. */
  function hasPlace(fault, card) {
    const length = fault.end_s - fault.start_s;
    return length > 0 && length < 0.9 * card.sound.s;
  }

  function sounding(card) {
    const made = element("div", "sound");
    const play = element("button", "play primary", "▶");
    play.setAttribute("aria-label", "Play");
    play.addEventListener("click", () => act("play"));
    const pictures = element("div", "pictures");
    const wave = element("canvas", "wave");
    const spectrogram = element("canvas", "spectrogram");
    wave.setAttribute("aria-hidden", "true");
    spectrogram.setAttribute("aria-hidden", "true");
    const cursor = element("div", "cursor");
    pictures.append(wave, spectrogram, cursor);
    if (chosenTake === 0) card.faults.filter((fault) => hasPlace(fault, card)).forEach((fault) => {
      const span = element("div", "fault-span");
      span.title = REASONS[fault.reason] || fault.reason;
      span.style.left = `${(100 * fault.start_s) / card.sound.s}%`;
      span.style.width = `${(100 * (fault.end_s - fault.start_s)) / card.sound.s}%`;
      pictures.append(span);
    });
    pictures.addEventListener("click", (event) => {
      const area = pictures.getBoundingClientRect();
      R.sound.load(takeNow(card), takesOf(card));
      R.sound.seek((event.clientX - area.left) / area.width);
      if (!R.sound.playing) act("play");
    });
    made.append(play, pictures);
    parts = { play, cursor, wave, spectrogram };
    return made;
  }

  function button(label, key, action, pressed, className) {
    const made = element("button", className, `${label} `);
    made.append(element("kbd", "", key));
    if (pressed !== null) made.setAttribute("aria-pressed", Boolean(pressed));
    made.addEventListener("click", () => act(action));
    return made;
  }

  function deciding(card) {
    const made = element("div", "decide");
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", "Decide");
    const own = R.decisionOf(card);
    const now = R.assessmentOf(card);
    const hears = Boolean(card.sound);
    const buttons = [
      button("Approve", "a", "approve", now === "approved", "approve"),
      button("Reject", "r", "reject", now === "rejected", "reject"),
      button("Retake", "t", "retake", own.retake || card.retake_due, "other"),
      button("To record", "x", "rerecord", now === "rerecord", "other"),
      button("Pin", "p", "pin", own.pin ?? card.pinned, "other"),
      button("Note", "n", "note", null, ""),
      button("Undo", "u", "undo", null, "quiet"),
    ];
    [0, 1, 4].forEach((at) => { buttons[at].disabled = !hears; });
    buttons[2].disabled = card.source === "recorded";
    made.append(...buttons);
    return made;
  }

  function faults(card) {
    if (!card.faults.length && !card.why.length && !card.heard) return null;
    const made = element("section", "");
    made.append(element("h3", "", "What was found"));
    const list = element("ul", "faults");
    for (const fault of card.faults) {
      const row = element("li", "");
      row.append(tag("bad", REASONS[fault.reason] || fault.reason));
      const words = [];
      if (fault.expected) words.push(`should be “${fault.expected}”`);
      if (fault.heard) words.push(`heard “${fault.heard}”`);
      if (hasPlace(fault, card)) words.push(`${fault.start_s.toFixed(2)}–${fault.end_s.toFixed(2)} s`);
      row.append(element("span", "", words.join(", ")), element("span", "mono faint", String(fault.value)));
      list.append(row);
    }
    made.append(list);
    if (card.heard) {
      const heard = element("p", "heard");
      heard.dir = "auto";
      heard.append(element("span", "faint", "heard: "), ...marked(card.heard, marks(card, "heard_places")));
      made.append(heard);
    }
    card.why.forEach((why) => made.append(element("p", "faint", why)));
    return made;
  }

  function comparing(card) {
    if (!card.earlier.length) return null;
    const made = element("section", "");
    made.append(element("h3", "", "Takes, at equal loudness"));
    const list = element("div", "takes");
    takesOf(card).forEach((take, at) => {
      const name = at === 0 ? `now: take ${take.take}` : `${take.version}: take ${take.take}`;
      const one = element("button", "", `${String.fromCharCode(65 + at)} · ${name} · ${take.s.toFixed(1)} s`);
      one.setAttribute("aria-pressed", at === chosenTake);
      one.addEventListener("click", () => { compare(card, at); });
      list.append(one);
    });
    made.append(list);
    return made;
  }

  function compare(card, at) {
    chosenTake = at % takesOf(card).length;
    show(card, true);
    R.sound.play(takeNow(card), takesOf(card));
  }

  function around(card) {
    const made = element("section", "");
    made.append(element("h3", "", "In the branch"));
    const list = element("div", "neighbours");
    const rows = [
      ...R.neighbours(card, card.before).map((one) => ["↑", one]),
      ["●", card],
      ...R.neighbours(card, card.after).map((one) => ["↓", one]),
    ];
    for (const [mark, one] of rows) {
      const row = element("button", one === card ? "neighbour self" : "neighbour");
      const who = element("span", "faint", one.name);
      const text = element("span", "text", one.text);
      who.dir = "auto";
      text.dir = "auto";
      row.append(element("span", "faint", mark), who, text);
      row.title = one.sound ? "Play it" : "It has no clip";
      row.disabled = !one.sound;
      row.addEventListener("click", () => R.sound.play(one.sound));
      row.addEventListener("dblclick", () => R.list.chooseCard(one));
      list.append(row);
    }
    made.append(list);
    return made;
  }

  function facts(card) {
    const made = element("div", "facts");
    const take = takeNow(card);
    const pairs = [["voice", card.voice], ["emotion", card.emotion], ["scene", card.scene], ["node", card.node]];
    if (take) {
      pairs.push(["length", `${take.s.toFixed(2)} s`], ["loudness", take.lufs === null ? "" : `${take.lufs.toFixed(1)} LUFS`]);
      pairs.push(["take", String(take.take)], ["made by", card.source]);
    }
    if (card.slot) {
      const { seconds, difference_s: off, state, pace } = card.slot;
      const by = state === "fits" ? "" : ` by ${Math.abs(off).toFixed(2)} s`;
      pairs.push(["slot", `${seconds.toFixed(2)} s: ${state}${by}`], ["pace", pace.toFixed(2)]);
    }
    pairs.push(...Object.entries(card.scores).map(([name, value]) => [name.replaceAll("_", " "), String(value)]));
    pairs.push(["script", card.script]);
    for (const [name, value] of pairs) {
      if (!value) continue;
      const one = element("span", "", `${name} `);
      one.append(element("b", "", value));
      made.append(one);
    }
    return made;
  }

  function show(card, keepsTake) {
    if (!keepsTake) chosenTake = 0;
    parts = {};
    if (!card) { box.replaceChildren(); return; }
    const pieces = [whoLine(card), textOf(card)];
    if (card.direction) pieces.push(element("p", "direction", card.direction));
    if (card.sound) pieces.push(sounding(card));
    else pieces.push(element("p", "faint", "It has no clip yet: render it to hear it."));
    pieces.push(deciding(card), said(card), comparing(card), faults(card), around(card), facts(card));
    box.replaceChildren(...pieces.filter(Boolean));
    if (!keepsTake) box.scrollTop = 0;
    if (card.sound) {
      R.sound.load(takeNow(card), takesOf(card));
      R.sound.draw(parts.wave, parts.spectrogram, takeNow(card));
    }
    tick();
  }

  function tick() {
    const card = R.list.card;
    if (!card || !parts.play) return;
    const mine = takeNow(card) && R.sound.current && R.sound.current.sha === takeNow(card).sha;
    const playing = Boolean(mine && R.sound.playing);
    parts.play.textContent = playing ? "❚❚" : "▶";
    parts.play.setAttribute("aria-label", playing ? "Stop" : "Play");
    parts.cursor.style.left = `${100 * Math.min(1, mine ? R.sound.fraction : 0)}%`;
    if (playing) requestAnimationFrame(tick);
  }

  return {
    show, tick, compare, takesOf, takeNow,
    get chosenTake() { return chosenTake; },
    set act(then) { act = then; },
  };
})();

/* The page that plays a story: sounds, subtitles, choices. Texts are only ever text here. */
"use strict";
(() => {
  const P = voicepipePlay;
  const $ = (id) => document.getElementById(id);
  const BETWEEN_MS = 350;
  let walk = null;
  let picks = [];
  let values = {};
  let current = null; /* what is being said: { clips, isChoice } */
  let waiting = null; /* the open options */
  let timer = 0;
  let sounds = [];
  let mouths = []; /* a drawing a clip of what is said; null: none */
  let paused = false;
  let run = 0; /* which play-through; what an earlier one left under way is not listened to */

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    made.dir = "auto";
    return made;
  }

  const voices = () => $("voices").value;
  const subtitles = () => $("subtitles").value || voices();

  /* Beginning, and going back: the same picks are made again without a sound. */

  function begin(kept, untilMenu) {
    stopSounds();
    run += 1;
    picks = [];
    current = waiting = null;
    showPaused(false);
    $("log").replaceChildren();
    $("choices").replaceChildren();
    walk = voicepipeStory.walk(P.story, $("from").value);
    for (const id of ["pause", "skip"]) $(id).disabled = false;
    let answer;
    const replay = [...kept];
    showVariables(null);
    for (;;) {
      const event = step(answer);
      answer = undefined;
      if (!event) return;
      if (event.event === "menu") {
        if (!replay.length) { ask(event.options); return; }
        answer = replay.shift();
        picks.push(answer);
        log(event.options[answer], "choice");
      } else if (event.event === "say") {
        if (replay.length || untilMenu) { said(event); continue; }
        speak(event);
        return;
      }
    }
  }

  function step(answer) {
    const found = walk.next(answer);
    const event = found.value;
    if (found.done || !event) return null;
    if (event.event === "enter") enter(event.node);
    if (event.event === "change") showVariables(event.values);
    if (event.event === "end") finish(event);
    return event.event === "end" ? null : event;
  }

  function goOn(answer) {
    for (;;) {
      const event = step(answer);
      answer = undefined;
      if (!event) return;
      if (event.event === "menu") { ask(event.options); return; }
      if (event.event === "say") { speak(event); return; }
    }
  }

  function enter(node) {
    const scene = node.split(".")[0];
    if ($("where").dataset.scene !== scene || !$("log").childElementCount) {
      $("log").append(element("li", "scene", scene));
    }
    $("where").dataset.scene = scene;
    $("where").textContent = node;
  }

  /* Speaking */

  function speak(event) {
    const clips = voicepipeStory.clipsOf(P.story, event.line, { ...values, ...event.values });
    current = { ...event, clips };
    waiting = null;
    $("choices").replaceChildren();
    const language = voices();
    show();
    stopSounds();
    if (!clips.length) { later(600); return; }
    const mine = run;
    let left = clips.length;
    const ended = () => { left -= 1; if (!left && mine === run && current && current.line === event.line) later(BETWEEN_MS); };
    for (const clip of clips) {
      const file = P.soundOf(clip, language);
      if (!file) { sounds.push({ wait: P.secondsOf(clip, language) * 1000, ended }); continue; }
      const sound = new Audio(file);
      sound.addEventListener("ended", () => { P.hear(clip, language); ended(); }, { once: true });
      sound.addEventListener("error", () => { $("now").append(element("p", "none tag bad", "its file cannot be played")); ended(); }, { once: true });
      sounds.push(sound);
    }
    if (!paused) startSounds();
  }

  function startSounds() {
    for (const sound of sounds) {
      if (sound instanceof Audio) sound.play().catch((error) => { if (error.name === "NotAllowedError") pause(true); });
      else if (!sound.timer) sound.timer = setTimeout(sound.ended, sound.wait);
    }
  }

  function stopSounds() {
    clearTimeout(timer);
    timer = 0;
    for (const sound of sounds) {
      if (sound instanceof Audio) { sound.pause(); sound.removeAttribute("src"); }
      else clearTimeout(sound.timer);
    }
    sounds = [];
  }

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(() => { timer = 0; if (paused) return; next(); }, ms);
  }

  function next() {
    if (!current) return;
    const ending = current;
    current = null;
    stopSounds();
    said(ending);
    cover();
    goOn();
  }

  function said(event) {
    for (const clip of event.clips || voicepipeStory.clipsOf(P.story, event.line, { ...values, ...event.values })) {
      const row = element("li", "");
      row.append(element("span", "who", P.nameOf(clip, subtitles())), element("span", "", P.textOf(clip, subtitles())));
      $("log").append(row);
    }
    $("log").scrollTop = $("log").scrollHeight;
  }

  function log(option, kind) {
    $("log").append(element("li", kind, `› ${optionText(option)}`));
  }

  function show() {
    if (!current) return;
    const language = voices();
    const pieces = [];
    mouths = current.clips.map((clip) => voicepipeMouths.make(P.mouthOf(clip, language)));
    for (const [number, clip] of current.clips.entries()) {
      if (mouths[number]) pieces.push(mouths[number]);
      pieces.push(element("span", "who", P.nameOf(clip, subtitles())));
      const text = element("p", "say", P.textOf(clip, subtitles()));
      text.lang = subtitles();
      pieces.push(text);
      if (!P.soundOf(clip, language)) pieces.push(element("p", "none tag doubt", `no clip: ${clip} (${language})`));
    }
    if (!pieces.length) pieces.push(element("p", "none tag doubt", `no clip: ${current.line}`));
    $("now").replaceChildren(...pieces);
  }

  function moveMouths() {
    mouths.forEach((made, number) => { if (made) voicepipeMouths.move(made, sounds[number]); });
    requestAnimationFrame(moveMouths);
  }

  /* Choosing */

  function optionText(option) {
    return option.texts[subtitles()] || option.texts[P.config.source] || "…";
  }

  function ask(options) {
    waiting = options;
    $("choices").replaceChildren(...options.map((option, number) => {
      const made = element("button", "");
      made.append(element("kbd", "", String(number + 1)), element("span", "", optionText(option)));
      if (P.wasChosen(option.id)) made.append(element("span", "taken", "taken before"));
      made.addEventListener("click", () => pick(number));
      return made;
    }));
    $("choices").firstElementChild.focus({ preventScroll: true });
    $("log").scrollTop = $("log").scrollHeight;
  }

  function pick(number) {
    if (!waiting || !waiting[number]) return;
    const option = waiting[number];
    waiting = null;
    picks.push(number);
    P.choose(option.id);
    $("choices").replaceChildren();
    $("back").disabled = false;
    log(option, "choice");
    cover();
    goOn(number);
  }

  function back() {
    if (picks.length) begin(picks.slice(0, -1), true);
    $("back").disabled = !picks.length;
  }

  function finish(event) {
    current = null;
    const made = element("div", "opening");
    const again = element("button", "primary large", "Play again");
    again.addEventListener("click", () => begin([]));
    made.append(element("p", "lead", event.isEnd ? "The end" : event.why), again);
    $("now").replaceChildren(made);
    for (const id of ["pause", "skip"]) $(id).disabled = true;
    cover();
  }

  function pause(to) {
    showPaused(to === undefined ? !paused : to);
    for (const sound of sounds) {
      if (!(sound instanceof Audio)) { clearTimeout(sound.timer); sound.timer = 0; }
      else if (paused) sound.pause();
    }
    if (!paused && current && !sounds.length) next();
    else if (!paused && sounds.every((sound) => sound instanceof Audio && sound.ended) && current) next();
    else if (!paused) startSounds();
  }

  function showPaused(to) {
    paused = to;
    $("pause").firstChild.textContent = paused ? "Go on " : "Pause ";
  }

  function skip() {
    showPaused(false);
    next();
  }

  /* Beside the story */

  let known = {};
  function showVariables(state) {
    const shown = state || Object.fromEntries(P.story.variables.map((one) => [one.name, one.start]));
    $("variables").replaceChildren(...Object.entries(shown).flatMap(([name, value]) => {
      const dd = element("dd", state && known[name] !== value ? "fresh" : "", String(value));
      return [element("dt", "", name), dd];
    }));
    known = shown;
  }

  function cover() {
    const found = P.coverage(voices());
    const n = found.lines.length;
    const heard = n - found.unheard.length;
    $("cover-lines").textContent = `${heard} of ${n} lines heard (${voices()})`;
    $("cover-bar").style.width = `${n ? (100 * heard) / n : 0}%`;
    $("cover-choices").textContent = `${found.options.length - found.untaken.length} of ${found.options.length} options taken`;
    $("cover-missing").textContent = found.missing.length ? `${found.missing.length} lines have no clip in ${voices()}` : "";
  }

  function listUnheard() {
    const found = P.coverage(voices());
    const rows = found.unheard.map((clip) => {
      const row = element("p", "");
      row.append(element("span", "mono faint", `${clip} `), element("span", "", `${P.nameOf(clip, subtitles())}: ${P.textOf(clip, subtitles())}`));
      if (!P.soundOf(clip, voices())) row.append(element("span", "tag doubt", "no clip"));
      return row;
    });
    $("unheard-list").replaceChildren(...(rows.length ? rows : [element("p", "", "Everything was heard.")]));
    $("unheard").showModal();
  }

  function save() {
    const content = `${JSON.stringify(P.document(voices()), null, 1)}\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
    link.download = `coverage-${P.config.bank}-${voices()}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function setUp() {
    const { languages, source } = P.config;
    $("voices").replaceChildren(...languages.map((tag) => new Option(tag, tag)));
    $("voices").value = languages.includes(source) ? source : languages[0];
    $("subtitles").replaceChildren(new Option("as the voices", ""), ...languages.map((tag) => new Option(tag, tag)));
    $("from").replaceChildren(new Option("the beginning", ""), ...Object.entries(P.story.scenes).map(([scene, node]) => new Option(scene, node)));
    for (const one of P.story.texts) {
      values[one.name] = one.start;
      const label = element("label", "", `${one.name} `);
      const select = document.createElement("select");
      select.replaceChildren(...one.values.map((value) => new Option(one.names[value][source] || value, value)));
      select.value = one.start;
      select.addEventListener("change", () => { values[one.name] = select.value; });
      label.append(select);
      $("values").append(label);
    }
    $("voices").addEventListener("change", () => { cover(); if (current) speak(current); else if (waiting) ask(waiting); });
    $("subtitles").addEventListener("change", () => { show(); if (waiting) ask(waiting); });
    $("from").addEventListener("change", () => begin([]));
    $("begin").addEventListener("click", () => begin([]));
    $("again").addEventListener("click", () => begin([]));
    $("pause").addEventListener("click", () => pause());
    $("skip").addEventListener("click", skip);
    $("back").addEventListener("click", back);
    $("cover-list").addEventListener("click", listUnheard);
    $("cover-save").addEventListener("click", save);
    $("cover-forget").addEventListener("click", () => { P.forget(); cover(); });
    $("help-button").addEventListener("click", () => $("help").showModal());
    document.addEventListener("keydown", key);
    showVariables(null);
    cover();
    if (voicepipeMouths.isShown) moveMouths();
    $("begin").focus();
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target instanceof HTMLSelectElement) return;
    if (/^[1-9]$/.test(event.key)) pick(Number(event.key) - 1);
    else if (event.key === "ArrowRight") skip();
    else if (event.key === "ArrowLeft") back();
    else if (event.key === "?") $("help").showModal();
    else if (event.key === " " && !(event.target instanceof HTMLButtonElement)) pause();
    else return;
    event.preventDefault();
  }

  setUp();
})();

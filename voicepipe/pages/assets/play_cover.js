/* What there is to play, and what was heard of it: kept by the browser, to be saved as a file. */
"use strict";
const voicepipePlay = (() => {
  const config = JSON.parse(document.getElementById("config").textContent);
  const storeName = `voicepipe-play:${config.bank}`;
  const given = { story: null, speakers: {}, clips: {} };
  let heard = new Set();
  let chosen = new Set();

  function take(whole) {
    Object.assign(given, whole);
    try {
      const kept = JSON.parse(localStorage.getItem(storeName) || "{}");
      heard = new Set(Array.isArray(kept.heard) ? kept.heard.map(String) : []);
      chosen = new Set(Array.isArray(kept.chosen) ? kept.chosen.map(String) : []);
    } catch { /* nothing was kept, or nothing that can be read: begin with nothing heard */ }
  }

  function remember() {
    try {
      localStorage.setItem(storeName, JSON.stringify({ heard: [...heard], chosen: [...chosen] }));
    } catch { /* a browser that keeps nothing */ }
  }

  function hear(clip, language) { heard.add(`${clip}|${language}`); remember(); }
  function choose(option) { chosen.add(option); remember(); }
  function forget() { heard.clear(); chosen.clear(); remember(); }
  function wasHeard(clip, language) { return heard.has(`${clip}|${language}`); }
  function wasChosen(option) { return chosen.has(option); }

  function playable() {
    const found = [];
    for (const cases of Object.values(given.story.lines)) {
      for (const one of cases) found.push(...one.clips);
    }
    return [...new Set(found)];
  }

  function options() {
    return Object.entries(given.story.nodes).flatMap(([node, steps]) =>
      steps.flatMap((step, at) => (step.menu || []).map((_, number) => `${node}#${at}#${number}`)));
  }

  function coverage(language) {
    const lines = playable();
    const unheard = lines.filter((clip) => !wasHeard(clip, language));
    const missing = lines.filter((clip) => !soundOf(clip, language));
    const every = options();
    return { lines, unheard, missing, options: every, untaken: every.filter((one) => !chosen.has(one)) };
  }

  function entryOf(clip, language) {
    const one = given.clips[clip];
    return one && one.in[language] ? one.in[language] : null;
  }
  function soundOf(clip, language) { return entryOf(clip, language)?.[1] || ""; }
  function secondsOf(clip, language) { return entryOf(clip, language)?.[2] || 1.5; }
  function mouthOf(clip, language) { return entryOf(clip, language)?.[3] || ""; }
  function textOf(clip, language) {
    return entryOf(clip, language)?.[0] || entryOf(clip, config.source)?.[0] || "…";
  }
  function nameOf(clip, language) {
    const who = given.clips[clip]?.who || "";
    const names = Object.hasOwn(given.speakers, who) ? given.speakers[who] : {};
    return names[language] || names[config.source] || who;
  }

  function document_(language) {
    const found = coverage(language);
    return {
      schema: 1, what: "voicepipe coverage", bank: config.bank, version: config.version, language,
      lines: found.lines.length, heard: found.lines.length - found.unheard.length,
      never_heard: found.unheard, without_clip: found.missing,
      options: found.options.length, never_chosen: found.untaken,
    };
  }

  return {
    config, take, hear, choose, forget, wasHeard, wasChosen, coverage, textOf, nameOf, soundOf,
    secondsOf, mouthOf, document: document_,
    get story() { return given.story; },
  };
})();

/* Mouths that move as clips sound: one drawing a clip, of which one shape is seen. */
"use strict";
const voicepipeMouths = (() => {
  const drawn = document.getElementById("mouth");

  /* Moments in seconds and shapes, of "X0B12C25". */
  function cuesOf(text) {
    return (text.match(/[A-HX]\d+/g) || []).map((one) => [Number(one.slice(1)) / 100, one[0]]);
  }

  function shapeAt(cues, seconds) {
    let found = "X";
    for (const [start, shape] of cues) {
      if (start > seconds) break;
      found = shape;
    }
    return found;
  }

  /* A drawing for a clip; null where mouths are not shown, or nothing is known of this one. */
  function make(text) {
    if (!drawn || !text) return null;
    const made = drawn.content.firstElementChild.cloneNode(true);
    made.cues = cuesOf(text);
    return made;
  }

  function move(made, sound) {
    const isHeard = sound instanceof Audio && !sound.ended;
    made.dataset.shape = isHeard ? shapeAt(made.cues, sound.currentTime) : "X";
  }

  return { cuesOf, shapeAt, make, move, isShown: Boolean(drawn) };
})();

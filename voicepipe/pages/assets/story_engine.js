/* Plays a story: conditions, changes, jumps and choices, as the checker understands them. Shows
   nothing; the page asks for the next event, and answers when there is a choice. */
"use strict";
const voicepipeStory = (() => {
  const MOST_STEPS = 100000; /* nodes entered without a choice: a story that goes round for ever */

  const COMPARE = {
    "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
    "==": (a, b) => a === b, "!=": (a, b) => a !== b,
  };

  function valueOf(operand, state) {
    if (operand[0] === "value") return operand[1];
    if (!Object.hasOwn(state, operand[1])) throw new Error(`variable "${operand[1]}" steers nothing`);
    return state[operand[1]];
  }

  function holds(condition, state) {
    switch (condition[0]) {
      case "name": case "value": return Boolean(valueOf(condition, state));
      case "compare": return COMPARE[condition[1]](Number(valueOf(condition[2], state)), Number(valueOf(condition[3], state)));
      case "not": return !holds(condition[1], state);
      case "and": return condition.slice(1).every((part) => holds(part, state));
      default: return condition.slice(1).some((part) => holds(part, state));
    }
  }

  function changed([name, kind, operand, when], state, bounds) {
    if (when !== undefined && !holds(when, state)) return state;
    const before = valueOf(["name", name], state);
    let value = valueOf(operand, state);
    if (kind === "+=") value = Number(before) + Number(value);
    if (kind === "-=") value = Number(before) - Number(value);
    if (typeof value !== "boolean") {
      const [low, high] = bounds[name] || [null, null];
      if (low !== null) value = Math.max(low, value);
      if (high !== null) value = Math.min(high, value);
    }
    return { ...state, [name]: value };
  }

  /* Events: enter, say, menu (answered by the number of an open option), change, end. */
  function* walk(story, begin) {
    let state = Object.create(null);
    const bounds = Object.create(null);
    for (const one of story.variables) {
      state[one.name] = one.start;
      if (typeof one.start !== "boolean") bounds[one.name] = [one.min, one.max];
    }
    const open = (step) => step.when === undefined || holds(step.when, state);

    function* change(assignments) {
      const before = JSON.stringify(Object.entries(state));
      for (const one of assignments) state = changed(one, state, bounds);
      if (JSON.stringify(Object.entries(state)) !== before) yield { event: "change", values: { ...state } };
    }

    let node = begin || story.start;
    let from = 0;
    const detours = []; /* where to go on: node and step */
    for (let entered = 0; entered < MOST_STEPS; entered += 1) {
      if (node === "RETURN") {
        if (!detours.length) { yield { event: "end", why: "there is nowhere to return", isEnd: false }; return; }
        [node, from] = detours.pop();
      }
      if (node === "END") { yield { event: "end", why: "the end", isEnd: true }; return; }
      yield { event: "enter", node };
      let next = null;
      let stopped = "the node just stops";
      const steps = story.nodes[node];
      for (let at = from; at < steps.length && next === null; at += 1) {
        const step = steps[at];
        if (step.say !== undefined) {
          if (open(step)) yield { event: "say", line: step.say, isChoice: false, values: { ...state } };
        } else if (step.set !== undefined) {
          yield* change(step.set);
        } else if (step.goto !== undefined) {
          if (open(step)) next = step.goto;
        } else if (step.visit !== undefined) {
          if (open(step)) { detours.push([node, at + 1]); next = step.visit; }
        } else {
          const options = step.menu.map((option, number) => ({ ...option, id: `${node}#${at}#${number}` })).filter(open);
          if (!options.length) { stopped = "no option is left"; break; }
          const picked = yield { event: "menu", options };
          if (picked === null || picked === undefined) { stopped = "left by the player"; break; }
          const option = options[picked];
          if (option.say) yield { event: "say", line: option.say, isChoice: true, values: { ...state } };
          yield* change(option.set);
          next = option.goto;
        }
      }
      if (next === null) { yield { event: "end", why: stopped, isEnd: false }; return; }
      node = next;
      from = 0;
    }
    yield { event: "end", why: `${MOST_STEPS} nodes were entered`, isEnd: false };
  }

  /* The clips of a line while text variables have these values. */
  function clipsOf(story, line, values) {
    const cases = Object.hasOwn(story.lines, line) ? story.lines[line] : [];
    const found = cases.find((one) => Object.entries(one.values).every(([name, value]) => values[name] === value));
    return found ? found.clips : [];
  }

  return { holds, changed, walk, clipsOf };
})();
if (typeof module !== "undefined") module.exports = voicepipeStory;

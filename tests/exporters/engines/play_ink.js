// Compiles an Ink script with inkjs and plays it: node play_ink.js MODULES STORY.ink WALKS
// Prints JSON: one list a walk, of the ids that were said. Answers are drawn from a fixed series.
const fs = require("fs");
const { Compiler } = require(process.argv[2] + "/inkjs/dist/ink-full.js");

const source = fs.readFileSync(process.argv[3], "utf-8");
const compiled = new Compiler(source).Compile().ToJson();
const { Story } = require(process.argv[2] + "/inkjs/dist/ink.js");
let seed = 7;
const walks = [];
for (let walk = 0; walk < Number(process.argv[4]); walk++) {
  const story = new Story(compiled);
  const said = [];
  for (let steps = 0; steps < 1000; steps++) {
    while (story.canContinue) {
      const text = story.Continue().trim();
      const tags = (story.currentTags || []).filter((tag) => tag.startsWith("id:"));
      if (text) said.push({ text, ids: tags.map((tag) => tag.slice(3)) });
    }
    if (!story.currentChoices.length) break;
    seed = (seed * 1103515245 + 12345) % 2147483648;
    story.ChooseChoiceIndex(Math.floor(seed / 65536) % story.currentChoices.length);
  }
  walks.push(said);
}
console.log(JSON.stringify(walks));

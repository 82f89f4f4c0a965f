// Plays Yarn scripts with yarn-bound: node play_yarn.js MODULES WALKS STORY.yarn …
// Prints JSON: one list a walk, of the lines that were said, with their hashtags.
const fs = require("fs");
const YarnBound = require(process.argv[2] + "/yarn-bound").default || require(process.argv[2] + "/yarn-bound");

const dialogue = process.argv.slice(4).map((path) => fs.readFileSync(path, "utf-8")).join("\n");
let seed = 7;
const walks = [];
for (let walk = 0; walk < Number(process.argv[3]); walk++) {
  const runner = new YarnBound({ dialogue, startAt: "Start", combineTextAndOptionsResults: false });
  const said = [];
  for (let steps = 0; steps < 1000; steps++) {
    const now = runner.currentResult;
    if (!now) break;
    if (now.options) {
      const open = now.options.map((one, at) => (one.isAvailable ? at : -1)).filter((at) => at >= 0);
      seed = (seed * 1103515245 + 12345) % 2147483648;
      runner.advance(open[Math.floor(seed / 65536) % open.length]);
      continue;
    }
    if (now.text !== undefined && now.text !== "") said.push({ text: now.text, tags: now.hashtags });
    if (now.isDialogueEnd) break;
    runner.advance();
  }
  walks.push(said);
}
console.log(JSON.stringify(walks));

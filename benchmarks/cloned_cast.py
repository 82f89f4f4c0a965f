"""A large screenplay for cloned voices: every line different, with numbers and names in it.

The weights are pinned and not there, which is all that checking and planning need.
"""

from __future__ import annotations

import hashlib
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from voicepipe.model.config import Family
from voicepipe.model_store.lock import (
    LOCK_NAME,
    LockedFile,
    LockedModel,
    Source,
    Trust,
    write_lock,
)

if TYPE_CHECKING:
    from pathlib import Path

LINES_A_NODE = 20
NODES_A_SCENE = 10
LINES_A_SCENE = LINES_A_NODE * NODES_A_SCENE
VOICES = ("noah", "mara", "wei", "okafor", "narrator")
EMOTIONS = ("", "", "sad", "calm", "angry")

SETTINGS = "bank: large\nsource_language: {language}\nlanguages: [{language}]\n"
STORY = """\
start: s00000
speakers:
{speakers}variables:
  trust: {{type: int, min: 0, max: 5, start: 2}}
"""
VOICE = """\
engine: gpt-sovits
model: {{gpt: bench-gpt, sovits: bench-sovits}}
clips:
  - {{path: voices/{name}.wav, transcript: {transcript}, language: {language}}}
fallback: {{sad: neutral, calm: neutral, angry: neutral}}
consent:
  id: bench-{name}
  kind: synthetic
  who: A formula
  scope: ["*"]
  languages: ["*"]
  from: 2026-01-01
"""
MODELS = {
    "bench-gpt": Family.SEMANTIC,
    "bench-sovits": Family.V2,
    "hubert": Family.HUBERT,
    "roberta": Family.BERT,
}
TRANSCRIPTS = {
    "en": "We have no time left to wait for the others.",
    "zh": "我们没有时间再等其他人了。",
    "ja": "もう他の人を待つ時間はありません。",
}
CHOICES = {"en": ("Go on", "Turn away"), "zh": ("继续前进", "转身离开"), "ja": ("進む", "去る")}
LEXICONS = {
    "en": "en:\n  Okafor: oh-KAH-for\n  Ararat: AIR-uh-rat\n",
    "zh": "zh:\n  艾达: ài dá\n  结不出: jié bù chū\n",
    "ja": "ja:\n  艾達: アイダ\n",
}
NAMES = {
    "en": [
        "Noah",
        "Mara",
        "Dr. Lin",
        "Captain Okafor",
        "Mrs. Hale",
        "Ada",
        "Ararat",
        "Sgt. Reyes",
        "Jonas",
        "Wei",
    ],
    "zh": [
        "诺亚",
        "玛拉",
        "林博士",
        "奥卡福船长",
        "海尔夫人",
        "艾达",
        "阿拉拉特号",
        "雷耶斯",
        "约纳斯",
        "小魏",
    ],
    "ja": [
        "ノア",
        "マーラ",
        "林博士",
        "オカフォー船長",
        "ヘイル夫人",
        "艾達",
        "アララト号",
        "レイエス",
        "ヨナス",
        "魏さん",
    ],
}
OPENINGS = {
    "en": [
        "I told {name} that",
        "Ask {name} why",
        "Nobody here believes {name} when",
        "{name} swears that",
        "Before we left, {name} said",
        "Listen, {name},",
        "You know, {name},",
        "Somehow {name} heard that",
        "According to {name},",
        "Don't tell {name} how",
    ],
    "zh": [
        "我告诉过{name}，",
        "去问问{name}为什么",
        "这里没人相信{name}，",
        "{name}发誓说，",
        "出发之前{name}说，",
        "听着，{name}，",
        "你知道吗，{name}，",
        "不知怎么{name}听说",
        "据{name}所说，",
        "别让{name}知道",
    ],
    "ja": [
        "{name}には話したが、",
        "{name}に聞いてくれ、なぜ",
        "ここでは誰も{name}を信じない、",
        "{name}は誓って言う、",
        "出発の前に{name}が言った、",
        "聞いてくれ、{name}、",
        "ねえ、{name}、",
        "どうやら{name}は知ったらしい、",
        "{name}によれば、",
        "{name}には言うな、",
    ],
}
SUBJECTS = {
    "en": [
        "the engine",
        "the north door",
        "our last map",
        "a quiet crew",
        "the old reactor",
        "every lamp",
        "the second moon",
        "this corridor",
        "the water tank",
        "a broken radio",
        "the long winter",
        "the harbour",
    ],
    "zh": [
        "引擎",
        "北边的门",
        "最后一张地图",
        "沉默的船员",
        "旧反应堆",
        "每一盏灯",
        "第二颗月亮",
        "这条走廊",
        "水箱",
        "坏掉的电台",
        "漫长的冬天",
        "港口",
    ],
    "ja": [
        "エンジン",
        "北の扉",
        "最後の地図",
        "静かな乗組員",
        "古い反応炉",
        "すべての灯り",
        "二つ目の月",
        "この廊下",
        "水槽",
        "壊れた無線機",
        "長い冬",
        "港",
    ],
}
CLOSINGS = {
    "en": [
        "failed after {n} hours",
        "waits behind door {n}",
        "cost us ${n}",
        "was built in {year}",
        "stopped at {hour}:{minute:02d}",
        "is {n} metres away",
        "needs {small} more days",
        "lost {n}% of its power",
        "woke at {hour} o'clock on day {n}",
        "weighs {n}.{digit} tons",
    ],
    "zh": [
        "在{n}个小时后停了",
        "就在{n}号门后面",
        "花了我们{n}元",
        "建于{year}年",
        "停在{hour}点{minute}分",
        "离这里{n}米",
        "还需要{small}天",
        "失去了{n}%的动力",
        "在第{n}天的{hour}点醒来",
        "重{n}.{digit}吨",
    ],
    "ja": [
        "は{n}時間後に止まった",
        "は{n}番の扉の後ろにある",
        "には{n}円かかった",
        "は{year}年に造られた",
        "は{hour}時{minute}分に止まった",
        "は{n}メートル先だ",
        "にはあと{small}日必要だ",
        "は{n}%の力を失った",
        "は{n}日目の{hour}時に目を覚ました",
        "の重さは{n}.{digit}トンだ",
    ],
}
SPACES = {"en": " ", "zh": "", "ja": ""}
STOPS = {"en": ".", "zh": "。", "ja": "。"}


def sentence(language: str, number: int) -> str:
    """Give line `number` its text, always the same: hardly one in a thousand comes twice."""
    rng = Random(number)
    closing = rng.choice(CLOSINGS[language]).format(
        n=rng.randrange(2, 10_000),
        year=rng.randrange(1850, 2250),
        hour=rng.randrange(1, 13),
        minute=rng.randrange(60),
        small=rng.randrange(21, 100),
        digit=rng.randrange(10),
    )
    opening = rng.choice(OPENINGS[language]).format(name=rng.choice(NAMES[language]))
    subject = rng.choice(SUBJECTS[language])
    space = SPACES[language]
    whole = f"{opening}{space}{subject}{space}{closing}{STOPS[language]}"
    return whole[0].upper() + whole[1:]


def write_project(root: Path, n_lines: int, language: str) -> None:
    """Write a project of `n_lines` lines, spoken by five cloned voices.

    Args:
        root: Made if missing.
        n_lines: Spoken lines, a multiple of 200.
        language: en, zh or ja.
    """
    (root / "scripts_in").mkdir(parents=True, exist_ok=True)
    (root / "voices").mkdir(exist_ok=True)
    (root / "voicepipe.yaml").write_text(SETTINGS.format(language=language), "utf-8")
    (root / "lexicon.yaml").write_text(LEXICONS[language], "utf-8")
    speakers = "".join(f"  {name}: {{name: {{{language}: {name.title()}}}}}\n" for name in VOICES)
    (root / "scripts_in" / "000_story.yaml").write_text(STORY.format(speakers=speakers), "utf-8")
    _write_voices(root, language)
    write_lock(root / LOCK_NAME, {name: _pinned(name) for name in MODELS})
    n_scenes = max(1, n_lines // LINES_A_SCENE)
    for scene in range(n_scenes):
        body = _scene(scene, n_scenes, language)
        (root / "scripts_in" / f"s{scene:05d}.yaml").write_text(body, "utf-8")


def change_one_line(root: Path, stamp: int) -> None:
    """Give the middle line of the middle scene another text."""
    scripts = sorted((root / "scripts_in").glob("s*.yaml"))
    script = scripts[len(scripts) // 2]
    rows = script.read_text("utf-8").splitlines(keepends=True)
    place = next(i for i in range(len(rows) // 2, len(rows)) if rows[i].startswith("      text:"))
    language = (root / "voicepipe.yaml").read_text("utf-8").split("[")[1].split("]")[0]
    rows[place] = f"      text: {_quoted(sentence(language, 10_000_000 + stamp))}\n"
    script.write_text("".join(rows), "utf-8")


def _write_voices(root: Path, language: str) -> None:
    time_s = np.arange(4 * 32_000) / 32_000
    syllables = (0.5 + 0.5 * np.sin(2 * np.pi * 3 * time_s)) ** 2
    for place, name in enumerate(VOICES):
        text = VOICE.format(name=name, language=language, transcript=TRANSCRIPTS[language])
        (root / "voices" / f"{name}.yaml").write_text(text, "utf-8")
        buzz = sum(np.sin(2 * np.pi * (90 + 20 * place) * k * time_s) / k for k in range(1, 15))
        wave = (0.2 * buzz * syllables).astype("f4")
        soundfile.write(root / "voices" / f"{name}.wav", wave, 32_000)


def _pinned(name: str) -> LockedModel:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return LockedModel(
        name=name,
        family=MODELS[name].value,
        lora_rank=None,
        files={"model.safetensors": LockedFile(sha256=digest, n_bytes=1)},
        source=Source(file=name, sha256=digest, trust=Trust.LOCAL),
    )


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _scene(scene: int, n_scenes: int, language: str) -> str:
    out = [f"scene: s{scene:05d}\nnodes:\n"]
    for node in range(NODES_A_SCENE):
        out.append(f"  n{node}:\n")
        for line in range(LINES_A_NODE):
            number = (scene * NODES_A_SCENE + node) * LINES_A_NODE + line
            emotion = EMOTIONS[(node + line) % len(EMOTIONS)]
            out.append(
                f"    - line: s{scene:05d}_n{node}_{line:04d}\n"
                f"      who: {VOICES[(line + node) % len(VOICES)]}\n"
                + (f"      emotion: {emotion}\n" if emotion else "")
                + f"      text: {_quoted(sentence(language, number))}\n"
            )
        near, far = _exits(scene, node, n_scenes)
        on, away = CHOICES[language]
        out.append(
            "    - choice:\n"
            f"        - text: {on}\n          goto: {near}\n          set: trust += 1\n"
            f"        - text: {away}\n          goto: {far}\n          when: trust >= 1\n"
        )
    return "".join(out)


def _exits(scene: int, node: int, n_scenes: int) -> tuple[str, str]:
    onward = f"s{scene + 1:05d}" if scene + 1 < n_scenes else "END"
    near = f"n{node + 1}" if node + 1 < NODES_A_SCENE else onward
    far = f"n{node + 2}" if node + 2 < NODES_A_SCENE else onward
    return near, far

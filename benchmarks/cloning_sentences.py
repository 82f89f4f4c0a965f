"""Plain sentences that voices say before and after a training; they stand in no corpus of ours."""

from __future__ import annotations

from typing import Final

SENTENCES: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "Close the door behind you, please.",
        "I never said we would leave tonight.",
        "There is still time to change your mind.",
        "Who left the lights on in the kitchen?",
        "We have enough water for three more days.",
        "Don't look back until you reach the bridge.",
        "She told me the truth, and I believed her.",
        "The last train leaves at half past nine.",
        "You were right about the old man.",
        "Bring the map and meet me by the gate.",
        "It was raining when they found the boat.",
        "Nobody knows what happened to the others.",
        "My brother keeps his tools under the stairs.",
        "If the wind turns, we can sail before noon.",
        "I have been waiting here since early morning.",
        "The children were asleep when the phone rang.",
        "Put the letter back where you found it.",
        "They say the road is closed until spring.",
        "He asked for bread, and she gave him soup.",
        "Tomorrow we will know whether it worked.",
    ),
    "zh": (
        "请把门关上，外面太冷了。",
        "我从来没说过今天晚上要走。",
        "现在改变主意还来得及。",
        "是谁把厨房的灯一直开着？",
        "我们的水还够用三天。",
        "到桥上以前不要回头看。",
        "她把真相告诉了我，我相信她。",
        "最后一班火车九点半开。",
        "关于那个老人，你说得对。",
        "带上地图，我们在门口见。",
        "他们找到那条船的时候正在下雨。",
        "没有人知道其他人后来怎么样了。",
        "我哥哥把工具放在楼梯下面。",
        "风向一变，我们中午以前就能出海。",
        "我从清早一直等到现在。",
        "电话响的时候孩子们都睡了。",
        "把信放回原来的地方。",
        "听说这条路要到春天才开。",
        "他要面包，她却给了他一碗汤。",
        "明天我们就知道有没有成功。",
    ),
    "ja": (
        "ドアを閉めてください。",
        "今夜出発するとは言っていません。",
        "まだ考え直す時間はあります。",
        "台所の明かりをつけたのは誰ですか。",
        "水はあと三日分残っています。",
        "橋に着くまで振り返らないでください。",
        "彼女は本当のことを話してくれました。",
        "最後の電車は九時半に出ます。",
        "あの老人のことは、あなたが正しかった。",
        "地図を持って、門のそばで待っていてください。",
        "船が見つかった時、雨が降っていました。",
        "他の人たちがどうなったか、誰も知りません。",
        "兄は道具を階段の下に置いています。",
        "風が変われば、昼前に船を出せます。",
        "朝早くからここで待っていました。",
        "電話が鳴った時、子供たちは眠っていました。",
        "手紙を元の場所に戻してください。",
        "この道は春まで通れないそうです。",
        "彼はパンを頼み、彼女はスープを出しました。",
        "うまくいったかどうか、明日わかります。",
    ),
}
OTHER: Final = {"en": "zh", "zh": "en", "ja": "en"}
"""In which other language a voice of each language speaks too."""
N_OTHER: Final = 6
"""Sentences in it."""

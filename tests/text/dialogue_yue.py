"""A grammar of Cantonese dialogue, in traditional and in simplified writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CANTONESE: Mapping[str, Sequence[str]] = {
    "line": [
        "{start}{clause}{end}",
        "{clause}{joint}{clause}{end}",
        "{who}：「{clause}{end}」",
        "{fact}{end}",
        "{fact}{joint}{clause}{end}",
        "{question}",
    ],
    "start": ["", "喂，", "唔係呀，", "聽住：", "好啦——", "嗯……", "等等 "],
    "end": ["。", "！", "？", "……", "啦！", "喎。", "㗎。", "——", "~", ""],
    "joint": ["，", "，", "；", "——", "……", "，不過", "\n", " - "],
    "who": ["阿晴", "隊長", "老闆娘", "莫里斯·霍爾", "阿川", "嗰個細路"],
    "i": ["我", "你", "佢", "我哋", "佢哋", "{who}"],
    "clause": [
        "{i}{verb}咗{thing}",
        "{i}一定要{act}",
        "{i}仲未{act}",
        "{i}喺{place}等緊{who}",
        "嗰隻貓望住{i}",
        "呢度有{n:2-9999}{counter}{noun}",
        "唔好{act}",
        "如果{i}{act}，{i}就{act}",
        "佢慢慢地行返去",
        "{i}唔使驚",
        "我们几时可以{act}",
        "佢系我个仔",
    ],
    "verb": ["見到", "搵到", "唔見", "攞走", "打開", "忘記"],
    "thing": ["條鎖匙", "{n:2-12}封信", "最後一班船", "佢個名", "盞燈"],
    "act": ["走", "重新嚟過", "數到三", "信{who}", "瞓覺", "返{place}", "講真話"],
    "place": ["北門", "碼頭", "{n:2-9}樓", "{n:101-909}號房", "舊工廠", "山頂"],
    "counter": ["個", "隻", "名", "艘"],
    "noun": ["士兵", "箱", "俘虜", "燈"],
    "fact": [
        "而家係{n:0-23}:{n:10-59}",
        "下晝{n:1-11}：{n:10-59}開會",
        "{n:1990-2090}年{n:1-12}月{n:1-28}號",
        "賣${n:2-900}",
        "{n:2-900}蚊，一蚊都唔少得",
        "出面−{n:2-40}℃",
        "贏面得{n:2-99}％",
        "仲有{n:2-60}分鐘",
        "距離{n:2-900}km",
        "密碼係{n:1000-9999}",
        "打9{n:1000000-9999999}",
        "第{n:2-300}章",
        "大約{n:2-5}-{n:6-9}日",
        "用ＵＳＢ",
        "三〇一室",
        "OK，{clause}",
    ],
    "question": ["{i}點解要{act}？", "邊個{verb}咗{thing}？", "得唔得？", "幾多錢？", "㗎咩？"],
}

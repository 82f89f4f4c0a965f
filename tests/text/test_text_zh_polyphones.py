"""Characters of several readings in ordinary sentences: each in at least two of its readings."""

from __future__ import annotations

import pytest

from voicepipe.text.records import Part, ReadingStyle
from voicepipe.text.zh.frontend import pronounce
from voicepipe.text.zh.pinyin import parse_pinyin
from voicepipe.text.zh.polyphones import deciding_rules, rules_by_character
from voicepipe.text.zh.words import cut_words

# Tones as spoken: a third before a third has risen.
SENTENCES = {
    "地": {
        "de5": (
            "他轻轻地走了 慢慢地说 他大声地喊 不住地点头 高兴地笑了 悄悄地 "
            "拼命地跑 疯狂地大笑 一次又一次地失败 温柔地看着他 一步步地靠近 "
            "小心翼翼地打开 静静地躺着 无声地哭 不知不觉地"
        ),
        "di4": (
            "地很滑 这块地很贵 种地 基地 天地 他地位高 草地 满地都是血 "
            "就地解散 我们的地盘 扫地 从地上爬起来 这片土地 目的地"
        ),
    },
    "的": {
        "di4": "目的",
        "de5": "我的",
        "di2": "的确",
    },
    "得": {
        "dei2": "我得走了 他必须得走",
        "dei3": (
            "你得小心 我总得试试 还得去 明天得早起 我得吃饭了 咱们得想个办法 "
            "得让他知道 车得修了 你得知道真相"
        ),
        "de2": "他得了奖 得到 得第一 你得了吧 得罪了",
        "de5": (
            "跑得快 高兴得跳起来 他写得很好 觉得 天冷得要命 你跑得太慢了 "
            "他说得没错 长得真像 恨不得 气得发抖 吵得睡不着 病得不轻"
        ),
    },
    "只": {
        "zhi1": (
            "两只手 三只鸟 这只手 那只猫 五只羊 几只苍蝇 每只眼睛 哪只手 "
            "十二只箱子 另一只鞋 船只 只身前往"
        ),
        "zhi2": "我只想回家 我们只有一次机会 万一只有我 只好这样",
        "zhi3": "这只是开始 只是 不只如此 只剩我了 那只会害了你 只不过",
    },
    "重": {
        "chong2": (
            "重来一次 双重身份 重新开始 重写一遍 三重门 重做一遍 从头重来 重播 "
            "久别重逢 重装系统 重说一次 两重天"
        ),
        "zhong4": (
            "很重 重要 他多重 箱子太重了 唯一重要的 伤得很重 重装士兵 "
            "重重地摔在地上 重点 体重 行李重不重"
        ),
    },
    "教": {
        "jiao1": ("教我 教会我 他教得好 你教教我 谁教你的 他教数学 我来教 教孩子画画 我教过他"),
        "jiao4": "教室 请教 教堂 教训 教练 有教养 教会里的人",
    },
    "长": {
        "chang2": (
            "全长三米 头发很长 多长时间 长长的路 路太长了 长裙 时间不长 两米长 "
            "说来话长 队伍很长 夜还长"
        ),
        "zhang3": (
            "长大 校长 长得好看 他长高了 班长 长出来了 船长 我在这里长大 长相 "
            "长胖了 他长什么样 个子长高了"
        ),
    },
    "行": {
        "hang2": "银行 三行字 干这行的 两行泪 同行 一行代码 他是内行 第三行",
        "xing2": "不行 一行人 行走 行吗 行动 真行 还行 行不行",
    },
    "还": {
        "huan2": ("还给我 还我命来 把书还回来 欠的钱要还 还书 还钱 我还你钱 还不起 血债血还"),
        "hai2": "还有 我还没吃 还清楚吗 他还在 还是算了 你还好吗 还不走 还没还给他",
    },
    "了": {
        "liao3": "受不了 做不了 忘不了 逃得了吗 吃不了 去得了 免不了 少不了你",
        "le5": "走了 我不去了 好了 死了 不了 再也回不去了 受够了 他不走了",
        "liao2": "了解",
    },
    "着": {
        "zhao2": "睡着了 找不着 着火 睡着 睡不着 猜着了 够不着 着急",
        "zhe5": "看着我 等着 站着 拿着刀 走着走着",
        "zhuo2": "着手准备 着陆",
    },
    "为": {
        "wei4": (
            "为了你 他为我做了很多 为什么 为人民服务 因为你 为此 为国家 "
            "为我报仇 为何 为谁而战 他为钱卖命 为救你"
        ),
        "wei2": ("以你为荣 认为 成为 长度为三米 为难 以为 变为 人为的 称为英雄 为首的人"),
    },
    "种": {
        "zhong4": "种地 种花 我种了一棵树 种菜 种在院子里",
        "zhong3": "这种人 各种 两种 种子 有种 这种事 两种选择",
    },
    "中": {
        "zhong4": "他中了一枪 看中了 中毒 猜中了 中弹 中计了 一箭射中",
        "zhong1": "中间 其中 心中 集中 暗中 中午",
    },
    "干": {
        "gan4": "你干什么 干掉他 不想干了 别干傻事 干得好 能干 大干一场",
        "gan1": "擦干 干杯 嘴很干 干净 晒干 干粮 跟你不相干 饼干 血干了",
    },
    "空": {
        "kong4": "我没空 有空吗 那个位子空着 抽空 空白",
        "kong1": "空气 天空 空着手 有空气 空房间 空着肚子 落空",
    },
    "觉": {
        "jiao4": "睡一觉 睡个好觉 一觉醒来 睡懒觉 午觉",
        "jue2": "觉得 感觉 不觉得 知觉",
    },
    "调": {
        "diao4": "调查 把他调走",
        "tiao2": "空调 调低一点",
    },
    "倒": {
        "dao4": "倒水 倒是 倒了一杯酒",
        "dao3": "摔倒 他倒下了 墙倒了",
    },
    "当": {
        "dang4": "把我当傻子 上当了",
        "dang1": "当时 当然 当老师",
    },
    "尽": {
        "jin3": "尽快",
        "jin4": "尽力",
    },
    "卷": {
        "juan4": "试卷 第三卷",
        "juan2": "卷起来",
    },
    "看": {
        "kan1": "看门 看孩子",
        "kan4": "看见",
    },
    "量": {
        "liang2": "量一下 量体温",
        "liang4": "力量",
    },
    "数": {
        "shu3": "数到三 数钱",
        "shu4": "人数 数字",
    },
    "难": {
        "nan4": "有难同当 大难不死",
        "nan2": "很难",
    },
    "少": {
        "shao4": "少爷 少年",
        "shao3": "很少",
    },
    "吐": {
        "tu4": "吐血 我想吐",
        "tu3": "吐了一口气 吐舌头",
    },
    "相": {
        "xiang4": "真相",
        "xiang1": "相信",
    },
    "应": {
        "ying4": "反应 没人应",
        "ying1": "应该",
    },
    "载": {
        "zai3": "三年五载",
        "zai4": "载我一程",
    },
    "扎": {
        "za1": "扎辫子",
        "zha1": "扎针",
    },
    "朝": {
        "chao2": "朝前走",
        "zhao1": "朝气",
    },
    "转": {
        "zhuan4": "转圈 转了一圈",
        "zhuan3": "转身",
    },
    "钻": {
        "zuan4": "钻石",
        "zuan1": "钻进去",
    },
    "弹": {
        "tan2": "弹钢琴 弹一首曲子",
        "dan4": "子弹 三发弹",
    },
    "藏": {
        "zang4": "西藏",
        "cang2": "藏起来",
    },
    "传": {
        "zhuan4": "自传",
        "chuan2": "传说",
    },
    "处": {
        "chu4": "到处 三处伤",
        "chu2": "处理",
        "chu3": "不好相处",
    },
    "担": {
        "dan4": "重担",
        "dan1": "担心",
    },
    "待": {
        "dai1": "待会儿 待在这",
        "dai4": "等待 待人",
    },
    "更": {
        "geng1": "三更半夜 更新",
        "geng4": "更好",
    },
    "号": {
        "hao2": "号哭",
        "hao4": "号码",
    },
    "和": {
        "huo2": "和面",
        "he2": "你和我",
    },
    "假": {
        "jia4": "请了三天假 放假",
        "jia3": "真假 这是假的",
    },
    "间": {
        "jian4": "间谍",
        "jian1": "房间",
    },
    "将": {
        "jiang4": "一员大将",
        "jiang1": "将来",
    },
    "落": {
        "luo4": "雪花落下来",
        "la4": "我把钥匙落在家里了",
    },
    "背": {
        "bei1": "背着书包 背我走",
        "bei4": "背着我偷偷走 背叛",
    },
    "薄": {
        "bao2": "冰很薄",
        "bo2": "薄弱",
        "bo4": "薄荷",
    },
    "奔": {
        "ben4": "投奔",
        "ben1": "奔跑",
    },
    "差": {
        "chai1": "出差",
        "cha4": "差点",
        "cha1": "差别",
    },
    "盛": {
        "cheng2": "盛饭",
        "sheng4": "盛大",
    },
    "称": {
        "chen4": "对称",
        "cheng1": "称呼",
    },
    "撒": {
        "sa1": "撒谎",
        "sa3": "撒盐",
    },
    "系": {
        "ji4": "系鞋带",
        "xi5": "关系",
    },
    "散": {
        "san4": "散步",
        "san3": "散文",
    },
    "舍": {
        "she4": "宿舍",
        "she3": "舍不得",
    },
    "省": {
        "xing3": "反省",
        "sheng3": "省钱",
    },
    "石": {
        "dan4": "三石米",
        "shi2": "石头",
    },
    "喝": {
        "he4": "大喝一声",
        "he1": "喝水",
    },
    "哄": {
        "hong4": "起哄",
        "hong3": "哄孩子",
    },
    "炸": {
        "zha2": "炸鸡",
        "zha4": "爆炸",
    },
    "冲": {
        "chong4": "冲我来",
        "chong1": "冲进去",
    },
    "似": {
        "shi4": "像死了似的",
        "si4": "似乎",
    },
    "宿": {
        "xiu3": "一宿没睡",
        "su4": "宿舍 宿命",
    },
    "咽": {
        "ye4": "哽咽",
        "yan4": "咽下去",
    },
    "曾": {
        "zeng1": "姓曾",
        "ceng2": "曾经",
    },
    "禁": {
        "jin1": "不禁",
        "jin4": "禁止",
    },
    "劲": {
        "jing4": "强劲",
        "jin4": "使劲",
    },
    "一": {
        "yi1": "一月一号 第一个",
        "yi4": "一天",
        "yi2": "一个",
    },
}
CASES = [
    pytest.param(sentence, character, reading, id=f"{character}-{reading}-{sentence}")
    for character, readings in SENTENCES.items()
    for reading, sentences in readings.items()
    for sentence in sentences.split()
]


@pytest.mark.parametrize(("sentence", "character", "reading"), CASES)
def test_a_character_is_read_as_its_sentence_asks(
    sentence: str, character: str, reading: str
) -> None:
    said = pronounce([Part(text=sentence)], style=ReadingStyle.SPOKEN)
    readings = [
        phonemes
        for unit, phonemes in zip(said.units, said.unit_phonemes, strict=True)
        if unit == character
    ]
    assert (parse_pinyin(reading) or ())[0] in readings


def test_sixty_characters_are_tried_in_two_readings_each() -> None:
    assert len(SENTENCES) >= 60
    assert all(len(readings) >= 2 for readings in SENTENCES.values())


def test_every_reading_of_the_table_is_a_syllable() -> None:
    rules = [rule for rows in rules_by_character().values() for rule in rows]
    assert all(parse_pinyin(rule.reading) for rule in rules)


def test_the_rule_that_decided_can_be_named() -> None:
    words = cut_words("我得走")
    found = deciding_rules(words)
    assert [rule.reading if rule else None for rule in found] == [None, "dei3", None]


def test_the_reference_style_asks_the_dictionary_alone() -> None:
    said = pronounce([Part(text="三只鸟")], style=ReadingStyle.REFERENCE)
    assert said.unit_phonemes[1] == ("zh", "ir3")

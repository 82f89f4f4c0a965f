"""Japanese as it is written in scripts, and how it must sound: one row a kind of trouble."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Iterator


DIFFERENCES = Path(__file__).resolve().parents[2] / "docs" / "reference" / "text-differences.md"


def documented() -> Iterator[tuple[str, str, str]]:
    """Rows of the tables of examples: language, what is written, the words it is read as."""
    examples = DIFFERENCES.read_text(encoding="utf-8").split("example by example\n")[1]
    for language, name in (("ja", "Japanese"), ("ko", "Korean")):
        table = examples.split(f"| written in {name} | read as |\n|---|---|\n")[1].split("\n\n")[0]
        for row in table.splitlines():
            written, said = row.strip("| ").split(" | ")
            yield language, written.strip("`"), said


def sound(text: str) -> str:
    """Phonemes of a line without pitch and borders; a doubled consonant is Q."""
    said = utterance(text, "ja", style=ReadingStyle.SPOKEN, pads_short=False)
    heard = (phoneme for phoneme in said.phonemes if phoneme not in {"[", "]", "UNK"})
    return "".join("Q" if phoneme == "cl" else phoneme for phoneme in heard)


@pytest.mark.parametrize(
    ("written", "sounds"),
    [
        ("ＡＩが動く", ",EY1AY1gaugoku"),
        ("ＵＳＢを差す", "YUW1EH1SBIY1osasu"),
        ("ｶﾞﾝﾊﾞﾚ", "gaNbare"),
        ("ﾊﾟｰﾃｨｰ", "paatii"),
        ("１２３", "hyakunijuusaN"),
        ("１／２", "nibuNnoichi"),
        ("½", "nibuNnoichi"),
        ("¾", "yoNbuNnosaN"),
        ("5‰", "gopaamiru"),
        ("−5度", "mainasugodo"),
        ("±3", "purasumainasusaN"),
        ("α線", "arufaseN"),
        ("Ω", "omega"),
        ("①まず", "ichimazu"),
        ("㈱山田", "kabushikigaishayamada"),
        ("3㎞", "saNkiromeetoru"),
        ("5㎏", "gokiroguramu"),
        ("5㎡", "goheehoomeetoru"),
        ("三〇一号室", "saNmaruichigooshitsu"),
        ("〇〇さん", "marumarusaN"),
        ("○○さん", "marumarusaN"),
        ("○×クイズ", "marubatsukuizu"),
        ("𠮷野家", "yoshinoya"),
        ("髙橋さん", "takahashisaN"),
        ("♯", "shaapu"),
        ("5×3", "gokakerusaN"),
        ("10÷2", "juuwariruni"),
        ("1+1=2", "ichipurasuichiikooruni"),
        ("10-5=5", "juuhikugoikoorugo"),
        ("A4用紙", "eeyoNyooshi"),
        ("B1階", "biiiQkai"),
        ("B1Fの店", "chikaiQkainomise"),
        ("5Fへ行け", "gokaieike"),
        ("2LDK", "nierudiikee"),
        ("R2-D2", "aarunidiini"),
        ("F-15が", "efujuugoga"),
        ("PS5を", "piiesufaibuo"),
        ("MP3", "emupiisurii"),
        ("3Dモデル", "suriidiimoderu"),
        ("5Gの電波", "faibujiinodeNpa"),
        ("USB3.0端子", "yuuesubiisaNteNzerotaNshi"),
        ("No.5", "naNbaago"),
        ("No.1だ", "naNbaawaNda"),
        ("第III章", "daisaNshoo"),
        ("第Ⅲ章", "daisaNshoo"),
        ("第3章", "daisaNshoo"),
        ("ヘンリーVIII世", "heNriihaQsee"),
        ("VIPルーム", "VIY1AY1PIY1ruumu"),
        ("AM7:30に", "gozeNshichijisaNjuQpuNni"),
        ("午後は7:30 PMだ", "gogowagogoshichijisaNjuQpuNda"),
        ("AIは動く", ",EY1AY1waugoku"),
        ("OKです", ",OW1KEY1desu"),
        ("3.5km", "saNteNgokiromeetoru"),
        ("3.5kg", "saNteNgokiroguramu"),
        ("10cm", "juQseNchimeetoru"),
        ("30s", "saNjuubyoo"),
        ("16GBのメモリ", "juurokugigabaitonomemori"),
        ("数km先", "suukiromeetorusaki"),
        ("60km/hで", "rokujuukiromeetorumaijide"),
        ("25℃", "nijuugodo"),
        ("50%", "gojuQpaaseNto"),
        ("1.5倍", "iQteNgobai"),
        ("10.5", "juQteNgo"),
        ("0.5秒", "zeroteNgobyoo"),
        ("1,234.56", "seNnihyakusaNjuuyoNteNgoroku"),
        ("¥500", "gohyakueN"),
        ("￥1,200", "seNnihyakueN"),
        ("$5", "godoru"),
        ("$1.50", "ichidorugojuQseNto"),
        ("€30", "saNjuuyuuro"),
        ("¥1,200-", "seNnihyakueN"),
        ("2049/3/15", "niseNyoNjuukyuuneNsaNgatsujuugonichi"),
        ("2049-03-15", "niseNyoNjuukyuuneNsaNgatsujuugonichi"),
        ("3/15/2049", "niseNyoNjuukyuuneNsaNgatsujuugonichi"),
        ("2049年3月15日（月）の朝", "niseNyoNjuukyuuneNsaNgatsujuugonichi,getsuyoobi,noasa"),
        ("12/25は", "juunigatsunijuugonichiwa"),
        ("3/5まで", "saNgatsuitsukamade"),
        ("1/2", "nibuNnoichi"),
        ("2/3の人", "saNbuNnoninohito"),
        ("3月15日", "saNgatsujuugonichi"),
        ("1月1日", "ichigatsutsuitachi"),
        ("20日", "hatsuka"),
        ("14日", "juuyoQka"),
        ("24日", "nijuuyoQka"),
        ("7日間", "nanokakaN"),
        ("12:30", "juunijisaNjuQpuN"),
        ("12：30", "juunijisaNjuQpuN"),
        ("7:00:09", "shichijikyuubyoo"),
        ("10時〜12時", "juujikarajuuniji"),
        ("3:2で勝つ", "saNtainidekatsu"),
        ("16:9", "juurokutaikyuu"),
        ("2-0で勝った", "nitaizerodekaQta"),
        ("3〜5日", "saNkaraitsuka"),
        ("3-5人", "saNkaragoniN"),
        ("10～20分", "juukaranijuQpuN"),
        ("3-202号室", "saNnoniimarunigooshitsu"),
        ("090-1234-5678", "zerokyuuzero,ichinisaNyoN,gorokunanahachi"),
        ("(03)1234-5678", "zerosaN,ichinisaNyoN,gorokunanahachi"),
        ("0120-123-456", "zeroichinizero,ichinisaN,yoNgoroku"),
        ("110番", "hyakutoobaN"),
        ("007", "zerozeronana"),
        ("302号室", "saNmarunigooshitsu"),
        ("一本", "iQpoN"),
        ("三本", "saNboN"),
        ("六本", "roQpoN"),
        ("1人", "hitori"),
        ("2人", "futari"),
        ("4人", "yoniN"),
        ("2人組", "futarigumi"),
        ("三人", "saNniN"),
        ("七人", "shichiniN"),
        ("3個", "saNko"),
        ("6個", "roQko"),
        ("10個", "juQko"),
        ("3回", "saNkai"),
        ("6回", "roQkai"),
        ("1匹", "iQpiki"),
        ("3匹", "saNbiki"),
        ("6匹", "roQpiki"),
        ("何匹", "naNbiki"),
        ("3階", "saNgai"),
        ("3杯", "saNbai"),
        ("1歳", "iQsai"),
        ("8歳", "haQsai"),
        ("1つ", "hitotsu"),
        ("9つ", "kokonotsu"),
        ("一ヶ月", "iQkagetsu"),
        ("六百", "roQpyaku"),
        ("八百", "haQpyaku"),
        ("八百屋", "yaoya"),
        ("3倍", "saNbai"),
        ("左は？", "hidariwa?"),
        ("左は。", "hidariwa."),
        ("光は、", "hikariwa,"),
        ("制は", "seewa"),
        ("流は？", "nagarewa?"),
        ("かれは？", "karewa?"),
        ("右へ！", "migie!"),
        ("左を？", "hidario?"),
        ("君は「誰」？", "kimiwadare?"),
        ("「左」は？", "hidariwa?"),
        ("（影）は", "kagewa"),
        ("彼女は……", "kanojowa…"),
        ("今日は", "kyoowa"),
        ("今日はいい天気", "kyoowaiiteNki"),
        ("城へは", "shiroewa"),
        ("ユキは？", "yukiwa?"),
        ("は？", "ha?"),
        ("は？何それ", "ha?nanisore"),
        ("「は？」", "ha?"),
        ("は、はい！", "ha,hai!"),
        ("へ？", "he?"),
        ("へ、へえ", "he,hee"),
        ("俺…は、行かない", "ore…wa,ikanai"),
        ("ははは", "hahaha"),
        ("母は", "hahawa"),
        ("歯は", "hawa"),
        ("はい", "hai"),
        ("はは", "haha"),
        ("いろは", "iroha"),
        ("こんにちは", "koNnichiwa"),
        ("では、また", "dewa,mata"),
        ("平和へ", "heewae"),
        ("へえ", "hee"),
        ("部屋へ", "heyae"),
        ("枯はてた", "karehateta"),
        ("コミュ障", "komyushoo"),
        ("陽キャ", "yookya"),
        ("何で？", "naNde?"),
        ("何でも", "naNdemo"),
        ("何だと！", "naNdato!"),
        ("何が", "naniga"),
        ("何も", "nanimo"),
        ("幾何で", "kikade"),
        ("ありがとう(笑)", "arigatoo"),
        ("（爆笑）うける", "ukeru"),
        ("マジかwww", "majika"),
        ("うけるｗｗｗ", "ukeru"),
        ("それw", "sore"),
        ("いいね笑", "iine"),
        ("大笑い", "oowarai"),
        ("草", "kusa"),
        ("あっ", "aQ"),
        ("えーっ", "eeQ"),
        ("あ゛", "a"),
        ("か゛", "ga"),
        ("わ、わたし", "wa,watashi"),
        ("そ、そんな", "so,soNna"),
        ("待って―嫌", "maQte,iya"),
        ("そうだね〜", "soodanee"),
        ("最高〜！", "saikooo!"),
        ("東京〜大阪", "tookyookaraoosaka"),
        ("東京-大阪", "tookyoo-oosaka"),
        ("東京‑大阪", "tookyoo-oosaka"),
        ("東京 - 大阪", "tookyoo,oosaka"),
        ("東京　大阪", "tookyoo,oosaka"),
        ("和/洋", "wa,yoo"),
        ("和：洋", "wa,yoo"),
        ("右→左", "migi,hidari"),
        ("ジョン・スミス", "joN_sumisu"),
        ("ジャン＝リュック", "jaN_ryuQku"),
        ("嬉しい😀ね", "ureshiine"),
        ("いくよ♪", "ikuyo"),
        ("䶮です", "desu"),
        ("ITの会社", ",AY1TIY1nokaisha"),
        ("USの大統領", "YUW1EH1Snodaitooryoo"),
        ("HELLOと言った", "HHAH0LOW1toiQta"),
        ("4/4拍子", "yoNbuNnoyoNhyooshi"),
        ("①②③", "ichi,ni,saN"),
        ("■注意", "chuui"),
        ("●●さん", "marumarusaN"),
        ("￥500−", "gohyakueN"),
        ("CO₂が", "shiiootsuuga"),
        ("Lv.5の敵", "reberugonoteki"),
        ("5ℓ", "goriQtoru"),
        ("月〜金", "getsuyookarakiNyoo"),
        ("1/3の確率", "saNbuNnoichinokakuritsu"),
        ("9/11", "kugatsujuuichinichi"),
        ("2対2", "nitaini"),
        ("03(1234)5678", "zerosaN,ichinisaNyoN,gorokunanahachi"),
    ],
)
def test_a_line_sounds_as_a_reader_says_it(written: str, sounds: str) -> None:
    assert sound(written) == sounds


@pytest.mark.parametrize(
    ("written", "dropped"),
    [
        ("䶮です", ("䶮",)),
        ("Приветと言った", ("Привет",)),
        ("嬉しい😀ね", ("😀",)),
        ("いくよ♪（笑）", ()),
        ("「左」は…『右』！", ()),
        ("½と−5℃と5‰", ()),
    ],
)
def test_what_is_not_said_is_listed(written: str, dropped: tuple[str, ...]) -> None:
    said = utterance(written, "ja", style=ReadingStyle.SPOKEN)
    assert said.dropped == dropped


def test_what_was_always_read_rightly_keeps_its_words() -> None:
    line = "僕を信じてくれ、必ず戻ってくるから。3番目の扉は「左」だ！"
    assert utterance(line, "ja", style=ReadingStyle.SPOKEN).normalized_text == line


@pytest.mark.parametrize(("language", "written", "said"), [*documented()])
def test_the_documented_readings_are_true(language: str, written: str, said: str) -> None:
    read = utterance(written, language, style=ReadingStyle.SPOKEN, pads_short=False)
    assert read.normalized_text == said

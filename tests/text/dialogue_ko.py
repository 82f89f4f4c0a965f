"""A grammar of Korean game dialogue: what people say, with numbers, money, times and marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KOREAN: Mapping[str, Sequence[str]] = {
    "line": [
        "{start}{clause}{end}",
        "{start}{clause}{end}",
        "{clause}{joint}{clause}{end}",
        "{clause}{end} {Sentence}",
        "{shout} {Sentence}",
        "“{clause},” {who}가 말했다.",
        "{stutter} {clause}{end}",
        "{fact}{end}",
        "{fact}{joint}{clause}{end}",
        "{question}",
        "{who}: {clause}{end}",
        "{clause} {laugh}",
    ],
    "Sentence": ["{fact}.", "자, {act}!", "그리고 {clause}{end}", "제발 {act}!"],
    "start": ["", "", "", "음, ", "아니, ", "저기… ", "야! ", "그러니까 - ", "있잖아, ", "네, "],
    "end": [".", ".", ".", "!", "?", "…", "...", "?!", "!!", " —", "~"],
    "joint": [", 그런데 ", ". ", " - ", "... ", ", 그리고 ", "\n", " (", "; ", "/"],
    "laugh": ["ㅋㅋㅋ", "ㅎㅎ", "ㅠㅠ", "♪", "ㅋㅋ"],
    "clause": [
        "{who}는 {where}에서 {thing}를 봤어",
        "{thing}는 {where}에 있어",
        "{when}에 {where}로 가",
        "{where}에 {count} 있어",
        "{thing}라면 {who}가 가지고 있어",
        "{who}에게 {thing}를 줘",
        "{who}는 {state}",
        "{thing}는 {amount}야",
        "{when}까지 {who}를 데려와",
    ],
    "who": ["나", "너", "그녀", "선장님", "민지", "마리오", "ＡＩ", "HAL의 동료", "헨리 VIII세"],
    "where": [
        "왼쪽",
        "오른쪽",
        "다리 위",
        "{n:2-999}호",
        "제{n:2-20}장",
        "지하 {n:2-9}층",
        "서울역",
        "B{n:2-9}층",
    ],
    "thing": ["열쇠", "이 배", "USB 메모리", "지도", "A4 용지", "칼과 방패", "漢字 카드", "마법"],
    "when": [
        "{n:2-12}월 {n:1-28}일",
        "{n:2000-2099}/{n:1-12}/{n:1-28}",
        "{n:10-23}:{n:10-59}",
        "오전 {n:2-11}시 {n:2-59}분",
        "{n:2-30}일 후",
        "내일",
        "오늘 밤",
    ],
    "count": ["{n:2-99}명", "{n:2-99}마리", "{n:2-9}개", "{n:2-40}~50명", "{n:2-60}%가"],
    "amount": [
        "{n:100-99999}원",
        "₩{n:2-900},500",
        "${n:2-900}",
        "{n:2-90}.{n:2-9}km",
        "{n:2-90}kg",
        "{n:2-90}℃",
        "−{n:2-40}℃",
        "{n:2-9}시간",
    ],
    "state": ["위험해", "무사해", "진심이야", "비어 있어", "OK야", "최고야"],
    "act": ["뛰어", "기다려", "{where}로 서둘러", "{thing}를 버려", "손 들어"],
    "shout": ["멈춰!", "뭐?", "으아악!", "하하!", "왼쪽은?", "잠깐!!", "No.{n:2-9}다!"],
    "stutter": ["나, 나는…", "그-그게…", "아, 아니,", "음… 그,"],
    "fact": [
        "전화는 {n:100-999}-{n:1000-9999}야",
        "결과는 {n:2-9}:{n:2-9}였어",
        "{thing}의 폭은 {n:2-9}.{n:2-9}cm야",
        "배는 시속 {n:20-90}km로 가",
        "{n:2-9}×{n:2-9}는 {n:10-99}야",
        "여기는 {where}/{where}야",
        "{who}는 {n:2-90}살",
    ],
    "question": ["{who}는?", "{thing}는 {where}?", "왜 {act}?", "{when}은 무슨 요일이야?"],
}

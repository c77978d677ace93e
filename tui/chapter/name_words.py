"""The words by which names of folders and archives speak of chapters, in many languages; a new one is one more word.

All are compared folded (`fold()`): without case and accents, character for character.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache


def _words(spaced: str, *phrases: str) -> tuple[str, ...]:
    return (*spaced.split(), *phrases)


CHAPTER = _words(
    """
    chapter chapters chapt chap chp ch episode episodes epis ep chapitre episodio episódio épisode
    capítulo capítulos capitolo capitoli capítol capitolul cap kapitel kap hoofdstuk hfst kapittel
    avsnitt luku jakso rozdział rozdz odcinek kapitola fejezet glava poglavlje poglavje kapitulli
    scan skyrius peatükk nodaļa bölüm blm bab kabanata chương hồi глава гл розділ раздзел поглавље эпизод
    серия бүлэг тарау бөлүм κεφάλαιο κεφ פרק الفصل فصل الفصول الحلقة حلقة چپتر قسمت ตอนที่ ตอน บทที่ บท
    अध्याय অধ্যায় அத்தியாயம் ဆက်တွဲ အပိုင်း
    """,
)
"""Before the number, or behind an ordinal."""
VOLUME = _words(
    """
    volume volumes vol volumen volumul tome tomo tomul tom band bd bind cilt tập jilid kötet svazek
    zväzok tomas sējums deel книга том τόμος כרך المجلد مجلد جلد เล่มที่ เล่ม खंड খণ্ড боть
    """,
)
SEASON = _words(
    """
    season saison temporada stagione staffel sezon сезон musim mùa シーズン 시즌 ซีซั่น الموسم موسم
    """,
)
PART = _words(
    """
    part pt partie parte teil część część часть ч bagian phần del část rész
    """,
)
CHAPTER_COUNTERS = ("話目", "話", "话", "回目", "回", "章", "화", "회", "장")
"""Behind the number, without a blank: 12話."""
VOLUME_COUNTERS = ("巻目", "巻", "卷", "册", "冊", "권")
SEASON_COUNTERS = ("季", "期", "기", "부")
EXTRA = _words(
    """
    extra extras omake special specials bonus gaiden prologue prolog prólogo epilogue epilog epílogo
    afterword interlude intermission especial spécial speciale spesial ekstra özel dodatek spin-off
    экстра бонус спешл пролог эпилог おまけ 番外編 番外篇 番外 特別編 外伝 外传 外傳
    特典 描き下ろし 외전 번외 특별편 프롤로그 에필로그 พิเศษ ตอนพิเศษ
    プロローグ エピローグ 序章 終章 终章 楔子 尾声
    الخاص side-story hors-série
    """,
    "side story",
    "hors série",
    "ngoại truyện",
)
LAST = _words(
    """
    最終話 最終回 最终话 最终回 最終章 最终章 完结篇 完結編 최종화 최종회 마지막화
    """,
    "final chapter",
    "last chapter",
    "final episode",
    "last episode",
    "capítulo final",
    "último capítulo",
    "chapitre final",
    "dernier chapitre",
    "capitolo finale",
    "ultimo capitolo",
    "letztes kapitel",
    "последняя глава",
    "финальная глава",
    "son bölüm",
    "final bölümü",
    "chương cuối",
    "ตอนจบ",
    "الفصل الأخير",
)
"""Said of the chapter that ends a series; beside its number it is the title."""
HALVES = _words(
    "前編 前篇 前编 中編 中篇 中编 後編 後篇 后编 后篇 前半 後半 上 中 下 상 중 하 전편 중편 후편 上篇 中篇 下篇"
)
"""Said of parts of a chapter."""
ONESHOT = _words(
    """
    oneshot one-shot 読み切り 読切り 読切 読みきり 短編 短篇 단편 ваншот сингл วันช็อต
    """,
    "one shot",
    "ون شوت",
    "capítulo único",
    "chapitre unique",
    "capitolo unico",
    "capitolo autoconclusivo",
    "tek bölüm",
    "tek bölümlük",
)
GROUPS = _words(
    """
    scans scan scanlation scanlations scanlators scanlator scanlatorz scantrad scanner subs fansub
    fansubs subbers team tl translations translation translators traductions traducciones traduções
    traduzioni studio studios group project no-fansub sub fs bot manga mangas comics collective squad
    crew club empire nation toons 汉化组 漢化組 漢化 汉化 字幕组 翻译组 個人漢化 команда перевод
    """,
)
"""Words that end the name of a group."""
PUBLISHERS = _words(
    """
    viz kodansha shueisha shogakukan kadokawa j-novel denpa tokyopop vertical ghost-ship fakku irodori mangamo azuki
    """,
    "viz media",
    "viz digital",
    "shonen jump",
    "kodansha comics",
    "kodansha usa",
    "yen press",
    "seven seas",
    "seven seas entertainment",
    "square enix",
    "square enix manga",
    "one peace books",
    "j-novel club",
    "manga plus",
    "titan manga",
    "dark horse",
    "dark horse comics",
    "star fruit books",
)
"""Who publishes, and often has a group of that name."""
_WIDE = re.compile("[\u3000\uff01-\uffee]+")
_NUMERALS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}
NUMERALS = "".join([*_NUMERALS, *_POWERS])


_STROKES = {"ł": "l", "đ": "d", "ø": "o", "ı": "i", "ð": "d"}
"""Letters that do not come apart into a base and an accent."""


@cache
def _fold(character: str) -> str:
    if not (character < "\u0600" or "\u1e00" <= character < "\u2000"):
        return character  # parts of Korean syllables and of kana are no accents
    base = unicodedata.normalize("NFD", character)[0].lower()
    base = _STROKES.get(base, base)
    return base if len(base) == 1 else character


def fold(text: str) -> str:
    """`text` without case and accents; every character keeps its place."""
    return "".join(map(_fold, text))


def normalised(name: str) -> str:
    """The name composed, with ASCII digits, and with full-width letters and brackets as plain ones."""
    text = _WIDE.sub(lambda wide: unicodedata.normalize("NFKC", wide[0]), unicodedata.normalize("NFC", name))
    text = text.replace("٫", ".")
    return "".join(
        str(unicodedata.digit(character))
        if not character.isascii() and unicodedata.category(character) == "Nd"
        else character
        for character in text
    )


def numeral(text: str) -> int | None:
    """ "十二" -> 12, "一〇五" -> 105, "百二十" -> 120; None for what is none."""
    if not any(character in _POWERS for character in text):
        digits = [_NUMERALS.get(character) for character in text]
        return None if None in digits or not digits else int("".join(map(str, digits)))
    total, digit = 0, None
    for character in text:
        if character in _POWERS:
            total += (1 if digit is None else digit) * _POWERS[character]
            digit = None
        elif character in _NUMERALS and not digit:  # a zero only stands for a power left out: 一百零三
            digit = _NUMERALS[character]
        else:
            return None
    return total + (digit or 0)

"""The languages of the service, under its own codes (`mangadex-api.md` 5.7)."""

from __future__ import annotations

import difflib
import re

LANGUAGES: dict[str, str] = {
    "af": "Afrikaans",
    "ar": "Arabic",
    "az": "Azerbaijani",
    "be": "Belarusian",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "cv": "Chuvash",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "eo": "Esperanto",
    "es": "Spanish (Castilian)",
    "es-la": "Spanish (Latin America)",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "ga": "Irish",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "jv": "Javanese",
    "ka": "Georgian",
    "kk": "Kazakh",
    "ko": "Korean",
    "la": "Latin",
    "lt": "Lithuanian",
    "mn": "Mongolian",
    "ms": "Malay",
    "my": "Burmese",
    "ne": "Nepali",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese (Portugal)",
    "pt-br": "Portuguese (Brazil)",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sq": "Albanian",
    "sr": "Serbian",
    "sv": "Swedish",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tl": "Filipino",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "uz": "Uzbek",
    "vi": "Vietnamese",
    "zh": "Chinese (Simplified)",
    "zh-hk": "Chinese (Traditional)",
}
"""Code -> name. The service states no closed list; it checks at least the form of a code."""

_CODE = re.compile(r"[a-z]{2}(-[a-z]{2})?", re.ASCII)

_FOREIGN: dict[str, str] = {
    # How others write the service's own regional codes.
    "zh-hans": "zh", "zh-cn": "zh", "zh-sg": "zh", "chs": "zh", "sc": "zh",
    "zh-hant": "zh-hk", "zh-tw": "zh-hk", "zh-mo": "zh-hk", "cht": "zh-hk",
    "es-419": "es-la", "es-mx": "es-la", "es-ar": "es-la", "es-co": "es-la", "es-cl": "es-la",
    "es-pe": "es-la",
    "pt-pt": "pt", "ptbr": "pt-br", "esla": "es-la",
    # Older or national codes.
    "fil": "tl", "nb": "no", "nn": "no", "iw": "he", "in": "id", "jp": "ja", "kr": "ko", "cn": "zh",
    "tw": "zh-hk",
    # Three letters.
    "ara": "ar", "bul": "bg", "ben": "bn", "cat": "ca", "ces": "cs", "cze": "cs", "dan": "da", "deu": "de",
    "ger": "de", "ell": "el", "gre": "el", "eng": "en", "epo": "eo", "spa": "es", "est": "et", "eus": "eu",
    "fas": "fa", "per": "fa", "fin": "fi", "fra": "fr", "fre": "fr", "heb": "he", "hin": "hi", "hrv": "hr",
    "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja", "kat": "ka", "geo": "ka", "kor": "ko", "lit": "lt",
    "mon": "mn", "msa": "ms", "may": "ms", "mya": "my", "bur": "my", "nld": "nl", "dut": "nl", "nor": "no",
    "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk", "slo": "sk", "srp": "sr",
    "swe": "sv", "tha": "th", "tgl": "tl", "tur": "tr", "ukr": "uk", "vie": "vi", "zho": "zh", "chi": "zh",
}  # fmt: skip

_SHORT_NAMES = {
    "spanish": "es",
    "portuguese": "pt",
    "brazilian": "pt-br",
    "brazilian portuguese": "pt-br",
    "latin american spanish": "es-la",
    "chinese": "zh",
    "simplified chinese": "zh",
    "traditional chinese": "zh-hk",
    "tagalog": "tl",
    "farsi": "fa",
    # As their speakers write them.
    "español": "es", "espanol": "es", "castellano": "es", "español latino": "es-la", "latino": "es-la",
    "español la": "es-la", "latam": "es-la",
    "español latam": "es-la", "español latinoamericano": "es-la", "español (latinoamérica)": "es-la",
    "français": "fr", "francais": "fr", "vf": "fr", "vostfr": "fr", "deutsch": "de", "italiano": "it",
    "português": "pt", "português (brasil)": "pt-br", "português br": "pt-br", "brasil": "pt-br",
    "русский": "ru", "на русском": "ru", "рус": "ru", "українська": "uk", "українською": "uk", "укр": "uk",
    "polski": "pl", "türkçe": "tr", "turkce": "tr",
    "indo": "id", "indonesia": "id", "bahasa indonesia": "id", "bahasa melayu": "ms", "melayu": "ms",
    "tiếng việt": "vi", "việt": "vi", "ไทย": "th", "ภาษาไทย": "th", "แปลไทย": "th",
    "مترجم": "ar", "العربية": "ar", "عربي": "ar", "فارسی": "fa",
    "עברית": "he", "ελληνικά": "el", "magyar": "hu", "čeština": "cs", "česky": "cs", "slovenčina": "sk",
    "română": "ro", "nederlands": "nl", "svenska": "sv", "norsk": "no", "dansk": "da", "suomi": "fi",
    "български": "bg", "српски": "sr", "hrvatski": "hr", "català": "ca", "हिन्दी": "hi", "বাংলা": "bn",
    "日本語": "ja", "한국어": "ko", "中文": "zh", "简体": "zh", "简体中文": "zh", "简中": "zh", "简": "zh",
    "繁體": "zh-hk", "繁体": "zh-hk", "繁體中文": "zh-hk", "繁体中文": "zh-hk", "繁中": "zh-hk", "繁": "zh-hk",
}  # fmt: skip
_BY_NAME = {name.casefold(): code for code, name in LANGUAGES.items()} | _SHORT_NAMES


def is_code(text: str) -> bool:
    """Whether the service takes `text` for the form of a language code."""
    return _CODE.fullmatch(text) is not None


def near_languages(text: str, most: int = 3) -> list[tuple[str, str]]:
    """(code, name) of the languages whose name or code begins with `text`, else contains it, else is like it."""
    plain = text.strip().casefold()
    if not plain:
        return []
    names = {name.casefold(): code for code, name in LANGUAGES.items()}
    found = [code for code in LANGUAGES if code.startswith(plain)]
    found += [code for name, code in names.items() if name.startswith(plain)]
    found += [code for name, code in names.items() if plain in name and len(plain) > 2]
    found += [names[name] for name in difflib.get_close_matches(plain, names, n=most, cutoff=0.75)]
    return [(code, LANGUAGES[code]) for code in dict.fromkeys(found)][:most]


def parse_language(text: str) -> str | None:
    """The service's code for a code, a foreign tag ("zh-Hant", "pt_BR", "jpn") or an English name."""
    plain = text.strip().casefold().replace("_", "-")
    if plain in LANGUAGES:
        return plain
    code = _FOREIGN.get(plain) or _BY_NAME.get(plain)
    if code is not None:
        return code
    base, dash, _ = plain.partition("-")
    if dash and (base in LANGUAGES or base in _FOREIGN):
        return parse_language(base)
    return None

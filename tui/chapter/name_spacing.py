"""Names made ready for reading: blanks where other characters stand for them, and without what programs append."""

from __future__ import annotations

import re

from tui.chapter.name_marks import Kind, find_marks
from tui.chapter.name_tags import is_group

_MARKS_TAG = re.compile(r"[(\[]([^()\[\]]{3,30})[)\]]")
_PART_TAG = re.compile(r"\s*[(\[]((?:part|pt|partie|parte|teil|часть)\.?\s?[1-9])[)\]]", re.IGNORECASE)
_PAGES = re.compile(r"(?<!\w)(?:p|pg|pages?)\.?\s?\d{1,4}(?:\s?-\s?p?\d{1,4})?(?!\w)", re.IGNORECASE)
_UNDERSCORED = re.compile(
    r"(?<![^\W_])(?:chapter|chap|ch|c|episode|ep|volume|vol|v)\.?_\d|_(?:ch?|ep?|v|vol)\.?\d+_(?![0-9a-f]{6}$)",
    re.IGNORECASE,
)
"""Underscores are blanks here, although others stand there too."""
_HALF = re.compile(r"(?<=-)(\d{1,4})-([1-9])(?=$|[\[(])")
_JUNK_END = re.compile(
    r"(?:[\s._-]+(?:kcc\d*|kfx|kepub|cbz|cbr|zip|copy|copy \d+|копия|copia|kopie|rev\d?|fixed))+$"
    r"|(?<=\d)[\s._-]+(?:raws?|hq|hd|lq|end|fin|fix|cleaned|typeset|redrawn?|export|完)$"
    r"|_[0-9a-f]{6,8}$",
    re.IGNORECASE,
)


def spaced(text: str) -> str:
    """With blanks between the words, and brackets around nothing but tags."""
    text = _MARKS_TAG.sub(_without_brackets, _PART_TAG.sub(r" \1", text))
    return _unboxed(_spaced(text))


def _spaced(name: str) -> str:
    """Underscores, dots or hyphens as blanks where the name has no blanks."""
    outside = re.sub(r"\[[^\]]*\]|\([^)]*\)|\{[^}]*\}", "", name)
    if " " in outside.strip() and not _UNDERSCORED.search(outside.strip()):
        return name
    if "_" in outside:
        return name.replace("_", " ")
    if outside.count(".") >= 2 or re.search(r"[^\W\d]\.[^\W\d]{2}", outside):
        return re.sub(r"(?<!\d)\.|\.(?!\d)", " ", name)
    if (
        outside.count("-") >= 2
        and outside == outside.lower()
        and re.search(r"-(?:(?:chapter|chap|ch|vol|capitulo|chapitre)-|[vc]\d)", outside)
    ):
        return _HALF.sub(_with_point, name).replace("-", " ")
    return name


def _with_point(found: re.Match[str]) -> str:
    """ "chapter-12-5" is 12.5: no range goes down. "chapter-3-5" may be either."""
    return f"{found[1]}.{found[2]}" if int(found[1]) > int(found[2]) else found[0]


def _without_brackets(tag: re.Match[str]) -> str:
    """ "(v3 c12)", "[c1-5]": several marks in one tag."""
    marks = find_marks(tag[1])
    chapters = any(mark.kind is Kind.CHAPTER for mark in marks)
    return f" {tag[1]} " if chapters and (len(marks) > 1 or marks[0].several) else tag[0]


def _unboxed(name: str) -> str:
    """ "[Group][Title][012]": where all stands in brackets, the groups keep theirs."""
    boxes = re.findall(r"[\[【]([^\[\]【】]*)[\]】]", name)
    if len(boxes) < 2 or re.sub(r"[\[【][^\[\]【】]*[\]】]", "", name).strip(" _-."):
        return name
    at = next((place for place, box in enumerate(boxes) if is_group(box)), 0)
    others = [box for place, box in enumerate(boxes) if place != at]
    title, *rest = others
    inside, tags = [], []
    for box in rest:
        bare = re.fullmatch(r"\d{1,4}(?:\.\d)?(?:v\d)?", box) is not None
        if bare or find_marks(box):
            inside.append(f"- {box}" if bare else box)
        else:
            tags.append(f"[{box}]")
    return " ".join([f"[{boxes[at]}]", title, *inside, *tags])


def cleaned(text: str) -> str:
    """Without the numbers of pages and what programs append. For a name whose tags are taken out."""
    text = re.sub(r"(?<=\b0\d\d)\s+v[2-9]\s*$", "", _PAGES.sub(" ", text))
    before = None
    while before != text:
        before, text = text, _JUNK_END.sub("", text.rstrip(" -–—_"))
    return text

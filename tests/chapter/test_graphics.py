"""What terminals are given to draw pictures pixel by pixel, taken apart again."""

from __future__ import annotations

import base64
import io
import re

from PIL import Image

from tui.chapter.graphics import few_colours, kitty_cells, kitty_delete, kitty_image, sixel, through_tmux


def _drawn(sequence: str) -> Image.Image:
    """What a terminal makes of a Sixel sequence."""
    size, body = re.match(r'\x1bP0;0;0q"1;1;(\d+;\d+)(.*)\x1b\\$', sequence, re.DOTALL).groups()  # type: ignore[union-attr]
    width, height = map(int, size.split(";"))
    image = Image.new("RGB", (width, height), (255, 0, 255))
    colours: dict[int, tuple[int, ...]] = {}
    x = top = now = 0
    for number, levels, run, character in re.findall(r"#(\d+)(?:;2;([\d;]+))?|(?:!(\d+))?([$\-?-~])", body):
        if number:
            now = int(number)
            if levels:
                colours[now] = tuple(round(int(level) * 2.55) for level in levels.split(";"))
        elif character == "$":
            x = 0
        elif character == "-":
            x, top = 0, top + 6
        else:
            for _ in range(int(run or 1)):
                for bit in range(6):
                    if ord(character) - 63 >> bit & 1:
                        image.putpixel((x, top + bit), colours[now])
                x += 1  # noqa: SIM113  # goes back at $ and -
    return image


def _picture(colour: bool) -> Image.Image:
    grey = Image.radial_gradient("L").resize((37, 23))
    return Image.merge("RGB", (grey, grey.rotate(180) if colour else grey, grey))


def test_a_sixel_draws_every_pixel() -> None:
    for colour in (False, True):
        few = few_colours(_picture(colour))
        drawn, wanted = _drawn(sixel(few)), few.convert("RGB")
        assert drawn.size == wanted.size
        far = [abs(a - b) for a, b in zip(drawn.tobytes(), wanted.tobytes(), strict=True)]
        assert max(far) <= 3, "levels are in percent"


def test_few_colours_look_the_same() -> None:
    shades = few_colours(_picture(False)).convert("RGB")
    far = [abs(a - b) for a, b in zip(shades.tobytes(), _picture(False).tobytes(), strict=True)]
    assert max(far) <= 9
    assert len(set(shades.tobytes())) <= 16


def test_kitty_is_given_the_picture_in_pieces_and_does_not_answer() -> None:
    image = Image.effect_noise((300, 200), 90)
    sequences = kitty_image(image, 77, 30, 10)
    assert len(sequences) > 3
    split = [one.removeprefix("\x1b_G").removesuffix("\x1b\\").split(";") for one in sequences]
    heads, parts = zip(*split, strict=True)
    assert heads[0] == "a=T,U=1,q=2,f=100,i=77,c=30,r=10,m=1"
    assert set(heads[1:-1]) == {"m=1,q=2"} and heads[-1] == "m=0,q=2"
    assert max(map(len, parts)) <= 4096
    with Image.open(io.BytesIO(base64.standard_b64decode("".join(parts)))) as found:
        assert found.tobytes() == image.tobytes()
    assert kitty_delete(77) == "\x1b_Ga=d,d=I,i=77,q=2\x1b\\"


def test_placeholders_say_their_row_and_column() -> None:
    cells = kitty_cells(3, 1)
    assert cells == "\U0010eeee\u030d\u0305\U0010eeee\u030d\u030d\U0010eeee\u030d\u030e"


def test_tmux_hands_it_on() -> None:
    assert through_tmux("\x1b_Gx\x1b\\") == "\x1bPtmux;\x1b\x1b_Gx\x1b\x1b\\\x1b\\"

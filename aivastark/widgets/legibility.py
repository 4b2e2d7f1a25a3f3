"""Whether words can be read on their colour: contrast as WCAG 2.2 defines it, success criterion 1.4.3."""

from aivastark.widgets.configuration import Colors

CONTRAST_MIN = 4.5  # to 1, for text of ordinary size


def on_primary(colors: Colors) -> str:
    """The colour of words on the primary colour: the chosen one, else the more legible of black and white."""
    if colors.on_primary is not None:
        return colors.on_primary
    return max("#ffffff", "#000000", key=lambda candidate: contrast(candidate, colors.primary))


def warnings(colors: Colors) -> list[dict[str, str]]:
    """A sentence for each pair of colours that is hard to read, with the field to change."""
    pairs = (
        ("branding.colors.on_primary", on_primary(colors), colors.primary),
        ("branding.colors.text", colors.text, colors.background),
    )
    return [
        {
            "param": param,
            "message": f"{words} on {ground} has a contrast of {ratio:.1f} to 1; WCAG AA asks for {CONTRAST_MIN}.",
        }
        for param, words, ground in pairs
        if (ratio := contrast(words, ground)) < CONTRAST_MIN
    ]


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

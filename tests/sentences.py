"""The placeholders of a sentence, and the Korean particles that lean on one."""

import re
from string import Formatter

# Particles that change with the sound before them, or lean on it: a placeholder has none that the
# writer could know. The copula's full form (입니다, 이고, 이며) follows every sound, so it may.
PARTICLES = (
    "은|는|이|가|을|를|과|와|로|으로|의|에|에서|에게|께|도|만|까지|부터|보다|처럼|이나|나|이랑|랑|"
    "로서|으로서|로써|으로써|로는|으로는|다|며|고|라|라고|라는|지만|면|이든|든|이란|란|"
    "에는|에서는|에만|에도|만이|만을|마다|조차"
)
GLUED = re.compile(rf"\}}['\"`’”」』]?(?:{PARTICLES})(?![가-힣])")


def placeholders(sentence):
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def glued(sentence):
    """Sentence parts where a particle follows a placeholder; doubled braces are plain text."""
    return GLUED.findall(sentence.replace("{{", "").replace("}}", ""))

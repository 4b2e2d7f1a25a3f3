"""Words that turn a sentence into the answer of another question: opposites, negations, other numbers.

A sentence can hold every other word of a question and still not answer it: "lowest point" asked, "highest point"
written. Such near misses are what retrieval is worst at and what a reader forgives least.
"""

import re
from collections.abc import Callable
from itertools import pairwise

DENIAL_REACH = 30  # characters between "not" and what it denies

# Opposites stand next to each other, pairs parted by bars. English, German, Spanish, French.
_OPPOSITES = """
advantage disadvantage | advantages disadvantages | advantage disadvantages | advantages disadvantage
benefits drawbacks
| north south | northern southern | east west | eastern western | upper lower | highest lowest | high low
higher lower | first last | largest smallest | large small | longest shortest | long short | oldest youngest
oldest newest | old new | oldest latest | increase decrease | increased decreased | increases decreases
rise fall | more less | most least | many few | before after | start end | beginning end | begin end
began ended | open closed | won lost | winner loser | male female | men women | man woman | father mother
son daughter | husband wife | king queen | brother sister | early late | earlier later | earliest latest
inside outside | internal external | import export | buy sell | accept reject | accepted rejected
allow prohibit | allowed prohibited | legal illegal | dependent independent | deterministic nondeterministic
solved unsolved | known unknown | public private | major minor | majority minority | maximum minimum
best worst | better worse | positive negative | success failure | support oppose | supported opposed
enter leave | arrive leave | arrived left | right left | above below | wet dry | hot cold | war peace
day night | summer winter | cheap expensive | free paid | enable disable | enabled disabled | add remove
create delete | created destroyed | built destroyed | install uninstall | upgrade downgrade | monthly yearly
monthly annual | send receive | lock unlock | never always | wide narrow | widest narrowest | deep shallow
fast slow | faster slower | fastest slowest | primary secondary | ancient modern | direct indirect
simple complex | easy difficult | easy hard | strong weak | rich poor | upstream downstream | defended attacked
activate deactivate | subscribe unsubscribe | public secret | online offline | norden süden | osten westen
nördlich südlich | östlich westlich | obere untere | höchste niedrigste | höchste tiefste | erste letzte
größte kleinste | längste kürzeste | älteste jüngste | mehr weniger | vor nach | anfang ende | öffentlich privat
kostenlos kostenpflichtig | aktivieren deaktivieren | hinzufügen entfernen | monatlich jährlich
minimum maximum | norte sur | este oeste | superior inferior | mayor menor | primero último | primera última
máximo mínimo | antes después | público privado | gratis pago | activar desactivar | añadir eliminar
mensual anual | más menos | nord sud | est ouest | supérieur inférieur | premier dernier | première dernière
maximum minimum | avant après | public privé | gratuit payant | activer désactiver | ajouter supprimer
mensuel annuel | plus moins
"""


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in _OPPOSITES.replace("\n", "|").split("|"):
        for left, right in pairwise(pair.split()):
            found.setdefault(left, set()).add(right)
            found.setdefault(right, set()).add(left)
    return {word: frozenset(others) for word, others in found.items()}


OPPOSITES = _opposites()

_WORD = re.compile(r"\w+(?:['’.,:-]\w+)*")
_NEGATION = re.compile(
    r"(?<!\w)(?:not|no|never|none|neither|nor|without|cannot|\w+n['’]t|nicht|kein\w*|nie|niemals|ohne|nunca|sin|jamais|sans|ne|non)(?!\w)",
    re.IGNORECASE,
)


_DENIAL = re.compile(
    r"(?<!\w)(?:not|never|avoid\w*|cannot|unsupported|unsuitable|inappropriate|instead of|rather than|poor\w*|\w+n['’]t"
    r"|nicht|kein\w*|nie|niemals|vermeide\w*|nunca|evitar|jamais|éviter)(?!\w)",
    re.IGNORECASE,
)


_DRAWBACK = re.compile(
    r"(?<!\w)(?:disadvantages?|drawbacks?|downsides?|limitations?|restrictions?|shortcomings?|caveats?"
    r"|nachteile?n?|einschränkung(?:en)?|desventajas?|limitaciones|inconvénients?)(?!\w)",
    re.IGNORECASE,
)


def denies(text: str) -> bool:
    """Whether a text speaks against something, or says that it is not so."""
    return _DENIAL.search(text) is not None or _DRAWBACK.search(text) is not None


def speaks_against(question: str, text: str, asked_of: Callable[[str], bool]) -> bool:
    """Whether a text denies as a denying question does: it has drawbacks, or "not" right before a word asked of."""
    if _DRAWBACK.search(question):
        return _DRAWBACK.search(text) is not None
    return any(
        any(map(asked_of, _WORD.findall(text, match.end(), match.end() + DENIAL_REACH)))
        for match in _DENIAL.finditer(text)
    )


def words_of(text: str) -> frozenset[str]:
    """Lower-case words and numbers as written, not stemmed."""
    return frozenset(_WORD.findall(text.lower()))


def turned_around(asked: frozenset[str], written: frozenset[str]) -> bool:
    """Whether the text has the opposite of a word asked for, and not the word itself."""
    return any(not OPPOSITES[word].isdisjoint(written) for word in asked - written if word in OPPOSITES)


def has_negation(text: str) -> bool:
    """Whether there is a word in it that denies."""
    return _NEGATION.search(text) is not None


def negated(question: str, text: str) -> bool:
    """Whether the question denies something that the text says plainly (the other way round is common and harmless)."""
    return has_negation(question) and not has_negation(text)


def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text as written."""
    return frozenset(word for word in words_of(text) if word[0].isdigit())


def other_numbers(asked: frozenset[str], written: frozenset[str]) -> bool:
    """Whether the question names a number (year, version, amount) that the text does not have."""
    return any(word[0].isdigit() and word not in written for word in asked)

# ruff: noqa: E501
"""Small words that decide what a sentence claims: negations, limits, hedges, units, and other words for the same.

Closed lists for English, German, Spanish and French, written for this project. Everything else about a language
comes from the analyser; a language without a list here has all lists at once.
"""

from functools import cache
from typing import Literal

from aivastark.kit.analysis import analyse

# "by" marks the passive, which turns the order of words around.
Role = Literal[
    "no", "only", "except", "if", "all", "must", "some", "maybe", "before", "after", "until", "more", "less", "by"
]

_ROLES: dict[str, dict[Role, str]] = {
    "en": {
        "no": "not no never none neither nor without cannot nothing nobody nowhere hardly unable",
        "only": "only solely exclusively merely",
        "except": "unless except excluding excepting",
        "if": "if whenever",
        "all": "always all every everyone everybody everything everywhere",
        "must": "must required mandatory obligatory compulsory",
        "some": "some several most many few sometimes often usually typically generally rarely partly partially mostly",
        "maybe": "may might could possibly probably perhaps likely allegedly reportedly believed",
        "before": "before prior",
        "after": "after following",
        "until": "until till",
        "more": "more greater larger",
        "less": "less fewer smaller",
        "by": "by",
    },
    "de": {
        "no": "nicht kein keine keinen keinem keiner keines nie niemals ohne nichts niemand weder",
        "only": "nur ausschließlich lediglich allein",
        "except": "außer ausser ausgenommen sondern",
        "if": "wenn falls sofern solange",
        "all": "immer stets alle allen aller alles jede jeder jedes jeden jedem sämtliche überall",
        "must": "muss müssen musste mussten erforderlich verpflichtend obligatorisch notwendig",
        "some": "einige manche mehrere viele wenige meisten manchmal oft meist meistens gewöhnlich selten teilweise",
        "maybe": "vielleicht möglicherweise eventuell wahrscheinlich vermutlich könnte könnten angeblich dürfte",
        "before": "bevor vorher vor",
        "after": "nachdem danach nach",
        "more": "mehr",
        "less": "weniger",
        "until": "bis",
        "by": "von vom durch",
    },
    "es": {
        "no": "no nunca jamás sin ningún ninguna ninguno nada nadie tampoco ni",
        "only": "solo sólo solamente únicamente exclusivamente",
        "except": "excepto salvo",
        "if": "si",
        "all": "siempre todo toda todos todas cada",
        "must": "debe deben deberá obligatorio obligatoria necesario necesaria",
        "some": "algún alguno alguna algunos algunas varios varias muchos muchas pocos pocas mayoría veces generalmente",
        "maybe": "quizás quizá posiblemente probablemente podría podrían supuestamente",
        "before": "antes",
        "after": "después",
        "until": "hasta",
        "more": "más mayor",
        "less": "menos menor",
        "by": "por",
    },
    "fr": {
        "no": "ne n pas jamais sans aucun aucune rien ni",
        "only": "seulement uniquement exclusivement seul seule seuls",
        "except": "sauf excepté",
        "if": "si",
        "all": "toujours tout toute tous toutes chaque",
        "must": "doit doivent faut obligatoire nécessaire",
        "some": "certains certaines plusieurs beaucoup peu plupart quelques parfois souvent généralement rarement",
        "maybe": "peut-être possiblement probablement pourrait pourraient",
        "before": "avant",
        "after": "après",
        "until": "jusque jusqu",
        "more": "plus",
        "less": "moins",
        "by": "par",
    },
}
_NUMBERS = {
    "en": """two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 ten 10 eleven 11 twelve 12 thirteen 13 fourteen 14
        fifteen 15 sixteen 16 seventeen 17 eighteen 18 nineteen 19 twenty 20 thirty 30 forty 40 fifty 50 sixty 60
        seventy 70 eighty 80 ninety 90 hundred 100 thousand 1000 zero 0 twice 2 half ½ dozen 12 first 1. second 2.
        third 3. fourth 4. fifth 5. sixth 6. seventh 7. eighth 8. ninth 9. tenth 10.""",
    "de": """zwei 2 drei 3 vier 4 fünf 5 sechs 6 sieben 7 acht 8 neun 9 zehn 10 elf 11 zwölf 12 zwanzig 20 dreißig 30
        vierzig 40 fünfzig 50 sechzig 60 siebzig 70 achtzig 80 neunzig 90 hundert 100 tausend 1000 null 0 zweimal 2
        dreimal 3 halb ½ halbe ½ hälfte ½ ersten 1. erste 1. erster 1. zweite 2. zweiten 2. dritte 3. dritten 3.
        vierte 4. vierten 4. fünfte 5. fünften 5. sechste 6. sechsten 6.""",
    "es": """dos 2 tres 3 cuatro 4 cinco 5 seis 6 siete 7 ocho 8 nueve 9 diez 10 once 11 doce 12 veinte 20 treinta 30
        cuarenta 40 cincuenta 50 sesenta 60 setenta 70 ochenta 80 noventa 90 cien 100 mil 1000 cero 0 mitad ½
        primero 1. primera 1. primer 1. segunda 2. tercero 3. tercera 3. tercer 3. cuarto 4. cuarta 4. quinto 5.""",
    "fr": """deux 2 trois 3 quatre 4 cinq 5 six 6 sept 7 huit 8 neuf 9 dix 10 onze 11 douze 12 vingt 20 trente 30
        quarante 40 cinquante 50 soixante 60 cent 100 mille 1000 zéro 0 moitié ½ premier 1. première 1. deuxième 2.
        second 2. seconde 2. troisième 3. quatrième 4. cinquième 5. sixième 6.""",
}
_UNITS = """
% percent percentage prozent porcentaje pourcent ‰ | $ usd dollar dollars dólares | € eur euro euros | £ gbp pound pounds pfund
libras livres | ¥ yen | chf franken | cent cents centavos centimes | second seconds sec sekunde sekunden segundo segundos
seconde secondes | ms millisecond milliseconds | minute minutes min minuten minuto minutos | hour hours h hr hrs stunde stunden
hora horas heure heures | day days tag tage tagen día días jour jours | week weeks woche wochen semana semanas semaine semaines
| month months monat monate monaten mes meses mois | year years yr yrs jahr jahre jahren año años ans année années
| decade decades jahrzehnt jahrzehnte década décadas décennie | century centuries jahrhundert siglo siglos siècle siècles
| kb kilobyte kilobytes | mb megabyte megabytes | gb gigabyte gigabytes | tb terabyte terabytes | mm millimeter
| cm centimeter centimetres centimeters zentimeter | m meter meters metre metres metros mètres | km kilometer kilometers
kilometre kilometres kilómetros kilomètres | mile miles meilen millas | feet foot ft fuß pies pieds | inch inches zoll
pulgadas | g gram grams gramm gramos grammes | kg kilogram kilograms kilogramm kilo kilos | ton tons tonne tonnes tonnen
toneladas | °c celsius | °f fahrenheit | am a.m | pm p.m | uhr | million millions millionen millón millones mio
| billion billions | milliarde milliarden mrd milliards | thousand tausend | volt volts | watt watts | hz | token tokens
"""
_SAME = {
    "en": """buy bought purchase order | cost price charge fee | delete remove erase | start begin began begun commence launch | end finish conclude
        | show display present | choose select pick | click press tap | get got receive obtain | give gave provide offer supply grant
        | allow permit enable let | need require | big large huge | make made create build built produce construct | change modify alter
        | fix repair solve resolve | stop halt cease | help assist support | customer client | staff employee worker
        | use utilise utilize employ | send sent ship deliver dispatch | return refund | fast quick rapid | roughly about
        | happen occur | contain include comprise | kill murder | win won victory | movie film | job profession occupation
        | author writer | country nation | called named known | locate situate | city town | folder directory
        | sign register enrol enroll | photo picture image | settings preferences options | lawyer attorney""",
    "de": """kaufen erwerben bestellen | kosten preis gebühr | löschen entfernen | beginnen begann starten anfangen | enden beenden
        | zeigen anzeigen | wählen auswählen | klicken drücken tippen | erhalten erhielt bekommen bekam | geben bieten anbieten bereitstellen
        | erlauben gestatten ermöglichen | brauchen benötigen | groß riesig | erstellen anlegen erzeugen | ändern bearbeiten
        | schicken senden versenden liefern | nutzen benutzen verwenden | enthalten umfassen | kunde kundin | stadt ort""",
    "es": """comprar adquirir pedir | precio coste costo tarifa | eliminar borrar suprimir quitar | empezar comenzar iniciar
        | terminar acabar finalizar | mostrar enseñar | elegir seleccionar escoger | pulsar presionar | recibir obtener
        | ofrecer proporcionar dar | permitir dejar | necesitar requerir | grande enorme | crear hacer construir
        | cambiar modificar | enviar mandar entregar | usar utilizar emplear | contener incluir | cliente comprador""",
    "fr": """acheter acquérir commander | prix coût tarif frais | supprimer effacer enlever | commencer débuter démarrer
        | finir terminer | montrer afficher | choisir sélectionner | cliquer appuyer | recevoir obtenir | offrir fournir
        donner proposer | permettre autoriser | nécessiter exiger | grand énorme | créer faire construire
        | changer modifier | envoyer expédier livrer | utiliser employer | contenir comprendre inclure""",
}
_EMPTY = {
    "en": "additionally also furthermore moreover however therefore thus hence specifically i.e e.g namely overall",
    "de": "außerdem zudem ferner jedoch daher somit nämlich zusätzlich",
    "es": "además asimismo embargo concretamente",
    "fr": "également outre cependant donc ainsi notamment",
}
_DATES = """
january february march april june july august september october november december monday tuesday wednesday thursday friday
saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays weekday weekdays weekend weekends daily weekly
monthly yearly annually annual today tomorrow yesterday midnight noon januar februar märz mai juni juli oktober dezember
montag dienstag mittwoch donnerstag freitag samstag sonntag montags dienstags mittwochs donnerstags freitags samstags sonntags
werktags werktage wochenende täglich wöchentlich monatlich jährlich heute morgen gestern enero febrero marzo abril mayo junio
julio agosto septiembre octubre noviembre diciembre lunes martes miércoles jueves viernes sábado domingo diario semanal mensual
anual janvier février mars avril juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi
samedi dimanche quotidien hebdomadaire mensuel annuel
"""
DATES = frozenset(_DATES.split())
"""Names of days, months and rhythms, in lower case: as firm as a number."""


@cache
def roles(language: str | None) -> dict[str, Role]:
    """The role of each small word that has one, in lower case."""
    chosen = [_ROLES[language]] if language in _ROLES else list(_ROLES.values())
    return {word: role for table in chosen for role, words in table.items() for word in words.split()}


@cache
def number_words(language: str | None) -> dict[str, str]:
    """Number words and what they are in digits; an ordinal ends with a full stop. One is left out: it is an article."""
    chosen = [_NUMBERS[language]] if language in _NUMBERS else list(_NUMBERS.values())
    found: dict[str, str] = {}
    for words in (table.split() for table in chosen):
        found |= dict(zip(words[::2], words[1::2], strict=True))
    return found


@cache
def units() -> dict[str, str]:
    """Each way to write a unit of measure, and the first of its group, which stands for all."""
    return {word: group.split()[0] for group in _UNITS.split("|") for word in group.split()}


@cache
def same(language: str | None) -> dict[str, frozenset[str]]:
    """For an analysed term, the analysed terms that say the same; empty for a language without a list."""
    found: dict[str, frozenset[str]] = {}
    for group in _SAME.get(language or "", "").split("|"):
        terms = frozenset(analyse(group, language))
        for term in terms:
            found[term] = found.get(term, frozenset()) | terms
    return found


@cache
def empty(language: str | None) -> frozenset[str]:
    """Analysed terms that claim nothing: "according to the documentation"."""
    return frozenset(analyse(_EMPTY.get(language or "", ""), language))

"""Characters: codes, classes, case, alphabets."""

from __future__ import annotations

from lyra_core.plugins import Boolean, Integer, List, String, Value, module
from lyra_std_string.arguments import call_of, over_strings, refuse, strings_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

functions = module("std::string")

_LISTABLE = {"Listable", "Protected"}
_PLAIN = {"Protected"}


@functions.function(attributes=_LISTABLE, checked=False)
def Characters(string: String) -> List | None:
    """Give the list of the characters of a string.

    >>> Characters["abc"]
    {"a", "b", "c"}
    >>> Characters[{"ab", ""}]
    {{"a", "b"}, {}}
    """
    if string.__class__ is not String:
        return refuse("Characters", "string", 1, call_of("Characters", string))
    text = string.value
    if len(text) < 100:
        return strings_of(text)
    values = {c: String(c) for c in set(text)}
    return List(tuple(map(values.__getitem__, text)))


def _encoding(v: Value) -> str | None:
    """Return Python's name of a character encoding, empty for Unicode code points."""
    if v is None:
        return ""
    name = v.value if v.__class__ is String else None
    return _ENCODINGS.get(name) if name else None


_ENCODINGS = {
    "Unicode": "",
    "UTF8": "utf-8",
    "UTF-8": "utf-8",
    "UTF16": "utf-16-be",
    "ASCII": "ascii",
    "PrintableASCII": "ascii",
    "ISO8859-1": "latin-1",
    "ISOLatin1": "latin-1",
    "ISO8859-15": "iso8859-15",
    "WindowsANSI": "cp1252",
    "CP1252": "cp1252",
    "MacintoshRoman": "mac-roman",
    "ShiftJIS": "shift-jis",
    "EUC-JP": "euc-jp",
    "CP936": "cp936",
}


@functions.function(attributes=_PLAIN, checked=False)
def ToCharacterCode(string: String | List, encoding: String | None = None) -> List | None:
    """Give the list of the codes of the characters, of each string of a list; an encoding gives its bytes.

    >>> ToCharacterCode["ABC"]
    {65, 66, 67}
    >>> ToCharacterCode[{"a", "é"}]
    {{97}, {233}}
    >>> ToCharacterCode["é", "UTF8"]
    {195, 169}
    """
    codec = _encoding(encoding)
    if codec is None:
        return None

    def codes(text: str) -> List | None:
        if not codec:
            return List(tuple(map(ord, text)))
        return List(tuple(text.encode(codec, "replace")))

    return over_strings(string, codes, "ToCharacterCode", encoding)


@functions.function(
    attributes=_PLAIN,
    checked=False,
    messages={
        "notunicode": "A character code, which should be a non-negative integer less than 1114112, is expected at "
        "position `2` in `1`.",
        "intnm": "Non-negative machine-sized integer expected at position `2` in `1`.",
        "utf8": "The byte sequence `1` could not be interpreted as a sequence of characters in `2`.",
    },
)
def FromCharacterCode(codes: Integer | List, encoding: String | None = None) -> String | List | None:
    """Give the string of characters with the given code, codes, or lists of codes.

    >>> FromCharacterCode[65]
    "A"
    >>> FromCharacterCode[{{97, 98}, {99}}]
    {"ab", "c"}
    >>> FromCharacterCode[{195, 169}, "UTF8"]
    "é"
    """
    codec = _encoding(encoding)
    if codec is None:
        return None
    args = (codes,) if encoding is None else (codes, encoding)
    if codes.__class__ is int:
        return _from_codes((codes,), codec, args)
    if codes.__class__ is not List:
        return refuse("FromCharacterCode", "intnm", call_of("FromCharacterCode", *args), 1)
    if codes.args and all(a.__class__ is List for a in codes.args):
        made = [_from_codes(a.args, codec, args) for a in codes.args]
        return None if any(m is None for m in made) else List(tuple(made))
    return _from_codes(codes.args, codec, args)


def _from_codes(codes: tuple[Value, ...], codec: str, args: tuple[Value, ...]) -> String | None:
    most = 0xFF if codec else 0x10FFFF
    if any(c.__class__ is not int or not 0 <= c <= most for c in codes):
        return refuse("FromCharacterCode", "notunicode", call_of("FromCharacterCode", *args), 1)
    if not codec:
        return String("".join(map(chr, codes)))
    try:
        return String(bytes(codes).decode(codec))
    except UnicodeDecodeError:
        refuse("FromCharacterCode", "utf8", List(codes), codec.upper())
        return String(bytes(codes).decode(codec, "replace"))


@functions.function(
    attributes=_PLAIN,
    checked=False,
    messages={"argtype": "Arguments `1` and `2` are not both strings of length 1 or both character codes."},
)
def CharacterRange(first: String | Integer, last: String | Integer) -> List | None:
    """Give the characters from one to another in the order of their codes.

    >>> CharacterRange["a", "e"]
    {"a", "b", "c", "d", "e"}
    >>> CharacterRange[65, 67]
    {"A", "B", "C"}
    """
    ends = []
    for each in (first, last):
        if each.__class__ is String and len(each.value) == 1:
            ends.append(ord(each.value))
        elif each.__class__ is int and 0 <= each <= 0x10FFFF:
            ends.append(each)
    if len(ends) != 2 or first.__class__ is not last.__class__:
        return refuse("CharacterRange", "argtype", first, last)
    return List(tuple([String(chr(c)) for c in range(ends[0], ends[1] + 1)]))


# ---- classes


def _question(name: str, string: String, claim: Callable[[str], bool]) -> Boolean | None:
    if string.__class__ is not String:
        return refuse(name, "string", 1, call_of(name, string))
    return all(map(claim, string.value))


@functions.function(attributes=_LISTABLE, checked=False)
def LetterQ(string: String) -> Boolean | None:
    """Give True when all characters of a string are letters.

    >>> {LetterQ["abé"], LetterQ["a1"]}
    {True, False}
    """
    return _question("LetterQ", string, str.isalpha)


@functions.function(attributes=_LISTABLE, checked=False)
def DigitQ(string: String) -> Boolean | None:
    """Give True when all characters of a string are digits 0 to 9.

    >>> {DigitQ["1234"], DigitQ["12.4"]}
    {True, False}
    """
    return _question("DigitQ", string, "0123456789".__contains__)


@functions.function(attributes=_LISTABLE, checked=False)
def UpperCaseQ(string: String) -> Boolean | None:
    """Give True when all characters of a string are upper-case letters.

    >>> {UpperCaseQ["ABC"], UpperCaseQ["AbC"]}
    {True, False}
    """
    return _question("UpperCaseQ", string, str.isupper)


@functions.function(attributes=_LISTABLE, checked=False)
def LowerCaseQ(string: String) -> Boolean | None:
    """Give True when all characters of a string are lower-case letters.

    >>> {LowerCaseQ["abc"], LowerCaseQ["aBc"]}
    {True, False}
    """
    return _question("LowerCaseQ", string, str.islower)


@functions.function(attributes=_LISTABLE, checked=False)
def PrintableASCIIQ(string: String) -> Boolean | None:
    """Give True when a string holds printable ASCII characters only.

    >>> {PrintableASCIIQ["abc"], PrintableASCIIQ["é"]}
    {True, False}
    """
    return _question("PrintableASCIIQ", string, lambda c: " " <= c <= "~")


@functions.function(attributes=_PLAIN)
def PalindromeQ(x: Value) -> Boolean | None:
    """Give True when a string, a list or the digits of an integer read the same backwards.

    >>> {PalindromeQ["level"], PalindromeQ[12321], PalindromeQ[{1, 2}]}
    {True, True, False}
    """
    if x.__class__ is String:
        return x.value == x.value[::-1]
    if x.__class__ is int:
        from lyra_core.values.printing import to_text

        digits = to_text(abs(x))
        return digits == digits[::-1]
    if x.__class__ is List:
        from lyra_core.values import same

        return all(same(a, b) for a, b in zip(x.args, reversed(x.args), strict=True))
    return None


# ---- case


def _each(name: str, string: String, f: Callable[[str], str]) -> String | None:
    if string.__class__ is not String:
        return refuse(name, "string", 1, call_of(name, string))
    return String(f(string.value))


@functions.function(attributes=_LISTABLE, checked=False)
def ToUpperCase(string: String) -> String | None:
    """Give a string with all letters in upper case.

    >>> ToUpperCase["straße é"]
    "STRASSE É"
    """
    return _each("ToUpperCase", string, str.upper)


@functions.function(attributes=_LISTABLE, checked=False)
def ToLowerCase(string: String) -> String | None:
    """Give a string with all letters in lower case.

    >>> ToLowerCase["ABC É"]
    "abc é"
    """
    return _each("ToLowerCase", string, str.lower)


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


_SMALL_WORDS = frozenset("a an and as at but by for from in nor of on or the to up with".split())  # noqa: SIM905


def _title(text: str) -> str:
    words = text.split(" ")
    last = len(words) - 1
    return " ".join([w if w.lower() in _SMALL_WORDS and 0 < i < last else _first_upper(w) for i, w in enumerate(words)])


@functions.function(attributes=_PLAIN, checked=False)
def Capitalize(string: String | List, scheme: String | None = None) -> String | List | None:
    """Give a string with its first letter in upper case; schemes are "FirstWord", "AllWords" and "TitleCase".

    >>> Capitalize["hello world"]
    "Hello world"
    >>> Capitalize["the end of the world", "TitleCase"]
    "The End of the World"
    """
    how = {
        None: _first_upper,
        "FirstWord": _first_upper,
        "AllWords": lambda text: " ".join(map(_first_upper, text.split(" "))),
        "TitleCase": _title,
    }.get(None if scheme is None else getattr(scheme, "value", ""))
    if how is None:
        return None
    return over_strings(string, lambda text: String(how(text)), "Capitalize", scheme)


@functions.function(attributes=_PLAIN, checked=False)
def Decapitalize(string: String | List) -> String | List | None:
    """Give a string with its first letter in lower case.

    >>> Decapitalize["Hello World"]
    "hello World"
    """
    return over_strings(string, lambda text: String(text[:1].lower() + text[1:]), "Decapitalize")


# ---- Unicode


@functions.function(attributes=_PLAIN, checked=False)
def RemoveDiacritics(string: String | List) -> String | List | None:
    """Give a string with its accents taken away.

    >>> RemoveDiacritics["Crème brûlée"]
    "Creme brulee"
    """
    return over_strings(string, lambda text: String(_without_marks(text)))


def _without_marks(text: str) -> str:
    import unicodedata

    split = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join([c for c in split if unicodedata.category(c) != "Mn"]))


@functions.function(attributes=_PLAIN, checked=False)
def CharacterNormalize(string: String | List, form: String) -> String | List | None:
    """Give a string in a Unicode normal form: "NFC", "NFD", "NFKC" or "NFKD".

    >>> StringLength[CharacterNormalize["é", "NFD"]]
    2
    """
    import unicodedata

    name: Value = getattr(form, "value", "")
    if name not in ("NFC", "NFD", "NFKC", "NFKD"):
        return None
    return over_strings(string, lambda text: String(unicodedata.normalize(name, text)))


@functions.function(attributes=_PLAIN, checked=False)
def CharacterName(string: String | List, kind: String | None = None) -> String | List | None:
    """Give the name of a character, of each character of a longer string; "Unicode" gives the name of the standard.

    >>> CharacterName["a"]
    "LatinSmallLetterA"
    >>> CharacterName["é", "Unicode"]
    "latin small letter e with acute"
    """
    import unicodedata

    official = kind is not None and getattr(kind, "value", "") == "Unicode"

    def name_of(c: str) -> String | None:
        name = unicodedata.name(c, f"U+{ord(c):04X}")
        if official:
            return String(name.lower())
        return String("".join(word.capitalize() for word in name.replace("-", " ").split(" ")))

    def names(text: str) -> Value:
        return name_of(text) if len(text) == 1 else List(tuple(map(name_of, text)))

    return over_strings(string, names)


_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i j k l m n o p r s t u f h c ch sh sch _ y _ e yu ya".replace("_", "").split(" "),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "a b g d e z i th i k l m n x o p r s s t y ph ch ps o".split(" "),  # noqa: SIM905
        strict=True,
    )
)
_SPECIAL = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}
_TO_LATIN = {**_CYRILLIC, **_GREEK, **_SPECIAL}


@functions.function(attributes=_PLAIN, checked=False)
def Transliterate(string: String | List) -> String | List | None:
    """Give a string in ASCII letters: accents go, Greek and Cyrillic letters become Latin ones.

    Other scripts stay as they are; transliteration between named scripts is not provided.

    >>> Transliterate["Привет, Ünal"]
    "Privet, Unal"
    """

    def latin(text: str) -> String | None:
        out = []
        for c in _without_marks(text):
            low = c.lower()
            made = _TO_LATIN.get(low)
            out.append(c if made is None else made if c == low else made.capitalize())
        return String("".join(out))

    return over_strings(string, latin)


# ---- alphabets

_ALPHABETS = {
    "English": "abcdefghijklmnopqrstuvwxyz",
    "Latin": "abcdefghijklmnopqrstuvwxyz",
    "French": "abcdefghijklmnopqrstuvwxyz",
    "Greek": "αβγδεζηθικλμνξοπρστυφχψω",
    "Russian": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "Cyrillic": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "German": "aäbcdefghijklmnoöpqrsßtuüvwxyz",
    "Spanish": "abcdefghijklmnñopqrstuvwxyz",
    "Italian": "abcdefghilmnopqrstuvz",
    "Swedish": "abcdefghijklmnopqrstuvwxyzåäö",
    "Danish": "abcdefghijklmnopqrstuvwxyzæøå",
    "Norwegian": "abcdefghijklmnopqrstuvwxyzæøå",
    "Hebrew": "אבגדהוזחטיכלמנסעפצקרשת",
    "Hawaiian": "aeiouhklmnpwʻ",
}


def _alphabet(v: Value) -> str | None:
    if v is None:
        return _ALPHABETS["English"]
    return _ALPHABETS.get(v.value) if v.__class__ is String else None


@functions.function(
    attributes=_PLAIN, checked=False, messages={"nalph": "The alphabet `1` is not known or not available."}
)
def Alphabet(language: String | None = None) -> List | None:
    """Give the letters of the alphabet of a language, of English without one.

    Languages: Cyrillic, Danish, English, French, German, Greek, Hawaiian, Hebrew, Italian, Latin, Norwegian,
    Russian, Spanish, Swedish; others issue `Alphabet::nalph`.

    >>> Take[Alphabet[], 3]
    {"a", "b", "c"}
    >>> First[Alphabet["Greek"]]
    "α"
    """
    letters = _alphabet(language)
    if letters is None:
        return refuse("Alphabet", "nalph", language)
    return List(tuple(map(String, letters)))


@functions.function(attributes=_PLAIN, checked=False)
def LetterNumber(letter: String | List, language: String | None = None) -> Integer | List | None:
    """Give the place of a letter in the alphabet, 0 for what is no letter of it; a list for a longer string.

    >>> {LetterNumber["c"], LetterNumber["C"], LetterNumber["?"], LetterNumber["abc"], LetterNumber["β", "Greek"]}
    {3, 3, 0, {1, 2, 3}, 2}
    """
    letters = _alphabet(language)
    if letters is None:
        return None

    def places(text: str) -> Value:
        numbers = [letters.find(c.lower()) + 1 for c in text]
        return numbers[0] if len(numbers) == 1 else List(tuple(numbers))

    return over_strings(letter, places)


@functions.function(attributes=_LISTABLE, checked=False)
def FromLetterNumber(number: Integer | List, language: String | None = None) -> String | List | None:
    """Give the letter at a place of the alphabet; negative places count from the end, others give a blank.

    >>> {FromLetterNumber[1], FromLetterNumber[-1], FromLetterNumber[2, "Greek"]}
    {"a", "z", "β"}
    """
    letters = _alphabet(language)
    if letters is None or number.__class__ is not int:
        return None
    n = number - 1 if number > 0 else len(letters) + number
    return String(letters[n] if number and 0 <= n < len(letters) else " ")

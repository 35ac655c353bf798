"""Searching, matching, splitting and replacing with string patterns."""

from __future__ import annotations

from lyra_core.plugins import Boolean, Integer, List, String, Symbol, Value, module
from lyra_core.values import FALSE, TRUE, Association, Expression, S, expression
from lyra_std_string.arguments import call_of, is_infinite, over_strings, refuse, strings_of
from lyra_std_string.patterns import ALL, Finder, Found, InvalidPattern, Replacement, compile_patterns, read_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable

functions = module("std::string")

_PLAIN = {"Protected"}


def _finder(name: str, call: Value, pattern: Value, ignore_case: Value, abbreviated: bool = False) -> Finder | None:
    """Return the finder of a pattern or a list of patterns; None, with a message, when it is none of strings."""
    patterns = pattern.args if pattern.__class__ is List else (pattern,)
    return _finder_of(name, call, patterns, ignore_case, abbreviated)


def _finder_of(
    name: str, call: Value, patterns: tuple[Value, ...], ignore_case: Value, abbreviated: bool = False
) -> Finder | None:
    try:
        return compile_patterns(patterns, ignore_case is TRUE, abbreviated)
    except InvalidPattern as error:
        from lyra_core.evaluation.messages import message

        message(S.StringExpression, "invld", error.element, patterns[0] if len(patterns) == 1 else List(patterns))
        return None


def _question(
    name: str, string: Value, pattern: Value, ignore_case: Value, ask: Callable[[Finder, str], bool], abbreviated: bool
) -> Boolean | List | None:
    call = call_of(name, string, pattern)
    if string.__class__ is not String and string.__class__ is not List:
        return refuse(name, "strse", 1, call)
    finder = _finder(name, call, pattern, ignore_case, abbreviated)
    if finder is None:
        return None
    return over_strings(string, lambda text: TRUE if ask(finder, text) else FALSE, name, pattern)


_ABOUT_PATTERNS = {"invld": "Element `1` is not a valid string or pattern element in `2`."}


@functions.function(attributes=_PLAIN, checked=False, operator=1)
def StringMatchQ(string: String | List, pattern: Value, *, IgnoreCase: Value = FALSE) -> Boolean | List | None:
    r"""Give True when a whole string matches a string pattern; in plain strings `*` stands for any characters.

    `@` stands for one or more characters that are no capitals, `\\*` for an asterisk.

    >>> {StringMatchQ["acggtATTCaagc", __ ~~ "aT" ~~ __], StringMatchQ["apppbb", "*pp*"], StringMatchQ["Ab", "@"]}
    {False, True, False}
    >>> StringMatchQ[{"a1", "b"}, LetterCharacter ~~ DigitCharacter]
    {True, False}
    """
    return _question("StringMatchQ", string, pattern, IgnoreCase, Finder.matches, True)


@functions.function(attributes=_PLAIN, checked=False, operator=1)
def StringContainsQ(string: String | List, pattern: Value, *, IgnoreCase: Value = FALSE) -> Boolean | List | None:
    """Give True when a string pattern matches anywhere in a string.

    >>> {StringContainsQ["bcde", "c" ~~ __ ~~ "e"], StringContainsQ[{"ab", "cd"}, "a" | "x"]}
    {True, {True, False}}
    """
    return _question("StringContainsQ", string, pattern, IgnoreCase, Finder.contains, False)


@functions.function(attributes=_PLAIN, checked=False, operator=1)
def StringFreeQ(string: String | List, pattern: Value, *, IgnoreCase: Value = FALSE) -> Boolean | List | None:
    """Give True when a string pattern matches nowhere in a string.

    >>> {StringFreeQ["abc", "x"], StringFreeQ["abc", "B", IgnoreCase -> True]}
    {True, False}
    """
    return _question("StringFreeQ", string, pattern, IgnoreCase, lambda finder, text: not finder.contains(text), False)


@functions.function(attributes=_PLAIN, checked=False, operator=1)
def StringStartsQ(string: String | List, pattern: Value, *, IgnoreCase: Value = FALSE) -> Boolean | List | None:
    """Give True when a string begins with a match of a string pattern.

    >>> {StringStartsQ["abcd", "a"], StringStartsQ["abcd", DigitCharacter]}
    {True, False}
    """
    return _question("StringStartsQ", string, pattern, IgnoreCase, Finder.begins, False)


@functions.function(attributes=_PLAIN, checked=False, operator=1)
def StringEndsQ(string: String | List, pattern: Value, *, IgnoreCase: Value = FALSE) -> Boolean | List | None:
    """Give True when a string ends with a match of a string pattern.

    >>> {StringEndsQ["abcd", "d"], StringEndsQ["abcd1", LetterCharacter]}
    {True, False}
    """
    return _question("StringEndsQ", string, pattern, IgnoreCase, Finder.ends, False)


# ---- finding


def _limit(n: Value) -> int | None:
    """Return the most results wanted (-1: all), None when *n* is no limit."""
    if n is None or is_infinite(n):
        return -1
    return n if n.__class__ is int and n >= 0 else None


def _overlaps(v: Value) -> bool | str:
    return ALL if v is S.All else v is TRUE


@functions.function(attributes=_PLAIN, checked=False, operator=1)
def StringCases(
    string: String | List,
    pattern: Value,
    n: Integer | Expression | None = None,
    *,
    IgnoreCase: Value = FALSE,
    Overlaps: Value = FALSE,
) -> List | None:
    """Give the substrings that match a string pattern, or what a rule makes of each; at most n of them.

    `Overlaps -> True` looks for the next from the next character on, `All` gives every match at every place.

    >>> StringCases["axbaxxb", "a" ~~ x__ ~~ "b" :> x]
    {"xbaxx"}
    >>> StringCases["a1b22", {DigitCharacter.. , "b"}]
    {"1", "b", "22"}
    >>> StringCases["abcabd", "ab" ~~ _, 1]
    {"abc"}
    """
    call = call_of("StringCases", string, pattern, *([] if n is None else [n]))
    limit = _limit(n)
    if string.__class__ is not String and string.__class__ is not List:
        return refuse("StringCases", "strse", 1, call)
    if limit is None:
        return None
    patterns, replacements = _patterns_and_rules(pattern)
    if not patterns:
        return over_strings(string, lambda text: List(()), "StringCases", pattern)
    finder = _finder_of("StringCases", call, patterns, IgnoreCase)
    if finder is None:
        return None
    overlaps = _overlaps(Overlaps)

    plain = limit == -1 and not overlaps and finder.pattern is not None and not any(replacements)

    def cases(text: str) -> Value:
        if plain:
            return strings_of(finder.texts(text))
        made: list[Value] = []
        for found in finder.find(text, overlaps):
            if len(made) == limit:
                break
            made.append(_value_of(found, replacements[found.index], text))
        return List(tuple(made))

    return over_strings(string, cases, "StringCases", pattern)


def _patterns_and_rules(v: Value) -> tuple[tuple[Value, ...], list[Replacement | None]]:
    """Return the patterns of a pattern, a rule or a list of either, and what each match becomes."""
    patterns: list[Value] = []
    replacements: list[Replacement | None] = []
    for each in v.args if v.__class__ is List else (v,):
        rules = read_rules(each) if each.__class__ is Expression else None
        if rules is None:
            patterns.append(each)
            replacements.append(None)
        else:
            for pattern, replacement in rules:
                patterns.append(pattern)
                replacements.append(replacement)
    return tuple(patterns), replacements


def _value_of(found: Found, replacement: Replacement | None, text: str) -> Value:
    if replacement is None:
        return String(text[found.start : found.end])
    if replacement.constant is not None:
        return String(replacement.constant)
    return replacement.of(found)


@functions.function(attributes=_PLAIN, checked=False, operator=1)
def StringCount(
    string: String | List, pattern: Value, *, IgnoreCase: Value = FALSE, Overlaps: Value = FALSE
) -> Integer | List | None:
    """Give how often a string pattern matches in a string.

    >>> {StringCount["abcabdab", "ab"], StringCount["aaaa", "aa"], StringCount["aaaa", "aa", Overlaps -> True]}
    {3, 2, 3}
    """
    call = call_of("StringCount", string, pattern)
    if string.__class__ is not String and string.__class__ is not List:
        return refuse("StringCount", "strse", 1, call)
    finder = _finder("StringCount", call, pattern, IgnoreCase)
    if finder is None:
        return None
    overlaps = _overlaps(Overlaps)

    def count(text: str) -> int:
        if finder.literals is not None and len(finder.literals) == 1 and finder.literals[0] and not overlaps:
            return text.count(finder.literals[0])
        return sum(1 for _ in finder.find(text, overlaps))

    return over_strings(string, count, "StringCount", pattern)


@functions.function(attributes=_PLAIN, checked=False, operator=1)
def StringPosition(
    string: String | List,
    pattern: Value,
    n: Integer | Expression | None = None,
    *,
    IgnoreCase: Value = FALSE,
    Overlaps: Value = TRUE,
) -> List | None:
    """Give the places `{first, last}` where a string pattern matches, at most n of them; they may overlap.

    >>> StringPosition["abXYZaaabXYZaaaaXYZXYZ", "XYZ"]
    {{3, 5}, {10, 12}, {17, 19}, {20, 22}}
    >>> {StringPosition["aaa", "aa"], StringPosition["aaa", "aa", Overlaps -> False], StringPosition["aba", "a", 1]}
    {{{1, 2}, {2, 3}}, {{1, 2}}, {{1, 1}}}
    """
    call = call_of("StringPosition", string, pattern, *([] if n is None else [n]))
    limit = _limit(n)
    if string.__class__ is not String and string.__class__ is not List:
        return refuse("StringPosition", "strse", 1, call)
    finder = _finder("StringPosition", call, pattern, IgnoreCase)
    if finder is None or limit is None:
        return None
    overlaps = _overlaps(Overlaps)

    def positions(text: str) -> Value:
        made: list[Value] = []
        for found in finder.find(text, overlaps):
            if len(made) == limit:
                break
            made.append(List((found.start + 1, found.end)))
        return List(tuple(made))

    return over_strings(string, positions, "StringPosition", pattern)


# ---- replacing


@functions.function(
    attributes=_PLAIN,
    checked=False,
    operator=1,
    messages={"srep": "`1` is not a valid string replacement rule."},
)
def StringReplace(
    string: String | List,
    rules: Expression | List | Association,
    n: Integer | Expression | None = None,
    *,
    IgnoreCase: Value = FALSE,
) -> String | List | Expression | None:
    """Give a string with the matches of string patterns replaced by the right sides of their rules.

    From left to right, the first rule that matches at a place; at most n replacements. What a rule gives that is
    no string stays between the strings in a StringExpression. `$1` on the right side is the first group of a
    regular expression.

    >>> {StringReplace["abbaabbaa", "ab" -> "X"], StringReplace["abc", {"a" -> "1", "c" -> "3"}]}
    {"XbaXbaa", "1b3"}
    >>> StringReplace["cat dog", x : LetterCharacter.. :> Capitalize[x]]
    "Cat Dog"
    >>> {StringReplace["2025-01", RegularExpression["(\\\\d+)-(\\\\d+)"] -> "$2/$1"], StringReplace["abc", "b" -> x]}
    {"01/2025", "a"~~x~~"c"}
    """
    call = call_of("StringReplace", string, rules, *([] if n is None else [n]))
    pairs = read_rules(rules)
    limit = _limit(n)
    if pairs is None:
        return refuse("StringReplace", "srep", rules)
    if string.__class__ is not String and string.__class__ is not List:
        return refuse("StringReplace", "strse", 1, call)
    if limit is None:
        return None
    if not pairs:
        return string
    finder = _finder_of("StringReplace", call, tuple([p for p, _ in pairs]), IgnoreCase)
    if finder is None:
        return None
    replacements = [r for _, r in pairs]
    return over_strings(string, lambda text: _replaced(text, finder, replacements, limit), "StringReplace", rules)


def _replaced(text: str, finder: Finder, replacements: list[Replacement], limit: int) -> Value:
    if limit == 0:
        return String(text)
    literals = finder.literals
    if literals is not None and len(literals) == 1 and literals[0] and replacements[0].constant is not None:
        return String(text.replace(literals[0], replacements[0].constant, limit))
    programs = [finder.program(i, r) for i, r in enumerate(replacements)]
    if finder.pattern is not None and all(p is not None for p in programs):
        return String(_substituted(text, finder, programs, max(0, limit)))
    pieces: list[Value] = []
    plain: list[str] = []
    before = 0
    for done, found in enumerate(finder.find(text)):
        if done == limit:
            break
        plain.append(text[before : found.start])
        before = found.end
        value = _value_of(found, replacements[found.index], text)
        if value.__class__ is String:
            plain.append(value.value)
        else:
            _flush(plain, pieces)
            pieces.append(value)
    plain.append(text[before:])
    if not pieces:
        return String("".join(plain))
    _flush(plain, pieces)
    return pieces[0] if len(pieces) == 1 else expression(S.StringExpression, tuple(pieces))


def _around_one_group(program: list[str | int]) -> Callable[[re.Match[str]], str]:
    """Return the replacement `before <> group <> after`, the commonest, without a loop."""
    at = next(i for i, p in enumerate(program) if p.__class__ is int)
    before, after = "".join(map(str, program[:at])), "".join(map(str, program[at + 1 :]))
    group = int(program[at])

    def replace(m: re.Match[str]) -> str:
        inside = m[group]
        return before + inside + after if inside is not None else before + after

    return replace


def _substituted(text: str, finder: Finder, programs: list[list[str | int] | None], most: int) -> str:
    """Return *text* with each match replaced by what its program joins."""
    pattern = finder.pattern
    assert pattern is not None
    literals = finder.literals
    if literals is not None:
        table = {key: "".join(map(str, p or ())) for key, p in zip(reversed(literals), reversed(programs), strict=True)}
        return pattern.sub(lambda m: table[m[0]], text, count=most)
    if len(programs) > 1:
        marks = [mark for mark, _, _ in finder.places]

        def of_several(m: re.Match[str]) -> str:
            index = 0
            while m[marks[index]] is None:
                index += 1
            return "".join([p if p.__class__ is str else m[p] or "" for p in programs[index] or ()])

        return pattern.sub(of_several, text, count=most)
    program = programs[0] or []
    if len(program) <= 1 and all(p.__class__ is str for p in program):
        one = str(program[0]) if program else ""
        # A replacement without a backslash is taken as it is, and needs no call for each match.
        return pattern.sub(one if "\\" not in one else lambda m: one, text, count=most)
    groups = [p for p in program if p.__class__ is int]
    if len(groups) == 1 and len(program) <= 3:
        return pattern.sub(_around_one_group(program), text, count=most)
    return pattern.sub(
        lambda m: "".join([p if p.__class__ is str else m[p] or "" for p in program]),
        text,
        count=most,
    )


def _flush(plain: list[str], pieces: list[Value]) -> None:
    text = "".join(plain)
    plain.clear()
    if text:
        pieces.append(String(text))


@functions.function(attributes=_PLAIN, checked=False, operator=1)
def StringReplaceList(
    string: String | List, rules: Expression | List, n: Integer | Expression | None = None, *, IgnoreCase: Value = FALSE
) -> List | None:
    """Give all strings that come from one replacement at one place.

    >>> StringReplaceList["abac", "a" -> "X"]
    {"Xbac", "abXc"}
    """
    call = call_of("StringReplaceList", string, rules)
    pairs = read_rules(rules)
    limit = _limit(n)
    if pairs is None or limit is None:
        return None
    finder = _finder_of("StringReplaceList", call, tuple([p for p, _ in pairs]), IgnoreCase)
    if finder is None:
        return None

    def each(text: str) -> Value:
        made: list[Value] = []
        for found in finder.find(text, ALL if finder.literals is None else True):
            if len(made) == limit:
                break
            value = _value_of(found, pairs[found.index][1], text)
            before, after = text[: found.start], text[found.end :]
            if value.__class__ is String:
                made.append(String(before + value.value + after))
            else:
                parts = [p for p in (String(before), value, String(after)) if p.__class__ is not String or p.value]
                made.append(expression(S.StringExpression, tuple(parts)))
        return List(tuple(made))

    return over_strings(string, each, "StringReplaceList", rules)


@functions.function(attributes=_PLAIN, checked=False, operator=1)
def StringDelete(string: String | List, pattern: Value, *, IgnoreCase: Value = FALSE) -> String | List | None:
    """Give a string without the matches of a string pattern.

    >>> {StringDelete["abracadabra", "a"], StringDelete["a1b2", DigitCharacter]}
    {"brcdbr", "ab"}
    """
    call = call_of("StringDelete", string, pattern)
    if string.__class__ is not String and string.__class__ is not List:
        return refuse("StringDelete", "strse", 1, call)
    finder = _finder("StringDelete", call, pattern, IgnoreCase)
    if finder is None:
        return None
    nothing = [Replacement(String(""))] * (len(pattern.args) if pattern.__class__ is List else 1)
    return over_strings(string, lambda text: _replaced(text, finder, nothing, -1), "StringDelete", pattern)


@functions.function(attributes=_PLAIN, checked=False)
def StringTrim(string: String | List, pattern: Value = None) -> String | List | None:
    """Give a string without white space, or matches of a pattern, at its beginning and end.

    >>> {StringTrim["  a b  "], StringTrim["--a--", "-"..], StringTrim["xxaxx", "x"]}
    {"a b", "a", "xax"}
    """
    if pattern is None:
        return over_strings(string, lambda text: String(text.strip()), "StringTrim")
    call = call_of("StringTrim", string, pattern)
    finder = _finder("StringTrim", call, pattern, FALSE)
    if finder is None:
        return None

    def trim(text: str) -> String:
        first = next((f.end for f in finder.find(text) if f.start == 0), 0)
        rest = text[first:]
        # The longest match that ends the text, found from the left.
        for at in range(len(rest) + 1):
            if finder.reaches(rest, at, len(rest)):
                return String(rest[:at])
        return String(rest)

    return over_strings(string, trim, "StringTrim", pattern)


# ---- splitting


@functions.function(attributes=_PLAIN, checked=False, operator=0)
def StringSplit(
    string: String | List,
    separator: Value = None,
    n: Integer | Expression | Symbol | None = None,
    *,
    IgnoreCase: Value = FALSE,
) -> List | None:
    """Give the substrings between separators, white space by default; empty ones at both ends are dropped.

    A rule puts its right side between the pieces; a third argument n gives at most n pieces, `All` keeps the
    empty ones.

    >>> {StringSplit["a bbb  c"], StringSplit["a,b,,c,", ","], StringSplit["a-b:c", {"-", ":"}]}
    {{"a", "bbb", "c"}, {"a", "b", "", "c"}, {"a", "b", "c"}}
    >>> {StringSplit["a b c", " ", 2], StringSplit[":a:", ":", All], StringSplit["a:b", ":" -> "X"]}
    {{"a", "b c"}, {"", "a", ""}, {"a", "X", "b"}}
    """
    call = call_of("StringSplit", string, *[a for a in (separator, n) if a is not None])
    if string.__class__ is not String and string.__class__ is not List:
        return refuse("StringSplit", "strse", 1, call)
    keep = n is S.All
    limit = -1 if keep else _limit(n)
    if limit is None or limit == 0:
        return None
    if separator is None:
        return over_strings(string, lambda text: strings_of(text.split()))
    patterns, replacements = _patterns_and_rules(separator)
    finder = _finder_of("StringSplit", call, patterns, IgnoreCase)
    if finder is None:
        return None
    inserted = any(r is not None for r in replacements)
    return over_strings(
        string, lambda text: _split(text, finder, replacements if inserted else None, limit, keep), "StringSplit"
    )


def _split(text: str, finder: Finder, inserted: list[Replacement | None] | None, limit: int, keep: bool) -> Value:
    literals = finder.literals
    if inserted is None and literals is not None and len(literals) == 1:
        if literals[0]:
            plain = text.split(literals[0], limit - 1) if limit > 0 else text.split(literals[0])
        else:
            plain = list(text) if limit < 0 else [*text[: limit - 1], text[limit - 1 :]]
        return strings_of(plain if keep else _without_empty_ends(plain))
    pattern = finder.pattern
    if inserted is None and pattern is not None and not pattern.groups:
        plain = pattern.split(text, max(0, limit - 1)) if limit != 1 else [text]
        return strings_of(plain if keep else _without_empty_ends(plain))
    pieces: list[Value] = []
    before = 0
    count = 1
    for found in finder.find(text):
        if count == limit:
            break
        if found.end == found.start and found.end in (0, len(text)):
            continue
        pieces.append(String(text[before : found.start]))
        before = found.end
        count += 1
        if inserted is not None:
            replacement = inserted[found.index]
            if replacement is not None:
                pieces.append(_value_of(found, replacement, text))
    pieces.append(String(text[before:]))
    if not keep:
        while pieces and pieces[0].__class__ is String and not pieces[0].value:
            del pieces[0]
        while pieces and pieces[-1].__class__ is String and not pieces[-1].value:
            pieces.pop()
    return List(tuple(pieces))


def _without_empty_ends(pieces: list[str]) -> list[str]:
    first, last = 0, len(pieces)
    while first < last and not pieces[first]:
        first += 1
    while last > first and not pieces[last - 1]:
        last -= 1
    return pieces if last - first == len(pieces) else pieces[first:last]


@functions.function(attributes=_PLAIN, checked=False)
def StringExtract(string: String | List, *positions: Value) -> Value:
    """Give the block at a place of a string that is split at white space, or `separator -> place`; several go deeper.

    Places are integers, lists of integers, spans or All. The defaults of deeper levels are single characters.

    >>> {StringExtract["a b c", 2], StringExtract["a b c", {1, -1}], StringExtract["1,2;3,4", ";" -> 2, "," -> 1]}
    {"b", {"a", "c"}, "3"}
    """
    if not positions:
        return None

    def extract(text: str, level: int) -> Value:
        if level == len(positions):
            return String(text)
        place = positions[level]
        separator: Value = None
        if place.__class__ is Expression and place.head is S.Rule and len(place.args) == 2:
            separator, place = place.args
        blocks = StringSplit(String(text), separator, None if separator is None else S.All)
        if blocks is None:
            return None
        texts = [b.value for b in blocks.args]
        if place is S.All:
            return List(tuple([extract(t, level + 1) for t in texts]))
        if place.__class__ is Expression and place.head is S.Span:
            from lyra_std_string.arguments import places_of

            places = places_of(place, len(texts))
            return None if places is None else List(tuple([extract(texts[i], level + 1) for i in places]))
        if place.__class__ is List:
            return List(tuple([one(texts, n, level) for n in place.args]))
        return one(texts, place, level)

    def one(texts: list[str], n: Value, level: int) -> Value:
        if n.__class__ is not int or n == 0 or abs(n) > len(texts):
            return expression(S.Missing, (String("PartAbsent"), n))
        return extract(texts[n - 1 if n > 0 else n], level + 1)

    return over_strings(string, lambda text: extract(text, 0), "StringExtract", *positions)


# ---- patterns that are symbols

for _name, _doc in {
    "DigitCharacter": "One digit 0 to 9.",
    "LetterCharacter": "One letter.",
    "WordCharacter": "One letter or digit.",
    "WhitespaceCharacter": "One blank, tab, new line or other white space.",
    "Whitespace": "One or more white-space characters.",
    "PunctuationCharacter": "One punctuation character.",
    "HexadecimalCharacter": "One hexadecimal digit.",
    "NumberString": "The characters of a number, with sign and decimal point.",
    "StartOfString": "The place before the first character.",
    "EndOfString": "The place behind the last character.",
    "StartOfLine": "The beginning of the string or of a line.",
    "EndOfLine": "The end of the string or of a line.",
    "WordBoundary": "The beginning or the end of a word.",
    "DatePattern": 'DatePattern[{"Year", "Month", "Day"}] is a date whose elements are in this order; a second '
    "argument is the separator between them. Elements: Year, YearShort, Month, MonthName, MonthNameShort, Day, "
    "DayName, DayNameShort, Hour, Hour12, Hour24, Minute, Second, AMPM; other strings stand for themselves.",
    "RegularExpression": 'RegularExpression["regex"] is a string pattern in the notation of regular expressions '
    "(PCRE, as far as Python's re has it).",
}.items():
    functions.symbol(_name, _doc if _doc.startswith(_name) else f"A string pattern: {_doc}", attributes=_PLAIN)

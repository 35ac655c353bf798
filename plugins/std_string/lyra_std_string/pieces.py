"""Pieces of strings by place: taking, dropping, inserting, padding, joining."""

from __future__ import annotations

from lyra_core.plugins import Integer, List, String, Value, module
from lyra_core.values import Expression, S
from lyra_std_string.arguments import (
    OutOfRange,
    call_of,
    is_infinite,
    over_strings,
    places_of,
    refuse,
    text_of_value,
    up_to,
)

functions = module("std::string")

_PLAIN = {"Protected"}


def _slice(text: str, places: range) -> str:
    if places.step == 1:
        return text[places.start : places.stop]
    return "".join([text[i] for i in places])


def _without(text: str, places: range) -> str:
    if places.step == 1:
        return text[: places.start] + text[max(places.start, places.stop) :] if places else text
    gone = set(places)
    return "".join([c for i, c in enumerate(text) if i not in gone])


class _Invalid(Exception):
    """No specification of characters at all."""


def _is_several(spec: Value) -> bool:
    """Return whether a specification is a list of specifications: `{{1, 2}, {4}}`, `{2, UpTo[3], {1}}` are."""
    return (
        spec.__class__ is List
        and any(a.__class__ is List or up_to(a) is not None for a in spec.args)
        and not (len(spec.args) == 2 and spec.args[0].__class__ is int and up_to(spec.args[1]) is not None)
    )


def _pieces(text: str, spec: Value, cut: Value) -> Value:
    if _is_several(spec):
        return List(tuple([_pieces(text, each, cut) for each in spec.args]))
    places = places_of(spec, len(text))
    if places is None:
        raise _Invalid
    return String(cut(text, places))


def _cut(name: str, string: Value, spec: Value, cut: Value, tag: str) -> String | List | None:
    try:
        return over_strings(string, lambda text: _pieces(text, spec, cut), name, spec)
    except OutOfRange as error:
        return refuse(name, tag, error.first, error.last, string)
    except _Invalid:
        return refuse(name, "seqs", call_of(name, string, spec), 2)


@functions.function(
    attributes=_PLAIN,
    checked=False,
    operator=1,
    messages={"take": "Cannot take positions `1` through `2` in `3`."},
)
def StringTake(string: String | List, spec: Integer | List | Expression) -> String | List | None:
    """Give characters of a string: the first n, the last -n, those of `{m, n}`, `{m, n, s}`, `UpTo[n]`.

    A list of specifications gives a list of strings; the function goes over lists of strings.

    >>> {StringTake["abcdef", 2], StringTake["abcdef", -2], StringTake["abcdef", {2, 4}], StringTake["ab", UpTo[5]]}
    {"ab", "ef", "bcd", "ab"}
    >>> StringTake["abcdef", {{1, 2}, {-1}}]
    {"ab", "f"}
    """
    return _cut("StringTake", string, spec, _slice, "take")


@functions.function(
    attributes=_PLAIN,
    checked=False,
    operator=1,
    messages={"drop": "Cannot drop positions `1` through `2` in `3`."},
)
def StringDrop(string: String | List, spec: Integer | List | Expression) -> String | List | None:
    """Give a string without the characters that a sequence specification names.

    >>> {StringDrop["abcdef", 2], StringDrop["abcdef", -2], StringDrop["abcdef", {2, 4}]}
    {"cdef", "abcd", "aef"}
    """
    return _cut("StringDrop", string, spec, _without, "drop")


@functions.function(attributes=_PLAIN, checked=False)
def StringTakeDrop(string: String | List, spec: Integer | List | Expression) -> List | None:
    """Give the pair of what StringTake takes and StringDrop leaves.

    >>> StringTakeDrop["abcdef", 2]
    {"ab", "cdef"}
    """
    taken = StringTake(string, spec)
    return None if taken is None else List((taken, StringDrop(string, spec)))


@functions.function(attributes=_PLAIN, checked=False, operator=1, messages={"partw": "Part `1` of `2` does not exist."})
def StringPart(string: String | List, spec: Integer | List | Expression) -> String | List | None:
    """Give the character at a place of a string, or the list of those at several places.

    >>> {StringPart["abcdef", 2], StringPart["abcdef", -1], StringPart["abcdef", {1, 3}], StringPart["abcd", 2 ;; 3]}
    {"b", "f", {"a", "c"}, {"b", "c"}}
    """

    def part(text: str) -> Value:
        if spec.__class__ is List:
            return List(tuple([one(text, n) for n in spec.args]))
        if spec.__class__ is Expression and spec.head is S.Span:
            places = places_of(spec, len(text))
            if places is None:
                raise _Invalid
            return List(tuple([String(text[i]) for i in places]))
        return one(text, spec)

    def one(text: str, n: Value) -> Value:
        if n.__class__ is not int:
            raise _Invalid
        if n == 0 or abs(n) > len(text):
            raise OutOfRange(n, n)
        return String(text[n - 1 if n > 0 else n])

    try:
        return over_strings(string, part, "StringPart", spec)
    except OutOfRange as error:
        return refuse("StringPart", "partw", error.first, string)
    except _Invalid:
        return None


@functions.function(attributes={"Listable", "Protected"}, checked=False)
def StringReverse(string: String) -> String | None:
    """Give a string backwards.

    >>> StringReverse["abc"]
    "cba"
    """
    if string.__class__ is not String:
        return refuse("StringReverse", "string", 1, call_of("StringReverse", string))
    return String(string.value[::-1])


@functions.function(
    attributes=_PLAIN,
    checked=False,
    messages={
        "ins": "Cannot insert at position `1` in `2`.",
        "strse": "String or list of strings expected at position `1` in `2`.",
    },
)
def StringInsert(string: String | List, new: String, at: Integer | List) -> String | List | None:
    """Give a string with another inserted so that it begins at a place, or at several places of the original.

    >>> {StringInsert["abcd", "X", 2], StringInsert["abcd", "X", -1], StringInsert["abcd", "-", {2, 4}]}
    {"aXbcd", "abcdX", "a-bc-d"}
    """
    call = call_of("StringInsert", string, new, at)
    if new.__class__ is not String:
        return refuse("StringInsert", "string", 2, call)
    places = at.args if at.__class__ is List else (at,)
    if any(n.__class__ is not int for n in places):
        return None

    def insert(text: str) -> Value:
        cuts = []
        for n in places:
            if n == 0 or n > len(text) + 1 or n < -len(text) - 1:
                raise OutOfRange(n, n)
            cuts.append(n - 1 if n > 0 else len(text) + n + 1)
        out = []
        before = 0
        for cut in sorted(cuts):
            out.append(text[before:cut])
            out.append(new.value)
            before = cut
        out.append(text[before:])
        return String("".join(out))

    try:
        return over_strings(string, insert, "StringInsert", new, at)
    except OutOfRange as error:
        return refuse("StringInsert", "ins", error.first, string)


@functions.function(
    attributes=_PLAIN,
    checked=False,
    messages={"take": "Cannot take positions `1` through `2` in `3`."},
)
def StringReplacePart(string: String | List, new: String | List, at: List) -> String | List | None:
    """Give a string with the characters at `{m, n}`, or at each of several such places, replaced.

    >>> StringReplacePart["abcdef", "XX", {2, 3}]
    "aXXdef"
    >>> StringReplacePart["abcdef", {"1", "2"}, {{1, 1}, {-1, -1}}]
    "1bcde2"
    """
    if at.__class__ is not List or not at.args:
        return None
    spans = at.args if all(a.__class__ is List for a in at.args) else (at,)
    if new.__class__ is List:
        texts = [a.value for a in new.args if a.__class__ is String]
        if len(texts) != len(new.args) or len(texts) != len(spans):
            return None
    elif new.__class__ is String:
        texts = [new.value] * len(spans)
    else:
        return refuse("StringReplacePart", "string", 2, call_of("StringReplacePart", string, new, at))

    def replace(text: str) -> Value:
        cuts = []
        for span, replacement in zip(spans, texts, strict=True):
            places = places_of(span, len(text))
            if places is None or len(span.args) != 2 or not places:
                raise _Invalid
            cuts.append((places.start, places.stop, replacement))
        cuts.sort(key=lambda cut: cut[0])
        out = []
        before = 0
        for first, stop, replacement in cuts:
            out += [text[before:first], replacement]
            before = max(before, stop)
        return String("".join([*out, text[before:]]))

    try:
        return over_strings(string, replace, "StringReplacePart", new, at)
    except OutOfRange as error:
        return refuse("StringReplacePart", "take", error.first, error.last, string)
    except _Invalid:
        return None


@functions.function(
    attributes=_PLAIN, checked=False, messages={"intp": "Positive integer expected at position `2` in `1`."}
)
def StringPartition(string: String | List, size: Integer | Expression, step: Integer | None = None) -> List | None:
    """Give the pieces of n characters, d apart; `UpTo[n]` keeps a shorter last one.

    >>> {StringPartition["abcde", 2], StringPartition["abcde", UpTo[2]], StringPartition["abcd", 2, 1]}
    {{"ab", "cd"}, {"ab", "cd", "e"}, {"ab", "bc", "cd"}}
    """
    at_most = up_to(size)
    n = size if at_most is None else at_most
    d = n if step is None else step
    if n.__class__ is not int or d.__class__ is not int or n <= 0 or d <= 0:
        return None

    def partition(text: str) -> Value:
        last = len(text) if at_most is not None else len(text) - n + 1
        return List(tuple([String(text[i : i + n]) for i in range(0, last, d)]))

    return over_strings(string, partition, "StringPartition", size, step)


# ---- padding and repetition


def _padding(length: int, pad: str, total: int, at_end: bool) -> str:
    """Return *length* characters of padding, repeated as if it ran under all *total* characters of the result.

    On the right it begins at the first of them, on the left it ends at the last.
    """
    if not pad:
        return ""
    first = total - length if at_end else -total
    return "".join([pad[(first + i) % len(pad)] for i in range(length)])


def _pad(name: str, string: Value, n: Value, pad: Value, left: bool) -> Value:
    if n is None:
        if string.__class__ is not List or any(a.__class__ is not String for a in string.args):
            return refuse(name, "strse", 1, call_of(name, string))
        n = max((len(a.value) for a in string.args), default=0)
    if n.__class__ is not int or n < 0:
        return None
    texts = [pad] if pad.__class__ is String else list(pad.args) if pad.__class__ is List else []
    if pad is None:
        characters = " "
    elif texts and all(a.__class__ is String for a in texts):
        characters = "".join([a.value for a in texts])
    else:
        return None

    def padded(text: str) -> Value:
        missing = n - len(text)
        if left:
            return String(_padding(missing, characters, n, False) + text if missing > 0 else text[-n:] if n else "")
        return String(text + _padding(missing, characters, n, True) if missing > 0 else text[:n])

    return over_strings(string, padded, name, n)


@functions.function(attributes=_PLAIN, checked=False)
def StringPadLeft(string: String | List, n: Integer | None = None, padding: String | None = None) -> Value:
    """Give a string of exactly n characters, with padding on the left or without its first ones; a list to one length.

    >>> {StringPadLeft["abc", 5], StringPadLeft["7", 3, "0"], StringPadLeft["abcdef", 3], StringPadLeft[{"a", "bcd"}]}
    {"  abc", "007", "def", {"  a", "bcd"}}
    """
    return _pad("StringPadLeft", string, n, padding, True)


@functions.function(attributes=_PLAIN, checked=False)
def StringPadRight(string: String | List, n: Integer | None = None, padding: String | None = None) -> Value:
    """Give a string of exactly n characters, with padding on the right or without its last ones; a list to one length.

    >>> {StringPadRight["abc", 5], StringPadRight["abc", 8, "xy"], StringPadRight["abcdef", 3]}
    {"abc  ", "abcyxyxy", "abc"}
    """
    return _pad("StringPadRight", string, n, padding, False)


@functions.function(attributes=_PLAIN, checked=False)
def StringRepeat(string: String | List, n: Integer, most: Integer | None = None) -> String | List | None:
    """Give a string n times in a row, at most with so many characters.

    >>> {StringRepeat["ab", 3], StringRepeat["abc", 3, 7]}
    {"ababab", "abcabca"}
    """
    if n.__class__ is not int or n < 0 or (most is not None and (most.__class__ is not int or most < 0)):
        if is_infinite(n) and most.__class__ is int:
            n = most
        else:
            return refuse("StringRepeat", "intp", call_of("StringRepeat", string, n), 2)
    return over_strings(string, lambda text: String((text * n)[:most]), "StringRepeat", n)


@functions.function(attributes=_PLAIN, checked=False)
def StringRotateLeft(string: String | List, n: Integer = 1) -> String | List | None:
    """Give a string with its first n characters moved to the end.

    >>> {StringRotateLeft["abcd"], StringRotateLeft["abcd", -1]}
    {"bcda", "dabc"}
    """
    if n.__class__ is not int:
        return None
    return over_strings(string, lambda t: String(t[n % len(t) :] + t[: n % len(t)] if t else t), "StringRotateLeft", n)


@functions.function(attributes=_PLAIN, checked=False)
def StringRotateRight(string: String | List, n: Integer = 1) -> String | List | None:
    """Give a string with its last n characters moved to the beginning.

    >>> StringRotateRight["abcd"]
    "dabc"
    """
    if n.__class__ is not int:
        return None
    return over_strings(
        string, lambda t: String(t[-n % len(t) :] + t[: -n % len(t)] if t else t), "StringRotateRight", n
    )


@functions.function(attributes=_PLAIN, checked=False)
def StringRiffle(parts: List, *separators: String | List) -> String | None:
    """Give the texts of a list with separators between them, a blank by default; a nested list level by level.

    The default of a list of lists is a new line and a blank. A separator may be `{left, between, right}`.

    >>> {StringRiffle[{"a", "b", "c"}], StringRiffle[{1, 2, 3}, ", "], StringRiffle[{"a", "b"}, {"(", " ", ")"}]}
    {"a b c", "1, 2, 3", "(a b)"}
    >>> StringRiffle[{{"a", "b"}, {"c", "d"}}, "; ", ","]
    "a,b; c,d"
    """
    if parts.__class__ is not List:
        return refuse("StringRiffle", "list", call_of("StringRiffle", parts, *separators), 1)
    levels = []
    for s in separators:
        texts = s.args if s.__class__ is List else (String(""), s, String(""))
        if len(texts) != 3 or any(t.__class__ is not String for t in texts):
            return refuse("StringRiffle", "string", 2, call_of("StringRiffle", parts, *separators))
        levels.append([t.value for t in texts])
    if not levels:
        depth = _list_depth(parts)
        levels = [["", "\n" * k if k else " ", ""] for k in range(depth - 1, -1, -1)]
    return String(_riffle(parts, levels, 0))


def _list_depth(v: Value) -> int:
    depth = 0
    while v.__class__ is List:
        depth += 1
        v = v.args[0] if v.args else None
    return depth


def _riffle(v: Value, levels: list[list[str]], level: int) -> str:
    if v.__class__ is not List:
        return text_of_value(v)
    if level >= len(levels):
        return text_of_value(v)
    left, between, right = levels[level]
    return left + between.join([_riffle(a, levels, level + 1) for a in v.args]) + right

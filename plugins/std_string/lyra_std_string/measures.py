"""Counting and measuring strings: lengths, distances, similarities, frequencies."""

from __future__ import annotations

from lyra_core.plugins import Association, Integer, List, String, Value, module
from lyra_core.values import FALSE, TRUE, hash_key
from lyra_std_string.arguments import call_of, over_strings, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

functions = module("std::string")

_PLAIN = {"Protected"}


@functions.function(attributes={"Listable", "Protected"}, checked=False)
def StringLength(string: String) -> Integer | None:
    """Give the number of characters of a string.

    >>> {StringLength["tiger"], StringLength["né"], StringLength[{"a", ""}]}
    {5, 2, {1, 0}}
    """
    if string.__class__ is not String:
        return refuse("StringLength", "string", 1, call_of("StringLength", string))
    return len(string.value)


def _elements(a: Value, b: Value, ignore_case: bool = False) -> tuple[list[Value], list[Value]] | None:
    """Return two strings or two lists as lists of hashable elements."""
    if a.__class__ is String and b.__class__ is String:
        x, y = a.value, b.value
        if ignore_case:
            x, y = x.lower(), y.lower()
        return list(x), list(y)
    if a.__class__ is List and b.__class__ is List:
        return list(map(hash_key, a.args)), list(map(hash_key, b.args))
    return None


@functions.function(attributes=_PLAIN, checked=False)
def EditDistance(a: String | List, b: String | List, *, IgnoreCase: Value = FALSE) -> Integer | None:
    """Give the least number of insertions, deletions and substitutions that turn one string or list into the other.

    >>> {EditDistance["time", "thyme"], EditDistance["ABC", "abc", IgnoreCase -> True], EditDistance[{1, 2}, {2, 1, 3}]}
    {2, 0, 2}
    """
    pair = _elements(a, b, IgnoreCase is TRUE)
    return None if pair is None else _levenshtein(*pair)


def _levenshtein(a: Sequence[Value], b: Sequence[Value]) -> int:
    """Return the edit distance by Myers' bit-parallel algorithm, one big integer a row.

    Source: G. Myers, A fast bit-vector algorithm for approximate string matching (1999), in Hyyrö's form (2003).
    """
    if len(a) < len(b):
        a, b = b, a
    if not b:
        return len(a)
    where: dict[Value, int] = {}
    for i, x in enumerate(b):
        where[x] = where.get(x, 0) | (1 << i)
    width = len(b)
    mask = (1 << width) - 1
    last = 1 << (width - 1)
    plus, minus, distance = mask, 0, width
    for y in a:
        matches = where.get(y, 0)
        vertical = matches | minus
        diagonal = (((matches & plus) + plus) ^ plus) | matches
        up = minus | ~(diagonal | plus)
        down = plus & diagonal
        if up & last:
            distance += 1
        elif down & last:
            distance -= 1
        up = (up << 1) | 1
        plus = ((down << 1) | ~(vertical | up)) & mask
        minus = up & vertical & mask
    return distance


@functions.function(attributes=_PLAIN, checked=False)
def DamerauLevenshteinDistance(a: String | List, b: String | List, *, IgnoreCase: Value = FALSE) -> Integer | None:
    """Give the edit distance in which swapping two neighbours counts as one operation.

    >>> {DamerauLevenshteinDistance["eoi", "eio"], EditDistance["eoi", "eio"]}
    {1, 2}
    """
    pair = _elements(a, b, IgnoreCase is TRUE)
    if pair is None:
        return None
    x, y = pair
    last_row: dict[Value, int] = {}
    most = len(x) + len(y)
    table = [[most] * (len(y) + 2) for _ in range(len(x) + 2)]
    for i in range(len(x) + 1):
        table[i + 1][1] = i
    for j in range(len(y) + 1):
        table[1][j + 1] = j
    for i in range(1, len(x) + 1):
        last_column = 0
        for j in range(1, len(y) + 1):
            row, column = last_row.get(y[j - 1], 0), last_column
            same = x[i - 1] == y[j - 1]
            if same:
                last_column = j
            table[i + 1][j + 1] = min(
                table[i][j] + (0 if same else 1),
                table[i + 1][j] + 1,
                table[i][j + 1] + 1,
                table[row][column] + (i - row - 1) + 1 + (j - column - 1),
            )
        last_row[x[i - 1]] = i
    return table[-1][-1]


def _scores(a: Sequence[Value], b: Sequence[Value], local: bool) -> int:
    """Return the best alignment score: 1 for a match, -1 for a mismatch or a gap."""
    row = [0 if local else -j for j in range(len(b) + 1)]
    best = 0
    for i, x in enumerate(a, 1):
        above = row
        row = [0 if local else -i]
        for j, y in enumerate(b, 1):
            score = max(above[j - 1] + (1 if x == y else -1), above[j] - 1, row[j - 1] - 1)
            if local and score < 0:
                score = 0
            best = max(best, score)
            row.append(score)
    return best if local else row[-1]


@functions.function(attributes=_PLAIN, checked=False)
def NeedlemanWunschSimilarity(a: String | List, b: String | List) -> Integer | None:
    """Give the score of the best global alignment: 1 for each match, -1 for each mismatch or gap.

    Similarity matrices and gap functions are not provided.

    >>> NeedlemanWunschSimilarity["abcdef", "abxdef"]
    4
    """
    pair = _elements(a, b)
    return None if pair is None else _scores(*pair, local=False)


@functions.function(attributes=_PLAIN, checked=False)
def SmithWatermanSimilarity(a: String | List, b: String | List) -> Integer | None:
    """Give the score of the best local alignment: 1 for each match, -1 for each mismatch or gap.

    Similarity matrices and gap functions are not provided.

    >>> SmithWatermanSimilarity["xxabcyy", "zzabcww"]
    3
    """
    pair = _elements(a, b)
    return None if pair is None else _scores(*pair, local=True)


@functions.function(attributes=_PLAIN, checked=False)
def SequenceAlignment(a: String | List, b: String | List) -> List | None:
    """Give two strings or lists as what they share and, in pairs, what they do not.

    >>> SequenceAlignment["abcXdef", "abcYdef"]
    {"abc", {"X", "Y"}, "def"}
    >>> SequenceAlignment[{1, 2, 3}, {1, 3}]
    {{1}, {{2}, {}}, {3}}
    """
    pair = _elements(a, b)
    if pair is None:
        return None
    x, y = pair

    def piece(whole: Value, first: int, stop: int) -> Value:
        return String(whole.value[first:stop]) if whole.__class__ is String else List(whole.args[first:stop])

    out: list[Value] = []
    i = j = 0
    for first, second, length in [*_common_blocks(x, y), (len(x), len(y), 0)]:
        if first > i or second > j:
            out.append(List((piece(a, i, first), piece(b, j, second))))
        if length:
            out.append(piece(a, first, first + length))
        i, j = first + length, second + length
    return List(tuple(out))


def _common_blocks(x: Sequence[Value], y: Sequence[Value]) -> list[tuple[int, int, int]]:
    """Return the runs (place in x, place in y, length) of a best global alignment."""
    rows = [[-j for j in range(len(y) + 1)]]
    for i, a in enumerate(x, 1):
        above = rows[-1]
        row = [-i]
        for j, b in enumerate(y, 1):
            row.append(max(above[j - 1] + (1 if a == b else -1), above[j] - 1, row[j - 1] - 1))
        rows.append(row)
    i, j = len(x), len(y)
    blocks: list[tuple[int, int, int]] = []
    while i and j:
        if x[i - 1] == y[j - 1] and rows[i][j] == rows[i - 1][j - 1] + 1:
            if blocks and blocks[-1][0] == i and blocks[-1][1] == j:
                blocks[-1] = (i - 1, j - 1, blocks[-1][2] + 1)
            else:
                blocks.append((i - 1, j - 1, 1))
            i, j = i - 1, j - 1
        elif x[i - 1] != y[j - 1] and rows[i][j] == rows[i - 1][j - 1] - 1:
            i, j = i - 1, j - 1
        elif rows[i][j] == rows[i - 1][j] - 1:
            i -= 1
        else:
            j -= 1
    return blocks[::-1]


# ---- frequencies


def _frequencies(items: Sequence[str]) -> Association:
    """Return how often each item occurs, the most frequent first, at equal frequency the first seen."""
    counts: dict[str, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    ordered = sorted(counts.items(), key=lambda entry: -entry[1])
    return Association.from_pairs([(String(item), count) for item, count in ordered])


@functions.function(attributes=_PLAIN, checked=False)
def CharacterCounts(string: String | List, n: Integer = 1) -> Association | None:
    """Give how often each character, or each run of n characters, occurs in a string.

    >>> CharacterCounts["banana"]
    <|"a" -> 3, "n" -> 2, "b" -> 1|>
    """
    return _runs(string, n, "CharacterCounts", lambda text: True)


@functions.function(attributes=_PLAIN, checked=False)
def LetterCounts(string: String | List, n: Integer = 1) -> Association | None:
    """Give how often each letter, or each run of n letters, occurs in a string.

    >>> LetterCounts["a-b a"]
    <|"a" -> 2, "b" -> 1|>
    """
    return _runs(string, n, "LetterCounts", str.isalpha)


def _runs(string: Value, n: Value, name: str, wanted: Callable[[str], bool]) -> Association | None:
    if n.__class__ is not int or n < 1:
        return None

    def count(text: str) -> Association:
        runs = [text[i : i + n] for i in range(len(text) - n + 1)]
        return _frequencies([run for run in runs if wanted(run)])

    return over_strings(string, count, name)


def _words(text: str) -> list[str]:
    """Return the words of a text: letters and digits, with apostrophes and hyphens inside."""
    import re

    return re.findall(r"[^\W_]+(?:['’.-][^\W_]+)*", text)


@functions.function(attributes=_PLAIN, checked=False)
def TextWords(string: String | List, n: Integer | None = None) -> List | None:
    """Give the words of a text, at most n of them.

    >>> TextWords["Don't panic, Arthur!"]
    {"Don't", "panic", "Arthur"}
    """
    if n is not None and (n.__class__ is not int or n < 0):
        return None
    return over_strings(string, lambda text: List(tuple(map(String, _words(text)[:n]))), "TextWords")


@functions.function(attributes=_PLAIN, checked=False)
def TextSentences(string: String | List, n: Integer | None = None) -> List | None:
    """Give the sentences of a text, split behind `.`, `!` and `?`; at most n of them.

    Abbreviations are not known: a full stop before a blank and a capital ends a sentence.

    >>> TextSentences["One. Two? Three."]
    {"One.", "Two?", "Three."}
    """
    if n is not None and (n.__class__ is not int or n < 0):
        return None

    def sentences(text: str) -> List:
        import re

        parts = [p.strip() for p in re.split(r"(?<=[.!?])[\"'”’)]*\s+(?=[^a-z\s])", text)]
        return List(tuple([String(p) for p in parts if p][:n]))

    return over_strings(string, sentences, "TextSentences")


@functions.function(attributes=_PLAIN, checked=False)
def WordCount(string: String | List) -> Integer | List | None:
    """Give the number of words of a text.

    >>> WordCount["to be or not to be"]
    6
    """
    return over_strings(string, lambda text: len(_words(text)), "WordCount")


@functions.function(attributes=_PLAIN, checked=False)
def WordCounts(string: String | List) -> Association | List | None:
    """Give how often each word of a text occurs.

    >>> WordCounts["to be or not to be"]
    <|"to" -> 2, "be" -> 2, "or" -> 1, "not" -> 1|>
    """
    return over_strings(string, lambda text: _frequencies(_words(text)), "WordCounts")

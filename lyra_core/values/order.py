"""Canonical order: the order of Sort, Order and the arguments of Orderless functions.

Numbers by value come first, then strings, then symbols by name, then expressions. Products and
powers are ordered as the terms of a polynomial: by their last factor first, a base before its
exponent. Other expressions are ordered by length, head and parts.
Source: Wolfram Language `Sort`, `Order` (reference documentation).
"""

from __future__ import annotations

from _functools import cmp_to_key  # type: ignore[import-not-found]  # functools imports collections: 2 ms

from lyra_core.values.expression import Expression, List
from lyra_core.values.number import NUMBER_TYPES, Complex, Rational, compare_numbers
from lyra_core.values.operators import FOREIGN
from lyra_core.values.string import String
from lyra_core.values.structure import same
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

__all__ = ["bulk_keys", "compare", "sort_key", "sorted_texts", "sorted_values", "text_key"]

#: Numbers of one value stand in the order of their types: integers, reals, rationals.
_TYPE_RANK = {int: 0, float: 1, Rational: 2}


#: Letters that are variants of others without being composed of them and an accent.
_PLAIN = str.maketrans({"æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d"})


def text_key(text: str) -> tuple[str, str]:
    """Return a key for dictionary order: letters without accents and case first, then accents, lower before upper."""
    if text.isascii():
        return text.casefold(), text.swapcase()
    from unicodedata import combining, normalize

    apart = normalize("NFD", text)
    plain = "".join([c for c in apart if not combining(c)]).translate(_PLAIN)
    if len(plain) == len(text) and plain == text:
        return text.casefold(), text.swapcase()
    marks = "".join([c if combining(c) else " " for c in apart])
    return plain.casefold(), f"\U0010ffff{marks}{plain.swapcase()}{text}"


def _symbol_key(symbol: Symbol) -> tuple[str, str, str]:
    key = symbol.sort_key
    if key is None:
        folded, case = text_key(symbol.name)
        key = symbol.sort_key = (folded, case, symbol.namespace)
    return key


def _foreign_key(v: Any) -> tuple[str, int, str, int]:
    """Return a key that orders foreign objects by type, length, text, and only at last by identity."""
    protocol = v.type.protocol
    length, summary = protocol.get("length"), protocol.get("summary")
    return v.type.name, length(v) if length else 0, str(summary(v)) if summary else "", id(v)


def _rank(v: Any, c: type) -> int:
    if c in NUMBER_TYPES:
        return 0
    if c is String:
        return 1
    if c is Symbol:
        return 2
    return 4 if v.shape == FOREIGN else 3


def compare(a: Any, b: Any) -> int:
    """Return -1, 0 or 1 as *a* stands before, with or after *b* in canonical order."""
    if a is b:
        return 0
    ca, cb = a.__class__, b.__class__
    if ca is int and cb is int:
        return int(a > b) - int(a < b)
    if ca is Symbol and cb is Symbol:
        ka, kb = _symbol_key(a), _symbol_key(b)
        return (ka > kb) - (ka < kb) or ((id(a) > id(b)) - (id(a) < id(b)))
    ra, rb = _rank(a, ca), _rank(b, cb)
    if ra != rb:
        if ra >= 2 and rb >= 2 and (ra == 3) != (rb == 3) and (ra == 2 or rb == 2):
            return _compare_factors(a, b)
        return -1 if ra < rb else 1
    if ra == 0:
        return _compare_numbers(a, b)
    if ra == 1:
        if a.value == b.value:
            return 0
        return -1 if text_key(a.value) < text_key(b.value) else 1
    if ra == 4:
        return 0 if same(a, b) else -1 if _foreign_key(a) < _foreign_key(b) else 1
    return _compare_factors(a, b)


def _compare_numbers(a: Any, b: Any) -> int:
    if a.__class__ is Complex or b.__class__ is Complex:
        are, aim = (a.re, a.im) if a.__class__ is Complex else (a, 0)
        bre, bim = (b.re, b.im) if b.__class__ is Complex else (b, 0)
        order = compare_numbers(are, bre)
        if order:
            return order
        size = compare_numbers(_absolute(aim), _absolute(bim))
        return size or compare_numbers(aim, bim)
    order = compare_numbers(a, b)
    if order or a.__class__ is b.__class__:
        return order
    ra, rb = _TYPE_RANK.get(a.__class__, 1), _TYPE_RANK.get(b.__class__, 1)
    return (ra > rb) - (ra < rb)


def _absolute(x: Any) -> Any:
    return x if compare_numbers(x, 0) >= 0 else x * -1


def _compare_factors(a: Any, b: Any) -> int:
    """Compare two non-numbers of which at least one is compound, products as monomials."""
    times, power = S.Times, S.Power
    a_product = a.__class__ is Expression and a.head is times
    b_product = b.__class__ is Expression and b.head is times
    if a_product or b_product:
        fa = a.args if a_product else (a,)
        fb = b.args if b_product else (b,)
        i, j = len(fa), len(fb)
        while i and j:
            i -= 1
            j -= 1
            order = compare(fa[i], fb[j])
            if order:
                # A numeric coefficient decides only when everything else is equal.
                if (fa[i].__class__ in NUMBER_TYPES) != (fb[j].__class__ in NUMBER_TYPES):
                    return -1 if fa[i].__class__ in NUMBER_TYPES else 1
                return order
        if i == 1 and not j and fa[0].__class__ in NUMBER_TYPES:
            return _compare_numbers(fa[0], 1)
        if j == 1 and not i and fb[0].__class__ in NUMBER_TYPES:
            return _compare_numbers(1, fb[0])
        return (i > j) - (i < j)
    a_power = a.__class__ is Expression and a.head is power and len(a.args) == 2
    b_power = b.__class__ is Expression and b.head is power and len(b.args) == 2
    if a_power or b_power:
        base_a, exp_a = a.args if a_power else (a, 1)
        base_b, exp_b = b.args if b_power else (b, 1)
        order = compare(base_a, base_b)
        if order:
            return order
        if (exp_a.__class__ in NUMBER_TYPES) == (exp_b.__class__ in NUMBER_TYPES):
            return compare(exp_a, exp_b)
        return -1 if exp_a.__class__ in NUMBER_TYPES else 1
    a_sum = a.__class__ is Expression and a.head is S.Plus
    b_sum = b.__class__ is Expression and b.head is S.Plus
    if a_sum or b_sum:
        return _compare_sums(a.args if a_sum else (a,), b.args if b_sum else (b,))
    a_atom, b_atom = a.__class__ is Symbol, b.__class__ is Symbol
    if a_atom or b_atom:
        return -1 if a_atom else 1
    xs, ys = a.args, b.args
    if a.head is not b.head:
        order = compare(a.head, b.head) if (len(xs) == len(ys)) else (len(xs) > len(ys)) - (len(xs) < len(ys))
        if order:
            return order
    if len(xs) != len(ys):
        return -1 if len(xs) < len(ys) else 1
    for x, y in zip(xs, ys, strict=True):
        if x is not y:
            order = compare(x, y)
            if order:
                return order
    return 0


def _compare_sums(xs: tuple[Any, ...], ys: tuple[Any, ...]) -> int:
    """Compare sums by their last terms first; what is left over counts against 0, so that x-1 < x < x+1."""
    i, j = len(xs), len(ys)
    while i and j:
        i -= 1
        j -= 1
        order = compare(xs[i], ys[j])
        if order:
            return order
    if i:
        return -1 if _is_negative(xs[i - 1]) else 1
    if j:
        return 1 if _is_negative(ys[j - 1]) else -1
    return 0


def _is_negative(term: Any) -> bool:
    return term.__class__ in NUMBER_TYPES and term.__class__ is not Complex and compare_numbers(term, 0) < 0


sort_key = cmp_to_key(compare)


def bulk_keys(values: Sequence[Any]) -> list[Any] | None:
    """Return Python keys that sort *values* canonically without comparisons of ours; None where there are none.

    There are for numbers, strings and symbols among themselves, and for lists of one length whose columns have some.
    """
    kinds = set(map(type, values))
    if len(kinds) == 1:
        kind = kinds.pop()
        if kind is int:
            return list(values)
        if kind is float:
            return None if any(x != x for x in values) else list(values)
        if kind is String:
            folded = [s.value.casefold() for s in values]
            if len(set(folded)) == len({s.value for s in values}) and all(s.value.isascii() for s in values):
                return folded
            return [text_key(s.value) for s in values]
        if kind is Symbol:
            return [_symbol_key(s) for s in values]
        if kind is List:
            return _list_keys(values)
    elif kinds == {int, float} and not any(x != x for x in values):
        return [(x, x.__class__ is float) for x in values]
    return None


def _list_keys(lists: Sequence[List]) -> list[Any] | None:
    if len({len(each.args) for each in lists}) != 1:
        return None
    columns = []
    for column in zip(*[each.args for each in lists], strict=True):
        keys = bulk_keys(column)
        if keys is None:
            return None
        columns.append(keys)
    return list(zip(*columns, strict=True)) if columns else [()] * len(lists)


def sorted_texts(texts: Iterable[str]) -> list[str]:
    """Return texts in the order that strings have."""
    different = set(texts) if not isinstance(texts, set) else texts
    folded = {text: text.casefold() for text in different}
    if all(map(str.__eq__, folded, folded.values())) and all(map(str.isascii, different)):
        return sorted(texts)
    order = {text: i for i, text in enumerate(sorted(different, key=text_key))}
    return sorted(texts, key=order.__getitem__)


def sorted_values(values: Iterable[Any]) -> list[Any]:
    """Return the values in canonical order; those that have `bulk_keys` without comparisons of ours."""
    items = list(values)
    kinds = set(map(type, items))
    # The sum is no number when an element is none, and machine reals that are numbers sort as they are.
    if kinds == {int} or (kinds == {float} and (total := sum(items)) == total):
        items.sort()
        return items
    keys = bulk_keys(items) if len(items) > 1 else None
    if keys is None:
        items.sort(key=sort_key)
        return items
    return [items[i] for i in sorted(range(len(items)), key=keys.__getitem__)]

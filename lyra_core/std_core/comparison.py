"""Comparison and logic."""

from __future__ import annotations

import math

from lyra_core.evaluation import numeric
from lyra_core.evaluation.comparison import compare_chain, equal_chain, order_values, unequal_chain
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.messages import message
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean
from lyra_core.values import (
    FALSE,
    NUMBER_TYPES,
    REAL_TYPES,
    TRUE,
    Association,
    BigReal,
    Complex,
    Expression,
    List,
    Rational,
    S,
    String,
    Symbol,
    expression,
    hash_key,
    same,
)
from lyra_core.values.number import as_float, bits_of, is_exact, precision_of, to_mpf

core = module("std::core")


# ---- Equal and Less


def _same_up_to_rounding(a: Value, b: Value) -> bool:
    """Return SameQ: the same, or reals that differ in the last bit or by less than their digits tell."""
    if a.__class__ is float and b.__class__ is float:
        return a == b or abs(a - b) <= 2.220446049250313e-16 * min(abs(a), abs(b)) or (a != a and b != b)
    if (a.__class__ is BigReal and b.__class__ in (BigReal, float)) or (
        a.__class__ is float and b.__class__ is BigReal
    ):
        return same(a, b) or _within_uncertainty(a, b)
    return same(a, b)


def _within_uncertainty(a: Value, b: Value) -> bool:
    """Return whether two reals differ by less than the uncertainty of the less certain one."""
    for each in (a, b):
        if each.__class__ is float and not math.isfinite(each):
            return False
    from mpmath.libmp import from_float, mpf_abs, mpf_cmp, mpf_mul, mpf_sub

    low, vague = min((precision_of(a), a), (precision_of(b), b), key=lambda pair: pair[0])
    bits = bits_of(max(precision_of(a), precision_of(b))) + 10
    difference = mpf_abs(mpf_sub(to_mpf(a, bits), to_mpf(b, bits)))
    bound = mpf_mul(mpf_abs(to_mpf(vague, bits)), from_float(10.0 ** -max(low, -300.0)))
    return bool(mpf_cmp(difference, bound) < 0)


@core.function(attributes={"Protected"})
def SameQ(*values: Value) -> Value:
    """Whether values are the same, `a === b`: structure and kinds of numbers too; always True or False.

    >>> {a === a, 1 === 1., f[x] === f[y]}
    {True, False, False}
    """
    for i in range(len(values) - 1):
        if not _same_up_to_rounding(values[i], values[i + 1]):
            return FALSE
    return TRUE


@core.function(attributes={"Protected"})
def UnsameQ(*values: Value) -> Value:
    """Whether no two of the values are the same, `a =!= b`; always True or False.

    >>> {a =!= b, UnsameQ[a, b, a]}
    {True, False}
    """
    if len(values) == 2:
        return boolean(not _same_up_to_rounding(values[0], values[1]))
    seen = set()
    for each in values:
        key = hash_key(each)
        if key in seen:
            return FALSE
        seen.add(key)
    return TRUE


@core.function(attributes={"Protected"})
def Equal(*values: Value) -> Value:
    """Whether values are equal, `a == b`: numbers by value, other things when that can be decided.

    >>> {1 == 1., 2 == 3, x == x, x == y, "a" == "b", {1, 2} == {1, 2}}
    {True, False, True, x == y, False, True}
    """
    return equal_chain(values)


@core.function(attributes={"Protected"})
def Unequal(*values: Value) -> Value:
    """Whether no two values are equal, `a != b`, when that can be decided.

    >>> {1 != 2, x != x, x != y, Unequal[1, 2, 1]}
    {True, False, x != y, False}
    """
    return unequal_chain(values)


def _compared(relation: Symbol, values: tuple[Value, ...]) -> Value:
    if len(values) < 2:
        return TRUE
    if len(values) == 2:
        a, b = values
        if a.__class__ is int and b.__class__ is int:
            if relation is S.Less:
                return TRUE if a < b else FALSE
            if relation is S.LessEqual:
                return TRUE if a <= b else FALSE
            if relation is S.Greater:
                return TRUE if a > b else FALSE
            return TRUE if a >= b else FALSE
    result = compare_chain(relation, values)
    return None if result.__class__ is Expression else result


@core.function(attributes={"Protected"})
def Less(*values: Value) -> Value:
    """Whether each value is less than the next, `a < b`.

    >>> {1 < 2, 1 < 2 < 2, x < 3, Pi < 22/7}
    {True, False, x < 3, True}
    """
    return _compared(S.Less, values)


@core.function(attributes={"Protected"})
def LessEqual(*values: Value) -> Value:
    """Whether each value is at most the next, `a <= b`.

    >>> {1 <= 1, 2 <= 1}
    {True, False}
    """
    return _compared(S.LessEqual, values)


@core.function(attributes={"Protected"})
def Greater(*values: Value) -> Value:
    """Whether each value is greater than the next, `a > b`.

    >>> {3 > 2 > 1, 1 > 1}
    {True, False}
    """
    return _compared(S.Greater, values)


@core.function(attributes={"Protected"})
def GreaterEqual(*values: Value) -> Value:
    """Whether each value is at least the next, `a >= b`.

    >>> {2 >= 2, 1 >= 2}
    {True, False}
    """
    return _compared(S.GreaterEqual, values)


_RELATIONS = frozenset({S.Less, S.LessEqual, S.Greater, S.GreaterEqual, S.Equal, S.Unequal, S.SameQ, S.UnsameQ})


@core.function(attributes={"Protected"})
def Inequality(*chain: Value) -> Value:
    """A chain of different comparisons, `a < b <= c`: True, False, or what cannot be decided.

    >>> {1 < 2 <= 2, 1 < x <= 3, 3 < 2 <= x}
    {True, Inequality[1, Less, x, LessEqual, 3], False}
    """
    n = len(chain)
    if n % 2 == 0:
        return None
    if n < 3:
        return TRUE
    kept: list[Value] = []
    undecided: list[tuple[Value, Value, Value]] = []
    for i in range(0, n - 2, 2):
        a, relation, b = chain[i : i + 3]
        if relation not in _RELATIONS:
            return None
        held = evaluate(expression(relation, (a, b)))
        if held is FALSE:
            return FALSE
        if held is not TRUE:
            undecided.append((a, relation, b))
    if not undecided:
        return TRUE
    if len(undecided) == 1:
        a, relation, b = undecided[0]
        return expression(relation, (a, b))
    # What is left is one chain only where the parts still hang together.
    kept = [undecided[0][0]]
    for a, relation, b in undecided:
        if not same(kept[-1], a):
            return expression(S.And, tuple([expression(r, (x, y)) for x, r, y in undecided]))
        kept.extend((relation, b))
    if len(kept) == n:
        return None
    relations = kept[1::2]
    if all(r is relations[0] for r in relations):
        return expression(relations[0], tuple(kept[::2]))
    return expression(S.Inequality, tuple(kept))


def _with_other(relation: Symbol) -> Value:
    def answer(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
        return expression(relation, (second[0], first[0])) if len(first) == 1 and len(second) == 1 else None

    return answer


@core.function(attributes={"Protected"}, sub=_with_other(S.Equal))
def EqualTo(y: Value) -> Value:
    """The test `# == y &`.

    >>> EqualTo[2][2]
    True
    """
    return None


@core.function(attributes={"Protected"}, sub=_with_other(S.Unequal))
def UnequalTo(y: Value) -> Value:
    """The test `# != y &`.

    >>> UnequalTo[2][3]
    True
    """
    return None


@core.function(attributes={"Protected"}, sub=_with_other(S.Greater))
def GreaterThan(y: Value) -> Value:
    """The test `# > y &`.

    >>> Cases[{1, 5, 3}, _?(GreaterThan[2])]
    {5, 3}
    """
    return None


@core.function(attributes={"Protected"}, sub=_with_other(S.Less))
def LessThan(y: Value) -> Value:
    """The test `# < y &`.

    >>> LessThan[2][1]
    True
    """
    return None


@core.function(attributes={"Protected"}, sub=_with_other(S.GreaterEqual))
def GreaterEqualThan(y: Value) -> Value:
    """The test `# >= y &`.

    >>> GreaterEqualThan[2][2]
    True
    """
    return None


@core.function(attributes={"Protected"}, sub=_with_other(S.LessEqual))
def LessEqualThan(y: Value) -> Value:
    """The test `# <= y &`.

    >>> LessEqualThan[2][2]
    True
    """
    return None


@core.function(attributes={"Protected"}, operator=1)
def Between(x: Value, bounds: Value) -> Value:
    """Whether min <= x <= max for {min, max}, or for one of several such pairs.

    >>> {Between[5, {1, 10}], Between[{1, 2}][3]}
    {True, False}
    """
    if bounds.__class__ is not List:
        return None
    pairs = bounds.args if bounds.args and bounds.args[0].__class__ is List else (bounds,)
    tests = []
    for pair in pairs:
        if pair.__class__ is not List or len(pair.args) != 2:
            return None
        tests.append(expression(S.LessEqual, (pair.args[0], x, pair.args[1])))
    return tests[0] if len(tests) == 1 else expression(S.Or, tuple(tests))


def _sign_test(x: Value, accepted: tuple[int, ...]) -> Value:
    if x.__class__ is Complex:
        return FALSE
    if x.__class__ is Expression and x.head is S.DirectedInfinity:
        order = order_values(x, 0)
        return None if order is None else boolean(order in accepted)
    if not numeric.is_numeric(x):
        return None
    sign = numeric.exact_sign(x)
    if sign is not None:
        return boolean(sign in accepted)
    value = numeric.numerical_value(x)
    return FALSE if value.__class__ is Complex else None


@core.function(attributes={"Listable", "Protected"})
def Positive(x: Value) -> Value:
    """Whether a number is greater than 0.

    >>> {Positive[2], Positive[-1/2], Positive[x]}
    {True, False, Positive[x]}
    """
    return _sign_test(x, (1,))


@core.function(attributes={"Listable", "Protected"})
def Negative(x: Value) -> Value:
    """Whether a number is less than 0.

    >>> {Negative[-2.5], Negative[0]}
    {True, False}
    """
    return _sign_test(x, (-1,))


@core.function(attributes={"Listable", "Protected"})
def NonNegative(x: Value) -> Value:
    """Whether a number is at least 0.

    >>> {NonNegative[0], NonNegative[-1]}
    {True, False}
    """
    return _sign_test(x, (0, 1))


@core.function(attributes={"Listable", "Protected"})
def NonPositive(x: Value) -> Value:
    """Whether a number is at most 0.

    >>> {NonPositive[0], NonPositive[1]}
    {True, False}
    """
    return _sign_test(x, (-1, 0))


# ---- logic


def _junction(owner: Symbol, parts: tuple[Value, ...], deciding: Symbol, neutral: Symbol) -> Value:
    """Return And or Or of held parts: the first deciding one decides, neutral ones drop out."""
    kept = []
    changed = False
    for part in parts:
        value = evaluate(part)
        if value is deciding:
            return deciding
        if value is neutral:
            changed = True
            continue
        if value is not part:
            changed = True
        kept.append(value)
    if not changed and len(kept) > 1:
        return None
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else expression(owner, tuple(kept))


@core.function(attributes={"Flat", "HoldAll", "OneIdentity", "Protected"})
def And(*parts: Value) -> Value:
    """The conjunction `a && b`: False as soon as a part is False; parts that are True drop out.

    >>> {1 < 2 && 2 < 3, False && x, x && True && y}
    {True, False, x && y}
    """
    return _junction(S.And, parts, FALSE, TRUE)


@core.function(attributes={"Flat", "HoldAll", "OneIdentity", "Protected"})
def Or(*parts: Value) -> Value:
    """The disjunction `a || b`: True as soon as a part is True; parts that are False drop out.

    >>> {2 < 1 || 2 < 3, True || x, x || False || y}
    {True, True, x || y}
    """
    return _junction(S.Or, parts, TRUE, FALSE)


_OPPOSITE = {
    S.Equal: S.Unequal,
    S.Unequal: S.Equal,
    S.Less: S.GreaterEqual,
    S.LessEqual: S.Greater,
    S.Greater: S.LessEqual,
    S.GreaterEqual: S.Less,
    S.SameQ: S.UnsameQ,
    S.UnsameQ: S.SameQ,
    S.Element: S.NotElement,
    S.NotElement: S.Element,
}


@core.function(attributes={"Protected"})
def Not(v: Value) -> Value:
    """The negation `!a`; comparisons become their opposites.

    >>> {!True, !(a < b), !(!x), !x}
    {False, a >= b, x, !x}
    """
    if v is TRUE:
        return FALSE
    if v is FALSE:
        return TRUE
    if v.__class__ is Expression:
        if v.head is S.Not and len(v.args) == 1:
            return v.args[0]
        opposite = _OPPOSITE.get(v.head)
        if opposite is not None and len(v.args) == 2:
            return expression(opposite, v.args)
    return None


def negated(v: Value) -> Value:
    """Return `Not[v]`, not evaluated."""
    return expression(S.Not, (v,))


@core.function(attributes={"Flat", "OneIdentity", "Orderless", "Protected"})
def Xor(*parts: Value) -> Value:
    """The exclusive disjunction: True for an odd number of parts that are True.

    >>> {Xor[True, False], Xor[True, True], Xor[a, True], Xor[a, a]}
    {True, False, !a, False}
    """
    odd = False
    counts: dict[Value, list[Value]] = {}
    for part in parts:
        if part is TRUE:
            odd = not odd
        elif part is not FALSE:
            key = hash_key(part)
            if key in counts:
                del counts[key]
            else:
                counts[key] = part
    kept = list(counts.values())
    if not kept:
        return boolean(odd)
    if len(kept) == len(parts) and len(kept) > 1:
        return None
    made = kept[0] if len(kept) == 1 else expression(S.Xor, tuple(kept))
    return negated(made) if odd else made


@core.function(attributes={"Orderless", "Protected"})
def Xnor(*parts: Value) -> Value:
    """The negation of Xor.

    >>> {Xnor[True, True], Xnor[a, a]}
    {True, True}
    """
    made = Xor(*parts)
    return None if made is None else negated(made)


@core.function(attributes={"HoldAll", "Protected"})
def Nand(*parts: Value) -> Value:
    """The negation of And.

    >>> {Nand[True, True], Nand[False, x]}
    {False, True}
    """
    return _negated_junction(S.Nand, parts, FALSE, TRUE)


@core.function(attributes={"HoldAll", "Protected"})
def Nor(*parts: Value) -> Value:
    """The negation of Or.

    >>> {Nor[False, False], Nor[True, x]}
    {True, False}
    """
    return _negated_junction(S.Nor, parts, TRUE, FALSE)


def _negated_junction(owner: Symbol, parts: tuple[Value, ...], deciding: Symbol, neutral: Symbol) -> Value:
    made = _junction(owner, parts, deciding, neutral)
    if made is None:
        return None
    if made is TRUE:
        return FALSE
    if made is FALSE:
        return TRUE
    if made.__class__ is Expression and made.head is owner and len(made.args) > 1:
        return made
    return negated(made)


@core.function(attributes={"Protected"})
def Implies(a: Value, b: Value) -> Value:
    """The implication: `!a || b`.

    >>> {Implies[False, x], Implies[True, x], Implies[a, False]}
    {True, x, !a}
    """
    if a is FALSE or b is TRUE or same(a, b):
        return TRUE
    if a is TRUE:
        return b
    return negated(a) if b is FALSE else None


@core.function(attributes={"Orderless", "Protected"})
def Equivalent(*parts: Value) -> Value:
    """Whether all parts have one truth value.

    >>> {Equivalent[True, True], Equivalent[True, False], Equivalent[a, True], Equivalent[a, a]}
    {True, False, a, True}
    """
    distinct: dict[Value, Value] = {}
    for part in parts:
        distinct.setdefault(hash_key(part), part)
    kept = list(distinct.values())
    if len(kept) < 2:
        return TRUE
    if any(p is TRUE for p in kept):
        if any(p is FALSE for p in kept):
            return FALSE
        return expression(S.And, tuple([p for p in kept if p is not TRUE]))
    if any(p is FALSE for p in kept):
        return expression(S.And, tuple([negated(p) for p in kept if p is not FALSE]))
    return expression(S.Equivalent, tuple(kept)) if len(kept) < len(parts) else None


@core.function(attributes={"Listable", "Protected"})
def Boole(v: Value) -> Value:
    """1 for True, 0 for False.

    >>> Boole[{1 < 2, 2 < 1}]
    {1, 0}
    """
    return 1 if v is TRUE else 0 if v is FALSE else None


# ---- domains


def _in_domain(x: Value, domain: Value) -> bool | None:
    """Return whether *x* is an element of a domain, None when it cannot be told."""
    c = x.__class__
    if domain is S.Booleans:
        return (
            x is TRUE or x is FALSE
            if c is Symbol and (x is TRUE or x is FALSE)
            else (False if c in NUMBER_TYPES or c is String else None)
        )
    if c is String or c is List or c is Association or x is TRUE or x is FALSE:
        return False
    restriction = _RESTRICTED.get(domain)
    if restriction is not None:
        base, accepted = restriction
        inside = _in_domain(x, base)
        if not inside:
            return inside
        sign = numeric.exact_sign(x)
        return None if sign is None else sign in accepted
    if domain is S.Primes:
        if c is int:
            from lyra_core.evaluation.evaluator import evaluate as value_of

            return value_of(expression(S.PrimeQ, (x,))) is TRUE
        return False if c in NUMBER_TYPES or _in_domain(x, S.Integers) is False else None
    if c in NUMBER_TYPES:
        if domain is S.Complexes:
            return True
        if domain is S.Reals:
            return c is not Complex
        if domain is S.Algebraics:
            return True if is_exact(x) else None
        if domain is S.Rationals:
            return c is int or c is Rational if is_exact(x) else (False if c is Complex else None)
        if domain is S.Integers:
            if c is int:
                return True
            if c is float or c is BigReal:
                return False if as_float(x) != int(as_float(x)) else None
            return False
        return None
    if numeric.is_numeric(x):
        if domain is S.Complexes:
            return True
        value = numeric.numerical_value(x)
        if value.__class__ is Complex:
            return False
        if domain is S.Reals:
            return True if value.__class__ in REAL_TYPES else None
        if domain is S.Integers and value.__class__ is float:
            return False if abs(value - round(value)) > 1e-9 else None
        if x is S.Pi or x is S.E:
            return False if domain in (S.Integers, S.Rationals, S.Algebraics) else None
        if domain is S.Algebraics and x.__class__ is Expression and x.head is S.Power and _is_rational(x.args[1]):
            return _in_domain(x.args[0], domain)
        if domain is S.Rationals and x.__class__ is Expression and x.head is S.Power and _is_rational(x.args[1]):
            return False if _is_rational(x.args[0]) else None
    return None


def _is_rational(v: Value) -> bool:
    return v.__class__ is int or v.__class__ is Rational


_RESTRICTED = {
    S.PositiveIntegers: (S.Integers, (1,)),
    S.NegativeIntegers: (S.Integers, (-1,)),
    S.NonNegativeIntegers: (S.Integers, (0, 1)),
    S.NonPositiveIntegers: (S.Integers, (-1, 0)),
    S.PositiveRationals: (S.Rationals, (1,)),
    S.NegativeRationals: (S.Rationals, (-1,)),
    S.NonNegativeRationals: (S.Rationals, (0, 1)),
    S.NonPositiveRationals: (S.Rationals, (-1, 0)),
    S.PositiveReals: (S.Reals, (1,)),
    S.NegativeReals: (S.Reals, (-1,)),
    S.NonNegativeReals: (S.Reals, (0, 1)),
    S.NonPositiveReals: (S.Reals, (-1, 0)),
}


@core.function(
    attributes={"Protected"},
    messages={
        "bset": "The second argument `1` of Element should be one of: Primes, Integers, Rationals, Algebraics, Reals, "
        "Complexes, or Booleans."
    },
)
def Element(x: Value, domain: Value) -> Value:
    """Whether a value (or each of `a | b`, of a list) is an element of a domain, when that can be decided.

    >>> {Element[3, Integers], Element[1/2, Integers], Element[x, Reals], Element[Pi, Reals]}
    {True, False, Element[x, Reals], True}
    """
    if x.__class__ is List:
        if not x.args:
            return TRUE
        return expression(S.Element, (x.args[0] if len(x.args) == 1 else expression(S.Alternatives, x.args), domain))
    if x.__class__ is Expression and x.head is S.Alternatives:
        left = []
        for each in x.args:
            inside = _in_domain(each, domain)
            if inside is False:
                return FALSE
            if inside is None:
                left.append(each)
        if not left:
            return TRUE
        if len(left) == len(x.args):
            return None
        return expression(S.Element, (left[0] if len(left) == 1 else expression(S.Alternatives, tuple(left)), domain))
    inside = _in_domain(x, domain)
    if inside is None and (domain in (S.Real, S.Integer, S.Rational, S.Complex) or domain.__class__ in NUMBER_TYPES):
        message(S.Element, "bset", domain)
    return None if inside is None else boolean(inside)


@core.function(attributes={"Protected"})
def NotElement(x: Value, domain: Value) -> Value:
    """The negation of Element.

    >>> NotElement[1/2, Integers]
    True
    """
    inside = Element(x, domain)
    return boolean(inside is FALSE) if inside is TRUE or inside is FALSE else None

"""Pattern matching with backtracking.

A pattern is compiled once into closures. A *test* is deterministic: `test(value, env) -> bool`. A
*search* may succeed in several ways: `search(value, env, k) -> bool` calls the continuation `k()` for
each way until one answers True. *env* maps pattern variables to values; a variable bound to a
sequence holds `Sequence[…]`. What fails leaves *env* as it found it wherever another way is tried.
"""

from __future__ import annotations

from lyra_core.evaluation.evaluator import apply, evaluate, function_caller
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, expression
from lyra_core.values.number import BigReal, Complex, Rational
from lyra_core.values.string import String
from lyra_core.values.structure import head_of, same
from lyra_core.values.symbol import TRUE, S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Env = dict[Symbol, Any]
    Test = Callable[[Any, Env], bool]
    Search = Callable[[Any, Env, Callable[[], bool]], bool]

__all__ = [
    "Matcher",
    "argument_matcher",
    "compile_pattern",
    "default_value",
    "is_pattern_free",
    "match",
    "pattern_variables",
]

_MANY = 1 << 60

PATTERN_HEADS = frozenset(
    {
        S.Pattern,
        S.Blank,
        S.BlankSequence,
        S.BlankNullSequence,
        S.Optional,
        S.Alternatives,
        S.Condition,
        S.PatternTest,
        S.Except,
        S.Repeated,
        S.RepeatedNull,
        S.HoldPattern,
        S.Verbatim,
        S.Longest,
        S.Shortest,
        S.OrderlessPatternSequence,
        S.PatternSequence,
        S.KeyValuePattern,
        S.OptionsPattern,
    }
)

_CLASS_OF = {
    S.Integer: int,
    S.Real: (float, BigReal),
    S.Rational: Rational,
    S.Complex: Complex,
    S.String: String,
    S.Symbol: Symbol,
    S.List: List,
    S.Association: Association,
}


def is_pattern_free(p: Any) -> bool:
    """Return whether *p* matches only itself."""
    stack = [p]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head in PATTERN_HEADS:
                return False
            stack.append(q.head)
            stack.extend(q.args)
        elif q.__class__ is List or q.__class__ is Association:
            stack.extend(q.args)
    return True


def pattern_variables(p: Any) -> list[Symbol]:
    """Return the variables that *p* binds, in order of appearance."""
    found: dict[Symbol, None] = {}
    stack = [p]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.Verbatim:
                continue
            if q.head is S.Pattern and len(q.args) == 2 and q.args[0].__class__ is Symbol:
                found.setdefault(q.args[0])
                stack.append(q.args[1])
                continue
            if q.head is S.Condition and q.args:
                stack.append(q.args[0])
                continue
            stack.extend(reversed(q.args))
            stack.append(q.head)
        elif q.__class__ is List or q.__class__ is Association:
            stack.extend(reversed(q.args))
    return list(found)


def unbound_variables(p: Any) -> tuple[Symbol, ...]:
    """Return the variables that a match of *p* may leave unbound: those of some branches of Alternatives only."""
    found: dict[Symbol, None] = {}
    stack = [p]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.Verbatim:
                continue
            if q.head is S.Alternatives:
                branches = [pattern_variables(each) for each in q.args]
                for branch in branches:
                    for name in branch:
                        if not all(name in other for other in branches):
                            found.setdefault(name)
            stack.append(q.head)
            stack.extend(q.args)
        elif q.__class__ is List or q.__class__ is Association:
            stack.extend(q.args)
    return tuple(found)


_EMPTY_SEQUENCE = expression(S.Sequence, ())


class Matcher:
    """A compiled pattern; exactly one of *test* and *search* is set.

    *absent* are the variables that stand for nothing, `Sequence[]`, where a match leaves them unbound.
    """

    __slots__ = ("absent", "binds", "search", "test")

    def __init__(self, test: Test | None = None, search: Search | None = None, binds: bool = False) -> None:
        self.test = test
        self.search = search
        self.binds = binds
        self.absent: tuple[Symbol, ...] = ()

    def match(self, value: Any) -> Env | None:
        """Return the bindings under which *value* matches, or None."""
        env: Env = {}
        if self.test is not None:
            return env if self.test(value, env) else None
        assert self.search is not None
        found: list[Env] = []

        def done() -> bool:
            found.append(self._complete(dict(env)))
            return True

        return found[0] if self.search(value, env, done) else None

    def _complete(self, env: Env) -> Env:
        for name in self.absent:
            env.setdefault(name, _EMPTY_SEQUENCE)
        return env

    def match_all(self, value: Any, accept: Callable[[Env], bool]) -> bool:
        """Offer each way in which *value* matches to *accept* until it answers True."""
        env: Env = {}
        if self.test is not None:
            return self.test(value, env) and accept(env)
        assert self.search is not None
        return self.search(value, env, lambda: accept(self._complete(dict(env))))

    def run(self, value: Any, env: Env, k: Callable[[], bool]) -> bool:
        """Match under *env* and go on with *k*; undoes its bindings when *k* refuses."""
        if self.test is None:
            assert self.search is not None
            return self.search(value, env, k)
        if not self.binds:
            return self.test(value, env) and k()
        saved = dict(env)
        if self.test(value, env) and k():
            return True
        env.clear()
        env.update(saved)
        return False


_cache: dict[Any, Matcher] = {}


def compile_pattern(p: Any) -> Matcher:
    """Return the matcher of *p*; cached for shared nodes."""
    if p.__class__ is Expression and p.interned:
        found = _cache.get(p)
        if found is None:
            if len(_cache) > 20_000:
                _cache.clear()
            found = _cache[p] = _compile(p)
            found.absent = unbound_variables(p)
        return found
    made = _compile(p)
    made.absent = unbound_variables(p)
    return made


def match(p: Any, value: Any) -> Env | None:
    """Return the bindings under which *value* matches the pattern *p*, or None."""
    return compile_pattern(p).match(value)


def _bind(env: Env, name: Symbol, value: Any) -> bool:
    bound = env.get(name)
    if bound is None:
        env[name] = value
        return True
    return same(bound, value)


def _compile(p: Any) -> Matcher:
    c = p.__class__
    if c is Expression:
        special = _SPECIAL.get(p.head) if p.head.__class__ is Symbol else None
        if special is not None:
            made: Matcher | None = special(p)
            if made is not None:
                return made
        if p.interned and is_pattern_free(p):
            return Matcher(lambda v, env: v is p)
        return _compile_call(p.head, p.args)
    if c is List:
        return _compile_call(S.List, p.args)
    if c is Association and not is_pattern_free(p):
        return _compile_association(p)
    if c is Symbol:
        return Matcher(lambda v, env: v is p)
    if c is int:
        return Matcher(lambda v, env: v.__class__ is int and v == p)
    return Matcher(lambda v, env: same(v, p))


# ---- single patterns


def _head_test(h: Any) -> Callable[[Any], bool]:
    kind = _CLASS_OF.get(h) if h.__class__ is Symbol else None
    if kind.__class__ is tuple:
        return lambda v: v.__class__ in kind
    if kind is not None:
        return lambda v: v.__class__ is kind
    if h.__class__ is Symbol:
        return lambda v: (v.__class__ is Expression and v.head is h) or head_of(v) is h
    return lambda v: same(head_of(v), h)


def _compile_blank(p: Expression) -> Matcher | None:
    if not p.args:
        return Matcher(lambda v, env: True)
    if len(p.args) != 1:
        return None
    test = _head_test(p.args[0])
    return Matcher(lambda v, env: test(v))


def _compile_named(p: Expression) -> Matcher | None:
    if len(p.args) != 2 or p.args[0].__class__ is not Symbol:
        return None
    name = p.args[0]
    inner = compile_pattern(p.args[1])
    if inner.test is not None:
        test = inner.test

        def named(v: Any, env: Env) -> bool:
            if not test(v, env):
                return False
            bound = env.get(name)
            if bound is None:
                env[name] = v
                return True
            return same(bound, v)

        return Matcher(named, binds=True)

    def search(v: Any, env: Env, k: Callable[[], bool]) -> bool:
        def bound() -> bool:
            known = env.get(name)
            if known is not None:
                return same(known, v) and k()
            env[name] = v
            if k():
                return True
            env.pop(name, None)
            return False

        return inner.run(v, env, bound)

    return Matcher(search=search, binds=True)


def _compile_test(p: Expression) -> Matcher | None:
    if len(p.args) != 2:
        return None
    inner = compile_pattern(p.args[0])
    passes = _tester(p.args[1])
    if inner.test is not None:
        test = inner.test
        return Matcher(lambda v, env: test(v, env) and passes(v), binds=inner.binds)
    return Matcher(search=lambda v, env, k: inner.run(v, env, lambda: passes(v) and k()), binds=inner.binds)


def _tester(f: Any) -> Callable[[Any], bool]:
    """Return whether `f[v]` is True; from the third use on with a caller that knows what *f* is."""
    uses = 0
    call: Any = None

    def passes(v: Any) -> bool:
        nonlocal uses, call
        if call is not None:
            return call(v) is TRUE
        uses += 1
        if uses > 2 and _is_fixed(f):
            call = function_caller(f, 1)
        return apply(evaluate(f), (v,)) is TRUE

    return passes


def _is_fixed(f: Any) -> bool:
    """Return whether *f* will mean the same function whatever is assigned later."""
    if f.__class__ is Expression:
        return f.head is S.Function and len(f.args) < 3
    return f.__class__ is Symbol and f.namespace.startswith("std::") and f.own is None


def _compile_condition(p: Expression) -> Matcher | None:
    if len(p.args) != 2:
        return None
    from lyra_core.evaluation.scoping import substitute

    inner = compile_pattern(p.args[0])
    condition = p.args[1]
    if inner.test is not None:
        test = inner.test
        return Matcher(
            lambda v, env: test(v, env) and evaluate(substitute(condition, env)) is TRUE,
            binds=inner.binds,
        )
    return Matcher(
        search=lambda v, env, k: inner.run(v, env, lambda: evaluate(substitute(condition, env)) is TRUE and k()),
        binds=inner.binds,
    )


def _compile_alternatives(p: Expression) -> Matcher:
    choices = [compile_pattern(a) for a in p.args]
    if all(each.test is not None and not each.binds for each in choices):
        tests = [each.test for each in choices if each.test is not None]

        def any_of(v: Any, env: Env) -> bool:
            for test in tests:
                if test(v, env):
                    return True
            return False

        return Matcher(any_of)

    def search(v: Any, env: Env, k: Callable[[], bool]) -> bool:
        for each in choices:
            if each.run(v, env, k):
                return True
        return False

    return Matcher(search=search, binds=True)


def _compile_hold(p: Expression) -> Matcher | None:
    return compile_pattern(p.args[0]) if len(p.args) == 1 else None


def _compile_verbatim(p: Expression) -> Matcher | None:
    if len(p.args) != 1:
        return None
    literal = p.args[0]
    return Matcher(lambda v, env: same(v, literal))


def _compile_except(p: Expression) -> Matcher | None:
    if not p.args or len(p.args) > 2:
        return None
    excluded = compile_pattern(p.args[0])
    if len(p.args) == 1:
        return Matcher(lambda v, env: excluded.match(v) is None)
    inner = compile_pattern(p.args[1])
    if inner.test is not None:
        test = inner.test
        return Matcher(lambda v, env: excluded.match(v) is None and test(v, env), binds=inner.binds)
    return Matcher(search=lambda v, env, k: excluded.match(v) is None and inner.run(v, env, k), binds=inner.binds)


def _compile_as_sequence_of_one(p: Expression) -> Matcher:
    """A sequence pattern in the place of one value matches a sequence of length one."""
    element = _element(p)

    def search(v: Any, env: Env, k: Callable[[], bool]) -> bool:
        return _match_elements((element,), (v,), env, k, None)

    return Matcher(search=search, binds=True)


def _compile_inner(p: Expression) -> Matcher | None:
    return compile_pattern(p.args[0]) if p.args else None


def _compile_key_values(p: Expression) -> Matcher | None:
    if len(p.args) != 1:
        return None
    wanted = p.args[0].args if p.args[0].__class__ in (List, Association) else (p.args[0],)
    elements = [compile_pattern(each) for each in wanted]

    def search(v: Any, env: Env, k: Callable[[], bool]) -> bool:
        if v.__class__ is Association or (
            v.__class__ is List and all(e.__class__ is Expression and e.head in _RULES for e in v.args)
        ):
            entries = v.args
        else:
            return False

        def step(i: int) -> bool:
            if i == len(elements):
                return k()
            for entry in entries:
                if elements[i].run(entry, env, lambda: step(i + 1)):
                    return True
            return False

        return step(0)

    return Matcher(search=search, binds=True)


_RULES = frozenset({S.Rule, S.RuleDelayed})


def _compile_association(p: Association) -> Matcher:
    """`<|"a" -> x_, …|>` as a pattern: the same keys in the same order, each value matching."""
    inner = _compile_call(S.List, tuple(p.args))

    def search(v: Any, env: Env, k: Callable[[], bool]) -> bool:
        return v.__class__ is Association and inner.run(List(v.args), env, k)

    return Matcher(search=search, binds=True)


# ---- calls


class Element:
    """One pattern of an argument sequence: how many values it takes and what each must be."""

    __slots__ = (
        "default",
        "inner",
        "least",
        "literal",
        "most",
        "name",
        "nested",
        "orderless",
        "pattern",
        "repeats",
        "shortest",
    )

    def __init__(self, pattern: Any) -> None:
        self.pattern = pattern
        self.inner: Matcher | None = None
        self.least = 1
        self.most = 1
        self.name: Symbol | None = None
        self.default: Any = None  # Optional: the default, or _DEFAULT when the head decides
        self.shortest = True
        self.nested: tuple[Element, ...] | None = None
        self.orderless = False
        self.literal = False
        self.repeats: tuple[int, int] | None = None  # how often `nested` is repeated; None: it stands once


_DEFAULT = object()


def _element(p: Any) -> Element:
    """Return how *p* behaves among the arguments of a call."""
    e = Element(p)
    q = p
    names: list[Symbol] = []
    while q.__class__ is Expression:
        h = q.head
        if h is S.Pattern and len(q.args) == 2 and q.args[0].__class__ is Symbol:
            names.append(q.args[0])
            q = q.args[1]
        elif h is S.HoldPattern and len(q.args) == 1:
            q = q.args[0]
        elif h is S.Longest and q.args:
            e.shortest = False
            q = q.args[0]
            if _is_sequence(q):
                inner = _element(q)
                inner.shortest = False
                return _named(inner, names, p)
        elif h is S.Shortest and q.args:
            q = q.args[0]
        else:
            break
    if q.__class__ is Expression:
        h = q.head
        if h is S.BlankSequence or h is S.BlankNullSequence:
            e.least = 1 if h is S.BlankSequence else 0
            e.most = _MANY
            if q.args:
                e.inner = compile_pattern(expression(S.Blank, q.args))
            return _named(e, names, p)
        if (h is S.Repeated or h is S.RepeatedNull) and q.args:
            e.least = 1 if h is S.Repeated else 0
            e.most = _MANY
            if len(q.args) > 1:
                _limits(e, q.args[1], h is S.RepeatedNull)
            if _is_sequence(q.args[0]):
                return _named(_repeated_sequence(e, _element(q.args[0])), names, p)
            e.inner = compile_pattern(q.args[0])
            # Each repetition must match the same bindings.
            return _named(e, names, p)
        if h is S.Optional and q.args:
            inner = _element(q.args[0])
            inner.default = q.args[1] if len(q.args) > 1 else _DEFAULT
            if inner.least == 1:
                inner.least = 0
            inner.shortest = False
            inner.pattern = q.args[0]
            if inner.name is None and q.args[0].__class__ is Expression and q.args[0].head is S.Pattern:
                inner.name = q.args[0].args[0]
            return _named(inner, names, p)
        if h is S.PatternSequence:
            e.nested = tuple(_element(a) for a in q.args)
            e.least = sum(each.least for each in e.nested)
            e.most = min(_MANY, sum(each.most for each in e.nested))
            return _named(e, names, p)
        if h is S.OrderlessPatternSequence:
            e.nested = tuple(_element(a) for a in q.args)
            e.orderless = True
            e.least = sum(each.least for each in e.nested)
            e.most = min(_MANY, sum(each.most for each in e.nested))
            return _named(e, names, p)
        if h is S.OptionsPattern:
            e.least, e.most, e.shortest = 0, _MANY, False
            e.inner = Matcher(_is_option)
            return _named(e, names, p)
        if (h is S.Condition or h is S.PatternTest) and len(q.args) == 2:
            inner = _element(q.args[0])
            if inner.least != 1 or inner.most != 1:
                return _named(_guarded(inner, q), names, p)
        if h is S.Alternatives and any(_is_sequence(a) for a in q.args):
            return _named(_sequence_alternatives(q), names, p)
    e.inner = compile_pattern(p)
    e.literal = is_pattern_free(p)
    return e


def _is_sequence(p: Any) -> bool:
    e = _element(p)
    return e.least != 1 or e.most != 1 or e.nested is not None


def _named(e: Element, names: list[Symbol], p: Any) -> Element:
    for name in reversed(names):
        if e.name is None:
            e.name = name
        elif e.name is not name:
            outer = Element(p)
            outer.nested = (e,)
            outer.least, outer.most, outer.name = e.least, e.most, name
            e = outer
    return e


def _repeated_sequence(e: Element, inner: Element) -> Element:
    """Let *e*, whose limits count repetitions, repeat a pattern that takes several values itself."""
    e.repeats = (e.least, e.most)
    e.nested = (inner,)
    e.least *= inner.least
    e.most = min(_MANY, e.most * inner.most)
    return e


def _guarded(inner: Element, q: Expression) -> Element:
    """A sequence pattern with a test on each element (`x__?f`) or a condition on the whole."""
    if q.head is S.PatternTest:
        f = q.args[1]
        old = inner.inner

        def test(v: Any, env: Env) -> bool:
            return (old is None or old.match(v) is not None) and apply(evaluate(f), (v,)) is TRUE

        inner.inner = Matcher(test)
        return inner
    from lyra_core.evaluation.scoping import substitute

    outer = Element(q)
    outer.nested = (inner, _condition_element(lambda env: evaluate(substitute(q.args[1], env)) is TRUE))
    outer.least, outer.most = inner.least, inner.most
    return outer


def _condition_element(holds: Callable[[Env], bool]) -> Element:
    """An element that takes no value and only asks whether the bindings so far are acceptable."""
    e = Element(None)
    e.least = e.most = 0
    e.inner = Matcher(lambda v, env: holds(env))
    e.nested = ()
    e.default = holds
    return e


def _sequence_alternatives(q: Expression) -> Element:
    choices = [_element(a) for a in q.args]
    e = Element(q)
    e.least = min(each.least for each in choices)
    e.most = max(each.most for each in choices)
    e.nested = tuple(choices)
    e.literal = True  # with `nested`: alternatives, not a sequence
    return e


def _is_infinity(x: Any) -> bool:
    return x.__class__ is Expression and x.head is S.DirectedInfinity


def _limits(e: Element, spec: Any, null: bool) -> None:
    if spec.__class__ is int:
        e.most = spec
        e.least = 0 if null else 1
    elif spec.__class__ is List and all(x.__class__ is int or _is_infinity(x) for x in spec.args):
        bounds = [x if x.__class__ is int else _MANY for x in spec.args]
        if len(bounds) == 1:
            e.least = e.most = bounds[0]
        elif len(bounds) == 2:
            e.least, e.most = bounds


def _is_option(v: Any, env: Env) -> bool:
    if v.__class__ is Expression:
        return len(v.args) == 2 and v.head in _RULES
    return v.__class__ is List and all(_is_option(each, env) for each in v.args)


def _compile_call(head: Any, args: tuple[Any, ...]) -> Matcher:
    head_matcher = None if head.__class__ is Symbol else compile_pattern(head)
    elements = tuple(_element(a) for a in args)
    fixed = all(e.least == e.most == 1 and e.nested is None and e.default is None for e in elements)
    plain = fixed and all(e.inner is not None and e.inner.test is not None for e in elements)
    n = len(elements)

    if head is S.List:
        if plain:
            tests = [e.inner.test for e in elements if e.inner is not None]

            def list_test(v: Any, env: Env) -> bool:
                if v.__class__ is not List or len(v.args) != n:
                    return False
                i = 0
                for a in v.args:
                    if not tests[i](a, env):  # type: ignore[misc]  # plain: every element has a test
                        return False
                    i += 1
                return True

            return Matcher(list_test, binds=True)

        def list_search(v: Any, env: Env, k: Callable[[], bool]) -> bool:
            return v.__class__ is List and _match_elements(elements, v.args, env, k, None)

        return Matcher(search=list_search, binds=True)

    if head_matcher is None:
        symbol = head
        number = symbol is S.Rational or symbol is S.Complex
        if plain and not number and not symbol.attributes & (A.FLAT | A.ORDERLESS):
            tests = [e.inner.test for e in elements if e.inner is not None]

            def call_test(v: Any, env: Env) -> bool:
                if v.__class__ is not Expression or v.head is not symbol:
                    return False
                values = v.args
                if len(values) != n:
                    return False
                i = 0
                for a in values:
                    if not tests[i](a, env):  # type: ignore[misc]  # as above
                        return False
                    i += 1
                return True

            return Matcher(call_test, binds=True)

        def call_search(v: Any, env: Env, k: Callable[[], bool]) -> bool:
            if v.__class__ is Expression:
                if v.head is not symbol:
                    return bool(symbol.attributes & A.ONE_IDENTITY) and _match_defaults(symbol, elements, v, env, k)
                return match_arguments(symbol, elements, v.args, env, k)
            if number:
                parts = _number_parts(symbol, v)
                return parts is not None and _match_elements(elements, parts, env, k, None)
            return bool(symbol.attributes & A.ONE_IDENTITY) and _match_defaults(symbol, elements, v, env, k)

        return Matcher(search=call_search, binds=True)

    outer = head_matcher

    def any_head(v: Any, env: Env, k: Callable[[], bool]) -> bool:
        c = v.__class__
        if c is Expression or c is List:
            h = v.head

            def arguments() -> bool:
                if h.__class__ is Symbol:
                    return match_arguments(h, elements, v.args, env, k)
                return _match_elements(elements, v.args, env, k, None)

            return outer.run(h, env, arguments)
        return False

    return Matcher(search=any_head, binds=True)


_NUMBER_HEADS = frozenset((S.Rational, S.Complex))


def _number_parts(symbol: Symbol, v: Any) -> tuple[Any, ...] | None:
    if v.__class__ is Rational and symbol is S.Rational:
        return v.numerator, v.denominator
    if v.__class__ is Complex and symbol is S.Complex:
        return v.re, v.im
    return None


def _match_defaults(symbol: Symbol, elements: tuple[Element, ...], v: Any, env: Env, k: Callable[[], bool]) -> bool:
    """Match a value that is no call of a OneIdentity head as if it were `h[v]` with the defaults put in."""
    if sum(e.least for e in elements) > 1 or not any(e.default is _DEFAULT or e.least == 0 for e in elements):
        return False
    return match_arguments(symbol, elements, (v,), env, k, lone=True)


def match_arguments(
    symbol: Symbol,
    elements: tuple[Element, ...],
    values: tuple[Any, ...],
    env: Env,
    k: Callable[[], bool],
    lone: bool = False,
) -> bool:
    """Match an argument list under the attributes that *symbol* has now."""
    attributes = symbol.attributes
    flat = symbol if attributes & A.FLAT and not lone else None
    if attributes & A.ORDERLESS and (len(values) > 1 or len(elements) > 1):
        return _match_orderless(elements, values, env, k, flat, symbol)
    return _match_elements(elements, values, env, k, flat, symbol)


def default_value(symbol: Symbol | None, position: int, count: int) -> Any:
    """Return `Default[symbol, position, count]`, or None when there is none."""
    if symbol is None:
        return None
    if symbol is S.Plus:
        return 0
    if symbol is S.Times or symbol is S.Power:
        return 1 if symbol is S.Times or position == 2 else None
    rules = symbol.rules
    if rules is not None and rules.defaults:
        for node in (
            expression(S.Default, (symbol, position, count)),
            expression(S.Default, (symbol, position)),
            expression(S.Default, (symbol,)),
        ):
            for rule in rules.defaults:
                result = rule.apply(node)
                if result is not None:
                    return evaluate(result)
    return None


def _bind_then(env: Env, name: Symbol | None, value: Any, k: Callable[[], bool]) -> bool:
    if name is None:
        return k()
    known = env.get(name)
    if known is not None:
        return same(known, value) and k()
    env[name] = value
    if k():
        return True
    env.pop(name, None)
    return False


def _sequence_of(values: tuple[Any, ...]) -> Any:
    return values[0] if len(values) == 1 else expression(S.Sequence, values)


def _match_elements(
    elements: tuple[Element, ...],
    values: tuple[Any, ...],
    env: Env,
    k: Callable[[], bool],
    flat: Symbol | None,
    symbol: Symbol | None = None,
) -> bool:
    """Match patterns to values in order; *flat* lets one pattern take several values as `flat[…]`."""
    count = len(elements)
    least_after = [0] * (count + 1)
    most_after = [0] * (count + 1)
    for i in range(count - 1, -1, -1):
        least_after[i] = least_after[i + 1] + elements[i].least
        most_after[i] = min(_MANY, most_after[i + 1] + elements[i].most)

    def step(i: int, at: int) -> bool:
        if i == count:
            return at == len(values) and k()
        left = len(values) - at
        if left < least_after[i] or (flat is None and left > most_after[i]):
            return False
        e = elements[i]
        if e.nested is not None:
            return _match_nested(e, i, at)
        most = min(e.most, left - least_after[i + 1])
        single = e.most == 1
        if single and flat is not None and not e.literal:
            most = left - least_after[i + 1]
        sizes = range(e.least, most + 1) if e.shortest else range(most, e.least - 1, -1)
        for size in sizes:
            if single:
                if size == 0:
                    if _take_default(e, i, at):
                        return True
                elif size == 1:
                    # `x_` beside others stands for f[a], when f is Flat without OneIdentity.
                    if (
                        flat is not None
                        and count > 1
                        and flat.attributes & A.ONE_IDENTITY == 0
                        and e.inner is not None
                        and e.default is None
                        and not e.literal
                        and e.inner.run(expression(flat, (values[at],)), env, lambda: step(i + 1, at + 1))
                    ):
                        return True
                    if _take_one(e, values[at], i, at):
                        return True
                elif flat is not None and e.inner is not None:
                    grouped = expression(flat, values[at : at + size])
                    if e.inner.run(grouped, env, _named_rest(e, grouped, i, at + size)):
                        return True
            else:
                if size == 0 and e.default is not None:
                    if _take_default(e, i, at):
                        return True
                    continue
                if not _all_match(e, values[at : at + size], env):
                    if e.shortest:
                        # A longer sequence contains the element that failed.
                        if size and not _all_match(e, values[at + size - 1 : at + size], env):
                            return False
                    continue
                if _run_sequence(e, values[at : at + size], env, lambda: step(i + 1, at + size)):  # noqa: B023
                    return True
        return False

    def _take_one(e: Element, v: Any, i: int, at: int) -> bool:
        assert e.inner is not None
        if e.default is not None and e.name is not None:
            return e.inner.run(v, env, lambda: _bind_then(env, e.name, v, lambda: step(i + 1, at + 1)))
        return e.inner.run(v, env, lambda: step(i + 1, at + 1))

    def _named_rest(e: Element, v: Any, i: int, at: int) -> Callable[[], bool]:
        if e.default is not None and e.name is not None:
            return lambda: _bind_then(env, e.name, v, lambda: step(i + 1, at))
        return lambda: step(i + 1, at)

    def _take_default(e: Element, i: int, at: int) -> bool:
        value = default_value(symbol, i + 1, count) if e.default is _DEFAULT else e.default
        if value is None:
            return False
        return _bind_then(env, e.name, value, lambda: step(i + 1, at))

    def _match_nested(e: Element, i: int, at: int) -> bool:
        assert e.nested is not None
        if not e.nested:
            if e.default is not None:
                return bool(e.default(env)) and step(i + 1, at)
            return _bind_then(env, e.name, expression(S.Sequence, ()), lambda: step(i + 1, at))
        left = len(values) - at
        for size in range(e.least, min(e.most, left - least_after[i + 1]) + 1):
            part = values[at : at + size]
            go_on = _continuation(e, part, i, at + size)
            if e.repeats is not None:
                if _match_repeated(e, part, go_on):
                    return True
            elif e.literal:
                for choice in e.nested:
                    if _match_elements((choice,), part, env, go_on, None, symbol):
                        return True
            elif e.orderless:
                if _match_orderless(e.nested, part, env, go_on, None, symbol):
                    return True
            elif _match_elements(e.nested, part, env, go_on, None, symbol):
                return True
        return False

    def _match_repeated(e: Element, part: tuple[Any, ...], go_on: Callable[[], bool]) -> bool:
        assert e.nested is not None
        assert e.repeats is not None
        (inner,) = e.nested
        fewest, most = e.repeats

        def again(done: int, start: int) -> bool:
            if start == len(part) and done >= fewest:
                return go_on()
            if done == most:
                return False
            for end in range(start + max(1, inner.least), min(len(part), start + inner.most) + 1):
                rest = _rest(done + 1, end)
                if _match_elements(e.nested or (), part[start:end], env, rest, None, symbol):
                    return True
            return start == len(part) and inner.least == 0 and go_on()

        def _rest(done: int, end: int) -> Callable[[], bool]:
            return lambda: again(done, end)

        return again(0, 0)

    def _continuation(e: Element, part: tuple[Any, ...], i: int, at: int) -> Callable[[], bool]:
        return lambda: _bind_then(env, e.name, _sequence_of(part), lambda: step(i + 1, at))

    return step(0, 0)


def _all_match(e: Element, part: tuple[Any, ...], env: Env) -> bool:
    inner = e.inner
    if inner is None or inner.binds or inner.test is None:
        return True
    test = inner.test
    for v in part:
        if not test(v, env):
            return False
    return True


def _run_sequence(e: Element, part: tuple[Any, ...], env: Env, k: Callable[[], bool]) -> bool:
    inner = e.inner
    if inner is None or (inner.test is not None and not inner.binds):
        return _bind_then(env, e.name, _sequence_of(part), k)

    def step(i: int) -> bool:
        if i == len(part):
            return _bind_then(env, e.name, _sequence_of(part), k)
        return inner.run(part[i], env, lambda: step(i + 1))

    return step(0)


def _match_orderless(
    elements: tuple[Element, ...],
    values: tuple[Any, ...],
    env: Env,
    k: Callable[[], bool],
    flat: Symbol | None,
    symbol: Symbol | None,
) -> bool:
    """Match patterns to values in any order: fixed parts first, then single patterns, sequences last."""
    least = sum(e.least for e in elements)
    if len(values) < least:
        return False
    if flat is None and len(values) > sum(e.most for e in elements):
        return False
    order = sorted(range(len(elements)), key=lambda i: (_rank(elements[i]), i))
    ranked = [elements[i] for i in order]
    positions = [i + 1 for i in order]
    used = [False] * len(values)
    count = len(ranked)

    def step(i: int, left: int) -> bool:
        if i == count:
            return left == 0 and k()
        e = ranked[i]
        rest_least = sum(each.least for each in ranked[i + 1 :])
        if left < e.least + rest_least:
            return False
        last = i == count - 1
        if e.most == 1 and e.nested is None:
            assert e.inner is not None
            if not (last and flat is not None and left > 1):
                tried: list[Any] = []
                for j in range(len(values)):
                    if used[j]:
                        continue
                    v = values[j]
                    if any(v is t for t in tried):
                        continue
                    tried.append(v)
                    used[j] = True
                    if e.inner.run(v, env, _named_continuation(e, v, i, left - 1)):
                        return True
                    used[j] = False
            if e.least == 0 and e.default is not None:
                value = default_value(symbol, positions[i], count) if e.default is _DEFAULT else e.default
                if value is not None and _bind_then(env, e.name, value, lambda: step(i + 1, left)):
                    return True
            if flat is not None and not e.literal and left - rest_least >= 2:
                return _take_group(e, i, left, rest_least, flat)
            return False
        most = min(e.most, left - rest_least)
        sizes = [left] if last and flat is None and e.most >= left else range(e.least, most + 1)
        for size in sizes:
            if size < e.least:
                continue
            if _choose(e, i, left, size, 0, []):
                return True
        return False

    def _named_continuation(e: Element, v: Any, i: int, left: int) -> Callable[[], bool]:
        if e.default is not None and e.name is not None:
            return lambda: _bind_then(env, e.name, v, lambda: step(i + 1, left))
        return lambda: step(i + 1, left)

    def _take_group(e: Element, i: int, left: int, rest_least: int, head: Symbol) -> bool:
        """Let one pattern of a Flat, Orderless head take several values at once."""
        free = [j for j in range(len(values)) if not used[j]]
        most = left - rest_least
        sizes = [left] if i == count - 1 else range(2, most + 1)
        for size in sizes:
            for group in _combinations(free, size):
                for j in group:
                    used[j] = True
                grouped = expression(head, tuple([values[j] for j in group]))
                assert e.inner is not None
                if e.inner.run(grouped, env, _named_continuation(e, grouped, i, left - size)):
                    return True
                for j in group:
                    used[j] = False
        return False

    def _choose(e: Element, i: int, left: int, size: int, start: int, chosen: list[int]) -> bool:
        if len(chosen) == size:
            part = tuple([values[j] for j in chosen])
            if e.nested is not None:
                return _match_elements((e,), part, env, lambda: step(i + 1, left - size), None, symbol)
            return _all_match(e, part, env) and _run_sequence(e, part, env, lambda: step(i + 1, left - size))
        for j in range(start, len(values)):
            if used[j] or not _all_match(e, (values[j],), env):
                continue
            used[j] = True
            chosen.append(j)
            if _choose(e, i, left, size, j + 1, chosen):
                return True
            chosen.pop()
            used[j] = False
        return False

    return step(0, len(values))


def _rank(e: Element) -> int:
    if e.nested is not None or e.most != 1:
        return 4
    if e.literal:
        return 0
    p = e.pattern
    if e.default is not None:
        while p.__class__ is Expression and p.head in (S.Optional, S.Pattern) and p.args:
            p = p.args[0] if p.head is S.Optional else p.args[-1]
        # `n_.` beside `z_`: as they are written.
        return 2 if p.__class__ is Expression and p.head is S.Blank and not p.args else 3
    while p.__class__ is Expression and p.head is S.Pattern and len(p.args) == 2:
        p = p.args[1]
    return 2 if p.__class__ is Expression and p.head is S.Blank and not p.args else 1


def _combinations(items: list[int], size: int) -> list[tuple[int, ...]]:
    from itertools import combinations

    return list(combinations(items, size))


_SPECIAL: dict[Symbol, Callable[[Any], Matcher | None]] = {
    S.Blank: _compile_blank,
    S.Pattern: _compile_named,
    S.PatternTest: _compile_test,
    S.Condition: _compile_condition,
    S.Alternatives: _compile_alternatives,
    S.HoldPattern: _compile_hold,
    S.Verbatim: _compile_verbatim,
    S.Except: _compile_except,
    S.BlankSequence: _compile_as_sequence_of_one,
    S.BlankNullSequence: _compile_as_sequence_of_one,
    S.Repeated: _compile_as_sequence_of_one,
    S.RepeatedNull: _compile_as_sequence_of_one,
    S.PatternSequence: _compile_as_sequence_of_one,
    S.OrderlessPatternSequence: _compile_as_sequence_of_one,
    S.OptionsPattern: _compile_as_sequence_of_one,
    S.Optional: _compile_inner,
    S.Longest: _compile_inner,
    S.Shortest: _compile_inner,
    S.KeyValuePattern: _compile_key_values,
}


def argument_matcher(symbol: Symbol, args: tuple[Any, ...]) -> Callable[[tuple[Any, ...]], Env | None]:
    """Return a function from an argument tuple of *symbol* to bindings; used for down values.

    It never builds the call, and reads the attributes of *symbol* at each call.
    """
    elements = tuple(_element(a) for a in args)
    n = len(elements)
    plain = all(
        e.least == e.most == 1 and e.nested is None and e.default is None and e.inner is not None and e.inner.test
        for e in elements
    )
    tests = [e.inner.test for e in elements if e.inner is not None] if plain else []
    absent = [] if plain else [name for a in args for name in unbound_variables(a)]

    def match_values(values: tuple[Any, ...]) -> Env | None:
        if plain and not symbol.attributes & (A.FLAT | A.ORDERLESS):
            if len(values) != n:
                return None
            env: Env = {}
            i = 0
            for v in values:
                if not tests[i](v, env):  # type: ignore[misc]  # plain: every element has a test
                    return None
                i += 1
            return env
        env = {}
        found: list[Env] = []

        def done() -> bool:
            found.append(dict(env))
            for name in absent:
                found[0].setdefault(name, _EMPTY_SEQUENCE)
            return True

        return found[0] if match_arguments(symbol, elements, values, env, done) else None

    return match_values

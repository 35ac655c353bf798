"""Patterns at work: matching, searching and replacing."""

from __future__ import annotations

from lyra_core.evaluation.definitions import Rule, name_options, rules_of, with_neighbours
from lyra_core.evaluation.evaluator import HOLD_SOME, evaluate
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.patterns import compile_pattern, is_pattern_free
from lyra_core.evaluation.scoping import contains_symbol, substitute
from lyra_core.evaluation.state import STATE
from lyra_core.evaluation.support import plus_all, times_all
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import (
    INFINITE,
    boolean,
    count_of,
    elements_of,
    is_compound,
    is_rule,
    list_of,
    rebuild,
    split_options,
)
from lyra_core.std_core.levels import is_in_levels, map_at_levels, parts_at_levels, read_levels
from lyra_core.std_core.structure import plain_path
from lyra_core.values import (
    FALSE,
    TRUE,
    Association,
    Expression,
    List,
    S,
    String,
    Symbol,
    build,
    expression,
    hash_key,
    same,
)
from lyra_core.values.expression import ATOMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

core = module("std::core")

_RULE, _DELAYED, _KEY = S.Rule, S.RuleDelayed, S.Key


# ---- rules as values


class RuleList:
    """Replacement rules made ready: those for whole symbols and literals in a table, the others by head.

    `apply(v)` gives what the first rule that matches makes of *v*, or None. Rules that are used often are
    lowered as the down values of a symbol of their own (`compiled`).
    """

    __slots__ = ("_by_head", "_compiled", "_general", "_literal", "_rules", "uses")

    def __init__(self, rules: list[Rule]) -> None:
        self._rules = rules
        self._compiled: Rewriter | None = None
        self.uses = 0
        #: Literal left side → (place among the rules, rule).
        self._literal: dict[Any, tuple[int, Rule]] = {}
        self._general: list[tuple[int, Rule]] = []
        self._by_head: dict[Symbol, list[tuple[int, Rule]]] = {}
        for place, rule in enumerate(rules):
            lhs = rule.lhs
            if is_pattern_free(lhs) and rule.condition is None and not _is_flat_call(lhs):
                self._literal.setdefault(hash_key(lhs), (place, rule))
                continue
            head = _fixed_head(lhs)
            if head is None:
                self._general.append((place, rule))
                for group in self._by_head.values():
                    group.append((place, rule))
            else:
                group = self._by_head.get(head) or [*self._general]
                group.append((place, rule))
                self._by_head[head] = group

    @property
    def is_single(self) -> bool:
        """Whether it is one rule, without one for the arguments beside a match."""
        return len(self._rules) == 1

    def apply(self, v: Value) -> Value:
        """Return what the first matching rule makes of *v*, not evaluated; None when none matches."""
        found = self._literal.get(hash_key(v)) if self._literal else None
        if v.__class__ is Expression and v.head.__class__ is Symbol:
            group = self._by_head.get(v.head, self._general)
        elif v.__class__ is List:
            group = self._by_head.get(S.List, self._general)
        else:
            group = self._general
        for place, rule in group:
            if found is not None and place > found[0]:
                break
            result = rule.apply(v)
            if result is not None:
                return result
        return None if found is None else found[1].instantiate({})

    def compiled(self) -> Rewriter | None:
        """Return the lowered rules; None while they are not worth it, or where nothing lowers."""
        if self._compiled is None and self.uses >= _OFTEN and STATE.symbol_caller is not None:
            # Rules for literals alone are a dictionary already.
            if len(self._literal) < len(self._rules):
                self._compiled = Rewriter(self._rules, None if self._literal or self._general else set(self._by_head))
            else:
                self.uses = -_NEVER
        return self._compiled


def _is_flat_call(lhs: Value) -> bool:
    from lyra_core.functions.attributes import FunctionAttribute as A

    return lhs.__class__ is Expression and lhs.head.__class__ is Symbol and bool(lhs.head.attributes & A.FLAT)


def _fixed_head(lhs: Value) -> Symbol | None:
    """Return the symbol that must be the head of what *lhs* matches; None when it may be anything."""
    from lyra_core.evaluation.patterns import PATTERN_HEADS
    from lyra_core.functions.attributes import FunctionAttribute as A

    while (
        lhs.__class__ is Expression and lhs.head in (S.HoldPattern, S.Condition, S.PatternTest, S.Pattern) and lhs.args
    ):
        lhs = lhs.args[1] if lhs.head is S.Pattern and len(lhs.args) == 2 else lhs.args[0]
    if lhs.__class__ is List:
        return S.List
    if lhs.__class__ is not Expression or lhs.head.__class__ is not Symbol or lhs.head in PATTERN_HEADS:
        return None
    if lhs.head in (S.Rational, S.Complex) or lhs.head.attributes & A.ONE_IDENTITY:
        return None
    return lhs.head


#: How many applications make it worth while to lower rules; it takes about as long as so many.
_OFTEN = 300
_NEVER = 1 << 60

_UNTOUCHED = Symbol("$Untouched", "std::core")


def _has_many_normal_forms(v: Value) -> bool:
    """Return whether *v* is a list of many elements that are evaluated, so that lowered rules may have them."""
    return (
        v.__class__ is List
        and STATE.symbol_caller is not None
        and len(v.args) >= _OFTEN
        and (v.stamp == STATE.epoch or v.element_kind() in ATOMS)
    )


_TESTS = frozenset({S.Condition, S.PatternTest})


def _is_tested(pattern: Value) -> bool:
    """Return whether a pattern holds a condition or a test, whose value may depend on anything."""
    return contains_symbol(pattern, _TESTS)


def _is_pure(v: Value) -> bool:
    """Return whether evaluating *v* changes nothing that a test of a pattern may ask for."""
    from lyra_core.evaluation.linkage import PURE

    stack = [v]
    while stack:
        node = stack.pop()
        if node.__class__ is Expression:
            head = node.head
            if head.__class__ is not Symbol or (head.name not in PURE and head.native is not None):
                return False
            stack.append(head)
            stack.extend(node.args)
        elif node.__class__ is List:
            stack.extend(node.args)
        elif node.__class__ is Symbol:
            if (node.rules is not None or node.own is not None) and node.native is None:
                return False
        elif node.__class__ is Association:
            return False
    return True


class Rewriter:
    """Rules lowered to one function, for expressions that are normal forms: it gives evaluated results.

    *heads* are the heads of what the rules can match; None when they can match anything.
    """

    __slots__ = ("_call", "heads")

    def __init__(self, rules: list[Rule], heads: set[Symbol] | None) -> None:
        self.heads = heads
        symbol = Symbol("$Rewrite", "std::core")
        down = [Rule(expression(symbol, (rule.lhs,)), rule.rhs, rule.delayed) for rule in rules]
        down.append(Rule(expression(symbol, (expression(S.Blank, ()),)), _UNTOUCHED, True))
        own = rules_of(symbol)
        own.down = down
        own.changed()
        assert STATE.symbol_caller is not None  # RuleList.compiled has looked
        self._call = STATE.symbol_caller(symbol, 1, False)

    def of(self, v: Value) -> Value:
        """Return what the first rule that matches makes of a whole value, or `_UNTOUCHED`."""
        return self._call(v)

    def rewrite(self, v: Value, rules: RuleList) -> Value:
        """Return *v* with each part that a rule matches replaced, evaluated; *v* itself when there is none."""
        c = v.__class__
        heads = self.heads
        if heads is None or (c is Expression and v.head in heads) or (c is List and S.List in heads):
            result = self._call(v)
            if result is not _UNTOUCHED:
                return result
        if c is Expression:
            head = v.head
            if head.__class__ is not Symbol or head.attributes & HOLD_SOME:
                # What is held is no normal form, and must not be evaluated.
                return evaluate(replace_all(v, rules))
            if heads is None:
                new_head = self._call(head)
                if new_head is not _UNTOUCHED:
                    head = new_head
            new: list[Value] | None = None
            for i, a in enumerate(v.args):
                if heads is None or a.__class__ in _WITH_PARTS:
                    b = self.rewrite(a, rules)
                    if b is not a:
                        if new is None:
                            new = list(v.args)
                        new[i] = b
            if new is None:
                return v if head is v.head else evaluate(build(head, v.args))
            if head is _PLUS:
                return plus_all(tuple(new))
            if head is _TIMES:
                return times_all(tuple(new))
            return evaluate(build(head, new))
        if c is List:
            return self._rewrite_list(v, rules)
        return evaluate(replace_all(v, rules)) if c is Association else v

    def _rewrite_list(self, v: List, rules: RuleList) -> Value:
        everything = self.heads is None
        new: list[Value] | None = None
        if everything or v.element_kind() in _WITH_PARTS or v.kind is None:
            for i, a in enumerate(v.args):
                if everything or a.__class__ in _WITH_PARTS:
                    b = self.rewrite(a, rules)
                    if b is not a:
                        if new is None:
                            new = list(v.args)
                        new[i] = b
        if everything:
            head = self._call(S.List)
            if head is not _UNTOUCHED:
                return evaluate(build(head, v.args if new is None else new))
        return v if new is None else evaluate(List(tuple(new)))


_WITH_PARTS = frozenset({Expression, List, Association})
_PLUS, _TIMES = S.Plus, S.Times

_ready: dict[Any, RuleList] = {}


def rule_list(v: Value) -> RuleList | None:
    """Return the rules that a rule, a list of rules, an association or a Dispatch says; None when it is none."""
    key = v.args if v.__class__ is List else v
    if v.__class__ is Association:
        key = None
    elif key is not None:
        known = _ready.get(key)
        if known is not None:
            return known
    collected: list[Rule] = []
    if not _collect(v, collected):
        return None
    made = RuleList(collected)
    if key is not None:
        if len(_ready) > 1000:
            _ready.clear()
        _ready[key] = made
    return made


def _collect(v: Value, out: list[Rule], neighbours: bool = True) -> bool:
    """Append the rules in *v* to *out*; with *neighbours* also those that let a Flat call keep other arguments."""
    if v.__class__ is Expression:
        if v.head is S.Dispatch and len(v.args) == 1:
            return _collect(v.args[0], out, neighbours)
        if is_rule(v):
            out.append(Rule(*name_options(v.args[0], v.args[1]), v.head is _DELAYED))
            wider = with_neighbours(v.args[0], v.args[1]) if neighbours else None
            if wider is not None:
                out.append(Rule(*wider, v.head is _DELAYED))
            return True
        return False
    if v.__class__ is List:
        return all(_collect(each, out, neighbours) for each in v.args)
    if v.__class__ is Association:
        for k, value, delayed in v.items.values():
            out.append(Rule(k, value, delayed))
        return True
    return False


def _is_rule_set(v: Value) -> bool:
    """Return whether *v* is one set of rules: a rule, a Dispatch, an association, or a list of rules alone."""
    if v.__class__ is List:
        return all(is_rule(each) or _is_dispatch(each) or each.__class__ is Association for each in v.args)
    return is_rule(v) or _is_dispatch(v) or v.__class__ is Association


def _is_dispatch(v: Value) -> bool:
    return v.__class__ is Expression and v.head is S.Dispatch


def _for_each_set(owner: Symbol, v: Value, rules: Value, replace: Callable[[Value, RuleList], Value]) -> Value:
    """Apply one set of rules, or each of a list of sets, which gives a list of results."""
    if rules.__class__ is List and rules.args and not _is_rule_set(rules):
        if all(each.__class__ is List for each in rules.args):
            out = []
            for each in rules.args:
                made = _for_each_set(owner, v, each, replace)
                if made is None:
                    return None
                out.append(made)
            return List(tuple(out))
        message(owner, "reps", rules)
        return None
    ready = rule_list(rules)
    if ready is None:
        message(owner, "reps", List((rules,)) if rules.__class__ is not List else rules)
        return None
    return replace(v, ready)


# ---- replacing


@core.function(attributes={"Protected"}, operator=1)
def ReplaceAll(v: Value, rules: Value) -> Value:
    """Replace each part that a rule matches, outer parts first, `v /. rules`.

    >>> {x, x^2, y} /. x -> a
    {a, a^2, y}
    >>> f[1] + f[2] /. f[n_] :> n^2
    5
    >>> x + y /. {{x -> 1}, {x -> 2}}
    {1 + y, 2 + y}
    """
    return _for_each_set(S.ReplaceAll, v, rules, replace_evaluated)


def replace_evaluated(v: Value, rules: RuleList) -> Value:
    """Return `v /. rules` for a normal form: evaluated already where the rules are lowered."""
    if v.__class__ is List:
        rules.uses += len(v.args)
    rewriter = rules.compiled()
    return replace_all(v, rules) if rewriter is None else rewriter.rewrite(v, rules)


def replace_all(v: Value, rules: RuleList) -> Value:
    """Return *v* with each part that a rule matches replaced, not evaluated; *v* itself when there is none."""
    rules.uses += 1
    result = rules.apply(v)
    if result is not None:
        return result
    c = v.__class__
    if c is Expression:
        head = replace_all(v.head, rules)
        new = _replace_in(v.args, rules)
        if new is None:
            return v if head is v.head else build(head, v.args)
        return build(head, new)
    if c is List:
        kind = v.element_kind()
        if (kind is int or kind is float) and not rules._general and not rules._literal:
            return v
        head = replace_all(S.List, rules)
        new = _replace_in(v.args, rules)
        if head is not S.List:
            return build(head, v.args if new is None else new)
        return v if new is None else List(tuple(new))
    if c is Association:
        changed = False
        items = {}
        for key, (k, value, delayed) in v.items.items():
            entry = _replace_entry(k, value, delayed, rules)
            changed = changed or entry[0] is not k or entry[1] is not value
            items[hash_key(entry[0]) if entry[0] is not k else key] = entry
        return Association(items) if changed else v
    return v


def _replace_entry(k: Value, value: Value, delayed: bool, rules: RuleList) -> tuple[Value, Value, bool]:
    return k, replace_all(value, rules), delayed


def _replace_in(args: tuple[Value, ...], rules: RuleList) -> list[Value] | None:
    new: list[Value] | None = None
    for i, a in enumerate(args):
        b = replace_all(a, rules)
        if b is not a:
            if new is None:
                new = list(args)
            new[i] = b
    return new


@core.function(attributes={"Protected"}, operator=1, messages={"rrlim": "Exiting after `1` scanned `2` times."})
def ReplaceRepeated(v: Value, rules: Value, *options: Value) -> Value:
    """Replace until nothing changes, `v //. rules`; `MaxIterations -> n` limits how often.

    >>> f[f[f[x]]] //. f[a_] :> a
    x
    >>> {a, b} //. {a -> b, b -> c}
    {c, c}
    """
    arguments, given = split_options((rules, *options), ("MaxIterations",))
    if len(arguments) != 1:
        return None
    limit = 65536
    if "MaxIterations" in given:
        most = count_of(given["MaxIterations"])
        if most is None:
            return None
        limit = most

    def replace(value: Value, ready: RuleList) -> Value:
        rounds = 0
        while True:
            if rounds >= limit:
                message(S.ReplaceRepeated, "rrlim", v, limit)
                return value
            new = evaluate(replace_evaluated(value, ready))
            if new is value or same(new, value):
                return value
            value = new
            rounds += 1

    return _for_each_set(S.ReplaceRepeated, v, arguments[0], replace)


@core.function(attributes={"Protected"}, operator=1)
def Replace(v: Value, rules: Value, *rest: Value) -> Value:
    """Replace the whole by the first rule that matches, or the parts at the levels of a third argument.

    >>> {Replace[x, x -> a], Replace[{x, {x}}, x -> a, {1}], Replace[f[x], x -> a]}
    {a, {a, {x}}, f[x]}
    """
    arguments, options = split_options(rest, ("Heads",))
    if len(arguments) > 1:
        return None
    spec = (0, 0)
    if arguments:
        read = read_levels(S.Replace, arguments[0])
        if read is None:
            return None
        spec = read
    heads = options.get("Heads") is TRUE

    def replace(value: Value, ready: RuleList) -> Value:
        def change(a: Value) -> Value:
            result = ready.apply(a)
            return a if result is None else result

        if spec == (0, 0):
            return change(value)
        if spec == (1, 1) and not heads and _has_many_normal_forms(value):
            ready.uses += len(value.args)
            rewriter = ready.compiled()
            if rewriter is not None:
                call = rewriter.of
                made = [call(a) for a in value.args]
                return List(tuple([a if b is _UNTOUCHED else b for a, b in zip(value.args, made, strict=True)]))
        return map_at_levels(change, value, spec, heads)

    return _for_each_set(S.Replace, v, rules, replace)


@core.function(attributes={"Protected"}, operator=1)
def ReplaceList(v: Value, rules: Value, count: Value = None) -> Value:
    """Give the list of all ways in which the rules can replace the whole, or the first n of them.

    >>> ReplaceList[{a, b, c}, {x__, y__} :> {{x}, {y}}]
    {{{a}, {b, c}}, {{a, b}, {c}}}
    """
    limit = INFINITE if count is None else count_of(count)
    if limit is None:
        return None
    collected: list[Rule] = []
    if rules.__class__ is List and rules.args and all(each.__class__ is List for each in rules.args):
        rest = () if count is None else (count,)
        return List(tuple([expression(S.ReplaceList, (v, each, *rest)) for each in rules.args]))
    if not _collect(rules, collected, neighbours=False):
        message(S.ReplaceList, "reps", rules)
        return None
    out: list[Value] = []
    for rule in collected:
        _replace_in_all_ways(v, rule, out, limit)
        if len(out) >= limit:
            break
    return List(tuple(out))


def _replace_in_all_ways(v: Value, rule: Rule, out: list[Value], limit: int) -> None:
    from lyra_core.evaluation.definitions import evaluate_conditional

    def accept(env: dict[Symbol, Any]) -> bool:
        if rule.condition is not None:
            result = evaluate_conditional(substitute(rule.rhs, env))
            if result is None:
                return False
        else:
            result = substitute(rule.rhs, env)
        out.append(evaluate(result))
        return len(out) >= limit

    if limit:
        compile_pattern(rule.lhs).match_all(v, accept)


@core.function(attributes={"Protected"}, operator=1)
def ReplacePart(v: Value, rules: Value, *rest: Value) -> Value:
    """Replace the parts at positions: `i -> new`, `{i, j} -> new`, a list of such; positions may be patterns.

    >>> {ReplacePart[{a, b, c}, 2 -> x], ReplacePart[{a, b, c}, {1 -> x, -1 -> y}], ReplacePart[{{a, b}}, {1, 2} -> x]}
    {{a, x, c}, {x, b, y}, {{a, x}}}
    >>> ReplacePart[{a, b, c, d}, i_?EvenQ :> f[i]]
    {a, f[2], c, f[4]}
    """
    arguments, _ = split_options(rest, ("Heads",))
    if len(arguments) == 1:
        # The old form: ReplacePart[v, new, position].
        places = arguments[0]
        several = places.__class__ is List and places.args and all(each.__class__ is List for each in places.args)
        rules = List(tuple([expression(_RULE, (each, rules)) for each in (places.args if several else (places,))]))
    elif arguments:
        return None
    if rules.__class__ is Association:
        rules = List(rules.args)
    given = rules.args if rules.__class__ is List else (rules,)
    if not all(is_rule(each) for each in given):
        message(S.ReplacePart, "reps", rules)
        return None
    exact: dict[tuple[Value, ...], Rule] = {}
    patterns: list[Rule] = []
    for each in given:
        left, right = each.args
        rule = Rule(left, right, each.head is _DELAYED)
        if is_pattern_free(left):
            lefts = (
                left.args
                if left.__class__ is List and left.args and all(a.__class__ is List for a in left.args)
                else (left,)
            )
            for one in lefts:
                path = plain_path(v, one.args if one.__class__ is List else (one,))
                if path is not None:
                    exact.setdefault(path, rule)
        else:
            lefts = (
                left.args
                if left.__class__ is List and left.args and all(a.__class__ is List for a in left.args)
                else (left,)
            )
            for one in lefts:
                patterns.append(Rule(one, right, each.head is _DELAYED))
    return _replace_parts(v, (), exact, patterns, ())


def _replace_parts(
    v: Value,
    path: tuple[Value, ...],
    exact: dict[tuple[Value, ...], Rule],
    patterns: list[Rule],
    shown: tuple[Value, ...],
) -> Value:
    rule = exact.get(path)
    if rule is not None:
        return rule.rhs
    if patterns and path:
        for each in patterns:
            target = List(shown) if len(shown) != 1 or each.lhs.__class__ is List else shown[0]
            result = each.apply(target)
            if result is None and len(shown) == 1:
                result = each.apply(List(shown))
            if result is not None:
                return result
    if not is_compound(v) or (not patterns and not any(known[: len(path)] == path for known in exact)):
        return v
    new = []
    keys = [entry[0] for entry in v.items.values()] if v.__class__ is Association else None
    for i, a in enumerate(elements_of(v) or ()):
        index = i + 1 if keys is None else expression(_KEY, (keys[i],))
        new.append(_replace_parts(a, (*path, i), exact, patterns, (*shown, index)))
    if v.__class__ is Association:
        return rebuild(v, new)
    head_rule = exact.get((*path, -1))
    head = v.head if head_rule is None else head_rule.rhs
    if head_rule is None and any(known[: len(path) + 1] == (*path, -1) for known in exact):
        head = _replace_parts(v.head, (*path, -1), exact, patterns, (*shown, 0))
    return build(head, new)


core.symbol(
    "Rule",
    """A replacement, `a -> b`: both sides are evaluated when it is made.

    >>> x^2 /. x -> 3
    9
    """,
    attributes={"Protected", "SequenceHold"},
)
core.symbol(
    "RuleDelayed",
    """A replacement, `a :> b`: the right side is evaluated each time it is used.

    >>> {1, 2} /. n_Integer :> n + 1
    {2, 3}
    """,
    attributes={"HoldRest", "Protected", "SequenceHold"},
)


@core.function(attributes={"Protected"})
def Dispatch(rules: Value) -> Value:
    """Rules made ready for being applied often; used as the list of rules it holds.

    >>> {a, b, c} /. Dispatch[{a -> 1, b -> 2}]
    {1, 2, c}
    """
    return None


# ---- matching


def predicate_of(pattern: Value, count: int = 0) -> Callable[[Value], bool]:
    """Return a Python function that tells whether a value matches a pattern; *count* is how many will be asked."""
    if count >= _OFTEN and STATE.symbol_caller is not None and _has_condition(pattern):
        return _lowered_predicate(pattern)
    matcher = compile_pattern(pattern)
    test = matcher.test
    if test is not None and not matcher.binds:
        nothing: dict[Symbol, Any] = {}
        return lambda v: test(v, nothing)
    return lambda v: matcher.match(v) is not None


def _has_condition(pattern: Value) -> bool:
    stack = [pattern]
    while stack:
        node = stack.pop()
        if node.__class__ is Expression:
            if node.head is S.Condition:
                return True
            stack.extend(node.args)
        elif node.__class__ is List:
            stack.extend(node.args)
    return False


def _lowered_predicate(pattern: Value) -> Callable[[Value], bool]:
    """Return the test of a pattern lowered to one function, as the down values of a symbol of its own."""
    symbol = Symbol("$Matches", "std::core")
    own = rules_of(symbol)
    own.down = [
        Rule(expression(symbol, (pattern,)), TRUE, True),
        Rule(expression(symbol, (expression(S.Blank, ()),)), FALSE, True),
    ]
    own.changed()
    assert STATE.symbol_caller is not None  # predicate_of has looked
    call = STATE.symbol_caller(symbol, 1, False)
    return lambda v: call(v) is TRUE


@core.function(attributes={"Protected"}, operator=1)
def MatchQ(v: Value, pattern: Value) -> Value:
    """Whether a value matches a pattern.

    >>> {MatchQ[{1, 2}, {_Integer ..}], MatchQ[f[x], _g]}
    {True, False}
    """
    return TRUE if compile_pattern(pattern).match(v) is not None else FALSE


@core.function(attributes={"Protected"}, operator=1)
def FreeQ(v: Value, pattern: Value, *rest: Value) -> Value:
    """Whether no part of a value matches a pattern (at the levels of a third argument).

    >>> {FreeQ[a + b^x, x], FreeQ[{1, 2}, _String]}
    {False, True}
    """
    arguments, options = split_options(rest, ("Heads",))
    spec = (0, INFINITE)
    if arguments:
        read = read_levels(S.FreeQ, arguments[0])
        if read is None:
            return None
        spec = read
    heads = options.get("Heads", TRUE) is TRUE
    if not arguments and heads:
        return boolean(is_free(v, pattern))
    matches = predicate_of(pattern)
    return boolean(not parts_at_levels(v, spec, heads, matches))


def is_free(v: Value, pattern: Value) -> bool:
    """Return whether no part of *v*, heads and the whole included, matches *pattern*."""
    if pattern.__class__ is Symbol:
        from lyra_core.evaluation.scoping import contains_symbol

        return not contains_symbol(v, {pattern})
    matches = predicate_of(pattern)
    wider = with_neighbours(pattern, pattern)
    if wider is not None:
        # a + c occurs in a + b + c, as it does for replacing.
        whole, among = matches, predicate_of(wider[0])

        def matches(part: Value) -> bool:
            return whole(part) or among(part)

    stack = [v]
    while stack:
        node = stack.pop()
        if matches(node):
            return False
        c = node.__class__
        if c is Expression or c is List:
            stack.append(node.head)
            stack.extend(node.args)
        elif c is Association:
            stack.append(S.Association)
            stack.extend([entry[1] for entry in node.items.values()])
    return True


@core.function(attributes={"Protected"}, operator=1)
def MemberQ(v: Value, pattern: Value, *rest: Value) -> Value:
    """Whether an element (or a part at the levels of a third argument) matches a pattern.

    >>> {MemberQ[{1, x, 2}, x], MemberQ[{{x}}, x], MemberQ[{{x}}, x, 2]}
    {True, False, True}
    """
    arguments, options = split_options(rest, ("Heads",))
    spec = (1, 1)
    if arguments:
        read = read_levels(S.MemberQ, arguments[0])
        if read is None:
            return None
        spec = read
    matches = predicate_of(pattern, _size(v))
    if spec == (1, 1) and "Heads" not in options:
        for a in elements_of(v) or ():
            if matches(a):
                return TRUE
        return FALSE
    return boolean(parts_at_levels(v, spec, options.get("Heads") is TRUE, matches))


_KINDS = {S.Integer: int, S.String: String, S.Symbol: Symbol, S.List: List}


def _kind_wanted(pattern: Value) -> type | None:
    """Return the class of all that `_Integer` and its like match; None for another pattern."""
    if pattern.__class__ is Expression and pattern.head is S.Blank and len(pattern.args) == 1:
        head = pattern.args[0]
        return _KINDS.get(head) if head.__class__ is Symbol else None
    return None


def _size(v: Value) -> int:
    """Return how many elements a list has; 0 for anything else."""
    return len(v.args) if v.__class__ is List else 0


class _Search:
    """What Cases and FirstCase look for: a pattern, or a rule whose right side is given for each match."""

    def __init__(self, v: Value, count: int = 0) -> None:
        self.rule: Rule | None = None
        self.pattern = v
        #: The value of the lowered rule, or _UNTOUCHED.
        self.lowered: Callable[[Value], Value] | None = None
        if is_rule(v):
            self.rule = Rule(v.args[0], v.args[1], v.head is _DELAYED)
            self.matches: Callable[[Value], bool] | None = None
        else:
            if v.__class__ is Expression and v.head is S.HoldPattern and len(v.args) == 1 and is_rule(v.args[0]):
                v = v.args[0]
            self.matches = predicate_of(v, count)

    def lower(self, v: Value) -> None:
        """Lower the rule for the elements of *v*, where those are many and normal forms."""
        rule = self.rule
        if rule is None or rule.returns or rule.condition is not None or not _has_many_normal_forms(v):
            return
        # Where a test decides, everything is matched before any right side is evaluated.
        if not _is_tested(rule.lhs) or _is_pure(rule.rhs):
            ready = rule_list(self.pattern)
            if ready is not None and ready.is_single:
                ready.uses += len(v.args)
                rewriter = ready.compiled()
                self.lowered = None if rewriter is None else rewriter.of

    def result(self, v: Value) -> Value:
        """Return what *v* contributes, None when it does not match."""
        if self.lowered is not None:
            made = self.lowered(v)
            return None if made is _UNTOUCHED else made
        if self.rule is not None:
            return self.rule.apply(v)
        assert self.matches is not None
        return v if self.matches(v) else None


@core.function(attributes={"Protected"}, operator=1)
def Cases(v: Value, pattern: Value, *rest: Value) -> Value:
    """Give the elements that match a pattern; with a rule, the right side for each; then levels and at most n.

    >>> {Cases[{1, a, 2, b}, _Integer], Cases[{f[1], g[2], f[3]}, f[x_] -> x], Cases[{1, {2, {3}}}, _Integer, Infinity]}
    {{1, 2}, {1, 3}, {1, 2, 3}}
    """
    arguments, options = split_options(rest, ("Heads",))
    if len(arguments) > 2:
        return None
    spec = (1, 1)
    if arguments:
        read = read_levels(S.Cases, arguments[0])
        if read is None:
            return None
        spec = read
    limit = INFINITE
    if len(arguments) == 2:
        most = count_of(arguments[1])
        if most is None:
            message(S.Cases, "innf", 4, expression(S.Cases, (v, pattern, *rest)))
            return None
        limit = most
    search = _Search(pattern, _size(v))
    out: list[Value] = []
    if not limit:
        return List(())
    if spec == (1, 1) and "Heads" not in options:
        kind = _kind_wanted(pattern)
        if kind is not None and v.__class__ is List and limit >= INFINITE:
            if v.element_kind() is kind:
                return v
            return list_of([a for a in v.args if a.__class__ is kind], kind)
        search.lower(v)
        for a in elements_of(v) or ():
            result = search.result(a)
            if result is not None:
                out.append(result)
                if len(out) >= limit:
                    break
        return List(tuple(out))

    def visit(a: Value) -> bool:
        result = search.result(a)
        if result is not None:
            out.append(result)
        return len(out) >= limit

    parts_at_levels(v, spec, options.get("Heads") is TRUE, visit)
    return List(tuple(out))


_MISSING = expression(S.Missing, (String("NotFound"),))


def _first_case_operator(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    return expression(S.FirstCase, (second[0], first[0])) if len(first) == 1 and len(second) == 1 else None


@core.function(attributes={"HoldRest", "Protected"}, sub=_first_case_operator)
def FirstCase(v: Value, *held: Value) -> Value:
    """Give the first element that matches a pattern; a third argument (Missing["NotFound"]) when none does.

    >>> {FirstCase[{a, 1, 2}, _Integer], FirstCase[{a}, _Integer], FirstCase[{f[1]}, f[x_] :> x + 1]}
    {1, Missing["NotFound"], 2}
    """
    if not held:
        return None
    rest = (evaluate(held[0]), *held[1:])
    arguments, options = split_options(rest[1:], ("Heads",))
    default = arguments[0] if arguments else _MISSING
    spec = (1, 1)
    if len(arguments) > 1:
        read = read_levels(S.FirstCase, evaluate(arguments[1]))
        if read is None:
            return None
        spec = read
    search = _Search(rest[0])
    out: list[Value] = []

    def visit(a: Value) -> bool:
        result = search.result(a)
        if result is not None:
            out.append(result)
            return True
        return False

    parts_at_levels(v, spec, options.get("Heads") is TRUE, visit)
    return out[0] if out else default


@core.function(attributes={"Protected"}, operator=1)
def Count(v: Value, pattern: Value, *rest: Value) -> Value:
    """Give how many elements (or parts at the levels of a third argument) match a pattern.

    >>> {Count[{1, a, 2}, _Integer], Count[{{a}, a}, a, {2}]}
    {2, 1}
    """
    arguments, options = split_options(rest, ("Heads",))
    spec = (1, 1)
    if len(arguments) > 1:
        message(S.Count, "nonopt", arguments[1], 3, expression(S.Count, (v, pattern, *rest)))
        return None
    if arguments:
        read = read_levels(S.Count, arguments[0])
        if read is None:
            return None
        spec = read
    matches = predicate_of(pattern, _size(v))
    count = 0
    if spec == (1, 1) and "Heads" not in options:
        for a in elements_of(v) or ():
            if matches(a):
                count += 1
        return count

    def visit(a: Value) -> bool:
        nonlocal count
        if matches(a):
            count += 1
        return False

    parts_at_levels(v, spec, options.get("Heads") is TRUE, visit)
    return count


@core.function(attributes={"Protected"}, operator=1)
def DeleteCases(v: Value, pattern: Value, *rest: Value) -> Value:
    """Give an expression without the elements (or parts at some levels, at most n) that match a pattern.

    >>> {DeleteCases[{1, a, 2, b}, _Integer], DeleteCases[{1, {1, 2}}, 1, {2}], DeleteCases[{1, 2, 3}, _, 1, 2]}
    {{a, b}, {1, {2}}, {3}}
    """
    arguments, _ = split_options(rest, ("Heads",))
    if len(arguments) > 2:
        return None
    spec = (1, 1)
    if arguments:
        read = read_levels(S.DeleteCases, arguments[0])
        if read is None:
            return None
        spec = read
    limit = INFINITE
    if len(arguments) == 2:
        most = count_of(arguments[1])
        if most is None:
            return None
        limit = most
    if not is_compound(v):
        return v
    matches = predicate_of(pattern, _size(v))
    if spec == (1, 1) and limit >= INFINITE and v.__class__ is List:
        return List(tuple([a for a in v.args if not matches(a)]))
    return _Deletion(matches, spec, limit).applied(v, 0)[0]


class _Deletion:
    """Removes matching parts at some levels, at most *limit* of them."""

    def __init__(self, matches: Callable[[Value], bool], spec: tuple[int, int], limit: int) -> None:
        self.matches = matches
        self.low, self.high = spec
        self.limit = limit

    def applied(self, v: Value, level: int) -> tuple[Value, int]:
        """Return *v* with its parts removed, and its depth."""
        if not is_compound(v):
            return v, 1
        depth = 2
        kept: list[bool] = []
        new: list[Value] = []
        changed = False
        for a in elements_of(v) or ():
            b, below = self.applied(a, level + 1)
            depth = max(depth, below + 1)
            gone = self.limit > 0 and is_in_levels(level + 1, below, self.low, self.high) and self.matches(a)
            if gone:
                self.limit -= 1
            kept.append(not gone)
            new.append(b)
            changed = changed or gone or b is not a
        if not changed:
            return v, depth
        if v.__class__ is Association:
            items = {}
            for (key, entry), keep, b in zip(v.items.items(), kept, new, strict=True):
                if keep:
                    items[key] = (entry[0], b, entry[2])
            return Association(items), depth
        return build(v.head, [b for b, keep in zip(new, kept, strict=True) if keep]), depth


@core.function(attributes={"Protected"}, operator=1)
def Position(v: Value, pattern: Value, *rest: Value) -> Value:
    """Give the positions of the parts that match a pattern, at all levels or at some, at most n of them.

    >>> {Position[{a, b, a}, a], Position[f[x, g[x]], x], Position[{{a}, a}, a, {1}]}
    {{{1}, {3}}, {{1}, {2, 1}}, {{2}}}
    """
    arguments, options = split_options(rest, ("Heads",))
    if len(arguments) > 2:
        return None
    spec = (0, INFINITE)
    if arguments:
        read = read_levels(S.Position, arguments[0])
        if read is None:
            return None
        spec = read
    limit = INFINITE
    if len(arguments) == 2:
        most = count_of(arguments[1])
        if most is None:
            message(S.Position, "innf", 4, expression(S.Position, (v, pattern, *rest)))
            return None
        limit = most
    found = positions_of(v, predicate_of(pattern), spec, limit, options.get("Heads", TRUE) is TRUE)
    return List(tuple([List(path) for path in found]))


def positions_of(
    v: Value, matches: Callable[[Value], bool], spec: tuple[int, int], limit: int, heads: bool
) -> list[tuple[Value, ...]]:
    """Return the positions of the matching parts at the levels of *spec*, inner ones first, at most *limit*."""
    out: list[tuple[Value, ...]] = []
    low, high = spec
    if (
        v.__class__ is List
        and v.element_kind() in (int, float, String)
        and low >= 0
        and high >= 1
        and limit >= INFINITE
    ):
        # A flat list: its elements are level 1, and nothing is below them.
        if heads and low <= 1 and matches(S.List):
            out.append((0,))
        if low <= 1:
            out.extend([(i,) for i, a in enumerate(v.args, 1) if matches(a)])
        if low == 0 and matches(v):
            out.append(())
        return out

    def visit(node: Value, path: tuple[Value, ...], level: int) -> int:
        depth = 1
        if is_compound(node):
            depth = 2
            if high < 0 or level < high:
                if heads:
                    visit(node.head, (*path, 0), level + 1)
                if node.__class__ is Association:
                    for k, value, _ in node.items.values():
                        depth = max(depth, visit(value, (*path, expression(_KEY, (k,))), level + 1) + 1)
                else:
                    for i, a in enumerate(node.args, 1):
                        depth = max(depth, visit(a, (*path, i), level + 1) + 1)
            elif low < 0:
                from lyra_core.std_core.levels import depth_of

                depth = depth_of(node)
        if len(out) < limit and is_in_levels(level, depth, low, high) and matches(node):
            out.append(path)
        return depth

    visit(v, (), 0)
    return out

"""Definitions: the rules of a symbol, their order, and how assignments make them.

A symbol's definitions are its own value (`Symbol.own` and `Rules.own`), and in `Rules` the down, up,
sub, N and default values, messages, options and formats. Rules of one kind are kept most specific first,
then in the order in which they were given. Down values without patterns live in a dictionary of their
own, so that memoised functions stay fast and adding one invalidates nothing that was compiled.
"""

from __future__ import annotations

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.ownership import may_define, same_owner
from lyra_core.evaluation.patterns import (
    PATTERN_HEADS,
    argument_matcher,
    compile_pattern,
    is_pattern_free,
    pattern_variables,
)
from lyra_core.evaluation.scoping import contains_symbol, substitute
from lyra_core.evaluation.signals import ReturnSignal
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.values.association import Association, association_of
from lyra_core.values.expression import Expression, List, build, expression, find_interned
from lyra_core.values.structure import hash_key, same
from lyra_core.values.symbol import FALSE, TRUE, S, Symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = [
    "Rule",
    "Rules",
    "assign",
    "bump_epoch",
    "clear",
    "name_options",
    "prepared",
    "rules_of",
    "unset",
    "with_neighbours",
]

_CONDITION = S.Condition
_RETURN = frozenset({S.Return})
_SCOPES = frozenset({S.Module, S.With, S.Block})


def bump_epoch() -> None:
    """Declare that some definition changed: normal forms found before must be looked at again."""
    STATE.epoch += 1


class Rule:
    """One definition or replacement rule.

    *lhs* is the pattern as written, *rhs* what replaces it; *delayed* tells `:=` from `=`.
    *origin* is the namespace and line that defined it, for messages. *volatile* says that whether it
    applies may depend on variables of the program (`f[x_] := … /; x > limit`): what it leaves alone now
    is no normal form for good.
    """

    __slots__ = (
        "_match",
        "_wider",
        "compiled",
        "condition",
        "delayed",
        "lhs",
        "origin",
        "returns",
        "rhs",
        "specificity",
        "volatile",
    )

    waits = False
    """Whether it stands for the definitions of a module that has not run."""

    def __init__(self, lhs: Any, rhs: Any, delayed: bool, origin: Any = None) -> None:
        if delayed and contains_symbol(rhs, _OPTION_VALUE):
            lhs, rhs = name_options(lhs, rhs)
        self.lhs = lhs
        self.rhs = rhs
        self.delayed = delayed
        self.origin = origin
        self.condition: Any = None
        self._match: Any = None
        self._wider: tuple[Any, Rule | None] | None = None
        self.compiled: Any = None
        self.returns = delayed and contains_symbol(rhs, _RETURN)
        self.specificity = specificity(lhs)
        if delayed and _has_condition(rhs):
            self.condition = rhs
        self.volatile = _is_volatile(lhs, self.condition)

    def bindings(self, value: Any) -> dict[Symbol, Any] | None:
        """Return the bindings under which *value* matches the left side, or None."""
        match = self._match
        if match is None:
            match = self._match = compile_pattern(self.lhs).match
        found: dict[Symbol, Any] | None = match(value)
        return found

    def apply(self, value: Any) -> Any:
        """Return the right side for *value*, not evaluated further; None when it does not match."""
        if self.condition is not None:
            return self._apply_conditional(lambda accept: compile_pattern(self.lhs).match_all(value, accept))
        env = self.bindings(value)
        if env is None:
            return None
        return self.instantiate(env)

    def for_some_of(self, h: Symbol) -> Rule | None:
        """Return the rule for calls of the Flat head *h* with more arguments than the left side names."""
        known = self._wider
        if known is None or known[0] != h.attributes:
            known = self._wider = (h.attributes, _rule_with_neighbours(self))
        return known[1]

    def instantiate(self, env: dict[Symbol, Any]) -> Any:
        """Return the right side under *env*; evaluated only where it contains Return."""
        result = substitute(self.rhs, env) if env else self.rhs
        if self.returns:
            try:
                return evaluate(result)
            except ReturnSignal as signal:
                if signal.target is not None:
                    raise
                return signal.value
        return result

    def _apply_conditional(self, search: Callable[[Callable[[dict[Symbol, Any]], bool]], bool]) -> Any:
        found: list[Any] = []

        def accept(env: dict[Symbol, Any]) -> bool:
            result = evaluate_conditional(substitute(self.rhs, env))
            if result is None:
                return False
            # Return in the body leaves this rule, not the one that called it.
            found.append(evaluate(result) if self.returns else result)
            return True

        try:
            search(accept)
        except ReturnSignal as signal:
            if signal.target is not None:
                raise
            return signal.value
        return found[0] if found else None


def _is_volatile(lhs: Any, condition: Any) -> bool:
    """Return whether a test or condition of a rule mentions a symbol of a program besides its pattern variables."""
    tests = [] if condition is None else [condition]
    stack = [lhs]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is _CONDITION or q.head is S.PatternTest:
                tests.append(q.args[-1])
            stack.append(q.head)
            stack.extend(q.args)
        elif q.__class__ is List:
            stack.extend(q.args)
    if not tests:
        return False
    known = set(pattern_variables(lhs))
    while tests:
        q = tests.pop()
        if q.__class__ is Symbol:
            if q not in known and (not q.namespace.startswith("std::") or q.own is not None):
                return True
        elif q.__class__ is Expression or q.__class__ is List:
            tests.append(q.head)
            tests.extend(q.args)
    return False


# ---- options of definitions
#
# `f[OptionsPattern[]] := … OptionValue[n] …` is kept as `f[opts:OptionsPattern[]] := … OptionValue[f, {opts}, n] …`
# with a symbol of our own for opts, so that matching and substitution need to know nothing of options.

_OPTION_VALUE = frozenset({S.OptionValue})
_OPTIONS_PATTERN = frozenset({S.OptionsPattern})
_OPTIONS = symbol_named("std::core", "$RuleOptions")


def name_options(lhs: Any, rhs: Any) -> tuple[Any, Any]:
    """Return both sides of a rule with the options of `OptionsPattern[]` given to each `OptionValue[name]`."""
    if not contains_symbol(lhs, _OPTIONS_PATTERN):
        return lhs, rhs
    found: list[tuple[Any, Any]] = []
    named = _name_pattern(lhs, found)
    if not found:
        return lhs, rhs
    variable, pattern = found[-1]
    owner = pattern.args[0] if pattern.args else _head_symbol_of(lhs)
    given = List((variable,))
    return _give_options(named, owner, given), _give_options(rhs, owner, given)


def _name_pattern(p: Any, found: list[tuple[Any, Any]]) -> Any:
    """Return *p* with a name for its first unnamed OptionsPattern; *found* gets (name, OptionsPattern) of each."""
    if p.__class__ is List:
        return List(tuple([_name_pattern(a, found) for a in p.args]))
    if p.__class__ is not Expression or p.head is S.Verbatim:
        return p
    if p.head is S.OptionsPattern:
        if found:
            return p
        found.append((_OPTIONS, p))
        return expression(S.Pattern, (_OPTIONS, p))
    if p.head is S.Pattern and len(p.args) == 2 and p.args[1].__class__ is Expression:
        if p.args[1].head is S.OptionsPattern:
            found.append((p.args[0], p.args[1]))
            return p
    return build(_name_pattern(p.head, found), tuple([_name_pattern(a, found) for a in p.args]))


def _head_symbol_of(lhs: Any) -> Any:
    while lhs.__class__ is Expression:
        lhs = lhs.args[0] if lhs.head in (_CONDITION, S.HoldPattern) and lhs.args else lhs.head
    return lhs


def _give_options(v: Any, owner: Any, given: List) -> Any:
    if v.__class__ is Expression:
        if v.head is S.OptionValue and len(v.args) == 1:
            return expression(S.OptionValue, (owner, given, v.args[0]))
        if v.head is S.OptionValue and len(v.args) == 2:
            return expression(S.OptionValue, (v.args[0], given, v.args[1]))
        new = tuple([_give_options(a, owner, given) for a in v.args])
        return build(_give_options(v.head, owner, given), new)
    if v.__class__ is List:
        return List(tuple([_give_options(a, owner, given) for a in v.args]))
    if v.__class__ is Association:
        return association_of(tuple([_give_options(a, owner, given) for a in v.args]))
    return v


def written(v: Any) -> Any:
    """Return a side of a rule as it was written: without the name that options were given."""
    if v.__class__ is Expression:
        if v.head is S.Pattern and v.args[0] is _OPTIONS:
            return v.args[1]
        if (
            v.head is S.OptionValue
            and len(v.args) == 3
            and v.args[1].__class__ is List
            and v.args[1].args == (_OPTIONS,)
        ):
            return expression(S.OptionValue, (v.args[2],))
        if not contains_symbol(v, frozenset({_OPTIONS})):
            return v
        return build(written(v.head), tuple([written(a) for a in v.args]))
    if v.__class__ is List:
        return List(tuple([written(a) for a in v.args]))
    return v


def _has_condition(rhs: Any) -> bool:
    """Return whether a right side is `body /; test`, as it stands or as what a scope ends with."""
    scoped = False
    while rhs.__class__ is Expression and len(rhs.args) >= 2:
        if rhs.head is _CONDITION:
            return len(rhs.args) == 2
        if rhs.head in _SCOPES and len(rhs.args) == 2:
            scoped = True
        elif rhs.head is not S.CompoundExpression or not scoped:
            return False
        rhs = rhs.args[-1]
    return False


def evaluate_conditional(rhs: Any) -> Any:
    """Return the body of `body /; test`, also inside Module, With or Block; None when the test is not True."""
    if rhs.head is _CONDITION:
        body, test = rhs.args
        return body if evaluate(test) is TRUE else None
    from lyra_core.evaluation.control import enter_scope

    return enter_scope(rhs, evaluate_conditional_body)


def evaluate_conditional_body(body: Any) -> Any:
    """Evaluate `body /; test` inside a scope: the value of the body, or None when the test is not True."""
    if body.__class__ is Expression and body.head is S.CompoundExpression and len(body.args) >= 2:
        for statement in body.args[:-1]:
            evaluate(statement)
        return evaluate_conditional_body(body.args[-1])
    if body.__class__ is Expression and len(body.args) == 2 and (body.head is _CONDITION or body.head in _SCOPES):
        result = evaluate_conditional(body)
        return None if result is None else evaluate(result)
    return evaluate(body)


# ---- specificity


def specificity(p: Any) -> tuple[int, ...]:
    """Return a key that sorts a more specific pattern before a more general one.

    Parts are looked at in order: a literal before a pattern with a test or condition, that before a typed
    blank, that before an untyped one, single blanks before sequences, sequences before null sequences.
    """
    out: list[int] = []
    stack = [p]
    guarded = 1
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            h = q.head
            if h in (S.Pattern, S.HoldPattern, S.Longest, S.Shortest) and q.args:
                stack.append(q.args[-1] if h is S.Pattern else q.args[0])
                continue
            if h is S.Condition and q.args:
                guarded = 0
                stack.append(q.args[0])
                continue
            if h is S.PatternTest and q.args:
                out.append(_weight(q.args[0]) - 1)
                continue
            if h in PATTERN_HEADS:
                out.append(_weight(q))
                continue
            if is_pattern_free(q):
                out.append(0)
                continue
            out.append(1)
            stack.extend(reversed(q.args))
            if h.__class__ is not Symbol:
                stack.append(h)
        elif q.__class__ is List and not is_pattern_free(q):
            out.append(1)
            stack.extend(reversed(q.args))
        else:
            out.append(0)
    out.append(guarded)
    return tuple(out)


def _weight(q: Any) -> int:
    while q.__class__ is Expression and q.head in (S.Pattern, S.HoldPattern, S.Longest, S.Shortest) and q.args:
        q = q.args[-1] if q.head is S.Pattern else q.args[0]
    if q.__class__ is not Expression:
        return 0
    h = q.head
    if h is S.Blank:
        return 6 if not q.args else 4
    if h is S.BlankSequence:
        return 12 if not q.args else 10
    if h is S.BlankNullSequence or h is S.OptionsPattern:
        return 16 if not q.args else 14
    if h is S.Optional:
        return 8
    if h is S.Alternatives:
        return max((_weight(a) for a in q.args), default=0) - 1 if q.args else 2
    if h is S.Except:
        return 5
    if h is S.Repeated:
        return 11
    if h is S.RepeatedNull:
        return 15
    if h is S.Verbatim:
        return 0
    return 3


# ---- the rules of a symbol


class Rules:
    """Every definition of one symbol but its plain own value.

    *down* holds the down values with patterns in their order, *literal* those without, by the key of
    their argument tuple (see `literal_key`); *has_down* is whether either is there. *generation* counts
    the changes of *down* and the other lists, for what was compiled from them. *volatile* is whether one
    of them is (see `Rule`).
    """

    __slots__ = (
        "compiled",
        "defaults",
        "down",
        "formats",
        "generation",
        "has_down",
        "inlined",
        "literal",
        "matchers",
        "messages",
        "n_values",
        "numeric",
        "options",
        "own",
        "sub",
        "up",
        "uses",
        "volatile",
    )

    def __init__(self) -> None:
        self.own: list[Rule] = []
        self.down: list[Rule] = []
        self.literal: dict[Any, Rule] = {}
        self.has_down = False
        # Set by whoever compiled the literal rules into code: one more of them changes that code.
        self.inlined = False
        self.up: list[Rule] = []
        self.sub: list[Rule] = []
        self.n_values: list[Rule] = []
        # Whether `NumericQ[x] = True` has declared that the symbol stands for a number.
        self.numeric = False
        self.defaults: list[Rule] = []
        self.formats: list[Rule] = []
        self.messages: dict[str, Any] = {}
        self.options: list[Any] = []
        self.generation = 0
        self.compiled: Any = None
        self.matchers: list[Any] | None = None
        self.uses = 0
        self.volatile = False

    def apply_down(self, h: Symbol, args: tuple[Any, ...]) -> Any:
        """Return what the first matching down value gives for `h[args]`, not evaluated further, or None."""
        if h.attributes & A.FLAT and len(args) > 2:
            return self._apply_flat(h, args)
        if self.literal:
            rule = self.literal.get(literal_key(args))
            if rule is not None:
                if rule.returns or rule.condition is not None:
                    return rule.apply(build(h, args))
                return rule.rhs
        if not self.down:
            return None
        compiled = self.compiled
        if compiled is None:
            self.uses += 1
            if self.uses > 1 and STATE.compile_rules is not None:
                compiled = self.compiled = STATE.compile_rules(h)
        if compiled is not None and compiled is not False:
            return compiled(args)
        matchers = self.matchers
        if matchers is None:
            matchers = self.matchers = [_down_matcher(h, rule) for rule in self.down]
        for matcher in matchers:
            result = matcher(args)
            if result is not None:
                return result
        return None

    def _apply_flat(self, h: Symbol, args: tuple[Any, ...]) -> Any:
        """Try each rule on all arguments of a Flat head, then on some beside each other."""
        call = build(h, args)
        for rule in self.all_down():
            result = rule.apply(call)
            if result is None:
                wider = rule.for_some_of(h)
                result = None if wider is None else wider.apply(call)
            if result is not None:
                return result
        return None

    def all_down(self) -> list[Rule]:
        """Return every down value, literals first."""
        return [*self.literal.values(), *self.down]

    def changed(self) -> None:
        """Note that definitions changed: what was compiled from them no longer holds."""
        self.generation += 1
        self.compiled = None
        self.matchers = None
        self.uses = 0
        self.has_down = bool(self.down or self.literal)
        self.volatile = any(rule.volatile for group in (self.down, self.up, self.sub) for rule in group)

    def is_empty(self) -> bool:
        """Return whether no definition of any kind is left."""
        return not (
            self.own
            or self.has_down
            or self.up
            or self.sub
            or self.n_values
            or self.defaults
            or self.formats
            or self.messages
            or self.options
            or self.numeric
        )


def _down_matcher(h: Symbol, rule: Rule) -> Callable[[tuple[Any, ...]], Any]:
    lhs = rule.lhs
    while lhs.__class__ is Expression and lhs.head is S.HoldPattern and len(lhs.args) == 1:
        lhs = lhs.args[0]
    if lhs.__class__ is not Expression or lhs.head is not h or rule.condition is not None:
        return lambda args: rule.apply(build(h, args))
    match = argument_matcher(h, lhs.args)

    def apply(args: tuple[Any, ...]) -> Any:
        env = match(args)
        return None if env is None else rule.instantiate(env)

    return apply


_BEFORE, _AFTER = symbol_named("std::core", "$RuleBefore"), symbol_named("std::core", "$RuleAfter")
_ANY = expression(S.BlankNullSequence, ())
_SOME = expression(S.BlankSequence, ())


def with_neighbours(lhs: Any, rhs: Any) -> tuple[Any, Any] | None:
    """Return the rule that applies to some of the arguments of a Flat head: `a + b -> c` in `a + b + x`."""
    if lhs.__class__ is not Expression:
        return None
    head = lhs.head
    if head is _CONDITION and len(lhs.args) == 2:
        inner = with_neighbours(lhs.args[0], rhs)
        return None if inner is None else (expression(_CONDITION, (inner[0], lhs.args[1])), inner[1])
    if head is S.HoldPattern and len(lhs.args) == 1:
        inner = with_neighbours(lhs.args[0], rhs)
        return None if inner is None else (expression(S.HoldPattern, (inner[0],)), inner[1])
    if head.__class__ is not Symbol or not head.attributes & A.FLAT:
        return None
    after = expression(S.Pattern, (_AFTER, _SOME if head.attributes & A.ORDERLESS else _ANY))
    if head.attributes & A.ORDERLESS:
        return expression(head, (*lhs.args, after)), expression(head, (rhs, _AFTER))
    before = expression(S.Pattern, (_BEFORE, _ANY))
    return expression(head, (before, *lhs.args, after)), expression(head, (_BEFORE, rhs, _AFTER))


def _rule_with_neighbours(rule: Rule) -> Rule | None:
    """Return *rule* for calls with more arguments than its left side names.

    A left side of one argument is left alone: what it makes of one argument it could be applied to again.
    """
    lhs = rule.lhs
    while lhs.__class__ is Expression and lhs.head in (_CONDITION, S.HoldPattern) and lhs.args:
        lhs = lhs.args[0]
    if lhs.__class__ is not Expression or len(lhs.args) < 2:
        return None
    rhs = rule.rhs
    test = None
    if rule.condition is not None:
        if rhs.__class__ is not Expression or rhs.head is not _CONDITION:
            return None
        rhs, test = rhs.args
    wider = with_neighbours(rule.lhs, rhs)
    if wider is None:
        return None
    left, right = wider
    return Rule(left, right if test is None else expression(_CONDITION, (right, test)), rule.delayed, rule.origin)


def literal_key(args: tuple[Any, ...]) -> Any:
    """Return the dictionary key of an argument tuple: equal just for arguments that are the same."""
    if len(args) == 1:
        return hash_key(args[0])
    return tuple([hash_key(a) for a in args])


def prepared(symbol: Symbol) -> Symbol:
    """Return *symbol* with its definitions: of one whose module has not run, they are made now.

    Evaluating a symbol does the same; this is for functions that look at definitions and evaluate nothing.
    """
    rules = symbol.rules
    if rules is not None and rules.own and rules.own[0].waits:
        rules.own[0].apply(symbol)
    return symbol


def rules_of(symbol: Symbol) -> Rules:
    """Return the rules of *symbol*, made when there are none."""
    rules = symbol.rules
    if rules is None:
        rules = symbol.rules = Rules()
    return rules  # type: ignore[no-any-return]


def _insert(rules: list[Rule], rule: Rule) -> None:
    """Put *rule* at its place by specificity, in the place of one with the same left side."""
    key = rule.specificity
    for i, old in enumerate(rules):
        if key == old.specificity and (old.condition is None) is (rule.condition is None) and _is_same_left(old, rule):
            rules[i] = rule
            return
    conditioned = rule.condition is None
    for i, old in enumerate(rules):
        if (key, conditioned) < (old.specificity, old.condition is None):
            rules.insert(i, rule)
            return
    rules.append(rule)


def _is_same_left(a: Rule, b: Rule) -> bool:
    """Return whether two rules have one left side, with its condition, but for the names of pattern variables."""
    if a.condition is None and same(a.lhs, b.lhs):
        return True
    ours, theirs = pattern_variables(a.lhs), pattern_variables(b.lhs)
    if len(ours) != len(theirs):
        return False
    renames = dict(zip(ours, theirs, strict=True))
    return same(substitute(a.lhs, renames), b.lhs) and (
        a.condition is None or same(substitute(_test_of(a), renames), _test_of(b))
    )


def _test_of(rule: Rule) -> Any:
    """Return the condition on a right side; the whole side where it is inside a scope."""
    return rule.rhs.args[1] if rule.rhs.head is _CONDITION else rule.rhs


# ---- assignment


def assign(lhs: Any, rhs: Any, delayed: bool, tag: Symbol | None = None, up: bool = False) -> bool:
    """Make the definition `lhs = rhs` (or `:=`); returns whether it was made.

    The left side's arguments are evaluated here, as Set and SetDelayed do. *tag* is the symbol of
    `tag /: …`; *up* makes up values of `^=`. A definition that is refused has told why in a message.
    """
    target = lhs
    target = _left_target(target)
    c = target.__class__
    if c is Symbol:
        if tag is not None and tag is not target:
            return _refuse("tagnf", tag, lhs)
        if up:
            from lyra_core.evaluation.messages import message

            message(S.UpSet, "nosym", lhs)
            return False
        return _assign_symbol(target, lhs, rhs, delayed)
    if c is List:
        return _assign_list(target, rhs, delayed)
    if c is not Expression:
        from lyra_core.evaluation.messages import message
        from lyra_core.values.structure import head_of

        message(S.SetDelayed if delayed else S.Set, "setraw" if c is not Association else "write", lhs, head_of(lhs))
        return False
    head = target.head
    if head.__class__ is Symbol:
        special = _SPECIAL_LEFT.get(head)
        if special is None and STATE.linked and head.native is not None:
            # `DownValues` of a program with packages is bound to who asks
            special = _SPECIAL_LEFT.get(symbol_named(head.namespace, head.name))
        if special is not None and tag is None and not up:
            result = special(target, rhs, delayed)
            if result is not None:
                return bool(result)
        elif head.own.__class__ is Association and tag is None and not up:
            result = _assign_lookup(target, rhs, delayed)
            if result is not None:
                return bool(result)
    lhs = _evaluate_left(lhs)
    target = lhs
    target = _left_target(target)
    if target.__class__ is not Expression:
        return assign(lhs, rhs, delayed, tag, up)
    rule = Rule(lhs, rhs, delayed, STATE.line)
    if up or tag is not None:
        return _assign_up(target, rule, tag)
    owner = target.head
    if owner.__class__ is Symbol:
        if owner is S.N and target.args:
            return _assign_n_value(target, rule)
        if not _writable(owner, rule.lhs, S.SetDelayed if delayed else S.Set):
            return False
        _add_down(owner, target, rule)
        return True
    while owner.__class__ is Expression:
        owner = owner.head
    if owner.__class__ is not Symbol:
        return _refuse("write", owner, lhs)
    if not _writable(owner, lhs, S.SetDelayed if delayed else S.Set):
        return False
    rules = rules_of(owner)
    _insert(rules.sub, rule)
    _changed(owner)
    return True


def _left_target(lhs: Any) -> Any:
    """Return what a left side defines: `f[x_]` of `f[x_] /; test`, of `HoldPattern[f[x_]]` and of `whole : f[x_]`."""
    while lhs.__class__ is Expression and lhs.args:
        if lhs.head in (S.Condition, S.HoldPattern):
            lhs = lhs.args[0]
        elif lhs.head is S.Pattern and len(lhs.args) == 2 and lhs.args[1].__class__ is Expression:
            lhs = lhs.args[1]
        else:
            break
    return lhs


def _evaluate_left(lhs: Any) -> Any:
    """Evaluate the arguments of a left side (not the head's definitions), inside Condition and HoldPattern too."""
    definer = STATE.definer
    if definer is None:
        return _evaluated_left(lhs)
    # what is evaluated here may be anybody's code
    STATE.definer = None
    try:
        return _evaluated_left(lhs)
    finally:
        STATE.definer = definer


def _evaluated_left(lhs: Any) -> Any:
    if lhs.__class__ is not Expression:
        return lhs
    head = lhs.head
    if head is S.Condition and len(lhs.args) == 2:
        return expression(head, (_evaluated_left(lhs.args[0]), lhs.args[1]))
    if head is S.HoldPattern:
        return lhs
    if head is S.Pattern and len(lhs.args) == 2:
        return expression(head, (lhs.args[0], _evaluated_left(lhs.args[1])))
    if head.__class__ is Symbol:
        if head.own is not None:
            value = evaluate(head)
            if value.__class__ is Symbol and (not STATE.linked or same_owner(head, value)):
                head = value
        attributes = head.attributes
    else:
        head = _evaluated_left(head)
        attributes = 0
    args = []
    for i, a in enumerate(lhs.args):
        held = attributes & (A.HOLD_ALL | A.HOLD_ALL_COMPLETE | (A.HOLD_REST if i else A.HOLD_FIRST))
        args.append(a if held else _evaluate_pattern(a))
    return build(head, tuple(args))


def _evaluate_pattern(p: Any) -> Any:
    """Evaluate a part of a left side; patterns keep their names, which are not evaluated."""
    if p.__class__ is Expression and p.head in PATTERN_HEADS:
        return p if p.head is not S.Optional else evaluate(p)
    return evaluate(p)


def _changed(symbol: Symbol) -> None:
    rules = symbol.rules
    if rules is not None:
        rules.changed()
    STATE.epoch += 1
    if STATE.definition_changed is not None:
        STATE.definition_changed(symbol)


def _writable(symbol: Symbol, lhs: Any, head: Symbol | None = None) -> bool:
    prepared(symbol)
    if not may_define(symbol):
        return False
    if symbol.attributes & A.PROTECTED:
        from lyra_core.evaluation.messages import message

        if lhs.__class__ is Symbol:
            message(S.Set, "wrsym", symbol)
        else:
            message(S.SetDelayed if head is None else head, "write", symbol, lhs)
        return False
    return True


def _refuse(tag: str, symbol: Any, lhs: Any) -> bool:
    from lyra_core.evaluation.messages import message

    message(S.TagSet if tag == "tagnf" else S.Set, tag, symbol, lhs)
    return False


def _assign_symbol(symbol: Symbol, lhs: Any, rhs: Any, delayed: bool) -> bool:
    if not _writable(symbol, symbol):
        return False
    if lhs is symbol and not delayed:
        first = symbol.own is None
        if symbol.rules is not None and symbol.rules.own:
            symbol.rules.own = []
            first = True
        hook = _ASSIGNED.get(symbol)
        if hook is not None and not hook(rhs):
            return False
        symbol.own = rhs
        if first:
            _changed(symbol)
        return True
    rules = rules_of(symbol)
    rule = Rule(lhs, rhs, delayed, STATE.line)
    if lhs is symbol:
        rules.own = [rule]
    else:
        _insert(rules.own, rule)
    symbol.own = None
    _changed(symbol)
    return True


#: Symbols whose assignment sets a limit of the evaluator; the function answers whether the value was taken.
_ASSIGNED: dict[Symbol, Callable[[Any], bool]] = {}


def on_assignment(symbol: Symbol, hook: Callable[[Any], bool]) -> None:
    """Let *hook* take each value assigned to *symbol*; the assignment is refused when it answers False."""
    _ASSIGNED[symbol] = hook


def assigned_again(symbol: Symbol, value: Any) -> None:
    """Tell the hook of *symbol*, if it has one, that the symbol has got *value* back."""
    hook = _ASSIGNED.get(symbol)
    if hook is not None:
        hook(value)


def _add_down(owner: Symbol, target: Expression, rule: Rule) -> None:
    rules = rules_of(owner)
    if rule.condition is None and rule.lhs is target and is_pattern_free(target):
        key = literal_key(target.args)
        known = bool(rules.literal)
        new = key not in rules.literal
        rules.literal[key] = rule
        rules.has_down = True
        if not known or rules.inlined:
            rules.inlined = False
            rules.changed()
            if STATE.definition_changed is not None:
                STATE.definition_changed(owner)
        # Expressions that contain the call in normal form must be looked at again, if there are any.
        if (new and (not target.interned or _is_stamped(target))) or not new or owner.attributes & A.FLAT:
            STATE.epoch += 1
        return
    _insert(rules.down, rule)
    _changed(owner)


def _is_stamped(target: Expression) -> bool:
    node = find_interned(target.head, target.args)
    return node is not None and node.stamp >= 0


def _assign_up(target: Expression, rule: Rule, tag: Symbol | None) -> bool:
    owners: list[Symbol] = []
    if tag is not None:
        if _mentions(target, tag):
            owners = [tag]
    else:
        for a in target.args:
            owner = _owner_of(a)
            if owner is not None and owner not in owners:
                owners.append(owner)
    if not owners:
        from lyra_core.evaluation.messages import message

        if tag is not None:
            message(S.TagSet, "tagpos" if contains_symbol(target, {tag}) else "tagnf", tag, target)
        else:
            message(S.UpSet, "nosym", target)
        return False
    if tag is not None and _head_symbol(target) is tag:
        if not _writable(tag, rule.lhs, S.TagSet):
            return False
        if target.head is tag:
            _add_down(tag, target, rule)
        else:
            _insert(rules_of(tag).sub, rule)
            _changed(tag)
        return True
    for owner in owners:
        if not _writable(owner, rule.lhs, S.TagSet):
            return False
        _insert(rules_of(owner).up, rule)
        if target.head is S.List:
            STATE.list_up_values = True
        _changed(owner)
    return True


def _head_symbol(target: Any) -> Any:
    h = target.head
    while h.__class__ is Expression:
        h = h.head
    return h


def _owner_of(a: Any) -> Symbol | None:
    """Return the symbol to which an up value for the argument *a* belongs."""
    while a.__class__ is Expression and a.args:
        if a.head is S.Pattern and len(a.args) == 2:
            a = a.args[1]
        elif a.head in (S.HoldPattern, S.PatternTest, S.Condition, S.Optional):
            a = a.args[0]
        elif a.head is S.Blank:
            a = a.args[0]
            return a if a.__class__ is Symbol else None
        else:
            break
    if a.__class__ is Symbol:
        return a
    if a.__class__ is Expression:
        head = _head_symbol(a)
        if head.__class__ is Symbol and head not in PATTERN_HEADS:
            return head
    return None


def _mentions(target: Any, tag: Symbol) -> bool:
    return any(_owner_of(a) is tag for a in target.args) or _head_symbol(target) is tag


def _assign_n_value(target: Expression, rule: Rule) -> bool:
    owner = _owner_of(target.args[0])
    if owner is None or owner in PATTERN_HEADS:
        return _refuse("write", S.N, target)
    if not _writable(owner, rule.lhs):
        return False
    _insert(rules_of(owner).n_values, rule)
    _changed(owner)
    return True


def _assign_list(target: List, rhs: Any, delayed: bool) -> bool:
    if rhs.__class__ is not List:
        rhs = evaluate(rhs)
    if rhs.__class__ is not List or len(rhs.args) != len(target.args):
        from lyra_core.evaluation.messages import message

        message(S.Set, "shape", target, rhs)
        return False
    ok = True
    for left, right in zip(target.args, rhs.args, strict=True):
        ok = assign(left, right, delayed) and ok
    return ok


def _assign_part(target: Expression, rhs: Any, delayed: bool) -> bool | None:
    if not target.args:
        return None
    from lyra_core.evaluation.parts import assign_part

    return bool(assign_part(target.args[0], target.args[1:], rhs))


def _assign_messages(target: Expression, rhs: Any, delayed: bool) -> bool | None:
    """`Messages[f] = {HoldPattern[f::tag] :> text, …}` replaces the messages of a symbol."""
    return _replace_definitions(target, rhs, "messages", _assign_message)


def _assign_defaults(target: Expression, rhs: Any, delayed: bool) -> bool | None:
    """`DefaultValues[f] = {HoldPattern[Default[f]] :> value, …}` replaces the defaults of a symbol."""
    return _replace_definitions(target, rhs, "defaults", _assign_default)


def _replace_definitions(
    target: Expression, rhs: Any, kind: str, assign_one: Callable[[Expression, Any, bool], bool | None]
) -> bool | None:
    if len(target.args) != 1 or target.args[0].__class__ is not Symbol or rhs.__class__ is not List:
        return None
    symbol = target.args[0]
    if not _writable(symbol, target):
        return False
    getattr(rules_of(symbol), kind).clear()
    for left, right in _definitions_of(rhs):
        assign_one(left, right, True)
    return True


def _definitions_of(rules: List) -> list[tuple[Expression, Any]]:
    """Return the calls on the left and what is on the right of the rules of a list of definitions."""
    found = []
    for item in rules.args:
        if item.__class__ is Expression and item.head in (S.Rule, S.RuleDelayed) and len(item.args) == 2:
            left, right = item.args
            if left.__class__ is Expression and left.head is S.HoldPattern and len(left.args) == 1:
                left = left.args[0]
            if left.__class__ is Expression:
                found.append((left, right))
    return found


def _assign_numeric(target: Expression, rhs: Any, delayed: bool) -> bool | None:
    """`NumericQ[x] = True` declares that a symbol stands for a number, False takes it back."""
    if len(target.args) != 1:
        return None
    symbol, value = target.args[0], evaluate(rhs)
    if symbol.__class__ is not Symbol or value not in (TRUE, FALSE):
        from lyra_core.evaluation.messages import message

        message(S.NumericQ, "set", target, value)
        return False
    if not _writable(symbol, target):
        return False
    rules_of(symbol).numeric = value is TRUE
    _changed(symbol)
    return True


def _assign_value_list(kind: str) -> Callable[[Expression, Any, bool], bool | None]:
    def set_values(target: Expression, rhs: Any, delayed: bool) -> bool | None:
        symbol = evaluate(target.args[0]) if len(target.args) == 1 else None
        if len(target.args) == 1 and target.args[0].__class__ is Symbol:
            symbol = target.args[0]
        if symbol.__class__ is not Symbol or rhs.__class__ is not List:
            return None
        if not _writable(symbol, target):
            return False
        clear_kind(symbol, kind)
        for item in rhs.args:
            if item.__class__ is Expression and item.head in (S.Rule, S.RuleDelayed) and len(item.args) == 2:
                left, right = item.args
                if left.__class__ is Expression and left.head is S.HoldPattern and len(left.args) == 1:
                    left = left.args[0]
                if kind == "up":
                    assign(left, right, item.head is S.RuleDelayed, tag=symbol)
                else:
                    assign(left, right, item.head is S.RuleDelayed)
        return True

    return set_values


def _assign_attributes(target: Expression, rhs: Any, delayed: bool) -> bool | None:
    if len(target.args) != 1 or target.args[0].__class__ is not Symbol:
        return None
    from lyra_core.evaluation.attributes import set_all_attributes

    return bool(set_all_attributes(target.args[0], evaluate(rhs)))


def _assign_options(target: Expression, rhs: Any, delayed: bool) -> bool | None:
    if len(target.args) != 1 or target.args[0].__class__ is not Symbol:
        return None
    if not _writable(target.args[0], target):
        return False
    value = evaluate(rhs)
    items = value.args if value.__class__ in (List, Association) else (value,)
    rules_of(target.args[0]).options = list(items)
    _changed(target.args[0])
    return True


def _assign_message(target: Expression, rhs: Any, delayed: bool) -> bool | None:
    from lyra_core.values.string import String

    if len(target.args) < 2 or target.args[0].__class__ is not Symbol:
        return None
    tag = target.args[1]
    name = tag.value if tag.__class__ is String else getattr(tag, "name", None)
    if name is None:
        return None
    symbol = target.args[0]
    if not _writable(symbol, target):
        return False
    rules_of(symbol).messages[name] = rhs if delayed else evaluate(rhs)
    return True


def _assign_default(target: Expression, rhs: Any, delayed: bool) -> bool | None:
    if not target.args or target.args[0].__class__ is not Symbol:
        return None
    if not _writable(target.args[0], target):
        return False
    _insert(rules_of(target.args[0]).defaults, Rule(target, rhs, delayed))
    _changed(target.args[0])
    return True


def _assign_format(target: Expression, rhs: Any, delayed: bool) -> bool | None:
    if not target.args:
        return None
    owner = _owner_of(target.args[0])
    if owner is None:
        return None
    if not _writable(owner, target):
        return False
    _insert(rules_of(owner).formats, Rule(target, rhs, delayed))
    _changed(owner)
    from lyra_core.values.printing.output_form import OutputWriter

    OutputWriter.formatted = staticmethod(_formatted)
    return True


_FORMATTING: list[Any] = []


def _formatted(v: Any) -> Any:
    """Return what the `Format` rules of the program make of *v* in OutputForm; None where none fits."""
    owner = v if v.__class__ is Symbol else _head_symbol(v)
    if owner is None or owner.rules is None or not owner.rules.formats or any(each is v for each in _FORMATTING):
        return None
    _FORMATTING.append(v)
    try:
        for asked in ((v, S.OutputForm), (v,)):
            call = expression(S.Format, asked)
            for rule in owner.rules.formats:
                if len(rule.lhs.args) == len(asked):
                    made = rule.apply(call)
                    if made is not None:
                        return evaluate(made)
    finally:
        _FORMATTING.pop()
    return None


def _assign_lookup(target: Expression, rhs: Any, delayed: bool) -> bool | None:
    """`a["key"] = v` where the value of *a* is an association changes the association."""
    head = target.head
    if head.__class__ is Symbol and head.own.__class__ is Association and target.args:
        from lyra_core.evaluation.parts import assign_part

        return bool(assign_part(head, tuple(expression(S.Key, (a,)) for a in target.args), rhs))
    return None


_SPECIAL_LEFT: dict[Symbol, Callable[[Expression, Any, bool], bool | None]] = {
    S.Part: _assign_part,
    S.Attributes: _assign_attributes,
    S.Options: _assign_options,
    S.MessageName: _assign_message,
    S.Default: _assign_default,
    S.Format: _assign_format,
    S.DownValues: _assign_value_list("down"),
    S.UpValues: _assign_value_list("up"),
    S.SubValues: _assign_value_list("sub"),
    S.OwnValues: _assign_value_list("own"),
    S.NValues: _assign_value_list("n_values"),
    S.Messages: _assign_messages,
    S.DefaultValues: _assign_defaults,
    S.NumericQ: _assign_numeric,
}


# ---- removal


def clear_kind(symbol: Symbol, kind: str) -> None:
    """Remove the definitions of one kind (`down`, `up`, `sub`, `own`, `n_values`)."""
    if kind == "own":
        symbol.own = None
    if symbol.rules is not None:
        setattr(symbol.rules, kind, [])
        if kind == "down":
            symbol.rules.literal = {}
    _changed(symbol)


def clear(symbol: Symbol, *, everything: bool = False) -> None:
    """Remove values and rules of *symbol*; *everything* also removes attributes, messages, options, defaults."""
    symbol.own = None
    old = symbol.rules
    if old is not None:
        new = Rules()
        if not everything:
            new.messages, new.options, new.defaults = old.messages, old.options, old.defaults
            new.numeric = old.numeric
        new.generation = old.generation
        symbol.rules = None if new.is_empty() else new
    if everything:
        symbol.attributes = 0
    _changed(symbol)


def unset(lhs: Any) -> bool:
    """Remove the definition with exactly the left side *lhs*; returns whether there was one."""
    if lhs.__class__ is Symbol:
        if not _writable(lhs, lhs):
            return False
        lhs.own = None
        if lhs.rules is not None:
            lhs.rules.own = []
        _changed(lhs)
        return True
    if lhs.__class__ is not Expression:
        return False
    if lhs.head is S.Part or (lhs.head.__class__ is Symbol and lhs.head.own.__class__ is Association):
        from lyra_core.evaluation.parts import remove_part

        return bool(remove_part(lhs))
    lhs = _evaluate_left(lhs)
    owner = _head_symbol(lhs)
    if owner.__class__ is not Symbol or owner.rules is None or not _writable(owner, lhs):
        return False
    rules = owner.rules
    if is_pattern_free(lhs) and lhs.head is owner and rules.literal.pop(literal_key(lhs.args), None) is not None:
        _changed(owner)
        return True
    for group in (rules.down, rules.sub, rules.up):
        for i, rule in enumerate(group):
            if same(rule.lhs, lhs):
                del group[i]
                _changed(owner)
                return True
    return False

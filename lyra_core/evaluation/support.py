"""What lowered code calls by name: the slow paths of its instructions.

Each function means exactly what the evaluator does with the corresponding expression whose parts are
evaluated already. Conditions are Python's True and False here, or the expression that is neither; they
never become Lyra values without `VALUE`.
"""

from __future__ import annotations

from math import ceil, cos, exp, floor, log, sin

from lyra_core.errors import LyraError
from lyra_core.evaluation import arithmetic, comparison
from lyra_core.evaluation.arithmetic import plus_terms, power, times_factors
from lyra_core.evaluation.control import SavedDefinitions
from lyra_core.evaluation.definitions import assign, literal_key
from lyra_core.evaluation.evaluator import (
    CARRIERS,
    COMPLETE,
    FLAT,
    HOLD_SOME,
    LISTABLE,
    ORDERLESS,
    _flatten,
    _kept_back,
    _ordered,
    _try_up_values,
    apply_compound_head,
    apply_function,
    are_settled,
    call_native,
    call_values,
    carried,
    evaluate,
    flatten_sequences,
    function_attributes,
    tell_foreign_error,
    thread_listable,
)
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.parts import append_in_place, change_in_place, set_key
from lyra_core.evaluation.patterns import compile_pattern
from lyra_core.evaluation.scoping import instantiate_function, substitute
from lyra_core.evaluation.signals import BreakSignal, ContinueSignal, ControlSignal, ReturnSignal
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, OpenList, build, expression, held
from lyra_core.values.foreign import Foreign
from lyra_core.values.number import NUMBER_TYPES, REAL_TYPES, BigReal, Complex, Rational, add, multiply, negate
from lyra_core.values.string import String
from lyra_core.values.structure import same
from lyra_core.values.symbol import FALSE, NULL, TRUE, S, Symbol, fresh_symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SEQUENCE = S.Sequence
_PLUS, _TIMES, _POWER = S.Plus, S.Times, S.Power
_SUBTRACT, _DIVIDE = S.Subtract, S.Divide
_METHOD_CALL = S.MethodCall
_APPEND_TO, _PART = S.AppendTo, S.Part
_NOTHING, _SPLICE = S.Nothing, S.Splice
_FUNCTION = S.Function
_LESS, _LESS_EQUAL, _GREATER, _GREATER_EQUAL = S.Less, S.LessEqual, S.Greater, S.GreaterEqual

#: Names that generated code uses; kept as one table so that a unit's globals are filled by lookup.
__all__ = [
    "FALSE",
    "NULL",
    "NUMBER_TYPES",
    "SEQUENCE",
    "STATE",
    "TRUE",
    "UNPLAIN",
    "Association",
    "BigReal",
    "BreakSignal",
    "Complex",
    "ContinueSignal",
    "Expression",
    "List",
    "Rational",
    "ReturnSignal",
    "String",
    "Symbol",
    "append_to",
    "apply_as_it_stands",
    "build",
    "call_method",
    "call_node",
    "call_node_or",
    "call_spliced",
    "call_value",
    "ceil",
    "compile_pattern",
    "cos",
    "define",
    "define_delayed",
    "divide2",
    "elements",
    "equal",
    "evaluate",
    "exceeds",
    "expression",
    "floor",
    "greater",
    "greater_equal",
    "hide",
    "holds",
    "is_set",
    "is_unset",
    "iteration_limit",
    "keep_variable",
    "left_alone",
    "less",
    "less_equal",
    "literal_key",
    "literal_value",
    "log",
    "make_list",
    "materialise",
    "minus2",
    "miss",
    "negate1",
    "not_",
    "number_list",
    "odd",
    "part_of",
    "parts_of",
    "plus2",
    "plus_all",
    "power2",
    "real_exp",
    "real_root",
    "restore_variable",
    "returned",
    "same",
    "same_q",
    "save",
    "set_own",
    "set_part",
    "sin",
    "stay",
    "substitute",
    "take_terms",
    "times2",
    "times_all",
    "unequal",
    "unsame_q",
    "value_at",
]

_plain_arithmetic = True


def set_plain_arithmetic(plain: bool) -> None:
    """Declare whether sums, products and powers mean arithmetic alone: no user's rule is about them."""
    global _plain_arithmetic
    _plain_arithmetic = plain


def _simple(v: Any) -> bool:
    """Return whether arithmetic on *v* needs nothing but arithmetic."""
    c = v.__class__
    if c is Expression:
        return v.head is not SEQUENCE and v.head not in CARRIERS
    return c is Symbol or c in NUMBER_TYPES


def _flat(head: Symbol, a: Any, b: Any) -> tuple[Any, ...]:
    """Return the arguments of `head[a, b]` when nested calls of the head are opened."""
    if a.__class__ is Expression and a.head is head:
        if b.__class__ is Expression and b.head is head:
            return (*a.args, *b.args)
        return (*a.args, b)
    if b.__class__ is Expression and b.head is head:
        return (a, *b.args)
    return (a, b)


def _opened(head: Symbol, args: tuple[Any, ...]) -> tuple[Any, ...]:
    for a in args:
        if a.__class__ is Expression and a.head is head:
            return _flatten(head, args)
    return args


def _settled(result: Any, parts: tuple[Any, ...]) -> Any:
    if result.__class__ is Expression and are_settled(parts, STATE.epoch):
        result.stamp = STATE.epoch
    return result


# ---- arithmetic


def _unlike(head: Symbol, a: Any, b: Any) -> Any:
    """Return the value of `head[a, b]` for evaluated values of which one is no simple operand.

    What a foreign object makes of the head is asked for here, as the standard procedure does after looking at
    everything that cannot concern two such values; the rest goes that way itself.
    """
    ca, cb = a.__class__, b.__class__
    if ca is Foreign:
        owner = a if cb is Foreign or cb in NUMBER_TYPES else None
    else:
        owner = b if cb is Foreign and ca in NUMBER_TYPES else None
    if owner is None:
        return evaluate(expression(head, (a, b)))
    function = owner.type.functions.get(head)
    if function is not None:
        result = None
        try:
            result = function(a, b)
        except Exception as error:  # anything, being a third party's code
            tell_foreign_error(head, error)
        if result.__class__ is Foreign:
            return result
        if result is not None:
            return evaluate(result)
    if owner is a and cb is Foreign and b.type is not a.type:
        function = b.type.functions.get(head)
        result = None if function is None else _asked(head, function, a, b)
        if result is not None:
            return evaluate(result)
    return _after_foreign(head, (a, b))


def _asked(head: Symbol, function: Any, a: Any, b: Any) -> Any:
    """Return what a foreign type's *function* makes of two values; None, told, when it fails."""
    try:
        return function(a, b)
    except Exception as error:  # anything, being a third party's code
        tell_foreign_error(head, error)
        return None


def _after_foreign(head: Symbol, args: tuple[Any, ...]) -> Any:
    """Return the value of a call that no foreign object among *args* has a meaning for: rules, then the native."""
    rules = head.rules
    result = rules.apply_down(head, args) if rules is not None and rules.has_down else None
    if result is None and head.native is not None:
        result = call_native(head, head.native, args)
    return left_alone(head, args) if result is None else evaluate(result)


def plus2(a: Any, b: Any) -> Any:
    """Return a + b."""
    if a.__class__ in NUMBER_TYPES and b.__class__ in NUMBER_TYPES:
        return add(a, b)
    if _plain_arithmetic and _simple(a) and _simple(b):
        terms = _flat(_PLUS, a, b)
        result = plus_terms(terms)
        if result is None:
            result = expression(_PLUS, terms)
        if result.__class__ is Expression and (
            (a.__class__ is not Expression or a.stamp == STATE.epoch)
            and (b.__class__ is not Expression or b.stamp == STATE.epoch)
        ):
            result.stamp = STATE.epoch
        return result
    return _unlike(_PLUS, a, b)


def minus2(a: Any, b: Any) -> Any:
    """Return a - b."""
    if b.__class__ in NUMBER_TYPES:
        return plus2(a, negate(b))
    if b.__class__ is Foreign and (a.__class__ is Foreign or a.__class__ in NUMBER_TYPES):
        # One operation on the object instead of two, with the same result.
        function = b.type.functions.get(_SUBTRACT)
        result = None
        if function is not None:
            try:
                result = function(a, b)
            except Exception as error:  # anything, being a third party's code
                tell_foreign_error(_SUBTRACT, error)
        if result is not None:
            return result
    return plus2(a, times2(-1, b))


def times2(a: Any, b: Any) -> Any:
    """Return a b."""
    ca, cb = a.__class__, b.__class__
    if ca in NUMBER_TYPES and cb in NUMBER_TYPES and (ca is not int or cb is not int):
        return multiply(a, b)
    if _plain_arithmetic and _simple(a) and _simple(b):
        factors = _flat(_TIMES, a, b)
        result = times_factors(factors)
        if result is None:
            result = expression(_TIMES, factors)
        if result.__class__ is Expression and (
            (a.__class__ is not Expression or a.stamp == STATE.epoch)
            and (b.__class__ is not Expression or b.stamp == STATE.epoch)
        ):
            result.stamp = STATE.epoch
        return result
    return _unlike(_TIMES, a, b)


def divide2(a: Any, b: Any) -> Any:
    """Return a times the reciprocal of b, as `a/b` means."""
    ca, cb = a.__class__, b.__class__
    if (ca is Foreign and (cb is Foreign or cb in NUMBER_TYPES)) or (cb is Foreign and ca in NUMBER_TYPES):
        function = (a if ca is Foreign else b).type.functions.get(_DIVIDE)
        result = None
        if function is not None:
            try:
                result = function(a, b)
            except Exception as error:  # anything, being a third party's code
                tell_foreign_error(_DIVIDE, error)
        if result is not None:
            return result
    return times2(a, power2(b, -1))


def power2(a: Any, b: Any) -> Any:
    """Return a to the power of b."""
    if _plain_arithmetic and _simple(a) and _simple(b):
        result = power(a, b)
        if result is None:
            result = expression(_POWER, (a, b))
        if result.__class__ is Expression and (
            (a.__class__ is not Expression or a.stamp == STATE.epoch)
            and (b.__class__ is not Expression or b.stamp == STATE.epoch)
        ):
            result.stamp = STATE.epoch
        return result
    return _unlike(_POWER, a, b)


def negate1(a: Any) -> Any:
    """Return -a."""
    return times2(-1, a)


def plus_all(terms: tuple[Any, ...]) -> Any:
    """Return the sum of *terms*."""
    if _plain_arithmetic:
        for each in terms:
            if not _simple(each):
                break
        else:
            terms = _opened(_PLUS, terms)
            result = plus_terms(terms)
            return _settled(expression(_PLUS, terms) if result is None else result, terms)
    return evaluate(expression(_PLUS, terms))


def times_all(factors: tuple[Any, ...]) -> Any:
    """Return the product of *factors*."""
    if _plain_arithmetic:
        for each in factors:
            if not _simple(each):
                break
        else:
            factors = _opened(_TIMES, factors)
            result = times_factors(factors)
            return _settled(expression(_TIMES, factors) if result is None else result, factors)
    return evaluate(expression(_TIMES, factors))


# ---- comparison


def _truth(v: Any) -> Any:
    """Return a Lyra value as a condition."""
    return True if v is TRUE else False if v is FALSE else v


def _exceeds(a: float, b: float) -> bool:
    """Return whether a machine real is above another one by more than its last seven binary digits."""
    difference = a - b
    return difference > 0.0 and difference > 1.4210854715202004e-14 * (a if a > -b else -b)


exceeds = _exceeds

#: What arithmetic of Python raises where the result is no machine real.
UNPLAIN = (OverflowError, ZeroDivisionError, ValueError)


def odd() -> Any:
    """Leave the form of a function for machine reals: a number left their range."""
    raise OverflowError


def real_root(x: float) -> float:
    """Return the square root of a machine real that is not negative."""
    return x**0.5 if x > 0.0 else x if x == 0.0 else odd()


def real_exp(x: float) -> float:
    """Return e^x where that is a machine real other than 0."""
    return exp(x) or odd()


def less(a: Any, b: Any) -> Any:
    """Return the condition a < b."""
    if a.__class__ is float and b.__class__ is float:
        return _exceeds(b, a)
    if a.__class__ in REAL_TYPES and b.__class__ in REAL_TYPES:
        return comparison.order_values(a, b) == -1
    return _truth(evaluate(expression(_LESS, (a, b))))


def less_equal(a: Any, b: Any) -> Any:
    """Return the condition a <= b."""
    if a.__class__ is float and b.__class__ is float:
        return not _exceeds(a, b)
    if a.__class__ in REAL_TYPES and b.__class__ in REAL_TYPES:
        return comparison.order_values(a, b) != 1
    return _truth(evaluate(expression(_LESS_EQUAL, (a, b))))


def greater(a: Any, b: Any) -> Any:
    """Return the condition a > b."""
    if a.__class__ is float and b.__class__ is float:
        return _exceeds(a, b)
    if a.__class__ in REAL_TYPES and b.__class__ in REAL_TYPES:
        return comparison.order_values(a, b) == 1
    return _truth(evaluate(expression(_GREATER, (a, b))))


def greater_equal(a: Any, b: Any) -> Any:
    """Return the condition a >= b."""
    if a.__class__ is float and b.__class__ is float:
        return not _exceeds(b, a)
    if a.__class__ in REAL_TYPES and b.__class__ in REAL_TYPES:
        return comparison.order_values(a, b) != -1
    return _truth(evaluate(expression(_GREATER_EQUAL, (a, b))))


def equal(a: Any, b: Any) -> Any:
    """Return the condition a == b."""
    if a.__class__ in NUMBER_TYPES and b.__class__ in NUMBER_TYPES:
        return comparison.equal_values(a, b)
    return _truth(evaluate(expression(S.Equal, (a, b))))


def unequal(a: Any, b: Any) -> Any:
    """Return the condition a != b."""
    if a.__class__ in NUMBER_TYPES and b.__class__ in NUMBER_TYPES:
        return not comparison.equal_values(a, b)
    return _truth(evaluate(expression(S.Unequal, (a, b))))


def same_q(a: Any, b: Any) -> Any:
    """Return the condition a === b for values that may be sequences."""
    if _is_sequence(a) or _is_sequence(b):
        return _truth(evaluate(expression(S.SameQ, (a, b))))
    return same(a, b)


def unsame_q(a: Any, b: Any) -> Any:
    """Return the condition a =!= b for values that may be sequences."""
    if _is_sequence(a) or _is_sequence(b):
        return _truth(evaluate(expression(S.UnsameQ, (a, b))))
    return not same(a, b)


def not_(condition: Any) -> Any:
    """Return the opposite of a condition that is neither True nor False."""
    return _truth(evaluate(expression(S.Not, (condition,))))


def _is_sequence(v: Any) -> bool:
    return v.__class__ is Expression and v.head is SEQUENCE


# ---- expressions


def stay(node: Any) -> Any:
    """Return *node*, which is a normal form unless a Sequence stands among its arguments, marked as such."""
    if node.__class__ is not Expression:
        return evaluate(node)
    for a in node.args:
        if a.__class__ is Expression and a.head is SEQUENCE:
            return evaluate(node)
    if CARRIERS:
        result = carried(node.head, node.args)
        if result is not None:
            return evaluate(result)
    if STATE.linked and node.head.__class__ is Symbol and node.head.native is not None:
        args = _kept_back(node.head, node.args)
        if args is not node.args:
            node = expression(node.head, args)
    node.stamp = STATE.epoch
    return node


def make_list(items: tuple[Any, ...]) -> Any:
    """Return the list of evaluated *items*; Sequence, Splice and Nothing among them have their effect."""
    made = List(items)
    for each in items:
        if each is _NOTHING or (each.__class__ is Expression and (each.head is SEQUENCE or each.head is _SPLICE)):
            return evaluate(made)
    if STATE.list_up_values:
        return evaluate(made)
    if are_settled(items, STATE.epoch):
        made.stamp = STATE.epoch
    return made


def number_list(items: tuple[Any, ...]) -> Any:
    """Return the list of numbers *items*."""
    made = List(items)
    if STATE.list_up_values:
        return evaluate(made)
    made.stamp = STATE.epoch
    return made


def elements(v: Any) -> Any:
    """Return what the iterator `{i, v}` runs over: 1 to an integer, the elements of a list; None for others."""
    if v.__class__ is int:
        return range(1, v + 1)
    return v.args if v.__class__ is List else None


def take_terms(node: Any, count: int) -> tuple[Any, ...]:
    """Return *count* parts of a sum or the like; the last is what remains together."""
    args: tuple[Any, ...] = node.args
    if len(args) == count:
        return args
    rest = expression(node.head, args[count - 1 :])
    if _plain_arithmetic and (node.head is _PLUS or node.head is _TIMES):
        rest.stamp = STATE.epoch
    else:
        rest = evaluate(rest)
    return (*args[: count - 1], rest)


def value_at(v: Any, key: String) -> Any:
    """Return what an association has under a string; None where `#key` is more than to look that up."""
    if v.__class__ is not Association:
        return None
    entry = v.items.get(key)
    if entry is None or entry[2]:
        return None
    found = entry[1]
    return None if found.__class__ is Expression and found.head is SEQUENCE else found


def apply_as_it_stands(f: Expression, args: tuple[Any, ...]) -> Any:
    """Return the value of a pure function for evaluated arguments, by putting them into its body."""
    body = instantiate_function(f, args)
    if body is None:
        return build(f, args)
    try:
        return evaluate(body)
    except ReturnSignal as signal:
        return returned(signal, _FUNCTION)


def part_of(v: Any, position: Any) -> Any:
    """Return `v[[position]]`."""
    if position.__class__ is int and v.__class__ is List:
        found = held(v) if type(v) is OpenList else v.args
        if 0 < position <= len(found):
            found = found[position - 1]
            c = found.__class__
            return found if c is int or c is float else evaluate(found)
    return call_spliced(_PART, (v, position))


def parts_of(v: Any, positions: tuple[Any, ...]) -> Any:
    """Return `v[[positions…]]`."""
    found = v
    for position in positions:
        if position.__class__ is not int or found.__class__ is not List:
            return call_spliced(_PART, (v, *positions))
        found = held(found) if type(found) is OpenList else found.args
        if not 0 < position <= len(found):
            return call_spliced(_PART, (v, *positions))
        found = found[position - 1]
    c = found.__class__
    return found if c is int or c is float else evaluate(found)


# ---- calls


def call_spliced(h: Symbol, args: tuple[Any, ...]) -> Any:
    """Return the value of `h[args]` for arguments that were evaluated, sequences among them perhaps.

    This is the standard procedure from behind the evaluation of arguments.
    """
    attributes = h.attributes
    if h.own is not None or (h.rules is not None and h.rules.own):
        return evaluate(build(h, args))
    if not attributes & A.SEQUENCE_HOLD:
        for a in args:
            if a.__class__ is Expression and a.head is SEQUENCE:
                args = flatten_sequences(args)
                break
    if attributes & FLAT:
        for a in args:
            if a.__class__ is Expression and a.head is h:
                args = _flatten(h, args)
                break
    if attributes & LISTABLE:
        for a in args:
            if a.__class__ is List or a.__class__ is Association:
                threaded = thread_listable(h, args)
                if threaded is not None:
                    return evaluate(threaded)
                break
    if attributes & ORDERLESS and len(args) > 1 and h is not _PLUS and h is not _TIMES:
        args = _ordered(args)
    result = None
    volatile = False
    if not attributes & COMPLETE:
        for a in args:
            c = a.__class__
            if c is Foreign:
                function = a.type.functions.get(h)
                if function is not None:
                    try:
                        result = call_values(function, args)
                    except Exception as error:  # anything, being a third party's code
                        tell_foreign_error(h, error)
                    if result is not None:
                        break
                continue
            owner = a.head if c is Expression else a if c is Symbol else None
            if owner.__class__ is Symbol and owner.rules is not None and owner.rules.up:
                result = _try_up_values(h, args, None)
                volatile = owner.rules.volatile
                break
    if result is None:
        rules = h.rules
        if rules is not None and rules.has_down:
            result = rules.apply_down(h, args)
        if result is None:
            native = h.native
            if native is not None:
                result = call_native(h, native, args)
            if result is None:
                if volatile:
                    return build(h, args)
                return left_alone(h, args)
    c = result.__class__
    return result if c is int or c is float else evaluate(result)


def left_alone(h: Symbol, args: tuple[Any, ...]) -> Any:
    """Return `h[args]`, to which nothing applied, marked as a normal form where it is one for good."""
    if h.native is not None:
        if CARRIERS:
            result = carried(h, args)
            if result is not None:
                return evaluate(result)
        if STATE.linked:
            args = _kept_back(h, args)
    node = build(h, args)
    if node.__class__ is not Expression:
        return evaluate(node)
    rules = h.rules
    if (rules is None or not rules.volatile) and are_settled(args, STATE.epoch):
        node.stamp = STATE.epoch
    return node


def miss(h: Symbol, args: tuple[Any, ...]) -> Any:
    """Return `h[args]`, to which no down value applied."""
    native = h.native
    if native is not None:
        result = call_native(h, native, args)
        if result is not None:
            return evaluate(result)
    return left_alone(h, args)


def call_node(node: Any) -> Any:
    """Return the value of a call whose arguments are evaluated as far as its head wants them."""
    if node.__class__ is not Expression or node.head.__class__ is not Symbol:
        return evaluate(node)
    return call_spliced(node.head, node.args)


def call_node_or(node: Any, other: Any) -> Any:
    """Return what the native function of *node* makes of it; *other*, as it is, when it makes nothing."""
    if node.__class__ is not Expression or getattr(node.head, "native", None) is None:
        return evaluate(other)
    result = call_native(node.head, node.head.native, node.args)
    return stay(other) if result is None else evaluate(result)


def call_value(h: Any, args: tuple[Any, ...]) -> Any:
    """Return the value of `h[args]` for an evaluated head that holds nothing."""
    if h.__class__ is Symbol:
        return call_spliced(h, args)
    for a in args:
        if a.__class__ is Expression and a.head is SEQUENCE:
            args = flatten_sequences(args)
            break
    if h.__class__ is Expression and h.head is _FUNCTION:
        result = apply_function(h, args)
    else:
        result = apply_compound_head(h, args)
    if result is None:
        return build(h, args)
    c = result.__class__
    return result if c is int or c is float else evaluate(result)


def call_method(target: Any, name: Symbol, args: tuple[Any, ...]) -> Any:
    """Return the value of `target.name[args]` for evaluated values."""
    if target.__class__ is Foreign:
        method = target.type.methods.get(name.name)
        if method is not None:
            result = invoke(target, name.name, method, args)
            if result.__class__ is Foreign:
                return result
            return left_alone(_METHOD_CALL, (target, name, *args)) if result is None else evaluate(result)
    return evaluate(expression(_METHOD_CALL, (target, name, *args)))


def invoke(target: Foreign, name: str, method: Any, args: tuple[Any, ...]) -> Any:
    """Return what a method gives; what the code of a third party raises is told, and the program goes on."""
    try:
        n = len(args)
        return method(target) if n == 0 else method(target, args[0]) if n == 1 else method(target, *args)
    except Exception as error:  # anything, being a third party's code
        if isinstance(error, ControlSignal | LyraError | MemoryError | RecursionError):
            raise
        if error.__class__ is TypeError and not takes(method, len(args) + 1):
            message(_METHOD_CALL, "arguments", String(target.type.name), String(name), len(args))
            return None
        text = f"{error.__class__.__name__}: {error}"
        message(_METHOD_CALL, "failed", String(target.type.name), String(name), String(text))
        return symbol_named("std::core", "$Failed")


def takes(method: Any, count: int) -> bool:
    """Return whether a Python callable takes *count* arguments, as far as it says."""
    from inspect import signature

    try:
        signature(method).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # it does not say
        return True
    return True


def holds(h: Any) -> bool:
    """Return whether the head *h* keeps some argument from being evaluated."""
    if h.__class__ is Symbol:
        return h.attributes & HOLD_SOME != 0
    return (
        h.__class__ is Expression
        and h.head is _FUNCTION
        and len(h.args) == 3
        and function_attributes(h) & HOLD_SOME != 0
    )


def returned(signal: ReturnSignal, construct: Any) -> Any:
    """Return the value of a Return that is meant for *construct* or for the innermost one; pass others on."""
    if signal.target is not None and signal.target is not construct:
        raise signal
    return evaluate(signal.value)


def iteration_limit(h: Symbol, args: tuple[Any, ...]) -> Any:
    """Answer a function that went on calling itself as its last step for too long."""
    from lyra_core.evaluation.limits import iteration_limit_exceeded

    return iteration_limit_exceeded(build(h, args))


def literal_value(h: Symbol, rule: Any, args: tuple[Any, ...]) -> Any:
    """Return the value of a down value without patterns."""
    result = rule.apply(build(h, args)) if rule.returns else rule.rhs
    c = result.__class__
    return result if c is int or c is float else evaluate(result)


# ---- definitions and variables


def set_own(symbol: Symbol, value: Any) -> None:
    """Do `symbol = value` for an evaluated value."""
    if symbol.own is not None and not symbol.attributes & A.PROTECTED and symbol.namespace != "std::core":
        symbol.own = value
    else:
        assign(symbol, value, False)


def is_set(symbol: Symbol) -> bool:
    """Return whether *symbol* has one value of its own: `w = w` gives none, and a Sequence is several."""
    own = symbol.own
    return own is not None and own is not symbol and not _is_sequence(own)


def is_unset(symbol: Symbol) -> bool:
    """Return whether *symbol* has no value of its own."""
    return symbol.own is None and not (symbol.rules is not None and symbol.rules.own)


def define(left: Any, value: Any) -> None:
    """Do `left = value` for an evaluated value."""
    if left.__class__ is Expression and left.head.__class__ is Symbol and len(left.args) == 1:
        head = left.head
        if head.own.__class__ is Association and not head.attributes & A.PROTECTED:
            set_key(head, evaluate(left.args[0]), value)
            return
    assign(left, value, False)


def set_part(symbol: Any, positions: tuple[Any, ...], value: Any) -> None:
    """Do `symbol[[positions…]] = value` for evaluated positions and an evaluated value."""
    if symbol.__class__ is Symbol and not symbol.attributes & A.PROTECTED and change_in_place(symbol, positions, value):
        return
    assign(expression(_PART, (symbol, *positions)), value, False)


def append_to(symbol: Any, value: Any) -> Any:
    """Do `AppendTo[symbol, value]` for an evaluated value."""
    if symbol.__class__ is Symbol and not symbol.attributes & A.PROTECTED and symbol.namespace != "std::core":
        changed = append_in_place(symbol, value)
        if changed is not None:
            return changed
    return call_node(expression(_APPEND_TO, (symbol, value)))


def define_delayed(left: Any, right: Any, place: Any) -> Any:
    """Do `left := right`; *place* is where the right side stands in its source."""
    before = STATE.line
    STATE.line = place
    try:
        return NULL if assign(left, right, True) else getattr(S, "$Failed")
    finally:
        STATE.line = before


def materialise(name: Symbol, value: Any) -> Symbol:
    """Return a new symbol for a variable of Module that held *value* (None: nothing) until now."""
    made = fresh_symbol(name)
    made.own = value
    return made


def keep_variable(value: Any, symbol: Symbol | None) -> Any:
    """Return what a variable of Module holds, None for nothing."""
    return value if symbol is None else symbol.own


def restore_variable(kept: Any, symbol: Symbol | None) -> Any:
    """Give a variable of Module back what `keep_variable` said."""
    if symbol is not None:
        symbol.own = kept
        STATE.epoch += 1
    return kept


def save(*symbols: Symbol) -> SavedDefinitions:
    """Return what can hide the definitions of *symbols* and give them back."""
    return SavedDefinitions(list(symbols))


def hide(*symbols: Symbol) -> SavedDefinitions:
    """Put the definitions of *symbols* aside and return what gives them back."""
    saved = SavedDefinitions(list(symbols))
    saved.hide()
    return saved


assert arithmetic  # importing it installs the operators of symbolic values

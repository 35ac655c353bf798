"""The evaluator of expressions: one standard procedure, repeated until nothing changes.

Definitions, loops and functions are lowered to Python functions (`lyra_core.lowering`); this module
evaluates what is data: one-shot lines, results of rules, arguments that were held. Both use the same
attributes, definitions and natives, and must agree on every program.

Recursion goes from Python function to Python function only (no `map`, generators or `f(*args)` on
the recursive path), so that depth is bounded by Python's own limit and not by the C stack.
"""

from __future__ import annotations

from sys import modules

from lyra_core.evaluation.signals import ReturnSignal
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.values.association import Association, association_of
from lyra_core.values.expression import ATOMS, NUMBER_TYPES, Expression, List, build, expression
from lyra_core.values.foreign import FOREIGN_HEADS, Foreign
from lyra_core.values.operators import set_operator_loader
from lyra_core.values.string import String
from lyra_core.values.structure import hash_key
from lyra_core.values.symbol import FALSE, TRUE, S, Symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = [
    "NativeFunction",
    "apply",
    "call_native",
    "evaluate",
    "evaluate_all",
    "flatten_sequences",
    "function_caller",
    "is_true",
    "number_loops",
]

HOLD_SOME = A.HOLD_FIRST | A.HOLD_REST | A.HOLD_ALL | A.HOLD_ALL_COMPLETE
HOLD_FIRST = A.HOLD_FIRST | A.HOLD_ALL | A.HOLD_ALL_COMPLETE
HOLD_REST = A.HOLD_REST | A.HOLD_ALL | A.HOLD_ALL_COMPLETE
COMPLETE = A.HOLD_ALL_COMPLETE
KEEP_SEQUENCES = A.SEQUENCE_HOLD | A.HOLD_ALL_COMPLETE
FLAT, ORDERLESS, LISTABLE = A.FLAT, A.ORDERLESS, A.LISTABLE

_SEQUENCE = S.Sequence
_UNEVALUATED = S.Unevaluated
_EVALUATE = S.Evaluate
_FUNCTION = S.Function
_NOTHING = S.Nothing
_SPLICE = S.Splice
_LIST = S.List
_ASSOCIATION = S.Association


class NativeFunction:
    """What a symbol's `native` is: the Python callable, its arity, and its form as an operator.

    *most* is -1 when there is no upper bound. *operator* is the position, from 1, at which
    `f[a][x]` inserts x (-1: last), or 0 when the function has no operator form; *sub* answers
    `f[a…][b…]` for functions with a rule of their own (Composition, Derivative), given both
    argument tuples.
    """

    __slots__ = ("call", "least", "most", "operator", "sub")

    def __init__(
        self,
        call: Callable[..., Any],
        least: int,
        most: int,
        operator: int = 0,
        sub: Callable[[tuple[Any, ...], tuple[Any, ...]], Any] | None = None,
    ) -> None:
        self.call = call
        self.least = least
        self.most = most
        self.operator = operator
        self.sub = sub


def evaluate(v: Any) -> Any:
    """Return the normal form of *v* under the definitions that hold now."""
    c = v.__class__
    if c is int or c is float:
        return v
    if c is Expression:
        if v.stamp == STATE.epoch:
            return v
        return _evaluate_expression(v)
    if c is Symbol:
        own = v.own
        if own is not None:
            if own.__class__ in ATOMS or own is v:
                return own
            return evaluate(own)
        if v.rules is not None and v.rules.own:
            return _evaluate_own_rules(v)
        return v
    if c is List:
        return v if v.stamp == STATE.epoch else _evaluate_list(v)
    if c is Association:
        return v if v.stamp == STATE.epoch else _evaluate_association(v)
    return v


def _evaluate_own_rules(symbol: Symbol) -> Any:
    for rule in symbol.rules.own:
        result = rule.apply(symbol)
        if result is not None:
            return symbol if result is symbol else evaluate(result)
    return symbol


def _evaluate_list(v: List, again: bool = False) -> Any:
    kind = v.element_kind()
    if kind in ATOMS:
        v.stamp = STATE.epoch
        return v
    args = v.args
    epoch = STATE.epoch
    new: list[Any] | None = None
    splice = False
    i = 0
    for a in args:
        c = a.__class__
        if c is not int and c is not float:
            b = evaluate(a)
            if b is not a and new is None:
                new = list(args)
            if new is not None:
                new[i] = b
            if b is _NOTHING or (b.__class__ is Expression and (b.head is _SEQUENCE or b.head is _SPLICE)):
                splice = True
        i += 1
    if splice:
        items: list[Any] = []
        for b in new if new is not None else args:
            if b is _NOTHING:
                continue
            if b.__class__ is Expression and (b.head is _SEQUENCE or (b.head is _SPLICE and _splices_into_list(b))):
                if b.head is _SPLICE:
                    items.extend(b.args[0].args)
                else:
                    items.extend(each for each in b.args if each is not _NOTHING)
            else:
                items.append(b)
        v = List(tuple(items))
    elif new is not None:
        v = List(tuple(new))
    if STATE.list_up_values:
        result = _try_up_values(_LIST, v.args, v)
        if result is not None:
            return evaluate(result)
    if epoch != STATE.epoch:
        # An element made a definition: those before it are looked at again, until a look changes nothing
        # (a condition inside Block makes definitions at every look).
        return v if again and new is None else _evaluate_list(v, True)
    if are_settled(v.args, epoch):
        v.stamp = epoch
    return v


def _has_volatile_rules(h: Any) -> bool:
    """Return whether the symbol of a compound head, `f` in `f[a][b]`, has rules that depend on variables."""
    while h.__class__ is Expression:
        h = h.head
    return h.__class__ is Symbol and h.rules is not None and bool(h.rules.volatile)


def are_settled(args: tuple[Any, ...], epoch: int) -> bool:
    """Return whether each of *args* is a normal form that stays one until a definition changes.

    A call that a volatile rule (see `Rule`) left alone is none: neither is what contains it.
    """
    for a in args:
        c = a.__class__
        if (c is Expression or c is List or c is Association) and a.stamp != epoch:
            return False
    return True


def _splices_into_list(b: Expression) -> bool:
    if not b.args or b.args[0].__class__ is not List:
        return False
    return len(b.args) == 1 or b.args[1].__class__ is not Symbol or b.args[1] is _LIST


def _evaluate_association(v: Association) -> Any:
    items: dict[Any, Any] = {}
    changed = rekeyed = False
    for key, entry in v.items.items():
        k, value, delayed = entry
        if k.__class__ is not int and k.__class__ is not String:
            new_key = evaluate(k)
            if new_key is not k:
                changed = rekeyed = True
                k = new_key
                key = hash_key(k)
        b = value if delayed else evaluate(value)
        if b is not value or rekeyed:
            changed = True
            entry = (k, b, delayed)
        items[key] = entry
    if changed:
        v = Association(items)
    epoch = STATE.epoch
    for entry in items.values():
        b = entry[1]
        if not entry[2] and (b.__class__ is Expression or b.__class__ is List or b.__class__ is Association):
            if b.stamp != epoch:
                return v
    v.stamp = epoch
    return v


def is_true(v: Any) -> bool:
    """Return whether *v* is the symbol True."""
    return v is _TRUE


_TRUE = TRUE


def flatten_sequences(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return *args* with every `Sequence[…]` spliced in."""
    out: list[Any] = []
    for a in args:
        if a.__class__ is Expression and a.head is _SEQUENCE:
            out.extend(flatten_sequences(a.args))
        else:
            out.append(a)
    return tuple(out)


def _evaluate_expression(v: Any) -> Any:
    remaining = STATE.iteration_limit
    looked_at = None
    while True:
        # ---- the head
        head = v.head
        h = head
        if h.__class__ is Symbol:
            if h.own is not None or (h.rules is not None and h.rules.own):
                h = evaluate(h)
        else:
            h = evaluate(h)
        args = v.args
        epoch = STATE.epoch
        if h.__class__ is Symbol:
            attributes = h.attributes
        elif h.__class__ is Expression and h.head is _FUNCTION and len(h.args) == 3:
            attributes = function_attributes(h)
        elif h.__class__ is Foreign and STATE.linked:
            attributes = _sealed_attributes(h)
        else:
            attributes = 0
        # ---- the arguments
        if h is _TIMES and FOREIGN_HEADS and len(args) == 2:
            found = _quotient(args)
            if found.__class__ is tuple:
                args = found
            elif found is not None:
                return found
        wrapped = foreign = asked = False
        if attributes & COMPLETE:
            if STATE.linked:
                args = _seal_held(h, args)
        elif not attributes & HOLD_SOME:
            new: list[Any] | None = None
            i = 0
            splice = False
            for a in args:
                c = a.__class__
                if c is int or c is float:
                    i += 1
                    continue
                if c is Foreign:
                    foreign = True
                    i += 1
                    continue
                if c is Expression:
                    if a.stamp == STATE.epoch:
                        b = a
                    elif a.head is _UNEVALUATED and len(a.args) == 1:
                        b = a.args[0]
                        wrapped = True
                        if new is None:
                            new = list(args)
                        new[i] = b
                        i += 1
                        continue
                    else:
                        b = _evaluate_expression(a)
                else:
                    b = evaluate(a)
                if b is not a:
                    if new is None:
                        new = list(args)
                    new[i] = b
                if b.__class__ is Expression:
                    if b.head is _SEQUENCE:
                        splice = True
                elif b.__class__ is Foreign:
                    foreign = True
                i += 1
            if new is not None:
                args = tuple(new)
            if splice and not attributes & A.SEQUENCE_HOLD:
                args = flatten_sequences(args)
        else:
            args, wrapped = _evaluate_held(args, attributes)
            if STATE.linked:
                args = _seal_held(h, args)
        redefined = epoch != STATE.epoch
        result = None
        if foreign and len(args) <= 2:
            # An object alone or beside a number or its like: what comes before its turn is idle.
            function = _foreign_function(h, args)
            if function is not None:
                try:
                    result = function(args[0]) if len(args) == 1 else function(args[0], args[1])
                except Exception as error:  # anything, being a third party's code
                    tell_foreign_error(h, error)
                if result.__class__ is Foreign:
                    return result
                asked = True
        # ---- a head that is no symbol
        if result is not None:
            pass
        elif h.__class__ is not Symbol:
            result = apply_compound_head(h, args)
            if result is None:
                v = _settle(v, h, args)
                if v.__class__ is Expression and not _has_volatile_rules(h):
                    v.stamp = STATE.epoch
                return v
        else:
            if h is _LIST:
                return evaluate(List(args))
            if h is _ASSOCIATION:
                made = association_of(args)
                if made is not None:
                    return evaluate(made)
            # ---- Flat, Listable, Orderless
            if attributes & FLAT:
                for a in args:
                    if a.__class__ is Expression and a.head is h:
                        args = _flatten(h, args)
                        break
            if attributes & LISTABLE:
                for a in args:
                    if a.__class__ is List or a.__class__ is Association:
                        threaded = thread_listable(h, args)
                        break
                else:
                    threaded = None
                if threaded is not None:
                    return evaluate(threaded)
            if attributes & ORDERLESS and len(args) > 1 and h is not _PLUS and h is not _TIMES:
                args = _ordered(args)
            # ---- definitions
            volatile = False
            if not attributes & COMPLETE:
                for a in args:
                    c = a.__class__
                    if c is Expression:
                        owner = a.head
                        if owner.__class__ is not Symbol:
                            continue
                    elif c is Symbol:
                        owner = a
                    elif c is Foreign:
                        function = None if asked else a.type.functions.get(h)
                        if function is not None:
                            try:
                                result = call_values(function, args)
                            except Exception as error:  # anything, being a third party's code
                                tell_foreign_error(h, error)
                            if result.__class__ is Foreign:
                                return result
                            if result is not None:
                                break
                        continue
                    else:
                        continue
                    if owner.rules is not None and owner.rules.up:
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
                        if result is None and CARRIERS:
                            result = carried(h, args)
                    if result is None:
                        if native is not None and STATE.linked:
                            args = _kept_back(h, args)
                        if wrapped:
                            args = _rewrap(v.args, args)
                        v = _settle(v, h, args)
                        if v.__class__ is not Expression:
                            return evaluate(v)
                        if not redefined or wrapped:
                            if rules is not None and rules.volatile:
                                volatile = True
                            if not volatile and (attributes & HOLD_SOME or are_settled(v.args, STATE.epoch)):
                                v.stamp = STATE.epoch
                            return v
                        # An argument made a definition: those before it are looked at again until nothing changes.
                        if v is looked_at:
                            return v
                        result = looked_at = v
        # ---- something applied
        c = result.__class__
        if c is not Expression:
            return evaluate(result)
        if result.stamp == STATE.epoch:
            return result
        remaining -= 1
        if remaining <= 0:
            from lyra_core.evaluation.limits import iteration_limit_exceeded

            return iteration_limit_exceeded(result)
        v = result


_PLUS, _TIMES, _POWER, _DIVIDE = S.Plus, S.Times, S.Power, S.Divide


#: What a function of Python raises for arguments that it does not expect.
FOREIGN_ERRORS = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)


def tell_foreign_error(h: Any, error: Exception) -> None:
    """Say that what a foreign type makes of a function failed; signals and errors of Lyra itself go on."""
    from lyra_core.errors import LyraError
    from lyra_core.evaluation.messages import message
    from lyra_core.evaluation.signals import ControlSignal

    if isinstance(error, ControlSignal | LyraError | MemoryError | RecursionError):
        raise error
    message(S.General, "foreignobject", h, String(f"{error.__class__.__name__}: {error}"))


def _foreign_function(h: Any, args: tuple[Any, ...]) -> Any:
    """Return what a foreign object among one or two *args* makes of *h*, if the other is a number or of its type."""
    a = args[0]
    if len(args) == 1:
        return a.type.functions.get(h) if a.__class__ is Foreign else None
    b = args[1]
    if a.__class__ is Foreign:
        if b.__class__ is Foreign:
            return a.type.functions.get(h) if b.type is a.type else None
        return a.type.functions.get(h) if b.__class__ in ATOMS else None
    return b.type.functions.get(h) if b.__class__ is Foreign and a.__class__ in ATOMS else None


def _quotient(args: tuple[Any, ...]) -> Any:
    """Return `a/b` where a foreign object divides, as one operation instead of a reciprocal and a product.

    None when *args* are no quotient; they with both sides evaluated when none of them is such an object.
    """
    a, reciprocal = args
    if (
        reciprocal.__class__ is not Expression
        or reciprocal.head is not _POWER
        or len(reciprocal.args) != 2
        or reciprocal.args[1].__class__ is not int
        or reciprocal.args[1] != -1
        or reciprocal.stamp == STATE.epoch
    ):
        return None
    b = reciprocal.args[0]
    for each in (a, b):
        if each.__class__ is Expression and each.head is _UNEVALUATED:
            return None
    x, y = evaluate(a), evaluate(b)
    owner = x if x.__class__ is Foreign else y
    if owner.__class__ is Foreign and all(v.__class__ is Foreign or v.__class__ in NUMBER_TYPES for v in (x, y)):
        function = owner.type.functions.get(_DIVIDE)
        if function is not None:
            try:
                result = function(x, y)
            except Exception as error:  # anything, being a third party's code
                tell_foreign_error(_DIVIDE, error)
                result = None
            if result is not None:
                return result
    return None if x is a and y is b else (x, expression(_POWER, (y, -1)))


def _settle(v: Any, h: Any, args: tuple[Any, ...]) -> Any:
    """Return the node `h[args]`, being *v* itself when nothing about it changed."""
    if args is v.args and h is v.head:
        return v
    return build(h, args)


def _evaluate_held(args: tuple[Any, ...], attributes: int) -> tuple[tuple[Any, ...], bool]:
    """Evaluate the arguments that the Hold attributes leave, and those marked `Evaluate`."""
    new: list[Any] | None = None
    splice = wrapped = False
    i = 0
    for a in args:
        held = attributes & (HOLD_REST if i else HOLD_FIRST)
        if held:
            b = a
            if a.__class__ is Expression and a.head is _EVALUATE:
                b = evaluate(a.args[0]) if len(a.args) == 1 else expression(_SEQUENCE, evaluate_all(a.args))
        elif a.__class__ is Expression and a.head is _UNEVALUATED and len(a.args) == 1:
            b = a.args[0]
            wrapped = True
        else:
            b = evaluate(a)
        if b is not a:
            if new is None:
                new = list(args)
            new[i] = b
        if b.__class__ is Expression and b.head is _SEQUENCE:
            splice = True
        i += 1
    if new is not None:
        args = tuple(new)
    if splice and not attributes & KEEP_SEQUENCES:
        args = flatten_sequences(args)
    return args, wrapped


def _seal_held(h: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """See `rights.seal_held`: only functions of packages, and pure functions, are given sealed arguments."""
    if h.__class__ is Symbol and not h.package:
        return args
    from lyra_core.evaluation.rights import seal_held

    return seal_held(h, args)


def _kept_back(h: Symbol, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """See `rights.kept_back`: what a function of std leaves as it is must not show the powers in it."""
    if h.attributes & LISTABLE:
        return args
    from lyra_core.evaluation.rights import kept_back

    return kept_back(h, args)


def _sealed_attributes(h: Foreign) -> int:
    from lyra_core.evaluation.rights import SEALED, sealed_attributes

    return sealed_attributes(h) if h.type is SEALED else 0


def _keeps_from(owner: Symbol, h: Any, args: tuple[Any, ...]) -> bool:
    from lyra_core.evaluation.rights import keeps_from

    return keeps_from(owner, h, args)


def _rewrap(before: tuple[Any, ...], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Put `Unevaluated` back around arguments of a call that stayed as it is."""
    if len(before) != len(args):
        return args
    return tuple(
        a if a.__class__ is Expression and a.head is _UNEVALUATED and a.args[0] is b else b
        for a, b in zip(before, args, strict=True)
    )


def evaluate_all(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the values of *args*, sequences spliced."""
    out: list[Any] = []
    splice = False
    for a in args:
        b = evaluate(a)
        if b.__class__ is Expression and b.head is _SEQUENCE:
            splice = True
        out.append(b)
    return flatten_sequences(tuple(out)) if splice else tuple(out)


def _flatten(h: Symbol, args: tuple[Any, ...]) -> tuple[Any, ...]:
    out: list[Any] = []
    stack = list(reversed(args))
    while stack:
        a = stack.pop()
        if a.__class__ is Expression and a.head is h:
            stack.extend(reversed(a.args))
        else:
            out.append(a)
    return tuple(out)


def _ordered(args: tuple[Any, ...]) -> tuple[Any, ...]:
    from lyra_core.values.order import compare, sorted_values

    previous = args[0]
    for a in args[1:]:
        if compare(previous, a) > 0:
            return tuple(sorted_values(args))
        previous = a
    return args


def thread_listable(h: Any, args: tuple[Any, ...]) -> Any:
    """Return the list of calls that a Listable head makes of *args*; None when lengths differ (with a message)."""
    length = -1
    shape: Any = None
    for a in args:
        if a.__class__ is Expression and a.head is _THREADED and len(a.args) == 1:
            args = _unthreaded(args)
            break
    for a in args:
        if a.__class__ is List or a.__class__ is Association:
            n = len(a)
            if length < 0:
                length = n
            elif n != length:
                from lyra_core.evaluation.messages import message

                message(S.Thread, "tdlen", build(h, args))
                return None
            if a.__class__ is Association and shape is None:
                shape = a
        elif a.__class__ is Foreign and "binary" in a.type.protocol:
            # A tensor and a list are one operation on arrays.
            return None
    if shape is not None:
        return _thread_associations(h, args, shape, length)
    if length >= _MANY_ELEMENTS and h.__class__ is Symbol and h.rules is None and h.native is not None:
        made = _thread_atoms(h, args, length)
        if made is not None:
            return made
    if len(args) == 1:
        return List(tuple([build(h, (x,)) for x in args[0].args]))
    if len(args) == 2:
        a, b = args
        if a.__class__ is List:
            if b.__class__ is List:
                return List(tuple([build(h, pair) for pair in zip(a.args, b.args, strict=True)]))
            return List(tuple([build(h, (x, b)) for x in a.args]))
        return List(tuple([build(h, (a, y)) for y in b.args]))
    columns = [a.args if a.__class__ is List else (a,) * length for a in args]
    return List(tuple([build(h, row) for row in zip(*columns, strict=True)]))


_THREADED = S.Threaded


def _unthreaded(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return *args* with Threaded[list] as the list where the other lists are at their innermost level."""
    for a in args:
        if a.__class__ is List and any(x.__class__ is List for x in a.args):
            return args
    return tuple(
        [
            a.args[0] if a.__class__ is Expression and a.head is _THREADED and a.args[0].__class__ is List else a
            for a in args
        ]
    )


#: From how many elements on lists of numbers go to a native directly.
_MANY_ELEMENTS = 8


_SYMBOLS_ONLY = {Symbol}
_TRUTH_VALUES = {TRUE, FALSE}


def _thread_atoms(h: Symbol, args: tuple[Any, ...], length: int) -> List | None:
    """Return the values of a native for lists of numbers or strings, without the general procedure; None otherwise."""
    native = h.native
    n = len(args)
    if h.attributes & HOLD_SOME or n < native.least or n > native.most >= 0 or not 1 <= n <= 3:
        return None
    if n == 2 and (h is _PLUS or h is _TIMES):
        made = _add_or_multiply(h is _PLUS, args[0], args[1])
        if made is not None:
            return made
    for a in args:
        if (a.element_kind() if a.__class__ is List else a.__class__) not in ATOMS:
            return None
    if h is _POWER and n == 2 and args[1].__class__ is int and 0 < args[1] <= 8:
        made = _powers(args[0], args[1])
        if made is not None:
            return made
    if n == 1:
        loops = number_loops(h, args[0])
        found = None if loops is None else loops[0](args[0].args)
        if found is not None and set(map(type, found)) <= NUMBER_TYPES:
            made = List(tuple(found))
            if not STATE.list_up_values:
                made.stamp = STATE.epoch
            return made
    columns = [a.args if a.__class__ is List else (a,) * length for a in args]
    # The first call links the native; the stub that did it must not be called for each element.
    results = [native.call(*[column[0] for column in columns])]
    call = native.call
    if n == 1:
        results += [call(x) for x in columns[0][1:]]
    elif n == 2:
        results += [call(x, y) for x, y in zip(columns[0][1:], columns[1][1:], strict=True)]
    else:
        results += [call(*row) for row in zip(*[column[1:] for column in columns], strict=True)]
    truths = results[0].__class__ is Symbol and set(results) <= _TRUTH_VALUES
    kinds = _SYMBOLS_ONLY if truths else set(map(type, results))
    if truths or kinds <= ATOMS:
        made = List(tuple(results))
        if len(kinds) == 1:
            (made.kind,) = kinds
        if not STATE.list_up_values:
            made.stamp = STATE.epoch
        return made
    for i, result in enumerate(results):
        if result is None:
            row = tuple([column[i] for column in columns])
            results[i] = expression(h, _ordered(row) if h.attributes & ORDERLESS else row)
            results[i].stamp = STATE.epoch
        elif result.__class__ not in ATOMS and not (result.__class__ is List and result.stamp == STATE.epoch):
            results[i] = evaluate(result)
    return List(tuple(results))


def _powers(base: List, exponent: int) -> List | None:
    """Return the powers of integers or machine reals; None where one of them is no machine real."""
    kind = base.element_kind()
    if kind is int:
        results = [x**exponent for x in base.args]
    elif kind is float:
        try:
            results = [x**exponent for x in base.args]
        except OverflowError:
            return None
        total = sum(results)
        if total - total != 0.0:
            return None
    else:
        return None
    made = List(tuple(results))
    made.kind = kind
    return made


_MACHINE = frozenset({int, float})


def _number_kinds(v: Any) -> set[type] | None:
    """Return the classes of a number, or of the elements of a list; None unless all are integers or machine reals."""
    if v.__class__ is not List:
        kinds = {v.__class__}
    else:
        kind = v.element_kind()
        kinds = {kind} if kind is not None else set(map(type, v.args))
    return kinds if kinds <= _MACHINE else None


def _add_or_multiply(adding: bool, a: Any, b: Any) -> List | None:
    """Return the sum or product of a list and a list or number, integers or machine reals; None for others."""
    first, second = _number_kinds(a), _number_kinds(b)
    if first is None or second is None:
        return None
    kinds = first | second
    # An exact zero makes an exact zero of a machine real.
    zeros = not adding and len(kinds) > 1 and any(_has_exact_zero(v) for v in (a, b))
    try:
        if a.__class__ is List and b.__class__ is List:
            pairs = zip(a.args, b.args, strict=True)
            if zeros:
                results = [x * y if _is_factor(x) and _is_factor(y) else 0 for x, y in pairs]
            else:
                results = [x + y for x, y in pairs] if adding else [x * y for x, y in pairs]
        else:
            (values, other) = (a.args, b) if a.__class__ is List else (b.args, a)
            if zeros:
                results = [x * other if _is_factor(x) and _is_factor(other) else 0 for x in values]
            else:
                results = [x + other for x in values] if adding else [x * other for x in values]
        if float in kinds:
            total = sum(results)
            if total - total != 0.0 and any(x - x != 0.0 for x in results):
                # What overflows is not a machine real.
                return None
    except OverflowError:
        return None
    made = List(tuple(results))
    if len(kinds) == 1 or (not zeros and (len(first) == 1 and len(second) == 1)):
        made.kind = float if float in kinds else int
    return made


def _has_exact_zero(v: Any) -> bool:
    zeros = [x for x in v.args if x == 0] if v.__class__ is List else [v]
    return any(x.__class__ is int and x == 0 for x in zeros)


def _is_factor(x: Any) -> bool:
    return x != 0 or x.__class__ is float


def _thread_associations(h: Any, args: tuple[Any, ...], shape: Association, length: int) -> Any:
    columns: list[list[Any]] = []
    for a in args:
        if a.__class__ is Association:
            if list(a.items) != list(shape.items):
                from lyra_core.evaluation.messages import message

                message(S.Thread, "tdlen", build(h, args))
                return None
            columns.append(list(a.values()))
        elif a.__class__ is List:
            columns.append(list(a.args))
        else:
            columns.append([a] * length)
    rows = zip(*columns, strict=True)
    return Association(
        {key: (entry[0], build(h, row), False) for (key, entry), row in zip(shape.items.items(), rows, strict=True)}
    )


def _try_up_values(h: Symbol, args: tuple[Any, ...], node: Any) -> Any:
    """Return what the first matching up value of any argument gives, else None."""
    seen: list[Any] = []
    for a in args:
        owner = a.head if a.__class__ is Expression else a
        if owner.__class__ is not Symbol or owner.rules is None or not owner.rules.up or owner in seen:
            continue
        seen.append(owner)
        if STATE.linked and _keeps_from(owner, h, args):
            continue
        if node is None:
            node = build(h, args)
        for rule in owner.rules.up:
            result = rule.apply(node)
            if result is not None:
                return result
    return None


def call_native(h: Symbol, native: NativeFunction, args: tuple[Any, ...]) -> Any:
    """Return what the native implementation makes of evaluated *args*, or None."""
    n = len(args)
    if n < native.least or n > native.most >= 0:
        if native.operator and n == native.least - 1:
            return None
        from lyra_core.evaluation.messages import arity_message

        arity_message(h, native, args)
        return None
    call = native.call
    try:
        if n == 1:
            result = call(args[0])
            if result is None and args[0].__class__ is Expression and args[0].head is _SERIES:
                return _function_of_series(h, args)
            return result
        if n == 2:
            result = call(args[0], args[1])
            if result is None and args[1].__class__ is Expression and args[1].head is _SERIES:
                return _function_of_series(h, args)
            return result
        if n == 3:
            return call(args[0], args[1], args[2])
        if n == 4:
            return call(args[0], args[1], args[2], args[3])
        if n == 0:
            return call()
        return call(*args)
    except FOREIGN_ERRORS as error:
        return native_failed(h, args, error)


_SERIES = S.SeriesData


def _function_of_series(h: Symbol, args: tuple[Any, ...]) -> Any:
    """Return the power series of a numeric function of SeriesData, which std::math works out; None when it stays."""
    if not h.attributes & A.NUMERIC_FUNCTION or h is _PLUS or h is _TIMES or h is _POWER:
        return None
    native = symbol_named("std::math", "SeriesArithmetic").native
    return None if native is None else native.call(h, *args)


#: Heads of values that functions pass through (`ConditionalExpression`, `Interval`), and what makes a call with one
#: among its arguments that the function itself left as it is. Entered by the module that defines the head.
CARRIERS: dict[Symbol, Callable[[Symbol, tuple[Any, ...]], Any]] = {}


def carried(h: Symbol, args: tuple[Any, ...]) -> Any:
    """Return what a value among *args* that functions pass through makes of `h[args]`, or None."""
    for a in args:
        if a.__class__ is Expression:
            carrier = CARRIERS.get(a.head)
            if carrier is not None:
                return carrier(h, args)
    return None


def native_failed(h: Symbol, args: tuple[Any, ...], error: Exception) -> Any:
    """Say that what a native asked a foreign object among *args* failed, and give None; without one raise the error."""
    for a in args:
        if a.__class__ is Foreign:
            tell_foreign_error(h, error)
            return None
    raise error


def function_attributes(f: Expression) -> int:
    """Return the attributes that the third argument of `Function` names."""
    from lyra_core.errors import NameResolutionError
    from lyra_core.functions.attributes import attribute_mask

    given = f.args[2]
    names = [a.name for a in (given.args if given.__class__ is List else (given,)) if a.__class__ is Symbol]
    try:
        return attribute_mask(names)
    except NameResolutionError:  # an unknown attribute: the function applies without it
        return 0


def apply_compound_head(h: Any, args: tuple[Any, ...]) -> Any:
    """Return `h[args]` for a head that is no symbol, or None when nothing applies."""
    c = h.__class__
    if c is Expression:
        if h.head is _FUNCTION:
            return apply_function(h, args)
        owner = h.head
        while owner.__class__ is Expression:
            owner = owner.head
        if owner.__class__ is Symbol:
            rules = owner.rules
            if rules is not None and rules.sub:
                node = expression(h, args)
                for rule in rules.sub:
                    result = rule.apply(node)
                    if result is not None:
                        return result
            native = owner.native
            if native is not None and h.head is owner:
                if native.sub is not None:
                    return native.sub(h.args, args)
                if native.operator and len(args) == 1:
                    at = native.operator - 1 if native.operator > 0 else len(h.args)
                    return expression(owner, (*h.args[:at], args[0], *h.args[at:]))
        return None
    if c is Association and len(args) >= 1:
        return _lookup_association(h, args)
    if getattr(c, "shape", 0) == 4:
        handler = h.type.protocol.get("call")
        if handler is not None:
            try:
                return handler(h, *args)
            except Exception as error:  # anything, being a third party's code
                tell_foreign_error(h.type.constructor, error)
    return None


def _lookup_association(h: Association, args: tuple[Any, ...]) -> Any:
    key = args[0]
    if key.__class__ is Expression and key.head is S.Key and len(key.args) == 1:
        key = key.args[0]
    value = h.lookup(key)
    if value is None:
        value = expression(S.Missing, (String("KeyAbsent"), key))
    return value if len(args) == 1 else build(value, args[1:])


def apply_function(f: Expression, args: tuple[Any, ...]) -> Any:
    """Return the body of a pure function with *args* put in; compiled from the second use on.

    While the compiler is not loaded a function must be used more often than that: importing it takes longer
    than dozens of uses. The node's cache is None before the first use, then the number of uses, negative, then
    what `STATE.compile_function` gave: an object whose `form(count)` is the callable for so many arguments, or 3
    when there is none.
    """
    compiled = f.cache
    if compiled is None:
        f.cache = -1
    elif compiled is not _NEVER_COMPILED:
        if compiled.__class__ is int and compiled > -_WORTH_COMPILING and not _compiler_is_loaded():
            f.cache = compiled - 1
        elif compiled.__class__ is int and STATE.compile_function is not None:
            made = STATE.compile_function(f)
            compiled = f.cache = _NEVER_COMPILED if made is None else made
        if compiled.__class__ is not int:
            call = compiled.form(len(args))
            if call is not None and are_fresh(args):
                return call_values(call, args)
    body = _instantiate(f, args)
    if body is None:
        return None
    try:
        return evaluate(body)
    except ReturnSignal as signal:
        if signal.target is not None and signal.target is not _FUNCTION:
            raise
        return signal.value


def _import_and_instantiate(f: Expression, args: tuple[Any, ...]) -> Any:
    global _instantiate
    from lyra_core.evaluation.limits import grow_stack
    from lyra_core.evaluation.scoping import instantiate_function

    grow_stack(STATE.recursion_limit)
    _instantiate = instantiate_function
    return instantiate_function(f, args)


#: Puts arguments into the body of a function; imported when the first function is applied.
_instantiate: Callable[[Expression, tuple[Any, ...]], Any] = _import_and_instantiate

_NEVER_COMPILED = 3

#: How often a function is used before the compiler is imported for it.
_WORTH_COMPILING = 40


def _compiler_is_loaded() -> bool:
    return "lyra_core.lowering.lower" in modules


def are_fresh(args: tuple[Any, ...]) -> bool:
    """Return whether evaluated values are normal forms still: no definition made since concerns them.

    Compiled functions take normal forms; what is none is put into the body and evaluated there.
    """
    epoch = STATE.epoch
    for a in args:
        c = a.__class__
        if c is int or c is float:
            continue
        if c is Symbol:
            if a.own is not None or (a.rules is not None and a.rules.own):
                return False
        elif (c is Expression or c is List or c is Association) and a.stamp != epoch:
            return False
    return True


def call_values(call: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Call with positional values without `f(*args)` for the usual counts (that would use the C stack)."""
    n = len(args)
    if n == 1:
        return call(args[0])
    if n == 2:
        return call(args[0], args[1])
    if n == 3:
        return call(args[0], args[1], args[2])
    if n == 0:
        return call()
    return call(*args)


def apply(head: Any, args: tuple[Any, ...]) -> Any:
    """Return the value of `head[args…]` for values that are evaluated already.

    This is what natives use to call a function they were given. Hold attributes of the head do not
    matter: the arguments are values.
    """
    if head.__class__ is Expression and head.head is _FUNCTION and len(head.args) < 3:
        result = apply_function(head, args)
        if result is not None:
            return evaluate(result)
    return evaluate(build(head, args))


#: Attributes under which `f[x]` is more than a call of its native with evaluated arguments.
_SPECIAL_CALL = HOLD_SOME | A.FLAT | A.ORDERLESS | A.SEQUENCE_HOLD


def function_caller(f: Any, count: int, kind: type | None = None) -> Callable[..., Any]:
    """Return a Python callable of *count* evaluated values that gives the value of `f[…]`.

    For natives that call a function many times (Map, Select, Fold): a pure function is compiled at once when
    the lowering is there, and what `f` is gets looked at once instead of at each element. *kind* is the
    class of every argument where that is known (`List.element_kind`); int gives the fastest callable.
    """
    if f.__class__ is Expression and f.head is _FUNCTION and len(f.args) < 3:
        compiled = f.cache
        if compiled is None or (compiled.__class__ is int and -_WORTH_COMPILING < compiled < 0):
            if not _compiler_is_loaded():
                return _function_caller(f, count, kind)
        if (compiled is None or (compiled.__class__ is int and compiled < 0)) and STATE.compile_function is not None:
            compiled = STATE.compile_function(f)
            f.cache = compiled if compiled is not None else _NEVER_COMPILED
        if compiled is not None and compiled.__class__ is not int:
            call = compiled.form(count, kind is int)
            if call is not None:
                return call if kind in ATOMS else _fresh_caller(call, count)
        return _function_caller(f, count, kind)
    if f.__class__ is Symbol and f.own is None and f.native is not None and f.rules is None:
        if (
            kind is int
            and STATE.compile_function is not None
            and not f.attributes & HOLD_SOME
            and _compiler_is_loaded()
        ):
            return function_caller(_as_function(f, count), count, kind)
        if count == 2 and (f is _PLUS or f is _TIMES):
            return _arithmetic_caller(f)
    if f is _LIST:
        return _list_caller(count)
    if f.__class__ is Symbol and f.own is None and not f.attributes & _SPECIAL_CALL:
        if f.native is not None:
            if count == 1:
                return _native_caller_of_one(f)
            if count == 2:
                return _native_caller_of_two(f)
        elif STATE.symbol_caller is not None:
            return STATE.symbol_caller(f, count, kind is int)  # type: ignore[no-any-return]
    return _general_caller(f, count)


_functions_of_symbols: dict[tuple[Symbol, int], Expression] = {}


def _as_function(f: Symbol, count: int) -> Expression:
    """Return a native as a pure function: lowered for integers, `EvenQ` is one operation. One for each native."""
    made = _functions_of_symbols.get((f, count))
    if made is None:
        names = tuple([symbol_named("std::core", f"$Argument{i}") for i in range(count)])
        made = _functions_of_symbols[f, count] = expression(_FUNCTION, (List(names), expression(f, names)))
    return made


#: From so many elements on a loop of its own is worth the half millisecond that it takes to compile.
_WORTH_A_LOOP = 2000


def number_loops(f: Any, values: List) -> Any:
    """Return (each, kept) for a list of many integers or machine reals; None for others.

    Both are functions of a sequence: the values of f, and those with True. They give None when they meet
    something that is not plain, and then nothing has happened yet. None is also given where f does not go into a
    loop; `function_caller` serves for all.
    """
    count = len(values)
    if count < _WORTH_A_LOOP or STATE.compile_function is None:
        return None
    kind = values.element_kind()
    if kind is not int and kind is not float:
        return None
    if f.__class__ is Symbol:
        if f.own is not None or f.native is None or f.rules is not None or f.attributes & HOLD_SOME:
            return None
        f = _as_function(f, 1)
    if f.__class__ is not Expression or f.head is not _FUNCTION or len(f.args) > 2:
        return None
    compiled = f.cache
    if compiled is None or (compiled.__class__ is int and compiled < 0):
        compiled = STATE.compile_function(f)
        f.cache = compiled if compiled is not None else _NEVER_COMPILED
    if compiled is None or compiled.__class__ is int:
        return None
    if kind is float:
        total = sum(values.args)
        if total - total != 0.0:
            return None
    return compiled.loops(kind)


def _fresh_caller(call: Callable[..., Any], count: int) -> Callable[..., Any]:
    """Return *call* with arguments evaluated again that a definition has changed meanwhile."""
    if count == 1:

        def call_one(a: Any) -> Any:
            c = a.__class__
            return call(a if c in ATOMS or (c is Expression and a.stamp == STATE.epoch) else evaluate(a))

        return call_one
    if count == 2:

        def call_two(a: Any, b: Any) -> Any:
            c, d = a.__class__, b.__class__
            return call(
                a if c in ATOMS or (c is Expression and a.stamp == STATE.epoch) else evaluate(a),
                b if d in ATOMS or (d is Expression and b.stamp == STATE.epoch) else evaluate(b),
            )

        return call_two
    return lambda *args: call(*[evaluate(a) for a in args])


def _function_caller(f: Expression, count: int, kind: type | None = None) -> Callable[..., Any]:
    """Call a pure function that is not compiled; one that is compiled meanwhile is called as such from then on."""
    if f.cache.__class__ is not int and f.cache is not None:
        return _direct_caller(f, count)
    compiled: Any = None
    if count == 1:

        def call_one(a: Any) -> Any:
            nonlocal compiled
            if compiled is not None:
                return compiled(a)
            result = apply_function(f, (a,))
            if f.cache.__class__ is not int:
                compiled = function_caller(f, count, kind)
            return evaluate(build(f, (a,)) if result is None else result)

        return call_one
    if count == 2:

        def call_two(a: Any, b: Any) -> Any:
            nonlocal compiled
            if compiled is not None:
                return compiled(a, b)
            result = apply_function(f, (a, b))
            if f.cache.__class__ is not int:
                compiled = function_caller(f, count, kind)
            return evaluate(build(f, (a, b)) if result is None else result)

        return call_two
    return _direct_caller(f, count)


def _direct_caller(f: Expression, count: int) -> Callable[..., Any]:
    if count == 1:

        def call_one(a: Any) -> Any:
            result = apply_function(f, (a,))
            return evaluate(build(f, (a,)) if result is None else result)

        return call_one
    if count == 2:

        def call_two(a: Any, b: Any) -> Any:
            result = apply_function(f, (a, b))
            return evaluate(build(f, (a, b)) if result is None else result)

        return call_two
    return _general_caller(f, count)


def _general_caller(f: Any, count: int) -> Callable[..., Any]:
    if count == 1:
        return lambda a: evaluate(build(f, (a,)))
    if count == 2:
        return lambda a, b: evaluate(build(f, (a, b)))
    return lambda *values: evaluate(build(f, values))


def _arithmetic_caller(f: Symbol) -> Callable[[Any, Any], Any]:
    from lyra_core.evaluation import arithmetic

    if f is _PLUS:
        plus = arithmetic.plus

        def add_two(a: Any, b: Any) -> Any:
            return a + b if a.__class__ is int and b.__class__ is int and f.rules is None else plus(a, b)

        return add_two
    times = arithmetic.times
    return lambda a, b: times(a, b)


def _native_caller_of_one(f: Symbol) -> Callable[[Any], Any]:
    """Call a native without definitions directly where the argument is a number, a string or a bare symbol."""
    native = f.native
    accepts = native.least <= 1 and native.most != 0
    threads = bool(f.attributes & LISTABLE)

    def call(a: Any) -> Any:
        if f.rules is None and accepts and (a.__class__ in ATOMS or _is_plain_argument(a, threads)):
            result = native.call(a)
            if result is None:
                return _unchanged(f, (a,))
            return result if result.__class__ in ATOMS else evaluate(result)
        return evaluate(build(f, (a,)))

    return call


def _is_plain_argument(a: Any, threads: bool) -> bool:
    """Return whether a call of a native with *a* is that call: nothing threads, is spliced or has up values."""
    c = a.__class__
    if c is Symbol:
        return a.own is None and a.rules is None
    if c is List:
        return not threads and a.stamp == STATE.epoch and not STATE.list_up_values
    if c is Association:
        return not threads and a.stamp == STATE.epoch
    if c is Expression:
        head = a.head
        return (
            a.stamp == STATE.epoch
            and head.__class__ is Symbol
            and (head.rules is None or not head.rules.up)
            and head is not _SEQUENCE
        )
    return False


def _unchanged(f: Symbol, args: tuple[Any, ...]) -> Expression:
    """Return the call that a native left as it is, as the normal form it is known to be."""
    if STATE.linked:
        args = _kept_back(f, args)
    node = expression(f, args)
    node.stamp = STATE.epoch
    return node


def _native_caller_of_two(f: Symbol) -> Callable[[Any, Any], Any]:
    native = f.native
    accepts = native.least <= 2 and (native.most < 0 or native.most >= 2)
    threads = bool(f.attributes & LISTABLE)

    def call(a: Any, b: Any) -> Any:
        if (
            f.rules is None
            and accepts
            and (a.__class__ in ATOMS or _is_plain_argument(a, threads))
            and (b.__class__ in ATOMS or _is_plain_argument(b, threads))
        ):
            result = native.call(a, b)
            if result is None:
                return _unchanged(f, (a, b))
            return result if result.__class__ in ATOMS else evaluate(result)
        return evaluate(build(f, (a, b)))

    return call


def _list_caller(count: int) -> Callable[..., Any]:
    """Return what makes a list of *count* evaluated values."""

    def call(*values: Any) -> Any:
        made = List(values)
        for a in values:
            if a.__class__ not in ATOMS:
                return evaluate(made)
        if STATE.list_up_values:
            return evaluate(made)
        made.stamp = STATE.epoch
        return made

    return call


def _load_operators() -> None:
    """Import what gives Python's operators their meaning for symbolic values."""
    from lyra_core.evaluation import arithmetic

    assert arithmetic  # importing it installs them


set_operator_loader(_load_operators)

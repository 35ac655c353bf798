"""Rights inside values: which values carry one, what of them may be looked at, and how code keeps them to itself.

A right is a symbol of its own, a *power*: in no table, with the native of the function whose name it prints
(`runtime.capabilities` makes them). A power that stands as a value is meant to be handed on. One that stands in code
is not: expressions are data, and whoever holds the code could take the power out of it and use it otherwise. So code
with powers in it travels *sealed*, as a value that can be called and not taken apart, wherever a program has
packages: pure functions by `Sealed`, which the compiler puts around them, arguments that a package's function holds
by `seal_held`. Definitions are shown without powers to all but their own package.
"""

from __future__ import annotations

from lyra_core.evaluation.evaluator import HOLD_SOME, apply_function, evaluate, function_attributes
from lyra_core.evaluation.state import STATE
from lyra_core.values.association import Association, association_of
from lyra_core.values.expression import Expression, List, build, expression
from lyra_core.values.foreign import Foreign, ForeignType
from lyra_core.values.symbol import S, Symbol, symbol_named, symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "SEALED",
    "contains_power",
    "is_power",
    "keeps_from",
    "kept_back",
    "kept_code",
    "kept_option",
    "seal",
    "seal_held",
    "without_powers",
]


def is_power(symbol: Symbol) -> bool:
    """Return whether *symbol* carries a right: it has a native, and its name means another symbol."""
    return symbol.native is not None and symbols.find(symbol.namespace, symbol.name, symbol.package) is not symbol


def contains_power(v: Any, owner: str | None = None) -> bool:
    """Return whether a power occurs in *v*; *owner* leaves out those of that package."""
    stack = [v]
    while stack:
        q = stack.pop()
        c = q.__class__
        if c is Symbol:
            if is_power(q) and (owner is None or q.native.permission.key != owner):
                return True
        elif c is Expression or c is Association or (c is List and q.kind in (False, None, Symbol, Expression, List)):
            stack.append(q.head)
            stack.extend(q.args)
    return False


def without_powers(v: Any) -> Any:
    """Return *v* with the bare symbol, which may do nothing, in the place of each power."""
    c = v.__class__
    if c is Symbol:
        return symbol_named(v.namespace, v.name) if is_power(v) else v
    if c is Expression or c is List or c is Association:
        if not contains_power(v):
            return v
        args = tuple([without_powers(a) for a in v.args])
        if c is Association:
            return association_of(args)
        return List(args) if c is List else build(without_powers(v.head), args)
    return v


# ---- sealed functions


def seal(f: Any) -> Any:
    """Return *f* as a function that nobody can take apart."""
    if f.__class__ is Foreign and f.type is SEALED:
        return f
    return Foreign(SEALED, f)


def _call(sealed: Foreign, *args: Any) -> Any:
    f = sealed.data
    if f.__class__ is Expression and f.head is S.Function:
        # None leaves the sealed call as it is: the inner one must not be seen
        return apply_function(f, args)
    return evaluate(build(f, args))


def _shown(sealed: Foreign) -> Any:
    return without_powers(sealed.data)


SEALED = ForeignType(
    "Function",
    S.Function,
    {},
    {
        "call": _call,
        "summary": _shown,
        "serialize": _shown,
        "equal": lambda a, b: a.__class__ is b.__class__ and a.type is b.type and a.data is b.data,
        "hash": lambda a: id(a.data),
    },
)
"""The type of sealed functions. They print as what they are, with bare names; read again they carry no right."""


def sealed_attributes(sealed: Foreign) -> int:
    """Return the attributes of a sealed function: those of its third argument."""
    f = sealed.data
    return function_attributes(f) if f.__class__ is Expression and f.head is S.Function and len(f.args) == 3 else 0


def seal_held(h: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return *args*, which *h* did not let be evaluated, with each call of a power sealed.

    For functions of packages and for pure functions, which may be a package's: a package that holds an argument gets
    code, and the powers in it were not handed over. What calls a power becomes `sealed[]`, which gives its value.
    """
    owner = h.package if h.__class__ is Symbol else None
    if owner == "":
        return args
    if not any(contains_power(a, owner) for a in args):
        return args
    return tuple([a if a.__class__ is Symbol else _seal_calls(a, owner) for a in args])


def _seal_calls(v: Any, owner: str | None) -> Any:
    c = v.__class__
    if c is Symbol or not contains_power(v, owner):
        return v
    if c is List:
        return List(tuple([_seal_calls(a, owner) for a in v.args]))
    if c is Association:
        return association_of(tuple([_seal_calls(a, owner) for a in v.args]))
    if v.head is _SEALING and len(v.args) == 1:
        return seal(v.args[0])
    if v.head is S.Function and len(v.args) < 3:
        return seal(v)
    if v.head.__class__ is Symbol and contains_power(v.head, owner):
        return expression(seal(expression(S.Function, (List(()), v))), ())
    return build(_seal_calls(v.head, owner), tuple([_seal_calls(a, owner) for a in v.args]))


def kept_code(v: Any) -> Any:
    """Return the code *v* as a value that can only be asked for its result, where there is a power in it."""
    if not STATE.linked or v.__class__ is Symbol or not contains_power(v):
        return v
    return expression(seal(expression(S.Function, (List(()), v))), ())


def kept_option(rule: Any) -> Any:
    """Return the right side of an option as anybody may see it: what is delayed is code, the rest was handed over."""
    right = rule.args[1]
    if rule.head is S.RuleDelayed:
        return kept_code(right)
    return _seal_calls(right, None) if STATE.linked else right


#: Functions whose held arguments are meant as data: who quotes a power hands it on.
_QUOTING = frozenset(
    {
        S.Condition,
        S.Function,
        S.Hold,
        S.HoldComplete,
        S.HoldForm,
        S.HoldPattern,
        S.Pattern,
        S.PatternTest,
        S.RuleDelayed,
        S.Unevaluated,
    }
)


def kept_back(h: Symbol, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments of a call that the std function *h* left as it is, with the powers in them kept back.

    `load[q_] := If[q, ReadString[file]]` called with something that is not True gives its own code back. In arguments
    that were held, calls of powers are sealed, so that the call goes on when its condition is known; a power that was
    an argument itself (`Map[ReadString, files]`) becomes the bare symbol.
    """
    if h in _QUOTING:
        return args
    if h.attributes & HOLD_SOME:
        if not any(contains_power(a) for a in args):
            return args
        return tuple([_seal_calls(a, None) for a in args])
    for a in args:
        if a.__class__ is Symbol and is_power(a):
            break
    else:
        return args
    native = h.native
    if native.operator and len(args) == native.least - 1:
        return args  # the operator form, a function made of the power
    return tuple([without_powers(a) if a.__class__ is Symbol else a for a in args])


_SEALING = symbol_named("std::core", "Sealed")


def is_kept(a: Any) -> bool:
    """Return whether the value *a* is a right: a power or a sealed function, which up values of others do not see."""
    return (a.__class__ is Symbol and is_power(a)) or (a.__class__ is Foreign and a.type is SEALED)


def keeps_from(owner: Symbol, h: Any, args: tuple[Any, ...]) -> bool:
    """Return whether the up values of *owner* may not be tried on `h[args]`, since they could bind a right.

    `evil /: h_[evil] := …` would take the power out of `ReadString[evil]`.
    """
    if not owner.package or not STATE.linked:
        return False
    for each in (h, *args):
        if is_kept(each):
            permission = getattr(each.native, "permission", None) if each.__class__ is Symbol else None
            if permission is None or permission.key != owner.package:
                return True
    return False

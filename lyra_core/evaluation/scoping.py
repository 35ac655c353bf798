"""Putting values in the place of names: rules, pure functions, Module, With, Block.

Names that an inner construct binds itself (`Function[{x}, …]`, `Module[{x}, …]`, the pattern variables
of a rule) shield its body; where a value that is put in contains such a name freely, the inner name is
renamed first, so that nothing is captured.
"""

from __future__ import annotations

from lyra_core.values.association import Association, association_of
from lyra_core.values.expression import Expression, List, build, expression
from lyra_core.values.string import String
from lyra_core.values.symbol import S, Symbol, fresh_symbol, symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Env = dict[Symbol, Any]

__all__ = ["contains_symbol", "instantiate_function", "rename_locals", "substitute"]

_FUNCTION = S.Function
_SEQUENCE = S.Sequence
_BINDERS = frozenset({S.Module, S.With, S.Block})
_RULES = frozenset({S.RuleDelayed, S.SetDelayed, S.Rule, S.Set, S.UpSetDelayed, S.UpSet})


def substitute(v: Any, env: Env) -> Any:
    """Return *v* with each symbol that *env* binds replaced by its value; shares what does not change."""
    c = v.__class__
    if c is Symbol:
        found = env.get(v)
        return v if found is None else found
    if c is Expression:
        head = v.head
        if head.__class__ is Symbol:
            new_head = head
            if head in env:
                new_head = env[head]
            elif head is _FUNCTION:
                if len(v.args) > 1:
                    return _substitute_function(v, env)
            elif head in _BINDERS:
                if len(v.args) == 2 and v.args[0].__class__ is List:
                    return _substitute_binder(v, env)
            elif head in _RULES and len(v.args) == 2:
                from lyra_core.evaluation.patterns import pattern_variables

                inner = pattern_variables(v.args[0])
                if inner and any(name in env for name in inner):
                    env = {name: value for name, value in env.items() if name not in inner}
                    if not env:
                        return v
        else:
            new_head = substitute(head, env)
        new = _substitute_args(v.args, env)
        if new is None:
            return v if new_head is head else build(new_head, v.args)
        return build(new_head, new)
    if c is List:
        new = _substitute_args(v.args, env)
        return v if new is None else List(new)
    if c is Association:
        new = _substitute_args(v.args, env)
        return v if new is None else association_of(new)
    return v


def _substitute_args(args: tuple[Any, ...], env: Env) -> tuple[Any, ...] | None:
    new: list[Any] | None = None
    splice = False
    i = 0
    for a in args:
        c = a.__class__
        if c is not int and c is not float:
            b = substitute(a, env)
            if b is not a:
                if new is None:
                    new = list(args)
                new[i] = b
                if c is Symbol and b.__class__ is Expression and b.head is _SEQUENCE:
                    splice = True
        i += 1
    if new is None:
        return None
    if splice:
        out: list[Any] = []
        for a, b in zip(args, new, strict=True):
            if a is not b and a.__class__ is Symbol and b.__class__ is Expression and b.head is _SEQUENCE:
                out.extend(b.args)
            else:
                out.append(b)
        return tuple(out)
    return tuple(new)


def contains_symbol(v: Any, wanted: set[Symbol] | frozenset[Symbol]) -> bool:
    """Return whether any of the *wanted* symbols occurs in *v*."""
    stack = [v]
    while stack:
        q = stack.pop()
        c = q.__class__
        if c is Symbol:
            if q in wanted:
                return True
        elif c is Expression or c is List or c is Association:
            if c is List and q.kind not in (False, None, Symbol, Expression, List):
                continue
            stack.append(q.head)
            stack.extend(q.args)
    return False


def _bound_names(spec: Any) -> list[Symbol]:
    """Return the symbols that `{x, y = 1, z := 2}` or a lone symbol binds."""
    names = []
    for item in spec.args if spec.__class__ is List else (spec,):
        if item.__class__ is Expression and item.head in (S.Set, S.SetDelayed) and item.args:
            item = item.args[0]
        if item.__class__ is Symbol:
            names.append(item)
    return names


def _inner_env(names: list[Symbol], body: Any, env: Env) -> tuple[Env, Env]:
    """Return (bindings for the body, renamings of the bound names) that keep values from being captured.

    Wherever something is put into the body, its bound names are renamed, as the Wolfram Language does:
    `Function[x, Function[y, x + y]][a]` is `Function[y$, a + y$]`. A name that was renamed before stays.
    """
    reduced = {name: value for name, value in env.items() if name not in names} if any(n in env for n in names) else env
    if not reduced or not contains_symbol(body, frozenset(reduced)):
        return reduced, {}
    values = [value for value in reduced.values() if value.__class__ is not int]
    renames: Env = {}
    for name in names:
        if "$" not in name.name or any(contains_symbol(value, frozenset((name,))) for value in values):
            renames[name] = _dollar_symbol(name, values)
    return reduced, renames


def _dollar_symbol(name: Symbol, captured: list[Any]) -> Symbol:
    """Return `x$` for a bound *name* `x`, with as many `$` as keep it apart from what is put in."""
    made = name
    while True:
        made = symbols.get(made.namespace, made.name + "$", made.package)
        if not any(contains_symbol(value, frozenset((made,))) for value in captured):
            return made


def _substitute_function(v: Expression, env: Env) -> Any:
    spec = v.args[0]
    names = _bound_names(spec)
    body = v.args[1]
    reduced, renames = _inner_env(names, body, env)
    if renames:
        spec = substitute(spec, renames)
        body = substitute(body, renames)
    new_body = substitute(body, reduced) if reduced else body
    if not names and spec.__class__ is not List:
        spec = substitute(spec, env)
    if new_body is v.args[1] and spec is v.args[0]:
        return v
    return expression(_FUNCTION, (spec, new_body, *v.args[2:]))


def _substitute_binder(v: Expression, env: Env) -> Any:
    spec, body = v.args
    names = _bound_names(spec)
    reduced, renames = _inner_env(names, body, env)
    if v.head is S.Block:
        # its variables are those of the program, whatever their names
        renames = {}
    items = []
    for item in spec.args:
        if item.__class__ is Expression and item.head in (S.Set, S.SetDelayed) and len(item.args) == 2:
            name, value = item.args
            item = build(item.head, (renames.get(name, name), substitute(value, env)))
        elif item.__class__ is Symbol:
            item = renames.get(item, item)
        items.append(item)
    if renames:
        body = substitute(body, renames)
    return expression(v.head, (List(tuple(items)), substitute(body, reduced) if reduced else body))


def rename_locals(names: list[Symbol], body: Any) -> tuple[Env, Any]:
    """Return fresh symbols for *names* and *body* with them put in, as Module does."""
    renames: Env = {name: fresh_symbol(name) for name in names}
    return renames, substitute(body, renames)


# ---- pure functions


def instantiate_function(f: Expression, args: tuple[Any, ...]) -> Any:
    """Return the body of `Function[…]` with *args* in the place of its parameters.

    None, with a message, when there are too few arguments or the parameters are no symbols.
    """
    parts = f.args
    if len(parts) == 1:
        return _fill_slots(parts[0], args, f)
    if not parts:
        return None
    spec, body = parts[0], parts[1]
    if spec is S.Null:
        return _fill_slots(body, args, f)
    names = list(spec.args) if spec.__class__ is List else [spec]
    if not all(name.__class__ is Symbol for name in names):
        from lyra_core.evaluation.messages import message

        message(_FUNCTION, "flpar", spec, f)
        return None
    if len(args) < len(names):
        from lyra_core.evaluation.messages import message

        message(_FUNCTION, "fpct", f, build(f, args))
        return None
    env = dict(zip(names, args, strict=False))
    return substitute(body, env)


def _fill_slots(v: Any, args: tuple[Any, ...], f: Expression) -> Any:
    c = v.__class__
    if c is Expression:
        head = v.head
        if head is S.Slot and len(v.args) == 1:
            return _slot(v, args, f)
        if head is S.SlotSequence and len(v.args) == 1:
            at = v.args[0]
            return expression(_SEQUENCE, args[at - 1 :]) if at.__class__ is int and at > 0 else v
        if head is _FUNCTION and (len(v.args) == 1 or v.args[0] is S.Null):
            return v
        new_head = head if head.__class__ is Symbol else _fill_slots(head, args, f)
        new = _fill_args(v.args, args, f)
        if new is None and new_head is head:
            return v
        return build(new_head, v.args if new is None else new)
    if c is List or c is Association:
        new = _fill_args(v.args, args, f)
        if new is None:
            return v
        return List(new) if c is List else association_of(new)
    return v


def _fill_args(parts: tuple[Any, ...], args: tuple[Any, ...], f: Expression) -> tuple[Any, ...] | None:
    new: list[Any] | None = None
    splice = False
    i = 0
    for a in parts:
        c = a.__class__
        if c is Expression or c is List or c is Association:
            b = _fill_slots(a, args, f)
            if b is not a:
                if new is None:
                    new = list(parts)
                new[i] = b
                if c is Expression and a.head is S.SlotSequence:
                    splice = True
        i += 1
    if new is None:
        return None
    if splice:
        out: list[Any] = []
        for a, b in zip(parts, new, strict=True):
            if a is not b and a.__class__ is Expression and a.head is S.SlotSequence:
                out.extend(b.args)
            else:
                out.append(b)
        return tuple(out)
    return tuple(new)


def _slot(v: Expression, args: tuple[Any, ...], f: Expression) -> Any:
    at = v.args[0]
    if at.__class__ is int:
        if at == 0:
            return f
        if 0 < at <= len(args):
            return args[at - 1]
        from lyra_core.evaluation.messages import message

        message(_FUNCTION, "slotn", v, f)
        return v
    if at.__class__ is String or at.__class__ is Symbol:
        name = String(at.name) if at.__class__ is Symbol else at
        if args and args[0].__class__ is Association:
            value = args[0].lookup(name)
            return expression(S.Missing, (String("KeyAbsent"), name)) if value is None else value
        if args and getattr(args[0].__class__, "shape", 0) == 4:
            part = args[0].type.protocol.get("part")
            if part is not None:
                from lyra_core.evaluation.evaluator import tell_foreign_error

                found = None
                try:
                    found = part(args[0], name)
                except Exception as error:  # anything, being a third party's code
                    tell_foreign_error(S.Part, error)
                if found is not None:
                    return found
        from lyra_core.evaluation.messages import message

        message(_FUNCTION, "slota", v, f)
    return v

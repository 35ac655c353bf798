"""Arithmetic of machine reals as one expression of Python, for code that does nothing else.

A pure function (or a definition of one rule without tests) that only computes and compares its arguments gets a
form for machine reals. What leaves their range on the way, and whatever else is not plain, is noticed at the end:
then the form gives None, and the form for values of any kind does the work. That is sound because nothing here has
an effect.
"""

from __future__ import annotations

from lyra_core.functions.registry import unpack_call
from lyra_core.values.string import String
from lyra_core.values.symbol import FALSE, TRUE, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.bytecode.code import Code

__all__ = ["float_body"]

_REAL = "R"  # a machine real, or what has left their range
_EXACT = "E"  # an integer constant
_TRUTH = "T"  # Python's True or False
_OTHER = "O"  # a constant that is a value

_EPSILON = 2e-14
"""A little more than 2^-46, by which two machine reals must differ to count as different."""
_MOST_TEXT = 2000
_LARGEST = 1 << 53


class _Unfit(Exception):
    """The code does something else than arithmetic of machine reals."""


class _Value:
    """A piece of Python text and the kind of its value; *leaf* is a name or a constant."""

    __slots__ = ("constant", "kind", "leaf", "text")

    def __init__(self, text: str, kind: str, *, leaf: bool = False, constant: Any = None) -> None:
        if len(text) > _MOST_TEXT:
            raise _Unfit
        self.text = text
        self.kind = kind
        self.leaf = leaf
        self.constant = constant


def float_body(module: Any, code: Code, names: list[str]) -> tuple[list[str], str, str] | None:
    """Return the assignments, the text and the kind of the value of *code* for machine reals; None for other code.

    *names* are those of the parameters. The kind is R for numbers, T for a truth value of Python's, O for other
    values of which none is a machine real, and M for a mixture. *module* gives the names of constants.
    """
    try:
        return _Floats(module, code, names).whole()
    except _Unfit:
        return None


class _Floats:
    """The translation of one piece of code."""

    def __init__(self, module: Any, code: Code, names: list[str]) -> None:
        self.module = module
        self.code = code
        self.lines: list[str] = []
        self.locals = {i: _Value(name, _REAL, leaf=True) for i, name in enumerate(names)}
        self.temporaries = 0
        self.arms = 0
        self.computes = False

    def whole(self) -> tuple[list[str], str, str]:
        instructions = self.code.instructions
        start, end = 0, len(instructions)
        if instructions and instructions[0][0] == "RULE":
            # One rule that asks nothing of its arguments.
            if instructions[-1][0] != "MISS" or self.module.matching[0] != [end - 2]:
                raise _Unfit
            start, end = 1, end - 2
        stack: list[_Value] = []
        value = self._block(start, end, stack)
        if value is None or not self.computes:
            raise _Unfit
        if value.constant is not None:
            raise _Unfit
        if value.kind == _EXACT:
            return self.lines, value.text, _OTHER
        return self.lines, value.text, value.kind

    # ---- blocks

    def _block(self, start: int, end: int, stack: list[_Value]) -> _Value | None:
        """Translate the instructions from *start* up to *end*; returns the value that a RETURN leaves with."""
        at = start
        instructions = self.code.instructions
        while at < end:
            name, *operands = instructions[at]
            if name == "RETURN":
                return stack.pop()
            if name == "IF":
                marks = [at, *self.module.matching[at]]
                returned = self._choice(marks, stack)
                if returned is not None:
                    return returned
                at = marks[-1] + 1
                continue
            handler = getattr(self, "_" + name.lower(), None)
            if handler is None:
                raise _Unfit
            handler(stack, *operands)
            at += 1
        return None

    def _choice(self, marks: list[int], stack: list[_Value]) -> _Value | None:
        """Translate a choice between two arms; what happens to a condition that is undecided is never reached."""
        condition = stack.pop()
        if condition.kind != _TRUTH:
            raise _Unfit
        values = []
        left = []
        kept = dict(self.locals)
        self.arms += 1
        for start, stop in ((marks[0], marks[1]), (marks[1], marks[2])):
            inner = list(stack)
            returned = self._block(start + 1, stop, inner)
            self.locals = dict(kept)
            left.append(returned is not None)
            if returned is None:
                if len(inner) != len(stack) + 1:
                    raise _Unfit
                returned = inner.pop()
            values.append(returned)
        self.arms -= 1
        if left[0] != left[1]:
            raise _Unfit
        a, b = values
        if condition.constant is TRUE or condition.constant is FALSE:
            made = a if condition.constant is TRUE else b
        elif a.kind == b.kind == _TRUTH:
            if b.constant is FALSE:
                made = _Value(f"({condition.text} and {a.text})", _TRUTH)
            elif a.constant is TRUE:
                made = _Value(f"({condition.text} or {b.text})", _TRUTH)
            else:
                made = _Value(f"({a.text} if {condition.text} else {b.text})", _TRUTH)
        else:
            kinds = {_OTHER if each.kind in (_EXACT, _TRUTH) else each.kind for each in (a, b)}
            kind = kinds.pop() if len(kinds) == 1 else "M"
            made = _Value(f"({self._plain(a)} if {condition.text} else {self._plain(b)})", kind)
        if left[0]:
            return made
        stack.append(made)
        return None

    def _plain(self, value: _Value) -> str:
        if value.kind != _TRUTH:
            return value.text
        return f"({self.module.use('TRUE')} if {value.text} else {self.module.use('FALSE')})"

    # ---- values

    def _constant(self, stack: list[_Value], number: int) -> None:
        value = self.code.constants[number]
        c = value.__class__
        if c is int:
            if abs(value) >= _LARGEST:
                raise _Unfit
            stack.append(_Value(self.module.constant(value), _EXACT, leaf=True, constant=value))
        elif c is float:
            if value - value != 0.0:
                raise _Unfit
            stack.append(_Value(self.module.constant(value), _REAL, leaf=True, constant=value))
        elif c is String or c is Symbol:
            stack.append(_Value(self.module.constant(value), _OTHER, leaf=True, constant=value))
        else:
            raise _Unfit

    def _local(self, stack: list[_Value], number: int) -> None:
        found = self.locals.get(number)
        if found is None:
            raise _Unfit
        stack.append(found)

    _raw = _local

    def _store(self, stack: list[_Value], number: int) -> None:
        if self.arms:
            raise _Unfit
        value = stack.pop()
        if value.kind not in (_REAL, _EXACT):
            raise _Unfit
        if not value.leaf or value.constant is None:
            # A name of its own each time: what waits on the stack keeps what it means.
            name = f"v{len(self.lines)}"
            self.lines.append(f"{name} = {value.text}")
            self.lines.append(f"{name} - {name} == 0.0 or {self.module.use('odd')}()")
            value = _Value(name, value.kind, leaf=True)
            if value.kind == _EXACT:
                raise _Unfit
        self.locals[number] = value

    def _tee(self, stack: list[_Value], number: int) -> None:
        self._store(stack, number)
        stack.append(self.locals[number])

    def _fresh(self, stack: list[_Value], number: int, name: int) -> None:
        self.locals.pop(number, None)

    # ---- arithmetic

    def _numbers(self, stack: list[_Value], count: int) -> list[_Value]:
        items = stack[-count:]
        del stack[-count:]
        if any(each.kind not in (_REAL, _EXACT) for each in items) or all(each.kind == _EXACT for each in items):
            raise _Unfit
        self.computes = True
        return items

    def _sum(self, stack: list[_Value], count: int) -> None:
        items = self._numbers(stack, count)
        stack.append(_Value(f"({' + '.join(each.text for each in items)})", _REAL))

    def _product(self, stack: list[_Value], count: int) -> None:
        items = self._numbers(stack, count)
        if any(each.kind == _EXACT and each.constant == 0 for each in items):
            raise _Unfit  # an exact zero
        stack.append(_Value(f"({' * '.join(each.text for each in items)})", _REAL))

    def _add(self, stack: list[_Value]) -> None:
        self._sum(stack, 2)

    def _multiply(self, stack: list[_Value]) -> None:
        self._product(stack, 2)

    def _subtract(self, stack: list[_Value]) -> None:
        a, b = self._numbers(stack, 2)
        stack.append(_Value(f"({a.text} - {b.text})", _REAL))

    def _negate(self, stack: list[_Value]) -> None:
        (a,) = self._numbers(stack, 1)
        stack.append(_Value(f"(-{a.text})", _REAL))

    def _power(self, stack: list[_Value]) -> None:
        base, exponent = self._numbers(stack, 2)
        if base.kind != _REAL or base.constant is not None or exponent.kind != _EXACT or exponent.constant == 0:
            raise _Unfit
        stack.append(_Value(f"({base.text} ** {exponent.text})", _REAL))

    def _divide(self, stack: list[_Value]) -> None:
        # The operator `/` multiplies by the reciprocal.
        a, b = self._numbers(stack, 2)
        if a.kind == _EXACT and a.constant == 0:
            raise _Unfit
        if b.constant is not None:
            if b.constant == 0 or abs(b.constant) < 1e-300:
                raise _Unfit
            stack.append(_Value(f"({a.text} * {(1 / b.constant if b.kind == _EXACT else b.constant**-1)!r})", _REAL))
            return
        stack.append(_Value(f"({a.text} * {b.text} ** -1)", _REAL))

    # ---- comparison

    def _compared(self, value: _Value) -> tuple[str, str]:
        """Return the text of a number to be compared, first time and again; what left the range is left alone."""
        if value.leaf:
            return value.text, value.text
        self.temporaries += 1
        name = f"w{self.temporaries}"
        return f"({name} if ({name} := {value.text}) - {name} == 0.0 else {self.module.use('odd')}())", name

    def _exceeds(self, stack: list[_Value], positive: bool, swapped: bool) -> None:
        a, b = self._numbers(stack, 2)
        if swapped:
            a, b = b, a
        if a.kind == b.kind == _EXACT or (a.constant is not None and b.constant is not None):
            raise _Unfit
        left, again_left = self._compared(a)
        right, again_right = self._compared(b)
        call = self.module.use("exceeds")
        if b.constant is not None:
            c = float(b.constant)
            if c == 0.0:
                text = f"{left} > 0.0"
            else:
                text = f"({left} > {c + _EPSILON * abs(c)!r} or {again_left} > {c!r} and {call}({again_left}, {c!r}))"
        elif a.constant is not None:
            c = float(a.constant)
            if c == 0.0:
                text = f"{right} < 0.0"
            else:
                text = (
                    f"({right} < {c - _EPSILON * abs(c)!r} or {again_right} < {c!r} and {call}({c!r}, {again_right}))"
                )
        elif swapped:
            # The operands are worked out in the order they are written in.
            text = f"({right} < {left} and {call}({again_left}, {again_right}))"
        else:
            text = f"({left} > {right} and {call}({again_left}, {again_right}))"
        stack.append(_Value(f"({text})" if positive else f"(not {text})", _TRUTH))

    def _greater(self, stack: list[_Value]) -> None:
        self._exceeds(stack, True, False)

    def _less(self, stack: list[_Value]) -> None:
        self._exceeds(stack, True, True)

    def _less_equal(self, stack: list[_Value]) -> None:
        self._exceeds(stack, False, False)

    def _greater_equal(self, stack: list[_Value]) -> None:
        self._exceeds(stack, False, True)

    def _equality(self, stack: list[_Value], helper: str) -> None:
        a, b = self._numbers(stack, 2)
        left, right = self._compared(a)[0], self._compared(b)[0]
        stack.append(_Value(f"{self.module.use(helper)}({left}, {right})", _TRUTH))

    def _equal(self, stack: list[_Value]) -> None:
        self._equality(stack, "equal")

    def _unequal(self, stack: list[_Value]) -> None:
        self._equality(stack, "unequal")

    # ---- conditions

    def _not(self, stack: list[_Value]) -> None:
        value = stack.pop()
        if value.kind != _TRUTH:
            raise _Unfit
        stack.append(_Value(f"(not {value.text})", _TRUTH))

    def _condition(self, stack: list[_Value]) -> None:
        value = stack.pop()
        if value.constant is TRUE or value.constant is FALSE:
            value = _Value(str(value.constant is TRUE), _TRUTH, leaf=True, constant=value.constant)
        if value.kind != _TRUTH:
            raise _Unfit
        stack.append(value)

    def _value(self, stack: list[_Value]) -> None:
        if stack[-1].kind != _TRUTH:
            raise _Unfit

    # ---- functions

    def _call_static(self, stack: list[_Value], operand: int) -> None:
        index, argc = unpack_call(operand)
        world = self.module.world
        symbol = world.symbol_at(index)
        text = _FUNCTIONS.get((symbol.name, argc))
        if text is None or not symbol.namespace.startswith("std::") or not world.is_pure(index, argc):
            raise _Unfit
        (a,) = self._numbers(stack, 1)
        name, template, kind = text
        if name:
            self.module.use(name)
        stack.append(_Value(template.format(a.text), kind))


_FUNCTIONS = {
    ("Sin", 1): ("sin", "sin({0})", _REAL),
    ("Cos", 1): ("cos", "cos({0})", _REAL),
    ("Abs", 1): ("", "abs({0})", _REAL),
    ("Sqrt", 1): ("real_root", "real_root({0})", _REAL),
    ("Exp", 1): ("real_exp", "real_exp({0})", _REAL),
    ("Log", 1): ("log", "log({0})", _REAL),
    ("Floor", 1): ("floor", "floor({0})", _OTHER),
    ("Ceiling", 1): ("ceil", "ceil({0})", _OTHER),
}
"""Functions of machine reals: (name, count of arguments) → (support routine, text, kind of the value)."""

"""Matrices as lists: reading them, what kind of entries they have, arithmetic on entries."""

from __future__ import annotations

from lyra_core.evaluation import evaluate, message
from lyra_core.evaluation.arithmetic import plus, times
from lyra_core.evaluation.numeric import exact_sign, is_numeric, numerical_value
from lyra_core.exact.budget import spend
from lyra_core.plugins import Value
from lyra_core.values import NUMBER_TYPES, BigReal, Complex, Foreign, List, Rational, S, Symbol, expression, rational
from lyra_core.values.number import is_zero

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Rows = list[list[Any]]

__all__ = [
    "EXACT",
    "NUMBERS",
    "REAL",
    "SYMBOLIC",
    "as_tensor",
    "exact_matrix",
    "exact_number",
    "expanded",
    "from_exact",
    "is_machine",
    "is_null",
    "is_tensor",
    "kind_of",
    "list_of_rows",
    "machine_number",
    "matrix_of",
    "multiplied",
    "product_of",
    "rows_of",
    "simplified",
    "square_rows",
    "sum_of",
    "vector_of",
]

EXACT, REAL, NUMBERS, SYMBOLIC = "exact", "real", "numbers", "symbolic"
"""Rationals; machine numbers (numpy); numbers of other kinds; everything else."""


def is_tensor(v: Value) -> bool:
    """Return whether *v* is a Tensor."""
    return v.__class__ is Foreign and v.type.name == "Tensor"


def rows_of(v: Value) -> Rows | None:
    """Return the rows of a matrix that is a list of lists of one length, else None."""
    if v.__class__ is not List or not v.args:
        return None
    rows = []
    width = -1
    for row in v.args:
        if row.__class__ is not List or (width >= 0 and len(row.args) != width):
            return None
        width = len(row.args)
        for each in row.args:
            if each.__class__ is List:
                return None
        rows.append(list(row.args))
    return rows if width > 0 else None


def matrix_of(head: Symbol, v: Value, position: int = 1) -> Rows | None:
    """Return the rows of a matrix; None with the message `matrix` of *head* when *v* is none."""
    rows = rows_of(v)
    if rows is None:
        message(head, "matrix", v, position)
    return rows


def square_rows(head: Symbol, v: Value, position: int = 1) -> Rows | None:
    """Return the rows of a square matrix; None with the message `matsq` of *head* when *v* is none."""
    rows = rows_of(v)
    if rows is None or len(rows) != len(rows[0]):
        message(head, "matsq", v, position)
        return None
    return rows


def vector_of(v: Value) -> list[Any] | None:
    """Return the entries of a vector that is a list, else None."""
    if v.__class__ is not List or any(each.__class__ is List for each in v.args):
        return None
    return list(v.args)


def kind_of(rows: Rows) -> str:
    """Return EXACT, REAL, NUMBERS or SYMBOLIC for the entries of a matrix.

    Numeric quantities such as `Pi` beside machine numbers count as machine numbers: the caller turns
    them into such (`machine_rows`).
    """
    classes: set[type] = set()
    for row in rows:
        classes.update(map(type, row))
    if classes <= {int, Rational}:
        return EXACT
    machine = float in classes or (Complex in classes and any(_is_machine_complex(x) for row in rows for x in row))
    if classes <= {int, Rational, float, Complex}:
        return REAL if machine else NUMBERS
    if machine and BigReal not in classes and all(is_numeric(x) for row in rows for x in row):
        return REAL
    return NUMBERS if classes <= NUMBER_TYPES else SYMBOLIC


def _is_machine_complex(x: Any) -> bool:
    return x.__class__ is Complex and (x.re.__class__ is float or x.im.__class__ is float)


def machine_number(x: Any) -> complex | float:
    """Return a numeric entry as Python's float or complex."""
    c = x.__class__
    if c is int or c is float:
        return float(x)
    if c is Rational:
        return float(x.numerator / x.denominator)
    if c is Complex:
        return complex(machine_number(x.re), machine_number(x.im))
    if c is BigReal:
        from lyra_core.values.number import as_float

        return as_float(x)
    number = numerical_value(x)
    if number.__class__ not in NUMBER_TYPES:
        raise ArithmeticError(f"{x!r} has no numerical value")
    return machine_number(number)


def as_tensor(v: List) -> Value:
    """Return a list of numbers as a Tensor; the list itself when it is none."""
    from lyra_std_tensor.arrays import from_list, tensor

    array = from_list(v, quiet=True)
    return v if array is None else tensor(array)


def is_machine(v: Value) -> bool:
    """Return whether *v* is a Tensor or a matrix of machine numbers."""
    if is_tensor(v):
        return True
    rows = rows_of(v)
    return rows is not None and kind_of(rows) == REAL


def list_of_rows(rows: Sequence[Sequence[Any]]) -> List:
    """Return the matrix as a list of lists."""
    return List(tuple([List(tuple(row)) for row in rows]))


_MOST_ENTRIES = 64
_MOST_BITS = 128


def exact_matrix(rows: Rows, *, large: bool = False) -> Any:
    """Return a matrix of rationals: one in plain Python while these are small and few, else one of python-flint.

    *large* says that what is to be done with it makes large numbers.
    """
    n = max(len(rows), len(rows[0]))
    if (
        len(rows) * len(rows[0]) <= _MOST_ENTRIES
        and not large
        and all(x.numerator.bit_length() + x.denominator.bit_length() < _MOST_BITS for row in rows for x in row)
    ):
        if spend(1 + n**3 // 20):
            from lyra_core.exact.matrix import Matrix

            return Matrix(rows)
    from flint import fmpq, fmpq_mat

    entries = [x if x.__class__ is int else fmpq(x.numerator, x.denominator) for row in rows for x in row]
    return fmpq_mat(len(rows), len(rows[0]), entries)


def exact_number(x: Any) -> Any:
    """Return an element of an exact matrix, or of a polynomial that belongs to it, as an integer or rational."""
    return x if x.__class__ is int or x.__class__ is Rational else rational(int(x.p), int(x.q))


def from_exact(matrix: Any) -> List:
    """Return an exact matrix as a list of lists."""
    return list_of_rows([[exact_number(x) for x in row] for row in matrix.tolist()])


def simplified(v: Any) -> Any:
    """Return *v* over one denominator, cancelled; numbers as they are."""
    return v if v.__class__ in NUMBER_TYPES or v.__class__ is Symbol else evaluate(expression(S.Together, (v,)))


def expanded(v: Any) -> Any:
    """Return *v* with products multiplied out; numbers as they are."""
    return v if v.__class__ in NUMBER_TYPES or v.__class__ is Symbol else evaluate(expression(S.Expand, (v,)))


def is_null(v: Any) -> bool:
    """Return whether an entry is zero, as far as simplification shows."""
    if v.__class__ in NUMBER_TYPES:
        return bool(is_zero(v))
    if is_numeric(v):
        return exact_sign(v) == 0 or ((number := expanded(v)).__class__ in NUMBER_TYPES and bool(is_zero(number)))
    short = simplified(v)
    return short.__class__ in NUMBER_TYPES and bool(is_zero(short))


def sum_of(terms: Sequence[Any]) -> Any:
    """Return the sum of evaluated terms."""
    return plus(*terms) if len(terms) > 1 else terms[0] if terms else 0


def product_of(a: Any, b: Any) -> Any:
    """Return a product of two entries."""
    return times(a, b)


def multiplied(a: Rows, b: Rows) -> Rows:
    """Return the product of two matrices of any entries."""
    columns = list(zip(*b, strict=True))
    return [[sum_of([times(x, y) for x, y in zip(row, column, strict=True)]) for column in columns] for row in a]

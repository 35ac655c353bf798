"""Eigenvalues, eigenvectors, characteristic polynomials, functions of matrices."""

from __future__ import annotations

from lyra_core.evaluation import evaluate, message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, Expression, List, S, Symbol, expression, rational, same
from lyra_std_tensor.elimination import determinant, null_space
from lyra_std_tensor.entries import (
    EXACT,
    exact_matrix,
    exact_number,
    expanded,
    is_machine,
    is_null,
    kind_of,
    list_of_rows,
    machine_number,
    multiplied,
    rows_of,
    simplified,
    square_rows,
    sum_of,
)
from lyra_std_tensor.solving import exact_null_space

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_std_tensor.entries import Rows

functions = module("std::tensor")
_PROTECTED = {"Protected"}


@functions.function(attributes=_PROTECTED)
def CharacteristicPolynomial(m: Value, x: Value) -> Value:
    """Give the polynomial `Det[m - x IdentityMatrix[n]]`.

    >>> CharacteristicPolynomial[{{1, 2}, {3, 4}}, x]
    -2 - 5*x + x^2
    """
    rows = square_rows(S.CharacteristicPolynomial, evaluate(expression(S.Normal, (m,))))
    if rows is None:
        return None
    n = len(rows)
    if kind_of(rows) == EXACT:
        coefficients = [exact_number(c) for c in exact_matrix(rows).charpoly().coeffs()]
        sign = -1 if n % 2 else 1
        return sum_of([times(sign, times(c, power_value(x, k) if k else 1)) for k, c in enumerate(coefficients)])
    shifted = [[minus(v, x) if i == j else v for j, v in enumerate(row)] for i, row in enumerate(rows)]
    return expanded(determinant(shifted))


# ---- exact eigenvalues


class Family:
    """Eigenvalues that are the roots of one irreducible factor of the characteristic polynomial.

    *factor* is the polynomial over the rationals; *roots* are the eigenvalues as values.
    """

    def __init__(self, factor: Any, multiplicity: int, roots: list[Any]) -> None:
        self.factor = factor
        self.multiplicity = multiplicity
        self.roots = roots


def _families(rows: Rows) -> list[Family]:
    _, factors = exact_matrix(rows).charpoly().factor()
    return [Family(factor, times_, _roots(factor)) for factor, times_ in factors]


def _roots(factor: Any) -> list[Any]:
    """Return the roots of an irreducible polynomial: closed forms up to degree 2, what Solve finds, else Root."""
    c = [exact_number(x) for x in factor.coeffs()]
    if len(c) == 2:
        return [divide(times(-1, c[0]), c[1])]
    if len(c) == 3:
        return _quadratic(c[2], c[1], c[0])
    body = sum_of([times(each, power_value(expression(S.Slot, (1,)), k) if k else 1) for k, each in enumerate(c)])
    if len(c) == 5 and c[1].__class__ is int and c[1] == 0 and c[3].__class__ is int and c[3] == 0:
        # A quadratic in x².
        inner = _quadratic(c[4], c[2], c[0])
        halves = [power_value(r, rational(1, 2)) for r in inner]
        return [value for h in halves for value in (times(-1, h), h)]
    function = expression(S.Function, (body,))
    return [expression(S.Root, (function, k + 1)) for k in range(len(c) - 1)]


def _quadratic(a: Any, b: Any, c: Any) -> list[Any]:
    inside = expanded(minus(times(b, b), times(4, times(a, c))))
    root = power_value(inside, rational(1, 2))
    return [expanded_quotient(plus(times(-1, b), times(sign, root)), times(2, a)) for sign in (1, -1)]


def expanded_quotient(above: Any, below: Any) -> Any:
    """Return a quotient with the fraction of numbers taken together: `(5 + Sqrt[33])/2`."""
    return simplified(divide(above, below))


def _variable() -> Symbol:
    from lyra_core.values import symbol_named

    return symbol_named("std::tensor", "$x")


def _size(v: Any) -> tuple[float, float, float]:
    """Return what eigenvalues are sorted by: the largest absolute value first, of a pair ±x the negative one."""
    try:
        z = complex(machine_number(numerical_value(v) if v.__class__ not in NUMBER_TYPES else v))
    except ArithmeticError:
        return (0.0, 0.0, 0.0)
    return (-round(abs(z), 12), round(z.real, 12), -round(z.imag, 12))


def _symbolic_values(rows: Rows) -> list[Any] | None:
    """Return the eigenvalues of a matrix with symbols: triangular ones and those of two rows; None for others."""
    n = len(rows)
    upper = all(is_null(rows[i][j]) for i in range(n) for j in range(i))
    lower = all(is_null(rows[i][j]) for i in range(n) for j in range(i + 1, n))
    if upper or lower:
        return [rows[i][i] for i in range(n)]
    if n == 2:
        (a, b), (c, d) = rows
        trace = plus(a, d)
        inside = expanded(plus(power_value(minus(a, d), 2), times(4, times(b, c))))
        square = _root_of_square(inside)
        if square is not None:
            return [expanded(times(rational(1, 2), plus(trace, times(sign, square)))) for sign in (-1, 1)]
        root = power_value(inside, rational(1, 2))
        return [times(rational(1, 2), plus(trace, times(sign, root))) for sign in (-1, 1)]
    x = _variable()
    solved = evaluate(expression(S.Solve, (expression(S.Equal, (_characteristic(rows, x), 0)), x)))
    if solved.__class__ is not List or len(solved.args) != n:
        return None
    return [each.args[0].args[1] for each in solved.args]


def _root_of_square(v: Any) -> Any:
    """Return a polynomial whose square *v* is, of either sign: the characteristic polynomial falls apart then."""
    factored = evaluate(expression(S.Factor, (v,)))
    product = factored.__class__ is Expression and factored.head is S.Times
    roots = []
    for factor in factored.args if product else (factored,):
        root = None
        if factor.__class__ is Expression and factor.head is S.Power and factor.args[1].__class__ is int:
            root = power_value(factor.args[0], factor.args[1] // 2) if factor.args[1] % 2 == 0 else None
        elif factor.__class__ in NUMBER_TYPES:
            root = power_value(factor, rational(1, 2))
            root = root if root.__class__ in NUMBER_TYPES else None
        if root is None:
            return None
        roots.append(root)
    return times(*roots) if len(roots) > 1 else roots[0]


def _characteristic(rows: Rows, x: Any) -> Any:
    return expanded(
        determinant([[minus(v, x) if i == j else v for j, v in enumerate(row)] for i, row in enumerate(rows)])
    )


def exact_values(rows: Rows) -> list[Any] | None:
    """Return the eigenvalues with multiplicity, numbers by decreasing absolute value."""
    if kind_of(rows) == EXACT:
        found = [r for family in _families(rows) for r in family.roots for _ in range(family.multiplicity)]
        return sorted(found, key=_size)
    values = _symbolic_values(rows)
    if values is not None and all(is_numeric(v) for v in values):
        values.sort(key=_size)
    return values


@functions.function(attributes=_PROTECTED)
def Eigenvalues(m: Value, k: Value = None) -> Value:
    """Give the eigenvalues, those of largest absolute value first; the first k of them.

    >>> {Eigenvalues[{{2, 1}, {1, 2}}], Eigenvalues[{{1, 2}, {3, 4}}]}
    {{3, 1}, {(5 + Sqrt[33])/2, (5 - Sqrt[33])/2}}
    >>> Eigenvalues[{{2., 0.}, {0., 3.}}]
    {3., 2.}
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, returned

        x = machine_matrix(S.Eigenvalues, m, square=True)
        if x is None:
            return None
        values = numerical_system(x)[0]
        return returned(m, values if k.__class__ is not int else values[:k])
    rows = square_rows(S.Eigenvalues, m)
    found = None if rows is None else exact_values(rows)
    if found is None:
        return None
    return List(tuple(found if k.__class__ is not int else found[:k]))


def numerical_system(x: Any) -> tuple[Any, Any]:
    """Return eigenvalues and eigenvectors (as rows), real when all of them are, sorted by decreasing absolute value."""
    from lyra_std_tensor.numerical import np

    values: Any
    vectors: Any
    if np.array_equal(x, x.conj().T):
        values, vectors = np.linalg.eigh(x)
    else:
        values, vectors = np.linalg.eig(x)
    order = np.argsort(-np.abs(values), kind="stable")
    return values[order], vectors.T[order]


# ---- exact eigenvectors


def exact_system(rows: Rows) -> tuple[list[Any], list[list[Any]]] | None:
    """Return eigenvalues and as many eigenvectors, zero vectors where there are too few."""
    values = exact_values(rows)
    if values is None:
        return None
    exact = kind_of(rows) == EXACT
    families = _families(rows) if exact else []
    vectors: list[list[Any]] = []
    n = len(rows)
    done: list[Any] = []
    for value in values:
        if any(same(value, other) for other in done):
            continue
        done.append(value)
        count = sum(1 for other in values if same(value, other))
        if exact:
            family = next(f for f in families if any(same(value, r) for r in f.roots))
            basis = _exact_vectors(rows, family, value)
        else:
            basis = null_space(
                [[minus(x, value) if i == j else x for j, x in enumerate(r)] for i, r in enumerate(rows)]
            )
            basis = [[simplified(x) for x in each] for each in basis]
        vectors += basis[:count] + [[0] * n for _ in range(count - len(basis))]
    grouped = [v for first in done for v in values if same(v, first)]
    return grouped, vectors


def _exact_vectors(rows: Rows, family: Family, value: Any) -> Rows:
    if family.factor.degree() == 1:
        return exact_null_space(
            [[minus(x, value) if i == j else x for j, x in enumerate(r)] for i, r in enumerate(rows)]
        )
    found = _field_null_space(rows, family.factor)
    return [[_at(p, value) for p in vector] for vector in found]


def _at(polynomial: Any, value: Any) -> Any:
    """Return a polynomial of the eigenvalue, as a value."""
    terms = [times(exact_number(c), power_value(value, k) if k else 1) for k, c in enumerate(polynomial.coeffs())]
    return simplified(expanded(sum_of(terms))) if terms else 0


def _polynomial_like(p: Any, numbers: list[Any]) -> Any:
    """Return the polynomial with the given rational coefficients, in the implementation of *p*."""
    from lyra_core.exact.matrix import RationalPolynomial

    if p.__class__ is RationalPolynomial:
        return RationalPolynomial(numbers)
    from flint import fmpq, fmpq_poly

    return fmpq_poly([fmpq(x.numerator, x.denominator) for x in numbers])


def _field_null_space(rows: Rows, factor: Any) -> list[list[Any]]:
    """Return the null space of `A - t` over the field of rational polynomials in t modulo *factor*."""

    def constant(x: Any) -> Any:
        return _polynomial_like(factor, [x])

    def inverse(p: Any) -> Any:
        return p.xgcd(factor)[1]  # the common divisor is 1

    t = _polynomial_like(factor, [0, 1])
    n = len(rows)
    work = [[constant(x) - t if i == j else constant(x) for j, x in enumerate(row)] for i, row in enumerate(rows)]
    pivots: list[int] = []
    at = 0
    for column in range(n):
        pivot = next((i for i in range(at, n) if not (work[i][column] % factor).is_zero()), None)
        if pivot is None:
            continue
        work[at], work[pivot] = work[pivot], work[at]
        scale = inverse(work[at][column] % factor)
        work[at] = [(x * scale) % factor for x in work[at]]
        for i in range(n):
            if i != at:
                c = work[i][column] % factor
                work[i] = [(x - c * y) % factor for x, y in zip(work[i], work[at], strict=True)]
        pivots.append(column)
        at += 1
    basis = []
    for free in (j for j in range(n) if j not in pivots):
        vector = [constant(0)] * n
        vector[free] = constant(1)
        for row, place in zip(work, pivots, strict=False):
            vector[place] = -row[free] % factor
        basis.append(vector)
    return basis


@functions.function(attributes=_PROTECTED)
def Eigenvectors(m: Value, k: Value = None) -> Value:
    """Give the eigenvectors in the order of the eigenvalues; of length 1 for machine numbers.

    >>> {Eigenvectors[{{2, 1}, {1, 2}}], Eigenvectors[{{1, 2}, {3, 4}}]}
    {{{1, 1}, {-1, 1}}, {{(-3 + Sqrt[33])/6, 1}, {(-3 - Sqrt[33])/6, 1}}}
    """
    system = _system(S.Eigenvectors, m, k)
    return None if system is None else system[1]


@functions.function(attributes=_PROTECTED)
def Eigensystem(m: Value, k: Value = None) -> Value:
    """Give {eigenvalues, eigenvectors}.

    >>> Eigensystem[{{2, 1}, {1, 2}}]
    {{3, 1}, {{1, 1}, {-1, 1}}}
    """
    system = _system(S.Eigensystem, m, k)
    return None if system is None else List(system)


def _system(head: Symbol, m: Value, k: Value) -> tuple[Any, Any] | None:
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, returned

        x = machine_matrix(head, m, square=True)
        if x is None:
            return None
        values, vectors = numerical_system(x)
        if k.__class__ is int:
            values, vectors = values[:k], vectors[:k]
        return returned(m, values), returned(m, vectors)
    rows = square_rows(head, m)
    found = None if rows is None else exact_system(rows)
    if found is None:
        return None
    count = k if k.__class__ is int else len(found[0])
    return List(tuple(found[0][:count])), list_of_rows(found[1][:count])


# ---- Jordan form and functions of matrices


@functions.function(
    attributes=_PROTECTED,
    messages={"form": "The Jordan form of `1` is found only for rational eigenvalues, or distinct ones."},
)
def JordanDecomposition(m: Value) -> Value:
    """Give {s, j} with `s . j . Inverse[s] == m`, j in Jordan form.

    >>> JordanDecomposition[{{2, 1}, {0, 2}}]
    {{{1, 0}, {0, 1}}, {{2, 1}, {0, 2}}}
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.JordanDecomposition, m, square=True)
        if x is None:
            return None
        values, vectors = numerical_system(x)
        if np.linalg.cond(vectors) > 1e8:
            message(S.JordanDecomposition, "form", m)
            return None
        return List((returned(m, vectors.T), returned(m, np.diag(values))))
    rows = square_rows(S.JordanDecomposition, m)
    if rows is None:
        return None
    made = jordan(rows)
    if made is None:
        message(S.JordanDecomposition, "form", m)
        return None
    s, blocks = made
    return List((list_of_rows(s), list_of_rows(blocks)))


def jordan(rows: Rows) -> tuple[Rows, Rows] | None:
    """Return the matrix of generalised eigenvectors and the Jordan form, None when they are not found."""
    n = len(rows)
    system = exact_system(rows)
    if system is None:
        return None
    values, vectors = system
    if any(all(is_null(x) for x in v) for v in vectors):
        return _jordan_chains(rows, values) if kind_of(rows) == EXACT else None
    j: Rows = [[values[i] if i == k else 0 for k in range(n)] for i in range(n)]
    return [list(c) for c in zip(*vectors, strict=True)], j


def _jordan_chains(rows: Rows, values: list[Any]) -> tuple[Rows, Rows] | None:
    """Return the Jordan form of a rational matrix with rational eigenvalues, chain by chain."""
    n = len(rows)
    if any(v.__class__ not in NUMBER_TYPES for v in values):
        return None
    columns: list[list[Any]] = []
    diagonal: list[Any] = []
    links: list[bool] = []
    for value in sorted(set(values), key=_size):
        shifted = [[minus(x, value) if i == j else x for j, x in enumerate(r)] for i, r in enumerate(rows)]
        spaces = [exact_null_space(shifted)]
        power = shifted
        while len(spaces[-1]) < values.count(value):
            power = multiplied(power, shifted)
            spaces.append(exact_null_space(power))
        chains: list[list[list[Any]]] = []
        for level in range(len(spaces) - 1, -1, -1):
            known = (list(spaces[level - 1]) if level else []) + [
                chain[len(chain) - 1 - level] for chain in chains if len(chain) > level
            ]
            for candidate in spaces[level]:
                if _rank([*known, candidate]) > len(known):
                    chain = [candidate]
                    for _ in range(level):
                        chain.append(
                            [sum_of([times(a, b) for a, b in zip(r, chain[-1], strict=True)]) for r in shifted]
                        )
                    chains.append(chain)
                    known.append(candidate)
        for chain in sorted(chains, key=len):
            for i, vector in enumerate(reversed(chain)):
                columns.append(vector)
                diagonal.append(value)
                links.append(i > 0)
    j: Rows = [[diagonal[i] if i == k else 1 if k == i + 1 and links[k] else 0 for k in range(n)] for i in range(n)]
    return [list(c) for c in zip(*columns, strict=True)], j


def _rank(vectors: Rows) -> int:
    return int(exact_matrix(vectors).rank())


def _function_of(m: Value, head: Symbol, numerical: str, apply_to: Any) -> Value:
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, returned

        x = machine_matrix(head, m, square=True)
        if x is None:
            return None
        from scipy import linalg

        result = getattr(linalg, numerical)(x)
        return returned(m, result)
    rows = square_rows(head, m)
    return None if rows is None else _exact_function(rows, apply_to)


def _exact_function(rows: Rows, apply_to: Any) -> Value:
    """Return f of a matrix through its Jordan form: f on the eigenvalues, its derivatives beside them."""
    n = len(rows)
    if all(is_null(x) for i, row in enumerate(rows) for j, x in enumerate(row) if i != j):
        return list_of_rows([[apply_to(rows[i][i], 0) if i == j else 0 for j in range(n)] for i in range(n)])
    made = jordan(rows)
    if made is None:
        return None
    s, j = made
    inverse = rows_of(evaluate(expression(S.Inverse, (list_of_rows(s),))))
    if inverse is None:
        return None
    image: Rows = [[0] * n for _ in range(n)]
    for i in range(n):
        image[i][i] = apply_to(j[i][i], 0)
        step = 1
        while i + step < n and not is_null(j[i + step - 1][i + step]):
            image[i][i + step] = apply_to(j[i][i], step)
            step += 1
    result = multiplied(multiplied(s, image), inverse)
    return list_of_rows([[simplified(x) for x in row] for row in result])


def _factorial(k: int) -> int:
    from math import factorial

    return factorial(k)


@functions.function(attributes=_PROTECTED)
def MatrixExp(m: Value, v: Value = None) -> Value:
    """Give the exponential of a square matrix, applied to a vector if one is given.

    >>> {MatrixExp[{{0, t}, {0, 0}}], MatrixExp[{{1, 0}, {0, 2}}]}
    {{{1, t}, {0, 1}}, {{E, 0}, {0, E^2}}}
    """
    if v is not None:
        return expression(S.Dot, (expression(S.MatrixExp, (m,)), v))
    rows = rows_of(m)
    if rows is not None and len(rows) == len(rows[0]) and not is_machine(m):
        series = _nilpotent_series(rows)
        if series is not None:
            return series
    return _function_of(
        m, S.MatrixExp, "expm", lambda x, k: divide(evaluate(expression(S.Power, (S.E, x))), _factorial(k))
    )


def _nilpotent_series(rows: Rows) -> Value:
    """Return the sum of the powers over factorials when a power of the matrix vanishes; None when none does."""
    n = len(rows)
    if any(not is_null(rows[i][j]) for i in range(n) for j in range(i + 1)) and any(
        not is_null(rows[i][j]) for i in range(n) for j in range(i, n)
    ):
        return None
    total: Rows = [[1 if i == j else 0 for j in range(n)] for i in range(n)]
    power = total
    for k in range(1, n):
        power = multiplied(power, rows)
        total = [
            [plus(x, divide(y, _factorial(k))) for x, y in zip(a, b, strict=True)]
            for a, b in zip(total, power, strict=True)
        ]
    return list_of_rows([[expanded(x) for x in row] for row in total])


@functions.function(attributes=_PROTECTED)
def MatrixLog(m: Value) -> Value:
    """Give the matrix whose exponential a matrix is.

    >>> MatrixLog[{{E, 0}, {0, 1}}]
    {{1, 0}, {0, 0}}
    """

    def derivative(x: Any, k: int) -> Any:
        if k == 0:
            return evaluate(expression(S.Log, (x,)))
        return divide((-1) ** (k + 1), times(k, power_value(x, k)))

    return _function_of(m, S.MatrixLog, "logm", derivative)


@functions.function(attributes=_PROTECTED)
def MatrixFunction(f: Value, m: Value) -> Value:
    """Give a function of a square matrix, as the exponential is one: f acts on the eigenvalues.

    >>> MatrixFunction[Sin, {{0, 1}, {0, 0}}]
    {{0, 1}, {0, 0}}
    """
    if is_machine(m):
        from lyra_std_tensor.arrays import lyra_number, scalar_of
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.MatrixFunction, m, square=True)
        if x is None:
            return None
        values, vectors = numerical_system(x)
        images = [scalar_of(evaluate(expression(f, (lyra_number(v),)))) for v in values]
        if any(each is None for each in images):
            return None
        result = vectors.T @ np.diag(images) @ np.linalg.inv(vectors.T)
        return returned(m, result)
    rows = square_rows(S.MatrixFunction, m)
    if rows is None:
        return None
    variable = _variable()

    def derivative(value: Any, k: int) -> Any:
        body = expression(f, (variable,))
        made = evaluate(expression(S.D, (body, List((variable, k))))) if k else evaluate(body)
        found = evaluate(expression(S.ReplaceAll, (made, expression(S.Rule, (variable, value)))))
        return divide(found, _factorial(k))

    return _exact_function(rows, derivative)

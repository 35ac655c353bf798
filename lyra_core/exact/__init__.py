"""Exact arithmetic of small problems in plain Python: integers, polynomials and matrices over the rationals.

python-flint does the same, and does large problems much faster; but importing it takes 40 ms, which is more than
the problems of most programs take. Both have one interface here: the classes of this package have the methods of
python-flint's that Lyra uses, and their results are equal.

    budget      which of the two does a job
    primes      primality and factors of integers
    numbers     numbers of Bernoulli and of partitions
    univariate  polynomials in one variable as lists of integers, and their factors
    polynomial  polynomials in several variables: products, quotients, common divisors, factors, resultants
    matrix      determinant, inverse, echelon form, characteristic polynomial
"""

using LinearAlgebra

"""
Return the convergents of the continued fraction with the given terms, exactly.
"""
function convergents(terms::Vector)
    p, q, p1, q1 = BigInt(terms[1]), big(1), big(1), big(0)
    made = Any[p // q]
    for term in terms[2:end]
        p, p1 = term * p + p1, p
        q, q1 = term * q + q1, q
        push!(made, p // q)
    end
    made
end

"Return the golden ratio to a number of binary digits."
golden(; bits::Integer = 128) = setprecision(() -> (1 + sqrt(BigFloat(5))) / 2, BigFloat, bits)

"Return the determinant of the Hilbert matrix of size n, exactly."
hilbert(n::Integer) = det([big(1) // (i + j - 1) for i in 1:n, j in 1:n])

"Return f(g(x)); both functions are Lyra's."
compose(f::Function, g::Function, x) = f(g(x))

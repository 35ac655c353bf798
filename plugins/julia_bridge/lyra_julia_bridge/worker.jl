# The Julia worker: loads one package's modules and answers calls until the host hangs up.
#
# Started by the sandbox's launcher, which has set the limits and the files (Landlock); descriptor 3 is the
# channel, 4 carries descriptors of shared segments, 6 the system-call filter, which is applied before any
# code of the package is read. The protocol is docs/formats/worker-protocol.md. Only Base and what exists
# in Julia 1.5 as well as in 1.11 is used. The style is plain (loops, few types, no broadcasting) because all
# of it is compiled at each start, while somebody waits.

module LyraBridge

export LyraSymbol, LyraExpression, LyraFunction, tensor

# Nothing here computes for long; modules of packages are compiled as they always are.
isdefined(Base.Experimental, Symbol("@optlevel")) && @eval Base.Experimental.@optlevel 0

const MAIN, CONTROL, FILTER = Cint(3), Cint(4), Cint(6)

# Kinds of frames and tags of values: lyra_core/foreign/channel.py and wire.py.
const LOAD, CALL, CALLBACK_RESULT, CALLBACK_FAILED = 0x02, 0x03, 0x04, 0x05
const RELEASE, SEGMENT, EVALUATE = 0x06, 0x07, 0x08
const READY, EXPORTS, RESULT, FAILED, CALLBACK, SEGMENT_WANTED, REFUSED = 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46
const BIG_INTEGER, SYMBOL = 0x01, 0x02
const EXPRESSION, RATIONAL, COMPLEX, BIG_REAL, NDARRAY = 0x10, 0x11, 0x12, 0x13, 0x14
const HANDLE, FUNCTION, TABLE, PACKED = 0x15, 0x16, 0x17, 0x18
const INLINE_LIMIT = 1 << 20
const PAYLOAD_CAP = 64 << 20
const DEPTH = 200
const TRACE_FRAMES = 20

"A Lyra symbol by its qualified name; a bare name means the public std function."
struct LyraSymbol
    name::String
    package::String
end
LyraSymbol(name) = LyraSymbol(String(name), "")

"`head[args…]`"
struct LyraExpression
    head::Any
    args::Vector{Any}
end
Base.:(==)(a::LyraExpression, b::LyraExpression) = a.head == b.head && a.args == b.args
Base.hash(a::LyraExpression, h::UInt) = hash(a.args, hash(a.head, h))

"A Lyra function: calling it evaluates it in Lyra, while a call of this module is running."
struct LyraFunction <: Function
    number::Int
    expression::Any
end
(f::LyraFunction)(arguments...) = call_back(f, collect(Any, arguments))

struct Tensor
    values::Array
end
"Hand a vector over as a tensor; by itself it becomes a list."
tensor(values::AbstractArray) = Tensor(collect(values))

struct CallbackFailure <: Exception
    message::String
end
Base.showerror(io::IO, e::CallbackFailure) = print(io, e.message)

struct Unconvertible <: Exception
    message::String
end
Base.showerror(io::IO, e::Unconvertible) = print(io, e.message)

struct Closed <: Exception end

# ---------------------------------------------------------------- bytes in and out

const room = Vector{UInt8}(undef, 1 << 16)
const filled = Ref(0)
const taken = Ref(0)

function read_some!(target::Ptr{UInt8}, size::Int)
    while true
        got = ccall(:read, Cssize_t, (Cint, Ptr{UInt8}, Csize_t), MAIN, target, size)
        got > 0 && return Int(got)
        if got < 0 && Libc.errno() == Libc.EINTR
            continue
        end
        throw(Closed())
    end
end

function read_bytes(size::Int)
    out = Vector{UInt8}(undef, size)
    have = min(size, filled[] - taken[])
    copyto!(out, 1, room, taken[] + 1, have)
    taken[] += have
    GC.@preserve out begin
        while have < size
            if size - have >= length(room)
                have += read_some!(pointer(out, have + 1), size - have)
            else
                filled[] = GC.@preserve room read_some!(pointer(room), length(room))
                part = min(size - have, filled[])
                copyto!(out, have + 1, room, 1, part)
                taken[] = part
                have += part
            end
        end
    end
    out
end

function write_bytes(data::Vector{UInt8})
    at = 0
    GC.@preserve data while at < length(data)
        sent = ccall(:write, Cssize_t, (Cint, Ptr{UInt8}, Csize_t), MAIN, pointer(data, at + 1), length(data) - at)
        if sent < 0
            Libc.errno() == Libc.EINTR && continue
            throw(Closed())
        end
        at += Int(sent)
    end
end

"The number in *n* bytes from *at*, least significant byte first."
function little(data::Vector{UInt8}, at::Int, n::Int)
    made = UInt64(0)
    for i in n-1:-1:0
        made = made << 8 | data[at+i]
    end
    Int(made)
end

function put_little(out::Vector{UInt8}, value::Int, n::Int)
    for i in 0:n-1
        push!(out, (value >> 8i) % UInt8)
    end
end

struct Frame
    kind::UInt8
    number::Int
    payload::Vector{UInt8}
    buffers::Vector{Vector{UInt8}}
end

function receive()
    head = read_bytes(12)
    size, number, count = little(head, 1, 4), little(head, 5, 4), little(head, 11, 2)
    lengths = Int[]
    if count > 0
        table = read_bytes(8count)
        for i in 0:count-1
            push!(lengths, little(table, 8i + 1, 8))
        end
    end
    payload = read_bytes(size)
    buffers = Vector{UInt8}[]
    for each in lengths
        push!(buffers, read_bytes(each))
    end
    Frame(head[9], number, payload, buffers)
end

function send(kind::UInt8, number::Int, payload::Vector{UInt8}, buffers::Vector{Vector{UInt8}})
    length(payload) > PAYLOAD_CAP && throw(Unconvertible("the values need $(length(payload)) bytes, the limit is $PAYLOAD_CAP"))
    head = UInt8[]
    put_little(head, length(payload), 4)
    put_little(head, number, 4)
    push!(head, kind, 0x00)
    put_little(head, length(buffers), 2)
    for each in buffers
        put_little(head, length(each), 8)
    end
    append!(head, payload)
    write_bytes(head)
    for each in buffers
        write_bytes(each)
    end
end
send(kind::UInt8, number::Int, payload::Vector{UInt8}) = send(kind, number, payload, Vector{UInt8}[])

# ---------------------------------------------------------------- writing values

mutable struct Writer
    out::Vector{UInt8}
    buffers::Vector{Vector{UInt8}}
    depth::Int
    tensors::Bool # numeric vectors are tensors too: the call was given one
end
Writer() = Writer(UInt8[], Vector{UInt8}[], 0, false)

put(w::Writer, byte::UInt8) = (push!(w.out, byte); nothing)

"Append the lower *n* bytes of *value*, the most significant first."
function put_big(w::Writer, value::UInt64, n::Int)
    for i in n-1:-1:0
        push!(w.out, (value >> 8i) % UInt8)
    end
end

"Append a length behind the code of its width; *one* is 0x00 where there is no one-byte form."
function put_length(w::Writer, n::Int, one::UInt8, two::UInt8, four::UInt8)
    if n < 1 << 8 && one != 0x00
        put(w, one)
        put_big(w, UInt64(n), 1)
    elseif n < 1 << 16
        put(w, two)
        put_big(w, UInt64(n), 2)
    else
        put(w, four)
        put_big(w, UInt64(n), 4)
    end
end
pack_array(w::Writer, n::Int) = n < 16 ? put(w, 0x90 | (n % UInt8)) : put_length(w, n, 0x00, 0xdc, 0xdd)
pack_map(w::Writer, n::Int) = n < 16 ? put(w, 0x80 | (n % UInt8)) : put_length(w, n, 0x00, 0xde, 0xdf)
function pack_tagged(w::Writer, tag::UInt8, n::Int)
    pack_array(w, n + 1)
    push!(w.out, 0xc7, 0x00, tag)
    nothing
end

function pack_extension(w::Writer, type::UInt8, payload::Vector{UInt8})
    put_length(w, length(payload), 0xc7, 0xc8, 0xc9)
    put(w, type)
    append!(w.out, payload)
    nothing
end

function pack(w::Writer, @nospecialize(value))
    w.depth += 1
    w.depth > DEPTH && throw(Unconvertible("it is nested deeper than $DEPTH levels"))
    pack_value(w, value)
    w.depth -= 1
    nothing
end

pack_value(w::Writer, ::Nothing) = put(w, 0xc0)
pack_value(w::Writer, ::Missing) = put(w, 0xc0)
pack_value(w::Writer, value::Bool) = put(w, value ? 0xc3 : 0xc2)

function pack_value(w::Writer, value::Int)
    if 0 <= value < 128
        put(w, value % UInt8)
    elseif -32 <= value < 0
        put(w, value % UInt8)
    else
        put(w, 0xd3)
        put_big(w, reinterpret(UInt64, value), 8)
    end
end

function pack_value(w::Writer, value::Integer)
    if typemin(Int) <= value <= typemax(Int)
        pack_value(w, Int(value))
    else
        number = BigInt(value)
        digits = string(abs(number), base = 16)
        payload = reverse(hex2bytes(isodd(length(digits)) ? "0" * digits : digits))
        pack_extension(w, BIG_INTEGER, pushfirst!(payload, UInt8(number < 0)))
    end
end

function pack_value(w::Writer, value::Float64)
    put(w, 0xcb)
    put_big(w, reinterpret(UInt64, value), 8)
end
pack_value(w::Writer, value::Union{Float32,Float16,AbstractIrrational}) = pack_value(w, Float64(value))

function pack_value(w::Writer, value::BigFloat)
    if !isfinite(value)
        pack_value(w, Float64(value))
        return
    end
    mantissa, exponent, sign = Base.decompose(value)
    pack_tagged(w, BIG_REAL, 4)
    pack_value(w, sign < 0 ? -mantissa : mantissa)
    pack_value(w, exponent)
    pack_value(w, precision(value))
    pack_value(w, nothing)
end

function pack_value(w::Writer, value::Rational)
    iszero(denominator(value)) && throw(Unconvertible("an infinite rational has no form in Lyra"))
    pack_tagged(w, RATIONAL, 2)
    pack_value(w, numerator(value))
    pack_value(w, denominator(value))
end

function pack_value(w::Writer, value::Complex)
    pack_tagged(w, COMPLEX, 2)
    for part in (real(value), imag(value))
        pack_value(w, part isa Bool ? Int(part) : part)
    end
end

function pack_value(w::Writer, value::AbstractString)
    text = String(value)
    isvalid(text) || throw(Unconvertible("a string that is not UTF-8"))
    n = sizeof(text)
    n < 32 ? put(w, 0xa0 | (n % UInt8)) : put_length(w, n, 0xd9, 0xda, 0xdb)
    append!(w.out, codeunits(text))
    nothing
end
pack_value(w::Writer, value::AbstractChar) = pack_value(w, string(value))
pack_value(w::Writer, value::Symbol) = pack_value(w, LyraSymbol(String(value)))

function pack_value(w::Writer, value::LyraSymbol)
    text = isempty(value.package) ? value.name : value.name * "\0" * value.package
    pack_extension(w, SYMBOL, Vector{UInt8}(codeunits(text)))
end

function pack_value(w::Writer, value::LyraExpression)
    pack_tagged(w, EXPRESSION, 1 + length(value.args))
    pack(w, value.head)
    for each in value.args
        pack(w, each)
    end
end
pack_value(w::Writer, value::Pair) = pack_value(w, LyraExpression(LyraSymbol("Rule"), Any[value.first, value.second]))

function pack_value(w::Writer, value::LyraFunction)
    pack_tagged(w, FUNCTION, 2)
    pack_value(w, value.number)
    pack_value(w, nothing)
end

function pack_items(w::Writer, items)
    pack_array(w, length(items))
    for each in items
        pack(w, each)
    end
end
pack_value(w::Writer, value::Tuple) = pack_items(w, value)
pack_value(w::Writer, value::AbstractSet) = pack_items(w, collect(value))
pack_value(w::Writer, value::Base.Generator) = pack_value(w, collect(value))

function pack_value(w::Writer, value::Union{AbstractDict,NamedTuple})
    pack_map(w, length(value))
    for (key, each) in pairs(value)
        pack(w, value isa NamedTuple ? String(key) : key)
        pack(w, each)
    end
end

const PLAIN = Dict{DataType,String}(
    Bool => "|b1", Int8 => "|i1", UInt8 => "|u1", Int16 => "<i2", UInt16 => "<u2", Int32 => "<i4",
    UInt32 => "<u4", Int64 => "<i8", UInt64 => "<u8", Float16 => "<f2", Float32 => "<f4", Float64 => "<f8",
    ComplexF32 => "<c8", ComplexF64 => "<c16",
)
const ELEMENTS = Dict(text => type for (type, text) in PLAIN)

pack_value(w::Writer, value::Vector{Any}) = pack_items(w, value)

function pack_value(w::Writer, value::AbstractVector)
    T = eltype(value)
    if w.tensors && haskey(PLAIN, T)
        pack_tensor(w, value)
    elseif length(value) >= 16 && (T === Float64 || T === Int64)
        pack_block(w, collect(value), T === Float64 ? "d" : "q")
    else
        pack_items(w, value)
    end
end

function pack_block(w::Writer, value::Vector, code::String)
    pack_tagged(w, PACKED, 2)
    pack_value(w, code)
    put_length(w, sizeof(value), 0xc4, 0xc5, 0xc6)
    at = length(w.out)
    resize!(w.out, at + sizeof(value))
    GC.@preserve value w unsafe_copyto!(pointer(w.out, at + 1), Ptr{UInt8}(pointer(value)), sizeof(value))
    nothing
end

function pack_value(w::Writer, value::AbstractArray)
    haskey(PLAIN, eltype(value)) ? pack_tensor(w, value) : pack_items(w, [copy(each) for each in eachslice_rows(value)])
end
eachslice_rows(a::AbstractArray{<:Any,0}) = (a[],)
eachslice_rows(a::AbstractArray) = (selectdim(a, 1, i) for i in axes(a, 1))
pack_value(w::Writer, value::Tensor) = haskey(PLAIN, eltype(value.values)) ? pack_tensor(w, value.values) : pack_value(w, value.values)

function pack_tensor(w::Writer, value::AbstractArray)
    held = value isa Array ? value : collect(value)
    pack_tagged(w, NDARRAY, 4)
    pack_value(w, PLAIN[eltype(held)])
    pack_value(w, "F")
    pack_items(w, size(held))
    place(w, held)
end

function pack_value(w::Writer, value)
    number, name, summary = keep(value)
    pack_tagged(w, HANDLE, 3)
    pack_value(w, number)
    pack_value(w, name)
    pack_value(w, summary)
end

# ---------------------------------------------------------------- reading values

mutable struct Reader
    data::Vector{UInt8}
    at::Int
    buffers::Vector{Vector{UInt8}}
    tensors::Bool
end
Reader(frame::Frame) = Reader(frame.payload, 1, frame.buffers, false)

"The number in the next *n* bytes, the most significant first."
function number(r::Reader, n::Int)
    made = UInt64(0)
    for i in r.at:r.at+n-1
        made = made << 8 | r.data[i]
    end
    r.at += n
    made
end
count(r::Reader, n::Int) = Int(number(r, n))
function bytes(r::Reader, n::Int)
    r.at += n
    r.data[r.at-n:r.at-1]
end

function value(r::Reader)
    code = r.data[r.at]
    r.at += 1
    code < 0x80 && return Int(code)
    code >= 0xe0 && return Int(code) - 256
    code < 0x90 && return read_map(r, Int(code & 0x0f))
    code < 0xa0 && return read_array(r, Int(code & 0x0f))
    code < 0xc0 && return String(bytes(r, Int(code & 0x1f)))
    code == 0xc0 && return nothing
    code == 0xc2 && return false
    code == 0xc3 && return true
    code == 0xcb && return reinterpret(Float64, number(r, 8))
    0xc4 <= code <= 0xc6 && return bytes(r, count(r, 1 << (code - 0xc4)))
    0xc7 <= code <= 0xc9 && return Base.invokelatest(read_extension, r, count(r, 1 << (code - 0xc7)))
    0xcc <= code <= 0xcf && return count(r, 1 << (code - 0xcc))
    code == 0xd0 && return Int(reinterpret(Int8, number(r, 1) % UInt8))
    code == 0xd1 && return Int(reinterpret(Int16, number(r, 2) % UInt16))
    code == 0xd2 && return Int(reinterpret(Int32, number(r, 4) % UInt32))
    code == 0xd3 && return reinterpret(Int, number(r, 8))
    0xd9 <= code <= 0xdb && return String(bytes(r, count(r, 1 << (code - 0xd9))))
    0xdc <= code <= 0xdd && return read_array(r, count(r, 2 << (code - 0xdc)))
    0xde <= code <= 0xdf && return read_map(r, count(r, 2 << (code - 0xde)))
    error("byte $code begins no value of this encoding")
end

function read_map(r::Reader, n::Int)
    made = Dict{Any,Any}()
    for _ in 1:n
        key = value(r)
        made[key] = value(r)
    end
    length(made) == n || throw(Unconvertible("an association has keys that Julia takes for equal (1 and 1.0)"))
    made
end

function read_extension(r::Reader, n::Int)
    type = number(r, 1)
    payload = bytes(r, n)
    if type == BIG_INTEGER
        magnitude = parse(BigInt, bytes2hex(reverse(payload[2:end])), base = 16)
        return payload[1] == 1 ? -magnitude : magnitude
    end
    text = String(payload)
    at = findfirst(isequal('\0'), text)
    at === nothing ? LyraSymbol(text, "") : LyraSymbol(text[1:prevind(text, at)], text[at+1:end])
end

function read_array(r::Reader, n::Int)
    if n > 0 && r.data[r.at] == 0xc7 && r.data[r.at+1] == 0x00
        tag = r.data[r.at+2]
        r.at += 3
        return Base.invokelatest(typed, r, tag, n - 1) # so that calls without typed values do not compile it
    end
    items = Vector{Any}(undef, n)
    for i in 1:n
        items[i] = value(r)
    end
    narrowed(items)
end

"Lists of integers alone, floats alone, strings alone have elements of that type."
function narrowed(items::Vector{Any})
    isempty(items) && return items
    first(items) isa Int && return all_of(Int, items)
    first(items) isa Float64 && return all_of(Float64, items)
    first(items) isa String && return all_of(String, items)
    items
end
function all_of(::Type{T}, items::Vector{Any}) where {T}
    for each in items
        each isa T || return items
    end
    convert(Vector{T}, items)
end

function typed(r::Reader, tag::UInt8, n::Int)
    if tag == PACKED
        code, block = value(r), value(r)
        return collect(code == "d" ? reinterpret(Float64, block) : reinterpret(Int64, block))
    end
    parts = Vector{Any}(undef, n)
    for i in 1:n
        parts[i] = value(r)
    end
    tag == EXPRESSION && return LyraExpression(parts[1], parts[2:end])
    tag == RATIONAL && return Rational(promote(parts[1], parts[2])...)
    tag == COMPLEX && return Complex(promote(parts[1], parts[2])...)
    tag == BIG_REAL && return big_real(parts)
    tag == NDARRAY && return read_tensor(r, parts)
    tag == HANDLE && return object(parts[1])
    tag == FUNCTION && return LyraFunction(parts[1], parts[2])
    tag == TABLE && throw(Unconvertible("a table has no form in Julia's standard library"))
    error("tag $tag is not known")
end

function big_real(parts)
    length(parts) == 1 && return BigFloat(parts[1] == "nan" ? NaN : parts[1] == "inf" ? Inf : -Inf)
    mantissa, exponent, bits = parts[1], parts[2], parts[3]
    setprecision(BigFloat, max(bits, ndigits(mantissa, base = 2), 2)) do
        ldexp(BigFloat(mantissa), exponent)
    end
end

function read_tensor(r::Reader, parts)
    r.tensors = true
    dtype, order, shape, place = parts
    T = ELEMENTS[dtype]
    dims = Tuple(Int.(shape))
    stored = order == "F" ? dims : reverse(dims)
    flat = place isa Integer ? reshape(collect(reinterpret(T, r.buffers[place+1])), stored) : mapped(T, stored, place)
    order == "F" || length(dims) < 2 ? flat : permutedims(flat, length(dims):-1:1)
end

# ---------------------------------------------------------------- shared segments

mutable struct Mapping
    address::Ptr{UInt8}
    size::Int
    uses::Int
end
const host_segments = Dict{Int,Mapping}()
const own_segments = Dict{Int,Mapping}()
const busy = Set{Int}()

"Take one descriptor from the control socket (recvmsg with SCM_RIGHTS) and map what it stands for."
function take_descriptor()
    note = zeros(UInt8, 17)
    control = zeros(UInt8, 24) # one cmsghdr (16) with one int, padded
    iov = zeros(UInt, 2)
    header = zeros(UInt, 7)
    fd = Cint(-1)
    GC.@preserve note control iov header begin
        iov .= (UInt(pointer(note)), UInt(17))
        header[3], header[4] = UInt(pointer(iov)), UInt(1)
        header[5], header[6] = UInt(pointer(control)), UInt(24)
        got = ccall(:recvmsg, Cssize_t, (Cint, Ptr{UInt}, Cint), CONTROL, header, 0x40000000) # MSG_CMSG_CLOEXEC
        got == 17 || throw(Closed())
        fd = unsafe_load(Ptr{Cint}(pointer(control, 17)))
    end
    number, size, writable = little(note, 1, 8), little(note, 9, 8), note[17] != 0
    address = ccall(:mmap, Ptr{UInt8}, (Ptr{Cvoid}, Csize_t, Cint, Cint, Cint, Int64), C_NULL, size, writable ? 3 : 1, 1, fd, 0)
    ccall(:close, Cint, (Cint,), fd)
    reinterpret(Int, address) == -1 && throw(OutOfMemoryError())
    (writable ? own_segments : host_segments)[number] = Mapping(address, size, 0)
    number
end

"The array of a shared segment: read-only, not copied, its segment held until the array is collected."
function mapped(::Type{T}, dims, place) where {T}
    number, offset, size = place
    while !haskey(host_segments, number)
        take_descriptor()
    end
    mapping = host_segments[number]
    prod(dims) * sizeof(T) == size && offset + size <= mapping.size || error("an array that does not fit its segment")
    array = unsafe_wrap(Array, Ptr{T}(mapping.address + offset), dims)
    mapping.uses += 1
    finalizer(_ -> (mapping.uses -= 1; nothing), array)
    array
end

"The host's segments that arrays still lie in."
function held()
    found = held_now()
    isempty(found) && return found
    GC.gc(false)
    found = held_now()
    isempty(found) && return found
    GC.gc(true)
    held_now()
end
function held_now()
    found = Int[]
    for (number, mapping) in host_segments
        mapping.uses > 0 && push!(found, number)
    end
    found
end

function place(w::Writer, array::Array)
    size = sizeof(array)
    if size < INLINE_LIMIT
        push!(w.buffers, collect(reinterpret(UInt8, vec(array))))
        pack_value(w, length(w.buffers) - 1)
        return
    end
    number = 0
    for (each, mapping) in own_segments
        if !(each in busy) && mapping.size >= size
            number = each
            break
        end
    end
    number == 0 && (number = wanted(size))
    push!(busy, number)
    GC.@preserve array unsafe_copyto!(own_segments[number].address, Ptr{UInt8}(pointer(array)), size)
    pack_items(w, (number, 0, size))
end

function wanted(size::Int)
    request = Writer()
    pack_value(request, size)
    send(SEGMENT_WANTED, 0, request.out)
    while true
        frame = receive()
        if frame.kind == SEGMENT
            number = value(Reader(frame))
            number === nothing && throw(Unconvertible("a raw buffer of $size bytes is larger than the host takes"))
            while !haskey(own_segments, number)
                take_descriptor()
            end
            return number
        end
        frame.kind == RELEASE ? answer(frame) : error("an answer that was not asked for")
    end
end

# ---------------------------------------------------------------- objects, modules, calls

const objects = Dict{Int,Any}()
const last_object = Ref(0)
const modules = Dict{String,Dict{String,Any}}()
const running = Ref(0)

function keep(object)
    number = last_object[] += 1
    objects[number] = object
    summary = try
        first(repr(object; context = :limit => true), 200)
    catch
        "<$(typeof(object))>"
    end
    number, string(typeof(object)), summary
end

function object(number)
    haskey(objects, number) || throw(Unconvertible("the Julia object behind this handle is gone"))
    objects[number]
end

function load(request)
    path, name = request["path"], request["name"]
    made = Module(Symbol(name, "_jl")) # not the name alone: a module can define no function that is called like it
    Core.eval(made, :(eval(x) = Core.eval($made, x)))
    Core.eval(made, :(include(path) = Base.include($made, path)))
    Core.eval(made, :(const LyraBridge = $(@__MODULE__)))
    Base.include(made, path)
    found = exports_of(made)
    calls = modules[name] = Dict{String,Any}()
    for each in found
        calls[each["name"]] = pop!(each, "call")
    end
    found
end

"The functions and types a file defines; where it defines one module and nothing else, what that exports."
function exports_of(made::Module)
    own, inner = Symbol[], Module[]
    for name in names(made, all = true)
        isdefined(made, name) || continue
        held = getfield(made, name)
        if held isa Module
            name !== nameof(made) && parentmodule(held) === made && push!(inner, held)
        elseif is_export(made, name, held)
            push!(own, name)
        end
    end
    here = made
    if isempty(own) && length(inner) == 1
        here = inner[1]
        for name in names(here)
            name !== nameof(here) && callable(getfield(here, name)) && push!(own, name)
        end
    end
    records = Any[]
    for name in own
        push!(records, describe(here, name))
    end
    records
end
callable(held) = held isa Function || held isa Type
function is_export(made::Module, name::Symbol, held)
    first_character = String(name)[1]
    first_character in ('#', '_') || name in (:eval, :include) ? false : callable(held) && parentmodule(held) === made
end

function describe(made::Module, name::Symbol)
    target = getfield(made, name)
    record = Dict{String,Any}()
    record["name"], record["call"], record["returns"] = String(name), target, "Any"
    record["doc"] = documentation(made, name)
    record["parameters"] = try
        parameters(target)
    catch
        Any[parameter("arguments", "Any", false, "rest")]
    end
    record
end

function documentation(made::Module, name::Symbol)
    made_text = ""
    try
        found = get(Base.Docs.meta(made), Base.Docs.Binding(made, name), nothing)
        found === nothing && return ""
        for each in values(found.docs), part in each.text
            part isa String && (made_text *= part)
        end
    catch
        return ""
    end
    String(strip(made_text))
end

function parameter(name::String, type::String, required::Bool, kind::String)
    made = Dict{String,Any}()
    made["name"], made["type"], made["required"], made["kind"] = name, type, required, kind
    made
end

function parameters(target)
    longest, least = nothing, typemax(Int)
    for method in methods(target)
        least = min(least, Int(method.nargs) - 1 - (method.isva ? 1 : 0))
        (longest === nothing || method.nargs > longest.nargs) && (longest = method)
    end
    types = Base.unwrap_unionall(longest.sig).parameters
    names = Base.method_argnames(longest)
    made, taken = Any[], String[]
    for i in 2:Int(longest.nargs)
        name = i <= length(names) ? String(names[i]) : ""
        (isempty(name) || startswith(name, "#")) && (name = "argument$(i - 1)")
        if longest.isva && i == longest.nargs
            push!(made, parameter(name, "Any", false, "rest"))
        else
            push!(made, parameter(name, type_name(types[i]), i - 1 <= least, "positional"))
        end
        push!(taken, name)
    end
    for method in methods(target), key in Base.kwarg_decl(method)
        text = String(key)
        text in taken && continue
        push!(taken, text)
        rest = endswith(text, "...")
        push!(made, parameter(rest ? text[1:end-3] : text, "Any", false, rest ? "options" : "option"))
    end
    made
end

function type_name(T)
    T isa TypeVar && (T = T.ub)
    T === Any && return "Any"
    for (base, name) in (
        Bool => "Boolean", Integer => "Integer", Rational => "Rational", AbstractFloat => "Real", Complex => "Complex",
        Real => "Real", Number => "Number", AbstractString => "String", AbstractDict => "Association",
        AbstractVector => "List", AbstractArray => "Tensor", Tuple => "List", Function => "Function",
        LyraSymbol => "Symbol", Symbol => "Symbol", LyraExpression => "Expression", Nothing => "Null",
    )
        T isa Type && T <: base && return name
    end
    "Any"
end

function run_call(r::Reader)
    name, exported = value(r), value(r)
    arguments, options = value(r), value(r)
    target = get(get(modules, name, Dict{String,Any}()), exported, nothing)
    target === nothing && throw(Unconvertible("the module $name has no export $exported"))
    isempty(options) && return interruptible(() -> Base.invokelatest(target, arguments...))
    keywords = [Symbol(key) => each for (key, each) in options]
    interruptible(() -> Base.invokelatest(target, arguments...; keywords...))
end

"Run user code with interrupts on; one that came too late for an earlier call is forgotten."
function interruptible(f)
    try
        Base.reenable_sigint(() -> nothing)
    catch problem
        problem isa InterruptException || rethrow()
    end
    running[] += 1
    try
        return Base.reenable_sigint(f)
    finally
        running[] -= 1
    end
end

const evaluated = Module(:LyraEvaluate)

function evaluate(source::String)
    interruptible() do
        include_string(evaluated, source, "JuliaEvaluate")
    end
end

function call_back(f::LyraFunction, arguments::Vector{Any})
    Base.disable_sigint() do
        running[] > 0 || throw(CallbackFailure("a Lyra function can be called only while a call is running"))
        w = Writer()
        pack_value(w, f.number)
        pack_items(w, arguments)
        flush_output()
        send(CALLBACK, f.number, w.out, w.buffers)
        while true
            frame = receive()
            frame.kind == CALLBACK_RESULT && return value(Reader(frame))
            frame.kind == CALLBACK_FAILED && throw(CallbackFailure(value(Reader(frame))))
            answer(frame) # a call of this module from within the callback
        end
    end
end

# ---------------------------------------------------------------- failures

ours(file) = endswith(file, "worker.jl") && dirname(file) == @__DIR__

function record(problem, trace)
    made = Dict{String,Any}("kind" => string(nameof(typeof(problem))), "held" => held())
    place = nothing
    while problem isa LoadError
        place = (problem.file, problem.line)
        problem = problem.error
        made["kind"] = problem isa ErrorException && startswith(problem.msg, "syntax:") ? "SyntaxError" : string(nameof(typeof(problem)))
    end
    text = try
        sprint(showerror, problem)
    catch
        "(its message cannot be shown)"
    end
    # many begin with the name of their type, which is told already
    startswith(text, made["kind"] * ": ") && (text = text[nextind(text, sizeof(made["kind"]) + 1)+1:end])
    made["message"] = first(text, 4000)
    frames = [f for f in stacktrace(trace) if !f.from_c && !ours(String(f.file))]
    user = [f for f in frames if isfile(String(f.file))]
    cut = findfirst(f -> String(f.func) in ("interruptible", "run_call"), frames)
    cut === nothing || (frames = frames[1:cut-1])
    if place === nothing && !isempty(user)
        place = (String(user[1].file), user[1].line)
        made["function"] = String(user[1].func)
    end
    if place !== nothing
        made["file"], made["line"] = String(place[1]), Int(place[2])
    end
    made["trace"] = Any["$(f.file):$(f.line) in $(f.func)" for f in reverse(user[1:min(end, TRACE_FRAMES)])]
    made["reason"] =
        problem isa InterruptException ? "interrupted" :
        problem isa CallbackFailure ? "callback" :
        problem isa Unconvertible ? "unconvertible" :
        problem isa MethodError && is_exported(problem.f) && no_method(problem) ? "arguments" : ""
    made
end
is_exported(f) = any(any(each === f for each in values(found)) for found in values(modules))
no_method(problem) = !Base.invokelatest(applicable, problem.f, problem.args...)

function fail(number::Int, problem, trace)
    w = Writer()
    try
        pack(w, record(problem, trace))
    catch
        w = Writer()
        pack(w, Dict{String,Any}("kind" => string(nameof(typeof(problem))), "message" => "(its message cannot be shown)"))
    end
    send(FAILED, number, w.out)
end

# ---------------------------------------------------------------- the loop

function flush_output()
    flush(stdout)
    flush(stderr)
    Libc.flush_cstdio()
end

function answer(frame::Frame)
    r = Reader(frame)
    if frame.kind == RELEASE
        for each in value(r)
            delete!(objects, each)
        end
        return
    end
    w = Writer()
    kind = RESULT
    try
        if frame.kind == LOAD
            kind = EXPORTS
            request = value(r)
            pack(w, interruptible(() -> load(request)))
        elseif frame.kind == CALL
            result = run_call(r)
            w.tensors = r.tensors
            Base.invokelatest(pack, w, result)
            result = nothing
        elseif frame.kind == EVALUATE
            Base.invokelatest(pack, w, evaluate(value(r)))
        else
            error("a frame of kind $(frame.kind)")
        end
        if kind == RESULT && !isempty(host_segments)
            w.tensors = false
            pack(w, held())
        end
    catch problem
        problem isa Closed && rethrow()
        flush_output()
        fail(frame.number, problem, catch_backtrace())
        return
    end
    flush_output()
    send(kind, frame.number, w.out, w.buffers)
end

"Apply the system-call filter that the launcher left on its pipe, to every thread."
function lock_calls()
    program = UInt8[]
    part = Vector{UInt8}(undef, 1 << 16)
    while true
        got = ccall(:read, Cssize_t, (Cint, Ptr{UInt8}, Csize_t), FILTER, part, length(part))
        got > 0 || break
        append!(program, part[1:got])
    end
    ccall(:close, Cint, (Cint,), FILTER)
    isempty(program) && return "no filter came"
    call = Sys.ARCH === :x86_64 ? 317 : Sys.ARCH === :aarch64 ? 277 : return "no filter for $(Sys.ARCH)"
    GC.@preserve program begin
        argument = UInt[UInt(div(length(program), 8)), UInt(pointer(program))] # struct sock_fprog
        result = GC.@preserve argument ccall(:syscall, Clong, (Clong, Clong, Clong, Ptr{UInt}), call, 1, 1, argument)
        result == 0 || return "seccomp: $(Libc.strerror(Libc.errno()))"
    end
    ""
end

"Compile what every call needs, before the first one."
function warm_up()
    w = Writer()
    pack(w, Any[1, 300, 2.5, "x", true, nothing, Dict{String,Any}("a" => Int[1])])
    value(Reader(w.out, 1, Vector{UInt8}[], false))
end

function serve(locked::Bool)
    Base.exit_on_sigint(false)
    warm_up()
    problem = locked ? lock_calls() : ""
    w = Writer()
    if !isempty(problem)
        pack(w, problem)
        send(REFUSED, 0, w.out)
        return
    end
    pack(w, Dict("version" => string(VERSION), "files" => locked ? "landlock" : "open"))
    send(READY, 0, w.out)
    Base.disable_sigint() do
        while true
            empty!(busy)
            answer(receive())
        end
    end
end

end # module

try
    LyraBridge.serve(get(ARGS, 1, "") == "locked")
catch problem
    problem isa LyraBridge.Closed || rethrow()
end
ccall(:_exit, Cvoid, (Cint,), 0)

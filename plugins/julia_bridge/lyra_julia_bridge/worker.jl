# The Julia worker: loads one package's modules and answers calls until the host hangs up.
#
# Started by the sandbox's launcher, which has set the limits and the files (Landlock); descriptor 3 is the
# channel, 4 carries descriptors of shared segments, 6 the system-call filter, which is applied before any
# code of the package is read. The protocol is docs/formats/worker-protocol.md. Only Base and what exists
# in Julia 1.5 as well as in 1.11 is used.

module LyraBridge

export LyraSymbol, LyraExpression, LyraFunction, tensor

const MAIN, CONTROL, FILTER = Cint(3), Cint(4), Cint(6)

# Kinds of frames and tags of values: lyra_core/foreign/channel.py and wire.py.
const INIT, LOAD, CALL, CALLBACK_RESULT, CALLBACK_FAILED, RELEASE, SEGMENT, EVALUATE = UInt8.(1:8)
const READY, EXPORTS, RESULT, FAILED, CALLBACK, SEGMENT_WANTED, REFUSED = UInt8.(64:70)
const BIG_INTEGER, SYMBOL = UInt8(1), UInt8(2)
const EXPRESSION, RATIONAL, COMPLEX, BIG_REAL, NDARRAY, HANDLE, FUNCTION, TABLE, PACKED = UInt8.(16:24)
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

little(data, at, ::Type{T}) where {T} = GC.@preserve data ltoh(unsafe_load(Ptr{T}(pointer(data, at))))

struct Frame
    kind::UInt8
    number::UInt32
    payload::Vector{UInt8}
    buffers::Vector{Vector{UInt8}}
end

function receive()
    head = read_bytes(12)
    size, number = little(head, 1, UInt32), little(head, 5, UInt32)
    count = Int(little(head, 11, UInt16))
    lengths = Int[]
    if count > 0
        table = read_bytes(8 * count)
        lengths = [Int(little(table, 8i + 1, UInt64)) for i in 0:count-1]
    end
    payload = read_bytes(Int(size))
    Frame(head[9], number, payload, Vector{UInt8}[read_bytes(n) for n in lengths])
end

function send(kind::UInt8, number::UInt32, payload::Vector{UInt8}, buffers = Vector{UInt8}[])
    length(payload) > PAYLOAD_CAP && throw(Unconvertible("the values need $(length(payload)) bytes, the limit is $PAYLOAD_CAP"))
    head = IOBuffer()
    write(head, htol(UInt32(length(payload))), htol(number), kind, 0x00, htol(UInt16(length(buffers))))
    for each in buffers
        write(head, htol(UInt64(length(each))))
    end
    write(head, payload)
    write_bytes(take!(head))
    foreach(write_bytes, buffers)
end

# ---------------------------------------------------------------- writing values

mutable struct Writer
    out::IOBuffer
    buffers::Vector{Vector{UInt8}}
    depth::Int
    tensors::Bool # numeric vectors are tensors too: the call was given one
end
Writer(tensors = false) = Writer(IOBuffer(), Vector{UInt8}[], 0, tensors)

put(w::Writer, bytes...) = (write(w.out, bytes...); nothing)

function pack_count(w::Writer, n::Int, short::UInt8, two::UInt8, four::UInt8)
    n < 16 ? put(w, short | UInt8(n)) : n < 1 << 16 ? put(w, two, hton(UInt16(n))) : put(w, four, hton(UInt32(n)))
end
pack_array(w::Writer, n) = pack_count(w, n, 0x90, 0xdc, 0xdd)
pack_map(w::Writer, n) = pack_count(w, n, 0x80, 0xde, 0xdf)
function pack_tagged(w::Writer, tag::UInt8, n)
    pack_array(w, n + 1)
    put(w, 0xc7, 0x00, tag)
end

function pack_extension(w::Writer, type::UInt8, payload::Vector{UInt8})
    n = length(payload)
    if n < 1 << 8
        put(w, 0xc7, UInt8(n), type)
    elseif n < 1 << 16
        put(w, 0xc8, hton(UInt16(n)), type)
    else
        put(w, 0xc9, hton(UInt32(n)), type)
    end
    put(w, payload)
end

function pack(w::Writer, value)
    w.depth += 1
    w.depth > DEPTH && throw(Unconvertible("it is nested deeper than $DEPTH levels"))
    pack_value(w, value)
    w.depth -= 1
    nothing
end

pack_value(w::Writer, ::Nothing) = put(w, 0xc0)
pack_value(w::Writer, ::Missing) = put(w, 0xc0)
pack_value(w::Writer, value::Bool) = put(w, value ? 0xc3 : 0xc2)

function pack_value(w::Writer, value::Integer)
    if 0 <= value < 128
        put(w, UInt8(value))
    elseif -32 <= value < 0
        put(w, reinterpret(UInt8, Int8(value)))
    elseif typemin(Int64) <= value <= typemax(Int64)
        put(w, 0xd3, hton(Int64(value)))
    else
        big_value = BigInt(value)
        digits = hex2bytes(padded(string(abs(big_value), base = 16)))
        pack_extension(w, BIG_INTEGER, vcat(UInt8(big_value < 0), reverse(digits)))
    end
end
padded(text) = isodd(length(text)) ? "0" * text : text

pack_value(w::Writer, value::Float64) = put(w, 0xcb, hton(reinterpret(UInt64, value)))
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
    if n < 32
        put(w, 0xa0 | UInt8(n))
    elseif n < 1 << 8
        put(w, 0xd9, UInt8(n))
    elseif n < 1 << 16
        put(w, 0xda, hton(UInt16(n)))
    else
        put(w, 0xdb, hton(UInt32(n)))
    end
    put(w, text)
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
    foreach(each -> pack(w, each), value.args)
end
pack_value(w::Writer, value::Pair) = pack_value(w, LyraExpression(LyraSymbol("Rule"), Any[value.first, value.second]))

function pack_value(w::Writer, value::LyraFunction)
    pack_tagged(w, FUNCTION, 2)
    pack_value(w, value.number)
    pack_value(w, nothing)
end

function pack_items(w::Writer, items)
    pack_array(w, length(items))
    foreach(each -> pack(w, each), items)
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

function pack_value(w::Writer, value::AbstractVector)
    T = eltype(value)
    if w.tensors && haskey(PLAIN, T)
        pack_tensor(w, value)
    elseif length(value) >= 16 && (T === Float64 || T === Int64)
        pack_tagged(w, PACKED, 2)
        pack_value(w, T === Float64 ? "d" : "q")
        block = collect(reinterpret(UInt8, htol.(collect(value))))
        n = length(block)
        n < 1 << 8 ? put(w, 0xc4, UInt8(n)) : n < 1 << 16 ? put(w, 0xc5, hton(UInt16(n))) : put(w, 0xc6, hton(UInt32(n)))
        put(w, block)
    else
        pack_items(w, value)
    end
end
Base.htol(x::Float64) = reinterpret(Float64, htol(reinterpret(UInt64, x)))

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

function number(r::Reader, ::Type{T}) where {T}
    value = GC.@preserve r ntoh(unsafe_load(Ptr{T}(pointer(r.data, r.at))))
    r.at += sizeof(T)
    value
end
function bytes(r::Reader, n)
    r.at += n
    r.data[r.at-n:r.at-1]
end

function value(r::Reader)
    code = r.data[r.at]
    r.at += 1
    code < 0x80 && return Int(code)
    code >= 0xe0 && return Int(reinterpret(Int8, code))
    code < 0x90 && return read_map(r, Int(code & 0x0f))
    code < 0xa0 && return read_array(r, Int(code & 0x0f))
    code < 0xc0 && return String(bytes(r, code & 0x1f))
    code == 0xcb && return reinterpret(Float64, number(r, UInt64))
    code == 0xc0 && return nothing
    code == 0xc2 && return false
    code == 0xc3 && return true
    code == 0xcc && return Int(number(r, UInt8))
    code == 0xcd && return Int(number(r, UInt16))
    code == 0xce && return Int(number(r, UInt32))
    code == 0xcf && return Int(number(r, UInt64))
    code == 0xd0 && return Int(number(r, Int8))
    code == 0xd1 && return Int(number(r, Int16))
    code == 0xd2 && return Int(number(r, Int32))
    code == 0xd3 && return number(r, Int64)
    code == 0xd9 && return String(bytes(r, number(r, UInt8)))
    code == 0xda && return String(bytes(r, number(r, UInt16)))
    code == 0xdb && return String(bytes(r, number(r, UInt32)))
    code == 0xc4 && return bytes(r, number(r, UInt8))
    code == 0xc5 && return bytes(r, number(r, UInt16))
    code == 0xc6 && return bytes(r, number(r, UInt32))
    code == 0xc7 && return read_extension(r, number(r, UInt8))
    code == 0xc8 && return read_extension(r, number(r, UInt16))
    code == 0xc9 && return read_extension(r, number(r, UInt32))
    code == 0xdc && return read_array(r, Int(number(r, UInt16)))
    code == 0xdd && return read_array(r, Int(number(r, UInt32)))
    code == 0xde && return read_map(r, Int(number(r, UInt16)))
    code == 0xdf && return read_map(r, Int(number(r, UInt32)))
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

function read_extension(r::Reader, n)
    type = number(r, UInt8)
    payload = bytes(r, n)
    if type == BIG_INTEGER
        magnitude = parse(BigInt, bytes2hex(reverse(payload[2:end])), base = 16)
        return payload[1] == 1 ? -magnitude : magnitude
    end
    parts = split(String(payload), '\0')
    LyraSymbol(String(parts[1]), length(parts) > 1 ? String(parts[2]) : "")
end

function read_array(r::Reader, n::Int)
    if n > 0 && r.data[r.at] == 0xc7 && r.data[r.at+1] == 0x00
        tag = r.data[r.at+2]
        r.at += 3
        return typed(r, tag, n - 1)
    end
    items = Vector{Any}(undef, n)
    for i in 1:n
        items[i] = value(r)
    end
    n == 0 ? items : identity.(items) # narrows the type of the elements
end

function typed(r::Reader, tag::UInt8, n::Int)
    if tag == PACKED
        code, block = value(r), value(r)
        return collect(code == "d" ? reinterpret(Float64, block) : reinterpret(Int64, block))
    end
    parts = Vector{Any}(undef, n)
    for i in 1:n
        parts[i] = tag == NDARRAY && i == 3 || tag == EXPRESSION ? value(r) : value(r)
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
    number, size, writable = Int(little(note, 1, UInt64)), Int(little(note, 9, UInt64)), note[17] != 0
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
    any(m -> m.uses > 0, values(host_segments)) && GC.gc(false)
    any(m -> m.uses > 0, values(host_segments)) && GC.gc(true)
    Any[number for (number, mapping) in host_segments if mapping.uses > 0]
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
    send(SEGMENT_WANTED, UInt32(0), take!(request.out))
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
    made = Module(Symbol(name))
    Core.eval(made, :(eval(x) = Core.eval($made, x)))
    Core.eval(made, :(include(path) = Base.include($made, path)))
    Core.eval(made, :(const LyraBridge = $(@__MODULE__)))
    Base.include(made, path)
    found = exports_of(made)
    modules[name] = Dict{String,Any}(each["name"] => each["call"] for each in found)
    for each in found
        delete!(each, "call")
    end
    found
end

"The functions and types a file defines; where it defines one module, what that module exports."
function exports_of(made::Module)
    own = [n for n in names(made, all = true) if isdefined(made, n) && !startswith(String(n), "#")]
    inner = [getfield(made, n) for n in own if getfield(made, n) isa Module && n !== nameof(made) && n !== :LyraBridge]
    inner = [each for each in inner if parentmodule(each) === made]
    here = length(inner) == 1 && !any(n -> is_export(made, n), own) ? inner[1] : made
    listed = here === made ? own : [n for n in names(here) if n !== nameof(here)]
    [describe(here, n) for n in listed if here !== made ? callable(getfield(here, n)) : is_export(made, n)]
end
callable(value) = value isa Function || value isa Type
function is_export(made::Module, name::Symbol)
    name in (:eval, :include) && return false
    startswith(String(name), "_") && return false
    value = getfield(made, name)
    callable(value) && parentmodule(value) === made
end

function describe(made::Module, name::Symbol)
    target = getfield(made, name)
    record = Dict{String,Any}("name" => String(name), "call" => target, "returns" => "Any", "doc" => documentation(made, name))
    record["parameters"] = try
        parameters(target)
    catch
        Any[Dict("name" => "arguments", "type" => "Any", "required" => false, "kind" => "rest")]
    end
    record
end

function documentation(made::Module, name::Symbol)
    try
        found = get(Base.Docs.meta(made), Base.Docs.Binding(made, name), nothing)
        found === nothing && return ""
        strip(join((join(each.text) for each in values(found.docs)), "\n\n"))
    catch
        ""
    end
end

function parameters(target)
    all_methods = collect(methods(target))
    isempty(all_methods) && error("no methods")
    counts = [Int(m.nargs) - 1 - (m.isva ? 1 : 0) for m in all_methods]
    longest = all_methods[argmax([Int(m.nargs) for m in all_methods])]
    types = Base.unwrap_unionall(longest.sig).parameters
    _, declared, _, _ = Base.arg_decl_parts(longest)
    made = Any[]
    for i in 2:Int(longest.nargs)
        name = i <= length(declared) ? String(declared[i][1]) : ""
        isempty(name) && (name = "argument$(i - 1)")
        name = replace(name, r"\.\.\.$" => "")
        if longest.isva && i == longest.nargs
            push!(made, Dict("name" => name, "type" => "Any", "required" => false, "kind" => "rest"))
        else
            required = i - 1 <= minimum(counts)
            push!(made, Dict("name" => name, "type" => type_name(types[i]), "required" => required, "kind" => "positional"))
        end
    end
    for method in all_methods, key in Base.kwarg_decl(method)
        text = String(key)
        any(p -> p["name"] == text, made) && continue
        kind = endswith(text, "...") ? "options" : "option"
        push!(made, Dict("name" => replace(text, r"\.\.\.$" => ""), "type" => "Any", "required" => false, "kind" => kind))
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
        send(CALLBACK, UInt32(f.number), take!(w.out), w.buffers)
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

function fail(number::UInt32, problem, trace)
    w = Writer()
    try
        pack(w, record(problem, trace))
    catch
        w = Writer()
        pack(w, Dict{String,Any}("kind" => string(nameof(typeof(problem))), "message" => "(its message cannot be shown)"))
    end
    send(FAILED, number, take!(w.out))
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
        foreach(each -> delete!(objects, each), value(r))
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
            pack(w, held())
        end
    catch problem
        problem isa Closed && rethrow()
        flush_output()
        fail(frame.number, problem, catch_backtrace())
        return
    end
    flush_output()
    send(kind, frame.number, take!(w.out), w.buffers)
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

function warm_up()
    w = Writer()
    pack(w, Any[1, 2.5, "x", big(2)^70, 1 // 3, 1.0im, Dict("a" => [1, 2]), [1.0, 2.0], LyraSymbol("x")])
    value(Reader(take!(w.out), 1, Vector{UInt8}[], false))
end

function serve(locked::Bool)
    Base.exit_on_sigint(false)
    warm_up()
    problem = locked ? lock_calls() : ""
    w = Writer()
    if !isempty(problem)
        pack(w, problem)
        send(REFUSED, UInt32(0), take!(w.out))
        return
    end
    pack(w, Dict("version" => string(VERSION), "files" => locked ? "landlock" : "open"))
    send(READY, UInt32(0), take!(w.out))
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

# The module of test_julia_bridge.py.

using LinearAlgebra
import Sockets

kind(x) = string(typeof(x))
identity(x) = x
double(a) = 2a
matrix() = [1 2 3; 4 5 6]
vector() = [1.5, 2.5]
wrapped() = LyraBridge.tensor([1, 2, 3])
large(n) = ones(n, 2)
total(a) = sum(a)
inverse(a) = inv(a)
"""
Return the greatest common divisor.

Exactly.
"""
common(a::Integer, b::Integer) = gcd(a, b)
golden(bits) = setprecision(BigFloat, bits) do; (1 + sqrt(BigFloat(5))) / 2; end
several(a, b = 2, rest...; scale = 1, more...) = (a + b + reduce(+, rest, init = 0)) * scale
pairs_of(d) = sort([string(k) for k in keys(d)])
named() = (a = 1, b = "x")
rule() = LyraBridge.LyraSymbol("Plus") => 2
symbol() = :Sin
nested() = ([1, [2, (3,)]], Set([1]))
throws() = undefined_name + 1
const kept = Ref{Any}(nothing)
keep(a) = (kept[] = a; 0)
kept_sum() = sum(kept[])
forget() = (kept[] = nothing; 0)
write_to(a) = (a[1] = 7; 0)

# attempts to get out; each returns text where it succeeds
call(n, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0) =
    ccall(:syscall, Clong, (Clong, Clong, Clong, Clong, Clong, Clong, Clong), n, a, b, c, d, e, f)
address(text) = reinterpret(Int, pointer(text))
made(result) = result < 0 ? "" : "got $result"
attempts = Dict{String,Any}(
    "read a file" => w -> read(w["secret"], String),
    "read through /proc/self/root" => w -> read("/proc/self/root" * w["secret"], String),
    "read by a symbolic link" => w -> (symlink(w["secret"], w["write"] * "/l"); read(w["write"] * "/l", String)),
    "read by a hard link" => w -> (run_link(w["secret"], w["write"] * "/h"); read(w["write"] * "/h", String)),
    "read /etc/passwd" => w -> read("/etc/passwd", String),
    "read the host's environment" => w -> read("/proc/$(w["host"])/environ", String),
    "list a folder" => w -> join(readdir(dirname(w["secret"]))),
    "read the environment" => w -> get(ENV, "LYRA_TEST_SECRET", ""),
    "write a file" => w -> (write(w["secret"], "x"); "written"),
    "write beside" => w -> (write(w["secret"] * ".new", "x"); "written"),
    "write Julia's own files" => w -> (write(joinpath(Sys.BINDIR, "x"), "x"); "written"),
    "remove a file" => w -> (rm(w["secret"]); "removed"),
    "rename a file" => w -> (mv(w["secret"], joinpath(w["write"], "m")); "moved"),
    "change a mode" => w -> (chmod(w["secret"], 0o777); "changed"),
    "truncate by path" => w -> made(ccall(:truncate, Cint, (Cstring, Int64), w["secret"], 0)),
    "make a folder" => w -> (mkdir(w["secret"] * ".d"); "made"),
    "run a program" => w -> read(`/bin/echo x`, String),
    "run a shell" => w -> ccall(:system, Cint, (Cstring,), "exit 0") == 0 ? "ran" : "",
    "fork" => w -> made(ccall(:fork, Cint, ())),
    "execve" => w -> made(ccall(:execv, Cint, (Cstring, Ptr{Cstring}), "/bin/true", C_NULL)),
    "memfd_create" => w -> made(ccall(:memfd_create, Cint, (Cstring, Cuint), "x", 0)),
    "TCP" => w -> made(ccall(:socket, Cint, (Cint, Cint, Cint), 2, 1, 0)),
    "UDP" => w -> made(ccall(:socket, Cint, (Cint, Cint, Cint), 2, 2, 0)),
    "unix socket" => w -> made(ccall(:socket, Cint, (Cint, Cint, Cint), 1, 1, 0)),
    "Sockets" => w -> (Sockets.connect(w["tcp"]); "connected"),
    "netlink" => w -> made(ccall(:socket, Cint, (Cint, Cint, Cint), 16, 3, 0)),
    "connect the channel" => w -> made(ccall(:connect, Cint, (Cint, Ptr{UInt8}, Cuint), 3, zeros(UInt8, 16), 16)),
    "signal the host" => w -> ccall(:kill, Cint, (Cint, Cint), w["host"], 0) == 0 ? "allowed" : "",
    "signal everybody" => w -> ccall(:kill, Cint, (Cint, Cint), -1, 0) == 0 ? "allowed" : "",
    "ptrace" => w -> made(ccall(:ptrace, Clong, (Cint, Cint, Ptr{Cvoid}, Ptr{Cvoid}), 16, w["host"], C_NULL, C_NULL)),
    "priority of the host" => w -> made(ccall(:setpriority, Cint, (Cint, Cint, Cint), 0, w["host"], 19)),
    "new user namespace" => w -> made(ccall(:unshare, Cint, (Cint,), 0x10000000)),
    "chroot" => w -> made(ccall(:chroot, Cint, (Cstring,), "/")),
    "mount" => w -> made(call(165, address("none"), address("/tmp"), address("tmpfs"))),
    "setuid" => w -> ccall(:geteuid, Cint, ()) == 0 ? made(ccall(:setuid, Cint, (Cint,), 0)) : "",
    "raise limits" => w -> made(ccall(:setrlimit, Cint, (Cint, Ptr{UInt64}), 7, UInt64[1 << 20, 1 << 20])),
    "io_uring" => w -> made(call(425, 4, 0)),
    "bpf" => w -> made(call(321, 0, 0, 0)),
    "perf events" => w -> made(call(298, 0, 0, -1, -1, 0)),
    "keys" => w -> made(call(250, 0, -3, 1)),
    "userfaultfd" => w -> made(call(323, 0)),
    "System V memory" => w -> made(call(29, 0, 4096, 0o600)),
    "clone3" => w -> made(call(435, 0, 0)),
    "openat2" => w -> made(call(437, -100, 0, 0, 24)),
    "another filter" => w -> made(call(317, 1, 0, 0)),
    "take memory" => w -> length(zeros(UInt8, w["memory"] << 20)) > 0 ? "taken" : "",
)
run_link(a, b) = ccall(:link, Cint, (Cstring, Cstring), a, b) == 0 || error("link")
function attempt(name, world)
    try
        String(Base.invokelatest(attempts[name], world))
    catch
        ""
    end
end
attempt_names() = sort(collect(keys(attempts)))

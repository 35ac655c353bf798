"""System call numbers of the two architectures that the filter knows, and what each call may do.

Source: `asm/unistd_64.h` and `asm-generic/unistd.h` of Linux 6.1. A call that is not named here and not newer than
`NEWEST` is refused with EPERM; a newer one does not exist (ENOSYS), so that libraries use what they used before it.
"""

from __future__ import annotations

__all__ = ["ALLOWED", "CHECKED", "MISSING", "NEWEST", "number"]

# name, x86-64 number, aarch64 number ("-": the architecture has no such call)
_ALLOWED = """
# files read write
read 0 63
write 1 64
readv 19 65
writev 20 66
pread64 17 67
pwrite64 18 68
preadv 295 69
pwritev 296 70
preadv2 327 286
pwritev2 328 287
lseek 8 62
close 3 57
close_range 436 436
dup 32 23
dup2 33 -
dup3 292 24
sendfile 40 71
copy_file_range 326 285
fsync 74 82
fdatasync 75 83
fallocate 285 47
ftruncate 77 46
flock 73 32
fadvise64 221 223
readahead 187 213
sync_file_range 277 84
msync 26 227
# paths (Landlock decides)
creat 85 -
mkdir 83 -
mkdirat 258 34
rename 82 -
renameat 264 38
renameat2 316 276
link 86 -
linkat 265 37
unlink 87 -
unlinkat 263 35
rmdir 84 -
chdir 80 49
fchdir 81 50
getcwd 79 17
umask 95 166
getdents 78 -
getdents64 217 61
# metadata
stat 4 -
fstat 5 80
lstat 6 -
newfstatat 262 79
statx 332 291
statfs 137 43
fstatfs 138 44
access 21 -
faccessat 269 48
faccessat2 439 439
readlink 89 -
readlinkat 267 78
getxattr 191 8
lgetxattr 192 9
fgetxattr 193 10
listxattr 194 11
llistxattr 195 12
flistxattr 196 13
# memory
mprotect 10 226
munmap 11 215
brk 12 214
mremap 25 216
madvise 28 233
mincore 27 232
membarrier 324 283
get_mempolicy 239 236
pkey_alloc 330 289
pkey_free 331 290
pkey_mprotect 329 288
# threads
futex 202 98
futex_waitv 449 449
set_robust_list 273 99
rseq 334 293
set_tid_address 218 96
arch_prctl 158 -
sched_getaffinity 204 123
sched_yield 24 124
sched_getparam 143 121
sched_getscheduler 145 120
sched_get_priority_max 146 125
sched_get_priority_min 147 126
getcpu 309 168
exit 60 93
exit_group 231 94
# signals
rt_sigaction 13 134
rt_sigprocmask 14 135
rt_sigreturn 15 139
rt_sigpending 127 136
rt_sigtimedwait 128 137
rt_sigsuspend 130 133
sigaltstack 131 132
restart_syscall 219 128
pause 34 -
# time
nanosleep 35 101
clock_nanosleep 230 115
clock_gettime 228 113
clock_getres 229 114
gettimeofday 96 169
time 201 -
times 100 153
getitimer 36 102
setitimer 38 103
alarm 37 -
timerfd_create 283 85
timerfd_settime 286 86
timerfd_gettime 287 87
# who am I
getpid 39 172
getppid 110 173
gettid 186 178
getuid 102 174
geteuid 107 175
getgid 104 176
getegid 108 177
getresuid 118 148
getresgid 120 150
getgroups 115 158
getpgid 121 155
getpgrp 111 -
getsid 124 156
capget 125 90
uname 63 160
sysinfo 99 179
getrusage 98 165
getrlimit 97 163
getrandom 318 278
wait4 61 260
waitid 247 95
# waiting
poll 7 -
ppoll 271 73
select 23 -
pselect6 270 72
epoll_create 213 -
epoll_create1 291 20
epoll_ctl 233 21
epoll_wait 232 -
epoll_pwait 281 22
epoll_pwait2 441 441
eventfd 284 -
eventfd2 290 19
pipe 22 -
pipe2 293 59
# descriptors handed in
recvfrom 45 207
recvmsg 47 212
sendmsg 46 211
shutdown 48 210
getsockopt 55 209
getsockname 51 204
getpeername 52 205
"""

# Allowed for some arguments only; `seccomp.py` has the conditions.
_CHECKED = """
sendto 44 206
mmap 9 222
open 2 -
openat 257 56
clone 56 220
prctl 157 167
ioctl 16 29
fcntl 72 25
kill 62 129
tgkill 234 131
sched_setaffinity 203 122
prlimit64 302 261
socketpair 53 199
setsockopt 54 208
"""

# Answered with ENOSYS: their arguments lie in memory, where a filter cannot look; libraries use the older call.
_MISSING = """
clone3 435 435
openat2 437 437
"""

# futex_waitv, Linux 5.16: the newest call the table was drawn up for, the same number on both architectures.
NEWEST = 449


def _read(table: str) -> dict[str, tuple[int | None, int | None]]:
    """Return name → (x86-64, aarch64) of the lines of *table*."""
    rows = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            name, x86, arm = line.split()
            rows[name] = (None if x86 == "-" else int(x86), None if arm == "-" else int(arm))
    return rows


ALLOWED = _read(_ALLOWED)
CHECKED = _read(_CHECKED)
MISSING = _read(_MISSING)


def number(name: str, machine: str) -> int | None:
    """Return the number of the call *name* on *machine* (`x86_64`, `aarch64`), None where it does not exist."""
    for table in (CHECKED, ALLOWED, MISSING):
        if name in table:
            return table[name][machine == "aarch64"]
    return None

"""The strict zip: what is written is read, and nothing else is.

The hostile archives are made here, field by field, from one good archive. Each must be refused with an error of ours;
`test_the_whole_corpus_needs_little_memory` runs all of them in one process whose memory is measured.
"""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyra_core.errors import IntegrityError
from lyra_core.packages.archive import (
    ENTRY_LIMIT,
    FILE_LIMIT,
    TOTAL_LIMIT,
    Archive,
    TreeIndex,
    build_archive,
    path_problem,
)
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.manifest import read_manifest
from lyra_core.packages.manifest_writer import normalised_manifest
from lyra_core.packages.store import Store
from lyra_core.source import Source

ORIGINAL = '[package]\nname = "victim"\nversion = "1.0.0"\nlicense = "MIT"\n'
MANIFEST = normalised_manifest(read_manifest(Source("Lyra.toml", ORIGINAL)))
GOOD = {
    "Lyra.toml": (0o644, MANIFEST.encode()),
    "Lyra.toml.orig": (0o644, ORIGINAL.encode()),
    "src/a.lyra": (0o644, b"f[x_] := x + 1\n" * 40),
    "src/b.lyra": (0o755, b"g[x_] := x\n"),
}


# A zip writer that can be told to lie about every field, in the header of a file, in the directory, or in both.


@dataclass(frozen=True)
class Entry:
    name: bytes
    content: bytes
    mode: int = 0o100644
    method: int | None = None
    packed: bytes | None = None
    local: tuple[tuple[str, int], ...] = ()
    central: tuple[tuple[str, int], ...] = ()
    local_name: bytes | None = None
    local_extra: bytes = b""
    central_extra: bytes = b""
    comment: bytes = b""
    gap: bytes = b""  # stands in front of it
    descriptor: bytes = b""


LOCAL_FIELDS = ("needed", "flags", "method", "time", "date", "crc", "packed", "size", "name_length", "extra_length")
CENTRAL_FIELDS = ("made_by", *LOCAL_FIELDS, "comment_length", "disk", "internal", "external", "offset")


def deflate(content: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(content) + stream.flush()


def zip_of(
    entries: list[Entry],
    *,
    prefix: bytes = b"",
    before_directory: bytes = b"",
    before_end: bytes = b"",
    suffix: bytes = b"",
    end: dict[str, int] | None = None,
    comment: bytes = b"",
    order: Callable[[list[bytes]], list[bytes]] = list,
) -> bytes:
    body, records = prefix, []
    for entry in entries:
        body += entry.gap
        packed = entry.packed
        method = entry.method
        if packed is None:
            small = deflate(entry.content)
            if method is None:
                method = 8 if len(small) < len(entry.content) else 0
            packed = small if method == 8 else entry.content
        fields = {
            "made_by": 0x0314,
            "needed": 20,
            "flags": 0x0800,
            "method": 8 if method is None else method,
            "time": 0,
            "date": 0x21,
            "crc": zlib.crc32(entry.content),
            "packed": len(packed),
            "size": len(entry.content),
            "name_length": len(entry.name),
            "extra_length": 0,
            "comment_length": len(entry.comment),
            "disk": 0,
            "internal": 0,
            "external": entry.mode << 16,
            "offset": len(body),
        }
        local = {**fields, "extra_length": len(entry.local_extra), **dict(entry.local)}
        name = entry.local_name if entry.local_name is not None else entry.name
        if entry.local_name is not None:
            local["name_length"] = len(name)
        central = {**fields, "extra_length": len(entry.central_extra), **dict(entry.central)}
        body += b"PK\x03\x04" + struct.pack("<HHHHHLLLHH", *(local[key] for key in LOCAL_FIELDS))
        body += name + entry.local_extra + packed + entry.descriptor
        record = struct.pack("<HHHHHHLLLHHHHHLL", *(central[key] for key in CENTRAL_FIELDS))
        records.append(b"PK\x01\x02" + record + entry.name + entry.central_extra + entry.comment)
    body += before_directory
    directory = b"".join(order(records))
    facts = {
        "disk": 0, "start": 0, "here": len(records), "count": len(records), "size": len(directory), "at": len(body),
        "comment": len(comment), **(end or {}),
    }  # fmt: skip
    return body + directory + before_end + b"PK\x05\x06" + struct.pack("<HHHHLLH", *facts.values()) + comment + suffix


def good_entries() -> list[Entry]:
    return [Entry(name.encode(), content, 0o100000 | mode) for name, (mode, content) in sorted(GOOD.items())]


def with_entry(index: int, **changes: object) -> list[Entry]:
    entries = good_entries()
    entries[index] = replace(entries[index], **changes)  # type: ignore[arg-type]
    return entries


def with_file(name: bytes | str, content: bytes = b"x", **facts: object) -> bytes:
    raw = name.encode("utf-8", "surrogatepass") if isinstance(name, str) else name
    return zip_of(sorted([*good_entries(), Entry(raw, content, **facts)], key=lambda entry: entry.name))  # type: ignore[arg-type]


def bundle_of(**files: bytes | None) -> bytes:
    """Return a canonical archive whose files differ: `Lyra_toml=…` stands for Lyra.toml; None leaves one out."""
    names = {
        "Lyra_toml": "Lyra.toml",
        "Lyra_toml_orig": "Lyra.toml.orig",
        "api_json": "api.json",
        "vcs_json": "vcs.json",
    }
    content: dict[str, tuple[int, bytes]] = dict(GOOD)
    for key, value in files.items():
        if value is None:
            content.pop(names[key])
        else:
            content[names.get(key, key)] = (0o644, value)
    return build_archive(content)


BAD_NAMES: dict[str, bytes | str] = {
    "parent": "../evil", "parent inside": "src/../../evil", "dot": "src/./a", "absolute": "/etc/evil",
    "double slash": "src//a", "trailing slash": "src/z/", "empty part at the end": "src/z//",
    "backslash": "src\\evil", "backslash parent": "..\\evil", "drive": "C:evil", "drive path": "C:/evil",
    "stream": "a.txt:evil", "star": "a*", "question": "a?", "quote": 'a"', "less": "a<", "greater": "a>", "pipe": "a|",
    "nul byte": "a\0b", "newline": "a\nb", "return": "a\rb", "tab": "a\tb", "escape": "a\x1bb", "delete": "a\x7fb",
    "c1": "a\x85b", "right to left": "a\u202egnp.exe", "isolate": "a\u2066b", "zero width": "a\u200bb",
    "joiner": "a\u200db", "bom": "a\ufeffb", "soft hyphen": "a\u00adb", "line separator": "a\u2028b",
    "no-break space": "a\u00a0b", "fraction slash": "..\u2044evil", "division slash": "a\u2215b",
    "fullwidth slash": "..\uff0fevil",
    "big solidus": "a\u29f8b", "set minus": "a\u2216b", "fullwidth backslash": "a\uff3cb",
    "one dot leader": "\u2024\u2024/evil", "two dot leader": "\u2025/evil", "ellipsis": "a\u2026",
    "fullwidth dot": "\uff0e\uff0e/evil",
    "fullwidth colon": "C\uff1aevil", "ratio": "a\u2236b",
    "not NFC": "e\u0301.txt", "hangul not NFC": "\u1112\u1161\u11ab",
    "not UTF-8": b"a\xff", "overlong": b"a\xc0\xafb", "surrogate": b"a\xed\xa0\x80b", "latin-1": "ä".encode("latin-1"),
    "private use": "a\ue000", "unassigned": "a\U000e0fff", "noncharacter": "a\uffff",
    "con": "CON", "nul": "nul.txt", "aux in folder": "src/aux/x", "com1": "com1.lyra", "superscript com": "COM\u00b9",
    "lpt9": "LPT9.x.y", "clock": "CLOCK$", "conin": "conin$", "device with space": "nul .txt",
    "trailing dot": "src/a.", "trailing space": "src/a ", "folder with dot": "src./a", "leading space": " a",
    "git": ".git/config", "git in folder": "src/.GIT/hooks/post-checkout", "git short": "GIT~1/config",
    "git fullwidth": "\uff0egit/config", "hg": ".hg/hgrc", "svn": ".svn/x", "store marker": ".lyra/ok",
    "ignorable git": ".g\u200cit/config", "long name": "a" * 129, "long path": "/".join(["abcdefgh"] * 40),
    "deep": "/".join("a" for _ in range(17)), "empty": "",
}  # fmt: skip


def corpus() -> Iterator[tuple[str, bytes]]:
    """Yield (what is wrong, bytes) of every hostile archive."""
    for label, name in BAD_NAMES.items():
        yield f"name: {label}", with_file(name)
    for field, value in {
        "needed": 45, "flags": 0x0801, "method": 12, "time": 1, "date": 0x22, "crc": 1, "packed": 1, "size": 1,
    }.items():  # fmt: skip
        yield f"local {field}", zip_of(with_entry(2, local=((field, value),)))
        yield f"central {field}", zip_of(with_entry(2, central=((field, value),)))
        yield f"both {field}", zip_of(with_entry(2, local=((field, value),), central=((field, value),)))
    for field, value in {"made_by": 20, "disk": 1, "internal": 1, "offset": 0, "offset ": 5}.items():
        yield f"central {field}{value}", zip_of(with_entry(2, central=((field.strip(), value),)))
    for label, mode in {
        "symbolic link": 0o120777, "folder": 0o040755, "fifo": 0o010644, "device": 0o020644, "block device": 0o060644,
        "socket": 0o140644, "setuid": 0o104755, "setgid": 0o102755, "sticky": 0o101644, "world writable": 0o100666,
        "private": 0o100600, "no mode": 0, "no type": 0o644,
    }.items():  # fmt: skip
        yield f"mode: {label}", zip_of(with_entry(2, mode=mode))
    yield "dos attributes", zip_of(with_entry(2, central=(("external", (0o100644 << 16) | 0x20),)))
    yield "folder attribute", zip_of(with_entry(2, central=(("external", (0o100644 << 16) | 0x10),)))
    for flags in (0x0001, 0x0008, 0x0040, 0x2000, 0x0000):
        changed = (("flags", flags),)
        yield f"flags {flags:#06x}", zip_of(with_entry(2, local=changed, central=changed))
    for method in (1, 6, 9, 12, 14, 93, 95, 99):
        yield f"method {method}", zip_of(with_entry(2, method=method, packed=deflate(GOOD["src/a.lyra"][1])))
    yield "data descriptor", zip_of(with_entry(2, descriptor=b"PK\x07\x08" + b"\0" * 12))
    yield "extra field in the header", zip_of(with_entry(2, local_extra=b"ux\x04\0abcd"))
    yield "extra field in the directory", zip_of(with_entry(2, central_extra=b"ux\x04\0abcd"))
    yield (
        "zip64 field",
        zip_of(with_entry(2, local_extra=b"\x01\0\x08\0" + b"\0" * 8, central_extra=b"\x01\0\x08\0" + b"\0" * 8)),
    )
    yield (
        "unicode path field",
        zip_of(with_entry(2, local_extra=b"up\x09\0\x01" + b"\0" * 8, central_extra=b"up\x09\0\x01" + b"\0" * 8)),
    )
    yield "file comment", zip_of(with_entry(2, comment=b"hello"))
    yield "another name in the header", zip_of(with_entry(2, local_name=b"src/z.lyra"))
    yield "a longer name in the header", zip_of(with_entry(2, local_name=b"src/aa.lyra"))
    yield "name length beyond the directory", zip_of(with_entry(3, central=(("name_length", 60000),)))
    # what stands around and between
    good = zip_of(good_entries())
    yield "prefix", zip_of(good_entries(), prefix=b"#!/bin/sh\n")
    yield "prefix before a whole archive", b"x" + good
    yield "self-extractor", b"MZ" + b"\0" * 100 + good
    yield "suffix", good + b"\0"
    yield "two archives", good + good
    yield "archive comment", zip_of(good_entries(), comment=b"hello")
    yield "comment that holds an end", zip_of(good_entries(), comment=b"PK\x05\x06" + b"\0" * 18)
    yield "gap between files", zip_of(with_entry(2, gap=b"\0" * 7))
    yield "hidden file between files", zip_of(with_entry(2, gap=zip_of([Entry(b"evil", b"x")])[:40]))
    yield "gap before the directory", zip_of(good_entries(), before_directory=b"\0" * 3)
    yield "gap before the end", zip_of(good_entries(), before_end=b"\0" * 3)
    yield "zip64 locator", zip_of(good_entries(), before_end=b"PK\x06\x07" + b"\0" * 16)
    for key, change in (("count", 1), ("count", -1), ("size", 1), ("size", -1), ("at", 1), ("at", -1)):
        base = {"count": 4, "size": len(good) - 22 - good.index(b"PK\x01\x02"), "at": good.index(b"PK\x01\x02")}[key]
        yield f"end: {key} {change:+}", zip_of(good_entries(), end={key: base + change})
    yield "end: both counts too small", zip_of(good_entries(), end={"here": 3, "count": 3})
    yield "end: both counts too large", zip_of(good_entries(), end={"here": 5, "count": 5})
    yield "end: counts of zip64", zip_of(good_entries(), end={"here": 0xFFFF, "count": 0xFFFF})
    yield "end: offset of zip64", zip_of(good_entries(), end={"at": 0xFFFFFFFF})
    yield "end: another disk", zip_of(good_entries(), end={"disk": 1})
    yield "end: starts on another disk", zip_of(good_entries(), end={"start": 1})
    yield "directory in another order", zip_of(good_entries(), order=lambda records: records[::-1])
    yield "files not sorted", zip_of(good_entries()[::-1])
    yield "one file twice", zip_of([*good_entries()[:3], good_entries()[2], good_entries()[3]])
    yield "one record twice", zip_of(good_entries(), order=lambda records: [*records[:3], records[2]])
    overlapped = good_entries()
    yield (
        "two records share one header",
        zip_of([*overlapped, Entry(b"src/c.lyra", overlapped[3].content, 0o100755, central=(("offset", 0),))]),
    )
    for cut in (
        1,
        3,
        4,
        21,
        22,
        23,
        30,
        60,
        len(good) // 4,
        len(good) // 2,
        len(good) - 22,
        len(good) - 21,
        len(good) - 1,
    ):
        yield f"cut to {cut} bytes", good[:cut]
    yield "empty", b""
    yield "zeros", b"\0" * 4096
    yield "random", bytes((index * 7919 + 13) % 251 for index in range(4096))
    yield "end only, with a directory elsewhere", b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, 46, 0, 0)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("Lyra.toml"))
    yield "tar", buffer.getvalue()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as plain:
        plain.writestr("Lyra.toml", MANIFEST)
    yield "an ordinary zip", buffer.getvalue()
    # names that meet
    yield "names that differ in case", with_file("src/A.lyra")
    yield (
        "names that differ by width",
        zip_of(sorted([*good_entries(), Entry("src/ａ.lyra".encode(), b"x")], key=lambda e: e.name)),
    )
    yield "folders that differ in case", with_file("Src/c.lyra")
    yield (
        "sharp s",
        zip_of(sorted([*good_entries(), Entry("ß".encode(), b"x"), Entry(b"ss", b"y")], key=lambda e: e.name)),
    )
    yield (
        "ligature",
        zip_of(sorted([*good_entries(), Entry("ﬁ".encode(), b"x"), Entry(b"fi", b"y")], key=lambda e: e.name)),
    )
    yield "a file that is a folder too", with_file("src/a.lyra/x")
    yield "a folder that is a file too", with_file("src")
    # contents
    content = GOOD["src/a.lyra"][1]
    small = deflate(content)
    yield "deflate stream cut", zip_of(with_entry(2, packed=small[:-3]))
    yield "deflate stream with a tail", zip_of(with_entry(2, packed=small + b"\0\0"))
    yield "deflate stream with a second one", zip_of(with_entry(2, packed=small + small))
    yield "deflate stream empty", zip_of(with_entry(2, packed=b"\x03\0"))
    yield "deflate stream of noise", zip_of(with_entry(2, packed=b"\xff" * len(small)))
    yield "deflate stream without an end", zip_of(with_entry(2, packed=b"\0\0\0\xff\xff" * 12))
    yield "deflates to less", zip_of(with_entry(2, packed=deflate(content[:-1])))
    yield "deflates to more", zip_of(with_entry(2, packed=deflate(content + b"x")))
    yield "deflates to something else", zip_of(with_entry(2, packed=deflate(content[::-1])))
    yield "stored with another size", zip_of(with_entry(3, method=0, packed=b"short"))
    yield "stored with another content", zip_of(with_entry(3, method=0, packed=b"h" * len(GOOD["src/b.lyra"][1])))
    yield "empty but deflated", zip_of(with_entry(3, content=b"", method=8, packed=b"\x03\0"))
    yield "a name instead of a content", zip_of(with_entry(3, content=b"", method=0, packed=b"x"))
    bomb = deflate(b"\0" * (8 << 20))
    yield "bomb: ratio", with_file("z", b"\0" * (8 << 20), packed=bomb)
    yield "bomb: stated small", with_file("z", b"\0" * 1000, packed=bomb)
    quiet = (("size", 200 * len(bomb)),)
    yield "bomb: stated at the ratio", with_file("z", b"", packed=bomb, local=quiet, central=quiet, method=8)
    huge = (("size", 0xFFFFFFF0), ("packed", 0xFFFFFFF0))
    yield "sizes near 4 GiB", with_file("z", b"x", local=huge, central=huge)
    wide = (("size", FILE_LIMIT + 1), ("packed", FILE_LIMIT + 1))
    yield "one file beyond the limit", with_file("z", b"x", local=wide, central=wide, method=0)
    many = [Entry(b"f%05d" % index, b"") for index in range(ENTRY_LIMIT + 1)]
    yield "more files than allowed", zip_of(many)
    part = b"ab" * (FILE_LIMIT // 2 // 64)
    layer = deflate(part)
    large = (("size", FILE_LIMIT),)
    bulk = [
        Entry(b"big%d" % index, part, packed=layer * 64, local=large, central=large)
        for index in range(TOTAL_LIMIT // FILE_LIMIT + 1)
    ]
    yield "more bytes than allowed", zip_of(sorted([*good_entries(), *bulk], key=lambda entry: entry.name))
    # what a bundle must hold
    yield "no files at all", zip_of([])
    yield "no manifest", bundle_of(Lyra_toml=None)
    yield "no original manifest", bundle_of(Lyra_toml_orig=None)
    yield "a manifest with errors", bundle_of(Lyra_toml=b"[package]\n")
    yield "a manifest that is not normal", bundle_of(Lyra_toml=ORIGINAL.encode())
    yield "a manifest that is not UTF-8", bundle_of(Lyra_toml=b"\xff")
    yield "a manifest with a dotted key bomb", bundle_of(Lyra_toml=b".".join([b"a"] * 30000) + b"=1")
    yield "a manifest of brackets", bundle_of(Lyra_toml=b"a=" + b"[" * 60000)
    yield "a manifest of 65 KiB", bundle_of(Lyra_toml=b"#" * (65 << 10))
    yield "an original of 65 KiB", bundle_of(Lyra_toml_orig=b"#" * (65 << 10))
    yield "an original that says something else", bundle_of(Lyra_toml_orig=ORIGINAL.replace("MIT", "GPL-3.0").encode())
    yield (
        "an original that asks for less",
        bundle_of(
            Lyra_toml=normalised_manifest(
                read_manifest(Source("x", ORIGINAL + "[permissions]\nprocess = true\n"))
            ).encode()
        ),
    )
    yield "api.json that is no JSON", bundle_of(api_json=b"{")
    yield "api.json with a key twice", bundle_of(api_json=b'{"a":1,"a":2}')
    yield "api.json nested deep", bundle_of(api_json=b"[" * 100000)
    yield "api.json with NaN", bundle_of(api_json=b'{"a":NaN}')
    yield "api.json with half a surrogate", bundle_of(api_json=b'{"a":"\\ud800"}')
    yield "api.json with a number of 5,000 digits", bundle_of(api_json=b"[" + b"9" * 5000 + b"]")
    yield "api.json that is not UTF-8", bundle_of(api_json=b'"\xff"')
    yield "api.json of 9 MiB", bundle_of(api_json=b'"' + bytes(range(97, 123)) * (9 * 40330) + b'"')
    yield "vcs.json that is no JSON", bundle_of(vcs_json=b"nope")
    yield "something else among compiled modules", build_archive({**GOOD, "lyc/evil.py": (0o644, b"x")})
    yield (
        "a compiled module with another checksum",
        zip_of(
            sorted(
                [*good_entries(), Entry(b"lyc/a.lyrac", b"abc", packed=b"abd", method=0)], key=lambda entry: entry.name
            )
        ),
    )


CORPUS = dict(corpus())


def test_the_corpus_is_large_and_its_base_is_good() -> None:
    assert len(CORPUS) >= 140
    assert zip_of(good_entries()) == build_archive(GOOD)
    assert PackageBundle.open(zip_of(good_entries())).name == "victim"


@pytest.mark.parametrize("label", CORPUS)
def test_a_hostile_archive_is_refused_and_leaves_nothing(label: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    with pytest.raises(IntegrityError) as caught:
        store.install(PackageBundle.open(CORPUS[label]), "registry+main")
    assert caught.value.code in ("LYR0601", "LYR0602", "LYR0603", "LYR0604", "LYR0605", "LYR0608")
    assert not list(tmp_path.iterdir())


_MEASURED = """
import json, re, sys, time
from lyra_core.errors import IntegrityError
from lyra_core.packages.bundle import PackageBundle
worst = 0.0
for name in json.load(sys.stdin):
    before = time.process_time()
    try:
        PackageBundle.open(name)
        sys.exit(f"{name} was accepted")
    except IntegrityError:
        pass
    worst = max(worst, time.process_time() - before)
# Not getrusage: its figure starts with that of the process this one was forked from.
peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
print(json.dumps([peak / 1024, worst]))
"""


def test_the_whole_corpus_needs_little_memory(tmp_path: Path) -> None:
    files = []
    for index, data in enumerate(CORPUS.values()):
        file = tmp_path / f"{index}.lyrapkg"
        file.write_bytes(data)
        files.append(str(file))
    run = subprocess.run(
        [sys.executable, "-c", _MEASURED],
        input=json.dumps(files),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    peak, worst = json.loads(run.stdout)
    assert peak < 256
    assert worst < 1.0  # processor time of one refusal, not of the clock


@given(st.data())
@settings(max_examples=300)
def test_any_changed_byte_is_refused_or_changes_nothing(data: st.DataObject) -> None:
    good = build_archive(GOOD)
    at = data.draw(st.integers(0, len(good) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda byte: byte != good[at]))
    changed = good[:at] + bytes([value]) + good[at + 1 :]
    try:
        bundle = PackageBundle.open(changed)
    except IntegrityError:
        return
    # another encoding by the compressor of the same content, or a mode bit, is all that may be left
    assert {path: bundle.read(path) for path in bundle.tree_paths} == {path: each for path, (_, each) in GOOD.items()}


_paths = st.from_regex(r"[a-z][a-z0-9]{0,5}(/[a-z][a-z0-9]{1,5}){0,2}\.[a-z]{1,3}", fullmatch=True).filter(
    lambda path: not path_problem(path)
)


@given(st.dictionaries(_paths, st.tuples(st.sampled_from([0o644, 0o755]), st.binary(max_size=300)), max_size=6))
def test_what_is_built_is_read_back_whatever_the_order(files: dict[str, tuple[int, bytes]]) -> None:
    try:
        data = build_archive(files)
    except IntegrityError:  # a file and a folder of one name
        return
    assert build_archive(dict(reversed(files.items()))) == data
    archive = Archive(data)
    assert {path: (entry.mode, archive.read(path)) for path, entry in archive.entries.items()} == files
    index = archive.index()
    assert TreeIndex.parse(index.text()) == index
    if files:
        with zipfile.ZipFile(io.BytesIO(data)) as plain:
            assert plain.testzip() is None
            assert sorted(plain.namelist()) == sorted(files)


def test_a_tree_hash_is_the_one_documented() -> None:
    index = TreeIndex({"b": (0o755, 1, "2" * 64), "a": (0o644, 3, "1" * 64)})
    assert index.text() == b"a\x00644\x003\x00" + b"1" * 64 + b"\nb\x00755\x001\x00" + b"2" * 64 + b"\n"
    assert index.hash == "sha256:5f776b67c0a5aa281f5023a18ddd83963854e24578bb6d060157d26da8086b64"


@pytest.mark.parametrize(
    "data",
    [
        b"a\x00644\x003\n",
        b"a\x00999\x003\x00x\n",
        b"a\x00644\x00x\x00y\n",
        b"b\x00644\x001\x00y\na\x00644\x001\x00y\n",
        b"\xff\x00644\x001\x00y\n",
    ],
)
def test_a_damaged_index_is_an_error(data: bytes) -> None:
    with pytest.raises(IntegrityError) as caught:
        TreeIndex.parse(data)
    assert caught.value.code == "LYR0620"


@pytest.mark.parametrize(
    "path",
    ["src/neural/network.lyra", "README.md", "LICENSE", "data/größe.csv", "a b.txt", "日本語.txt", ".hidden", "x~1"],
)
def test_ordinary_names_are_allowed(path: str) -> None:
    assert path_problem(path) is None


def test_the_writer_keeps_to_the_readers_rules() -> None:
    with pytest.raises(IntegrityError) as caught:
        build_archive({"../x": (0o644, b"")})
    assert caught.value.code == "LYR0602"
    with pytest.raises(IntegrityError) as caught:
        build_archive({"x": (0o644, b"\0" * (FILE_LIMIT + 1))})
    assert caught.value.code == "LYR0603"
    zeros = build_archive({"x": (0o644, b"\0" * 5_000_000)})
    assert Archive(zeros).entries["x"].method == 0  # deflated it would be a bomb by the reader's ratio

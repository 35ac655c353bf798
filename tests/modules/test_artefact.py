"""The artefact container: every function is found, and no damage goes unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lyra_core.errors import IntegrityError
from lyra_core.modules.artefact import FORMAT_VERSION, MAGIC, Artefact, artefact_image, write_artefact

FUNCTIONS = [(f"function{i}", bytes([i % 251]) * (i % 40)) for i in range(300)] + [("größe", b"x"), ("leer", b"")]
IMAGE = artefact_image(
    FUNCTIONS, strings=["eins", "", "drei ☃"], constants=[b"\x00\x01", b""], metadata={"namespace": "a::b", "api": "12"}
)


def test_everything_written_is_read() -> None:
    with Artefact(IMAGE, "memory") as artefact:
        assert len(artefact) == len(FUNCTIONS)
        assert list(artefact.names()) == [name for name, _ in FUNCTIONS]
        assert all(artefact.payload(name) == payload for name, payload in FUNCTIONS)
        assert [artefact.string(i) for i in range(artefact.string_count)] == ["eins", "", "drei ☃"]
        assert [artefact.constant(i) for i in range(artefact.constant_count)] == [b"\x00\x01", b""]
        assert artefact.metadata == {"api": "12", "namespace": "a::b"}
        assert artefact.payload("absent") is None
        assert "function7" in artefact
        assert "absent" not in artefact
        artefact.verify()


@given(
    st.dictionaries(st.text(max_size=12), st.binary(max_size=30), max_size=30),
    st.lists(st.text(max_size=8), max_size=5),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4),
)
def test_any_content_survives(functions: dict[str, bytes], strings: list[str], metadata: dict[str, str]) -> None:
    image = artefact_image(functions.items(), strings=strings, metadata=metadata)
    artefact = Artefact(image, "memory")
    assert {name: artefact.payload(name) for name in functions} == functions
    assert [artefact.string(i) for i in range(len(strings))] == strings
    assert artefact.metadata == metadata


def test_the_same_content_gives_the_same_bytes() -> None:
    assert artefact_image(FUNCTIONS) == artefact_image(FUNCTIONS)


def read_everything(image: bytes) -> list[object]:
    artefact = Artefact(image, "memory")
    values: list[object] = [artefact.payload(name) for name, _ in FUNCTIONS]
    values.append(artefact.payload("absent"))
    values += [artefact.string(i) for i in range(3)]
    values += [artefact.constant(i) for i in range(2)]
    values.append(artefact.metadata)
    return values


def answers_or_refusal(image: bytes) -> tuple[list[object], IntegrityError | None]:
    try:
        return read_everything(image), None
    except IntegrityError as error:
        return [], error


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(IMAGE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_no_answer(place: int, change: int) -> None:
    damaged = bytearray(IMAGE)
    damaged[place] ^= change
    values, refusal = answers_or_refusal(bytes(damaged))
    if refusal is None:
        assert values == read_everything(IMAGE)
        with pytest.raises(IntegrityError):
            Artefact(bytes(damaged), "memory").verify()
    else:
        assert refusal.code in {"LYR0650", "LYR0651", "LYR0652", "LYR0653", "LYR0654", "LYR0655"}
        assert refusal.notes


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (b"", "LYR0650"),
        (b"PK\x03\x04" + bytes(200), "LYR0650"),
        (MAGIC, "LYR0650"),
        (IMAGE[:8] + (FORMAT_VERSION + 1).to_bytes(4, "little") + IMAGE[12:], "LYR0651"),
        (IMAGE[:-1], "LYR0652"),
        (IMAGE + b"\x00", "LYR0652"),
        (IMAGE[:40] + b"!" + IMAGE[41:], "LYR0653"),
    ],
)
def test_a_file_that_is_no_whole_artefact_is_refused_when_it_is_opened(tmp_path: Path, image: bytes, code: str) -> None:
    path = tmp_path / "foreign.lyrac"
    path.write_bytes(image)
    with pytest.raises(IntegrityError) as caught:
        Artefact.open(path)
    assert caught.value.code == code
    assert str(path) in caught.value.message


def test_a_damaged_record_is_refused_by_name_and_the_others_work() -> None:
    at = IMAGE.index(b"function7" + bytes([7]) * 7)
    damaged = IMAGE[: at + 10] + b"\xff" + IMAGE[at + 11 :]
    artefact = Artefact(damaged, "geo.lyrac")
    with pytest.raises(IntegrityError, match=r"geo\.lyrac") as caught:
        artefact.payload("function7")
    assert caught.value.code == "LYR0654"
    assert caught.value.notes == ("the record of function7 is damaged",)
    assert artefact.payload("function8") == bytes([8]) * 8


def test_a_damaged_table_is_no_missing_name() -> None:
    damaged = IMAGE[:128] + bytes(8 * 16) + IMAGE[128 + 8 * 16 :]
    artefact = Artefact(damaged, "geo.lyrac")
    with pytest.raises(IntegrityError) as caught:
        artefact.payload("absent")
    assert caught.value.code == "LYR0655"


def test_a_place_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.lyrac", tmp_path):
        with pytest.raises(IntegrityError) as caught:
            Artefact.open(path)
        assert caught.value.code == "LYR0656"


def test_closing_unmaps_and_keeps_what_was_handed_out(tmp_path: Path) -> None:
    path = tmp_path / "geo.lyrac"
    content_hash = write_artefact(path, FUNCTIONS)
    artefact = Artefact.open(path)
    assert artefact.content_hash == content_hash
    payload = artefact.payload("function30")
    artefact.close()
    artefact.close()
    assert artefact.is_closed
    assert payload == bytes([30]) * 30
    with pytest.raises(IntegrityError) as caught:
        artefact.payload("function30")
    assert caught.value.code == "LYR0657"


def test_writing_replaces_the_file_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "geo.lyrac"
    write_artefact(path, [("f", b"old")])
    with Artefact.open(path) as old:
        write_artefact(path, [("f", b"new")])
        assert old.payload("f") == b"old"
    with Artefact.open(path) as new:
        assert new.payload("f") == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "folder.lyrac"
    path.mkdir()
    with pytest.raises(OSError, match="folder"):
        write_artefact(path, FUNCTIONS)
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_is_written_once() -> None:
    with pytest.raises(IntegrityError) as caught:
        artefact_image([("f", b""), ("f", b"")])
    assert caught.value.code == "LYR0658"


def test_the_page_about_the_format_has_the_offsets_of_the_code() -> None:
    import re

    from lyra_core.modules import artefact

    page = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "artefact.md").read_text(encoding="utf-8")
    written = [(int(at), int(size)) for at, size in re.findall(r"^\| (\d+) \| (\d+) \|", page, re.MULTILINE)]
    fields = [
        value for name, value in vars(artefact).items() if re.fullmatch(r"_[A-Z_]+", name) and type(value) is tuple
    ]
    assert written == sorted([(0, 8), *fields, (120, 8)])
    assert written[-1] == (artefact._HEADER_SIZE - 8, 8)

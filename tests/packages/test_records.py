"""Records: made like data classes, immutable, compared and shown by their facts."""

from __future__ import annotations

import pytest

from lyra_core.records import Record, field


class Point(Record):
    x: int
    y: int = 0


class Noted(Point):
    note: str = field(default="", compare=False, repr=False)
    tags: list[str] = field(default_factory=list, hash=False)


class Given(Record):
    text: str = field(compare=False)
    value: int


def test_facts_come_in_order_by_name_and_from_defaults() -> None:
    assert (Point(1).x, Point(1).y, Point(1, 2).y, Point(y=3, x=1).y) == (1, 0, 2, 3)
    assert Noted(1, note="n").note == "n"
    assert Given("t", 1).text == "t"


def test_every_record_has_a_default_of_its_own_from_a_factory() -> None:
    one, two = Noted(1), Noted(1)
    one.tags.append("a")
    assert two.tags == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: Point(),
        lambda: Point(y=1),
        lambda: Point(1, 2, 3),
        lambda: Point(1, x=1),
        lambda: Point(1, z=1),
        lambda: Given(value=1),
        lambda: Point(1).replaced(z=1),
    ],
)
def test_facts_that_do_not_fit_are_refused(make: object) -> None:
    with pytest.raises(TypeError):
        make()  # type: ignore[operator]


def test_records_do_not_change() -> None:
    point = Point(1)
    with pytest.raises(AttributeError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del point.x
    assert point.replaced(x=2) == Point(2)
    assert point.x == 1


def test_equality_hash_and_text() -> None:
    assert Point(1) == Point(1, 0)
    assert hash(Point(1)) == hash(Point(1, 0))
    assert Point(1) != Noted(1)
    assert Noted(1, note="a") == Noted(1, note="b")
    assert Noted(1, tags=["a"]) != Noted(1)
    assert hash(Noted(1, tags=["a"])) == hash(Noted(1))
    assert Given("a", 1) == Given("b", 1)
    assert repr(Noted(1, 2, "n", ["t"])) == "Noted(x=1, y=2, tags=['t'])"

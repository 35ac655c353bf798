"""Records: immutable objects of named facts, compared by them.

What `dataclasses` gives, for modules that a short command imports: that module takes 14 ms to import and then up to a
millisecond for each class it writes the methods of, a third of the time of locking a small project. Type checkers read
a record as they read a data class.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Self, TypeVar, dataclass_transform

    _T = TypeVar("_T")
else:

    def dataclass_transform(**_):
        """Leave a class as it is: only type checkers look at this."""
        return lambda made: made


__all__ = ["Record", "field"]


class _Field:
    """What is said of a fact besides its name: where its default comes from, and whether it counts."""

    __slots__ = ("compare", "default", "factory", "hash", "repr")

    def __init__(
        self, default: object, factory: Callable[[], object] | None, compare: bool, hash: bool, repr: bool
    ) -> None:
        self.default = default
        self.factory = factory
        self.compare = compare
        self.hash = hash
        self.repr = repr


def field(
    *,
    default: Any = ...,
    default_factory: Callable[[], Any] | None = None,
    compare: bool = True,
    hash: bool = True,
    repr: bool = True,
) -> Any:
    """Describe a fact: its *default* or what makes it, whether it takes part in `==`, in the hash and in the `repr`."""
    return _Field(default, default_factory, compare, hash and compare, repr)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record:
    """An immutable object whose facts are the annotations of its class, in their order, with their defaults.

    >>> class Point(Record):
    ...     x: int
    ...     y: int = 0
    >>> Point(1), Point(1) == Point(1, 0), Point(1).replaced(y=2)
    (Point(x=1, y=0), True, Point(x=1, y=2))
    """

    _names: tuple[str, ...] = ()
    _fields: dict[str, _Field] = {}  # never changed: each class has its own
    _required: tuple[str, ...] = ()
    _factories: tuple[tuple[str, Callable[[], object]], ...] = ()

    def __init_subclass__(cls) -> None:
        fields = dict(cls._fields)
        names = list(cls._names)
        for name in cls.__annotations__:
            if name not in names:
                names.append(name)
            given = cls.__dict__.get(name)
            if type(given) is _Field:
                fields[name] = given
                if given.default is ...:
                    delattr(cls, name)
                else:
                    setattr(cls, name, given.default)
        cls._names = tuple(names)
        cls._fields = fields
        cls._factories = tuple([(name, each.factory) for name, each in fields.items() if each.factory is not None])
        made = {name for name, _ in cls._factories}
        cls._required = tuple([name for name in names if name not in made and not hasattr(cls, name)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        names, facts = self._names, self.__dict__
        facts.update(zip(names, args, strict=False))
        facts.update(kwargs)
        if len(facts) != len(args) + len(kwargs) or not facts.keys() <= {*names}:
            raise TypeError(f"{type(self).__name__} has the facts {', '.join(names)}")
        for name in self._required:
            if name not in facts:
                raise TypeError(f"{type(self).__name__} needs `{name}`")
        for name, make in self._factories:
            if name not in facts:
                facts[name] = make()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed; `replaced` gives another one")

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def _facts(self, what: str) -> Iterator[tuple[str, object]]:
        for name in self._names:
            described = self._fields.get(name)
            if described is None or getattr(described, what):
                yield name, getattr(self, name)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self is other or [*self._facts("compare")] == [*other._facts("compare")]

    def __hash__(self) -> int:
        return hash(tuple(self._facts("hash")))

    def __repr__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self._facts("repr"))
        return f"{type(self).__qualname__}({facts})"

    def replaced(self, **changes: Any) -> Self:
        """Return the same record with some facts changed."""
        return type(self)(**{name: changes.pop(name, getattr(self, name)) for name in self._names}, **changes)

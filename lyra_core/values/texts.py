"""Lists of strings that are made when someone looks at them."""

from __future__ import annotations

from lyra_core.values.expression import List
from lyra_core.values.string import String

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["list_of_texts", "texts_of"]

#: For fewer strings than this the values are made at once.
_MANY = 64


class _Texts(List):
    """A list whose elements are Python strings still: the values are made when `args` is first asked for.

    Splitting a text of 1 MB into words takes 5 ms, making a value of each word 25 ms more; who asks for the
    length, joins the words again or counts them needs no values. The object says that it is a List, and becomes
    one in fact with the first look at its elements: nobody else has to know of it.
    """

    __slots__ = ()

    @property  # type: ignore[misc]  # the class is what it stands for
    def __class__(self) -> type:
        return List

    @property
    def args(self) -> tuple[Any, ...]:  # type: ignore[override]  # a look makes it the slot that it stands for
        texts = _held(self)
        _become(self, List)
        _hold(self, _values_of(texts))
        return _held(self)  # type: ignore[no-any-return]  # the tuple of the line before

    def __len__(self) -> int:
        return len(_held(self))


_held = List.__dict__["args"].__get__
_hold = List.__dict__["args"].__set__
_become = object.__dict__["__class__"].__set__
_set_text = String.__dict__["value"].__set__


def list_of_texts(texts: list[str]) -> List:
    """Return the list of *texts* as string values; the Python list must not change afterwards."""
    if len(texts) < _MANY:
        made = List(tuple([String(text) for text in texts]))
    else:
        made = _Texts.__new__(_Texts)
        _hold(made, texts)
        made.stamp = -1
        made.shash = None
    made.kind = String if texts else False
    return made


def texts_of(v: List) -> list[str] | None:
    """Return the texts of a list of strings, None when some elements are none. It must not be changed."""
    if type(v) is _Texts:
        return _held(v)  # type: ignore[no-any-return]  # what `list_of_texts` put there
    return [each.value for each in v.args] if v.element_kind() is String else None


class _Values(dict[str, String]):
    """The value of each text, made when it is first asked for."""

    def __missing__(self, text: str) -> String:
        made = self[text] = String(text)
        return made


def _values_of(texts: list[str]) -> tuple[String, ...]:
    """Return string values.

    Equal texts share one value where they repeat, as words and characters do: a look-up costs 50 ns, making a
    value 300 ns and twice that one at a time.
    """
    sample = texts[: max(1000, len(texts) // 8)]
    if 2 * len(set(sample)) <= len(sample):
        return tuple(map(_Values().__getitem__, texts))
    from collections import deque
    from itertools import repeat

    made = tuple(map(String.__new__, repeat(String, len(texts))))
    deque(map(_set_text, made, texts), maxlen=0)
    return made

"""`FunctionExport`: a name that others may link to, and everything known about it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lyra_core.functions.implementation import FunctionImplementation
    from lyra_core.functions.signature import FunctionSignature

__all__ = ["KINDS", "PIPE_LAST", "FunctionExport"]

KINDS = ("function", "symbol", "constant", "option")
PIPE_LAST = -1
"""The pipe position that stands for the last argument."""

_NOTHING: dict[str, str] = {}

_FIELDS = (
    "export_name",
    "internal_name",
    "kind",
    "attributes",
    "arity",
    "pipe",
    "operator",
    "has_sub",
    "native",
    "lyra",
    "alias_of",
    "capabilities",
    "signature_text",
    "documentation",
    "options",
    "messages",
    "deprecated",
    "since",
    "implementation",
)


class FunctionExport:
    """One export of a module; immutable.

    *internal_name* is the name inside the module, *export_name* the one others use. *kind* is
    `function`, `symbol`, `constant` or `option`. *attributes* is a mask of FunctionAttribute bits.
    *arity* is (least, most) arguments of a call, most -1 without an upper bound (options are arguments).
    *pipe* is the position, from 1, that receives a piped value (`PIPE_LAST`: the last); *operator* the
    one at which the operator form `f[a][x]` inserts x (0: none); *has_sub* says that the native answers
    `f[a…][b…]` by a rule of its own. *native* is the
    `python.module:attribute` of a Python implementation, *lyra* the `stem::Name` of a Lyra one.
    *alias_of* is the qualified home of a name that is only re-exported here. *implementation* is
    filled when the module is at hand.
    """

    __slots__ = (*_FIELDS, "_signature")

    export_name: str
    internal_name: str
    kind: str
    attributes: int
    arity: tuple[int, int]
    pipe: int
    operator: int
    has_sub: bool
    native: str
    lyra: str
    alias_of: str
    capabilities: tuple[str, ...]
    signature_text: str
    documentation: str
    options: Mapping[str, str]
    messages: Mapping[str, str]
    deprecated: str
    since: str
    implementation: FunctionImplementation | None

    def __init__(
        self,
        export_name: str,
        *,
        internal_name: str = "",
        kind: str = "function",
        attributes: int = 0,
        arity: tuple[int, int] = (0, -1),
        pipe: int = 1,
        operator: int = 0,
        has_sub: bool = False,
        native: str = "",
        lyra: str = "",
        alias_of: str = "",
        capabilities: tuple[str, ...] = (),
        signature: str = "",
        documentation: str = "",
        options: Mapping[str, str] = _NOTHING,
        messages: Mapping[str, str] = _NOTHING,
        deprecated: str = "",
        since: str = "",
        implementation: FunctionImplementation | None = None,
    ) -> None:
        self.export_name = export_name
        self.internal_name = internal_name or export_name
        self.kind = kind
        self.attributes = attributes
        self.arity = arity
        self.pipe = pipe
        self.operator = operator
        self.has_sub = has_sub
        self.native = native
        self.lyra = lyra
        self.alias_of = alias_of
        self.capabilities = capabilities
        self.signature_text = signature
        self.documentation = documentation
        self.options = options
        self.messages = messages
        self.deprecated = deprecated
        self.since = since
        self.implementation = implementation
        self._signature: FunctionSignature | None = None

    @property
    def signature(self) -> FunctionSignature:
        """The signature; of an export that declares none, `Name[args___]`."""
        if self._signature is None:
            from lyra_core.functions.signature import FunctionSignature

            self._signature = FunctionSignature.parse(self.signature_text or f"{self.export_name}[args___]")
        return self._signature

    @property
    def doc(self) -> str:
        """The first sentence line of the documentation."""
        return self.documentation.partition("\n")[0]

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """The attributes by name, sorted."""
        from lyra_core.functions.attributes import attribute_names

        return attribute_names(self.attributes)

    def accepts(self, count: int) -> bool:
        """Whether a call with *count* arguments fits."""
        least, most = self.arity
        return least <= count and (most < 0 or count <= most)

    def with_implementation(self, implementation: FunctionImplementation) -> FunctionExport:
        """Return the same export with its implementation at hand."""
        copy = FunctionExport.__new__(FunctionExport)
        for field in _FIELDS:
            setattr(copy, field, getattr(self, field))
        copy._signature = self._signature
        copy.implementation = implementation
        return copy

    # ── the form kept in the namespace index: a tuple that marshal writes ─────────────────────

    @classmethod
    def from_manifest(cls, name: str, entry: Mapping[str, Any]) -> FunctionExport:
        """Return the export that a module manifest describes.

        Errors: LYR0232 for an unknown attribute, LYR0233 for a signature that cannot be read.
        """
        from lyra_core.functions.attributes import attribute_mask
        from lyra_core.functions.signature import FunctionSignature

        signature = entry.get("signature", "")
        least, most = FunctionSignature.parse(signature).arity if signature else (0, None)
        options = entry.get("options", _NOTHING)
        return cls(
            name,
            internal_name=(entry.get("lyra") or entry.get("native") or name).replace(":", "::").rpartition("::")[2],
            kind=entry.get("kind", "function"),
            attributes=attribute_mask(entry.get("attributes", ())),
            arity=(least, -1 if most is None or options else most),
            pipe=entry.get("pipe", 1),
            operator=entry.get("operator", 0),
            has_sub=entry.get("sub", False),
            native=entry.get("native", ""),
            lyra=entry.get("lyra", ""),
            alias_of=entry.get("alias-of", ""),
            capabilities=tuple(entry.get("capabilities", ())),
            signature=signature,
            documentation=entry.get("documentation", ""),
            options=options,
            messages=entry.get("messages", _NOTHING),
            deprecated=entry.get("deprecated", ""),
            since=entry.get("since", ""),
        )

    def to_record(self) -> tuple[Any, ...]:
        """Return the export as a tuple of plain values, without its implementation."""
        values = {field: getattr(self, field) for field in _FIELDS[:-1]}
        values["options"] = dict(self.options)
        values["messages"] = dict(self.messages)
        return tuple(values.values())

    @classmethod
    def from_record(cls, record: tuple[Any, ...]) -> FunctionExport:
        """Return the export that `to_record` described."""
        made = cls.__new__(cls)
        (
            made.export_name,
            made.internal_name,
            made.kind,
            made.attributes,
            made.arity,
            made.pipe,
            made.operator,
            made.has_sub,
            made.native,
            made.lyra,
            made.alias_of,
            made.capabilities,
            made.signature_text,
            made.documentation,
            made.options,
            made.messages,
            made.deprecated,
            made.since,
        ) = record
        made.implementation = None
        made._signature = None
        return made

    def __repr__(self) -> str:
        return f"FunctionExport({self.export_name}, {self.kind})"

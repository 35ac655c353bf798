"""Strings as bytes and back: byte arrays, base64, URLs, compression, identifiers."""

from __future__ import annotations

from lyra_core.plugins import Expression, List, String, Value, module
from lyra_core.std_core.output import text_of
from lyra_core.values import REAL_TYPES, S, expression
from lyra_std_string.arguments import call_of, over_strings, refuse

functions = module("std::string")

_PLAIN = {"Protected"}


def _bytes_of(v: Value) -> bytes | None:
    """Return the bytes of `ByteArray["…"]`, None for anything else."""
    import base64
    import binascii

    if v.__class__ is Expression and v.head is S.ByteArray and len(v.args) == 1 and v.args[0].__class__ is String:
        try:
            return base64.b64decode(v.args[0].value, validate=True)
        except (binascii.Error, ValueError):
            return None
    return None


def _byte_array(data: bytes) -> Expression:
    import base64

    return expression(S.ByteArray, (String(base64.b64encode(data).decode("ascii")),))


@functions.function(
    attributes=_PLAIN,
    checked=False,
    messages={"lend": "The argument at position 1 in `1` should be a list of bytes or a base64 string."},
)
def ByteArray(data: List | String) -> Expression | None:
    """Give the byte array of a list of integers from 0 to 255; it holds its bytes as a base64 string.

    >>> ByteArray[{1, 2, 255}]
    ByteArray["AQL/"]
    """
    if data.__class__ is List:
        if all(b.__class__ is int and 0 <= b <= 255 for b in data.args):
            return _byte_array(bytes(data.args))
        return refuse("ByteArray", "lend", call_of("ByteArray", data))
    return None


_CODECS = {"UTF8": "utf-8", "UTF-8": "utf-8", "ASCII": "ascii", "ISOLatin1": "latin-1", "ISO8859-1": "latin-1"}


def _codec(v: Value) -> str | None:
    if v is None:
        return "utf-8"
    return _CODECS.get(v.value) if v.__class__ is String else None


@functions.function(attributes=_PLAIN, checked=False)
def StringToByteArray(string: String, encoding: String | None = None) -> Expression | None:
    """Give the bytes of a string, in UTF-8 unless another encoding is named.

    >>> StringToByteArray["é"]
    ByteArray["w6k="]
    """
    codec = _codec(encoding)
    if string.__class__ is not String or codec is None:
        return None
    return _byte_array(string.value.encode(codec, "replace"))


@functions.function(attributes=_PLAIN, checked=False)
def ByteArrayToString(data: Expression, encoding: String | None = None) -> String | None:
    """Give the string that a byte array encodes, in UTF-8 unless another encoding is named.

    >>> ByteArrayToString[StringToByteArray["né"]]
    "né"
    """
    codec, raw = _codec(encoding), _bytes_of(data)
    if codec is None or raw is None:
        return None
    try:
        return String(raw.decode(codec))
    except UnicodeDecodeError:
        return refuse("General", "ucdec")


@functions.function(attributes=_PLAIN, checked=False)
def BaseEncode(data: Expression | String, base: String | None = None) -> String | None:
    """Give a byte array, or the UTF-8 bytes of a string, in "Base64", "Base32", "Base16", "Base85" or "Base64URL".

    >>> {BaseEncode[ByteArray[{1, 2, 3}]], BaseEncode["Lyra", "Base16"]}
    {"AQID", "4C797261"}
    """
    import base64

    encode: Value = {
        None: base64.b64encode,
        "Base64": base64.b64encode,
        "Base64URL": base64.urlsafe_b64encode,
        "Base32": base64.b32encode,
        "Base16": base64.b16encode,
        "Base85": base64.b85encode,
    }.get(None if base is None else getattr(base, "value", ""))
    raw = data.value.encode("utf-8") if data.__class__ is String else _bytes_of(data)
    return None if encode is None or raw is None else String(encode(raw).decode("ascii"))


@functions.function(attributes=_PLAIN, checked=False)
def BaseDecode(string: String, base: String | None = None) -> Expression | None:
    """Give the byte array that a string in "Base64" (or another base of BaseEncode) says.

    >>> BaseDecode["AQID"]
    ByteArray["AQID"]
    """
    import base64
    import binascii

    decode: Value = {
        None: base64.b64decode,
        "Base64": base64.b64decode,
        "Base64URL": base64.urlsafe_b64decode,
        "Base32": base64.b32decode,
        "Base16": base64.b16decode,
        "Base85": base64.b85decode,
    }.get(None if base is None else getattr(base, "value", ""))
    if decode is None or string.__class__ is not String:
        return None
    try:
        return _byte_array(decode(string.value.encode("ascii")))
    except (binascii.Error, ValueError):
        return refuse("General", "ucdec")


@functions.function(attributes=_PLAIN, checked=False)
def URLEncode(string: Value) -> Value:
    """Give a string with everything but letters, digits, `-`, `_`, `.` and `~` percent-encoded.

    >>> URLEncode["a b&é"]
    "a%20b%26%C3%A9"
    """
    from urllib.parse import quote

    if string is getattr(S, "None"):
        return String("")
    if string.__class__ in REAL_TYPES:
        return String(text_of(string, "OutputForm"))
    return over_strings(string, lambda text: String(quote(text, safe="")), "URLEncode")


@functions.function(attributes=_PLAIN, checked=False)
def URLDecode(string: String | List) -> String | List | None:
    """Give a percent-encoded string decoded.

    >>> URLDecode["a%20b%26c"]
    "a b&c"
    """
    from urllib.parse import unquote

    return over_strings(string, lambda text: String(unquote(text)), "URLDecode")


@functions.function(attributes=_PLAIN, checked=False)
def Compress(expr: Value) -> String:
    """Give a string that holds any expression in compressed form; Uncompress reads it.

    The format is this system's own: `1:` and the base64 of the deflated InputForm.

    >>> Uncompress[Compress[{a, 1/2, "s"}]]
    {a, 1/2, "s"}
    """
    import base64
    import zlib

    from lyra_core.values.printing.writer import Writer

    text = Writer(lambda symbol: symbol.qualified_name if "::" in symbol.namespace else symbol.name).text(expr)
    return String("1:" + base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii"))


@functions.function(attributes=_PLAIN, checked=False, messages={"corrupt": "`1` is not a valid compressed string."})
def Uncompress(string: String, wrap: Value = None) -> Value:
    """Give the expression that a string of Compress holds; a second argument is wrapped around it.

    >>> Uncompress[Compress[1 + x], Hold]
    Hold[1 + x]
    """
    import base64
    import binascii
    import zlib

    from lyra_core.errors import LyraError
    from lyra_core.evaluation.state import STATE

    if string.__class__ is not String or STATE.session is None:
        return None
    try:
        text = zlib.decompress(base64.b64decode(string.value.removeprefix("1:"), validate=True)).decode("utf-8")
        value = STATE.session.parse(text)
    except (binascii.Error, ValueError, zlib.error, LyraError):
        refuse("Uncompress", "corrupt", string)
        return getattr(S, "$Failed")
    return value if wrap is None else expression(wrap, (value,))


@functions.function(attributes=_PLAIN, checked=False)
def CreateUUID(prefix: String | None = None) -> String | None:
    """Give a new random universally unique identifier, behind a prefix if there is one.

    >>> StringLength[CreateUUID[]]
    36
    """
    import uuid

    if prefix is not None and prefix.__class__ is not String:
        return None
    return String((prefix.value if prefix is not None else "") + str(uuid.uuid4()))

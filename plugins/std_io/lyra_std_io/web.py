"""Requests over HTTP and HTTPS."""

from __future__ import annotations

from lyra_core.errors import PermissionRefused
from lyra_core.plugins import Association, Expression, List, String, Symbol, Value, module
from lyra_core.runtime.files import check_host
from lyra_core.values import NUMBER_TYPES, S, expression
from lyra_core.values.printing import to_text
from lyra_std_io.arguments import FAILED, option_of, problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::io")

_PLAIN = {"Protected"}
_NET = {"net"}
_MESSAGES = {
    "invurl": "`1` is not a valid address: http:// and https:// are fetched.",
    "offline": "Cannot reach `1`: `2`.",
    "httperr": "`1` answered with status `2`.",
    "size": "The answer of `1` has more than `2` bytes.",
}
_SECONDS = 30
_MOST_BYTES = 1 << 30


class _Refused(Exception):
    """The request cannot be made; *tag* and *values* are those of the message."""

    def __init__(self, tag: str, *values: Value) -> None:
        super().__init__(tag)
        self.tag = tag
        self.values = values


class Request:
    """What is asked: address, method, headers, body."""

    __slots__ = ("body", "headers", "method", "url")

    def __init__(self, url: str) -> None:
        self.url = url
        self.method = "GET"
        self.headers: dict[str, str] = {}
        self.body: bytes | None = None


def _request_of(v: Value) -> Request | None:
    """Return the request of an address or `HTTPRequest["address", <|"Method" -> …|>]`."""
    data: Value = None
    if v.__class__ is Expression and v.head is S.HTTPRequest and 1 <= len(v.args) <= 2:
        v, data = v.args[0], v.args[1] if len(v.args) == 2 else None
    if v.__class__ is Expression and v.head.__class__ is Symbol and v.head.name == "URL" and len(v.args) == 1:
        v = v.args[0]
    if v.__class__ is not String:
        return None
    request = Request(v.value)
    if data is None:
        return request
    if data.__class__ is not Association:
        return None
    for key, value in data.pairs():
        name = key.value if key.__class__ is String else getattr(key, "name", "")
        if name == "Method" and value.__class__ is String:
            request.method = value.value.upper()
        elif name == "Headers":
            for field, text in _pairs(value):
                request.headers[field] = text
        elif name == "Body":
            request.body = _body(value, request)
        elif name == "Query":
            from urllib.parse import urlencode

            mark = "&" if "?" in request.url else "?"
            request.url += mark + urlencode(_pairs(value))
        elif name == "ContentType" and value.__class__ is String:
            request.headers["Content-Type"] = value.value
        else:
            return None
    if request.body is not None and request.method == "GET":
        request.method = "POST"
    return request


def _pairs(v: Value) -> list[tuple[str, str]]:
    if v.__class__ is Association:
        entries = list(v.pairs())
    else:
        entries = [r.args for r in (v.args if v.__class__ is List else (v,)) if option_of(r) is not None]
    return [(_text(k), _text(value)) for k, value in entries]


def _text(v: Value) -> str:
    if v.__class__ is Symbol:
        return v.name
    return to_text(v, "InputForm") if v.__class__ in NUMBER_TYPES else to_text(v, "OutputForm")


def _body(v: Value, request: Request) -> bytes:
    if v.__class__ is String:
        return v.value.encode("utf-8")
    from urllib.parse import urlencode

    request.headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return urlencode(_pairs(v)).encode("ascii")


def fetch(request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
    """Make a request and return status, headers and body.

    Every host, those of redirections too, is asked for under the permission in force.
    Errors: _Refused; PermissionRefused.
    """
    import urllib.error
    import urllib.request
    from http.client import HTTPException
    from urllib.parse import urlsplit

    def check(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _Refused("invurl", String(url))
        check_host(parts.hostname)

    class Redirections(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            check(newurl)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    try:
        check(request.url)
        asked = urllib.request.Request(request.url, request.body, request.headers, method=request.method)
        asked.add_header("User-Agent", request.headers.get("User-Agent", "Lyra"))
        # The default opener would read file: and data: addresses, too.
        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            Redirections(),
        ):
            opener.add_handler(handler)
        try:
            answer = opener.open(asked, timeout=_SECONDS)
        except urllib.error.HTTPError as error:
            answer = error
        if answer is None:
            raise _Refused("invurl", String(request.url))
        with answer:
            body = answer.read(_MOST_BYTES + 1)
            if len(body) > _MOST_BYTES:
                raise _Refused("size", String(request.url), _MOST_BYTES)
            return answer.status, list(answer.headers.items()), body
    except (_Refused, PermissionRefused):
        raise
    except ValueError as error:
        raise _Refused("invurl", String(request.url)) from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise _Refused("offline", String(request.url), String(str(reason))) from error


def _charset(headers: list[tuple[str, str]]) -> str:
    for name, value in headers:
        if name.lower() == "content-type" and "charset=" in value.lower():
            return value.lower().split("charset=")[1].split(";")[0].strip("\"' ")
    return "utf-8"


def _decoded(body: bytes, headers: list[tuple[str, str]]) -> str:
    try:
        return body.decode(_charset(headers))
    except (UnicodeDecodeError, LookupError):
        return body.decode("latin-1")


def _ask(name: str, source: Value) -> Value:
    request = _request_of(source)
    if request is None:
        return None
    try:
        return fetch(request)
    except _Refused as refused:
        return problem(name, refused.tag, *refused.values)


def _property(inner: tuple[Value, ...], asked: tuple[Value, ...]) -> Value:
    """Answer `HTTPResponse[…]["Body"]`."""
    if len(inner) != 2 or inner[1].__class__ is not Association or len(asked) != 1 or asked[0].__class__ is not String:
        return None
    name = asked[0].value
    if name == "Body":
        return inner[0]
    return inner[1].lookup(asked[0])


@functions.function(attributes=_PLAIN, checked=False, sub=_property)
def HTTPResponse(body: String, metadata: Association) -> None:
    """HTTPResponse[body, <|"StatusCode" -> n, "Headers" -> {…}|>] is the answer to a request.

    It gives its properties when it is applied to their names: "Body", "StatusCode", "Headers", "ContentType".

    >>> HTTPResponse["ok", <|"StatusCode" -> 200|>]["StatusCode"]
    200
    """


functions.symbol(
    "HTTPRequest",
    'HTTPRequest["address", <|"Method" -> "POST", "Headers" -> …, "Body" -> …, "Query" -> …|>] is what URLRead asks.',
    attributes=_PLAIN,
)
functions.symbol("URL", 'URL["address"] stands for an address.', attributes=_PLAIN)


@functions.function(attributes=_PLAIN, capabilities=_NET, checked=False, messages=_MESSAGES)
def URLRead(request: String | Expression, property: String | None = None) -> Value:
    """Make an HTTP request and give its HTTPResponse, or one property of it: "Body", "StatusCode", "Headers".

    Only http and https; redirections are followed, each host under the permission in force.

    >>> URLRead["file:///etc/hosts"] // Quiet
    $Failed
    """
    answer = _ask("URLRead", request)
    if answer.__class__ is not tuple:
        return answer
    status, headers, body = answer
    fields = List(tuple([expression(S.Rule, (String(k), String(v))) for k, v in headers]))
    kind = next((v for k, v in headers if k.lower() == "content-type"), "")
    metadata = Association.from_pairs(
        [(String("StatusCode"), status), (String("Headers"), fields), (String("ContentType"), String(kind))]
    )
    inner = (String(_decoded(body, headers)), metadata)
    return expression(S.HTTPResponse, inner) if property is None else _property(inner, (property,))


@functions.function(attributes=_PLAIN, capabilities=_NET, checked=False, messages=_MESSAGES)
def URLFetch(request: String | Expression) -> String | Symbol | None:
    """Make an HTTP request and give the text of the answer; $Failed when its status is 400 or more.

    >>> URLFetch["ftp://example.org"] // Quiet
    $Failed
    """
    answer: Value = _ask("URLFetch", request)
    if answer.__class__ is not tuple:
        return answer if answer is None else FAILED
    status, headers, body = answer
    if status >= 400:
        return problem("URLFetch", "httperr", request, status)
    return String(_decoded(body, headers))


@functions.function(attributes=_PLAIN, capabilities=_NET, checked=False, messages=_MESSAGES)
def URLExecute(request: String | Expression, query: List | Association | None = None, format: Value = None) -> Value:
    """Make an HTTP request, with a query, and give its answer as a value: JSON and CSV by its content type.

    >>> URLExecute["file:///etc/hosts"] // Quiet
    $Failed
    """
    if query is not None:
        entry = (String("Query"), query if query.__class__ is Association else List(query.args))
        request = expression(S.HTTPRequest, (request, Association.from_pairs([entry])))
    answer = _ask("URLExecute", request)
    if answer.__class__ is not tuple:
        return answer
    status, headers, body = answer
    if status >= 400:
        return problem("URLExecute", "httperr", request, status)
    text = String(_decoded(body, headers))
    if format is None:
        kind = next((v for k, v in headers if k.lower() == "content-type"), "")
        format = String("RawJSON") if "json" in kind else String("CSV") if "csv" in kind else None
    if format is None:
        return text
    from lyra_std_io.formats import ImportString

    return ImportString(text, format)

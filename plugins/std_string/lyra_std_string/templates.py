"""Templates and texts: StringTemplate, StringForm, IntegerString, TextString, syntax of strings."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.plugins import Association, Boolean, Expression, Integer, List, String, Value, module
from lyra_core.values import S, expression
from lyra_core.values.printing import to_text
from lyra_std_string.arguments import call_of, over_strings, refuse, text_of_value

functions = module("std::string")

_PLAIN = {"Protected"}


# ---- templates


def _template_parts(text: str) -> list[Value]:
    """Return a template as strings, TemplateSlot[…] and TemplateExpression[code]."""
    import re

    parts: list[Value] = []
    following = 0
    at = 0
    for found in re.finditer(r"<\*(.*?)\*>|`([A-Za-z0-9$_]*)`", text, re.DOTALL):
        if found.start() > at:
            parts.append(String(text[at : found.start()]))
        at = found.end()
        code, name = found[1], found[2]
        if code is not None:
            parts.append(expression(S.TemplateExpression, (String(code.strip()),)))
        elif not name:
            following += 1
            parts.append(expression(S.TemplateSlot, (following,)))
        elif name.isdigit():
            following = int(name)
            parts.append(expression(S.TemplateSlot, (following,)))
        else:
            parts.append(expression(S.TemplateSlot, (String(name),)))
    if at < len(text):
        parts.append(String(text[at:]))
    return parts


def _fill(text: str, args: tuple[Value, ...], defaults: Association | None) -> Value:
    """Return a template with its slots filled; a slot without a value is empty."""
    named = args[0] if len(args) == 1 and args[0].__class__ is Association else None
    listed = args[0].args if len(args) == 1 and args[0].__class__ is List else args
    out = []
    for part in _template_parts(text):
        if part.__class__ is String:
            out.append(part.value)
            continue
        if part.head is S.TemplateExpression:
            out.append(text_of_value(_run(part.args[0].value)))
            continue
        key = part.args[0]
        value = named.lookup(key) if named is not None else None
        if value is None and key.__class__ is int and named is None and 1 <= key <= len(listed):
            value = listed[key - 1]
        if value is None and defaults is not None:
            value = defaults.lookup(key)
        if value is not None:
            out.append(text_of_value(evaluate(value)))
    return String("".join(out))


def _run(code: str) -> Value:
    from lyra_core.evaluation.state import STATE

    return evaluate(STATE.session.parse(code)) if STATE.session is not None else String(code)


def _apply_template(inner: tuple[Value, ...], args: tuple[Value, ...]) -> Value:
    """Answer `StringTemplate["…"][args]`."""
    if not 1 <= len(inner) <= 2 or inner[0].__class__ is not String:
        return None
    defaults = inner[1] if len(inner) == 2 else None
    if defaults is not None and defaults.__class__ is not Association:
        return None
    return _fill(inner[0].value, args, defaults)


@functions.function(attributes=_PLAIN, checked=False, sub=_apply_template)
def StringTemplate(template: String, defaults: Association | None = None) -> None:
    """StringTemplate["text"] is a function that fills the slots of a text.

    ``` `` ``` takes the next argument, `` `2` `` the second, `` `name` `` the value of a key of an association;
    `<* code *>` is evaluated. A second argument holds values for keys that are not given.

    >>> StringTemplate["`1` and ``, `1`"]["a", "b"]
    "a and b, a"
    >>> StringTemplate["Hello `name`!"][<|"name" -> "Ada"|>]
    "Hello Ada!"
    >>> StringTemplate["<* 1 + 1 *> is two"][]
    "2 is two"
    """


@functions.function(attributes=_PLAIN, checked=False)
def TemplateApply(template: Value, args: Value = None) -> Value:
    """Fill the slots of a template, a string or StringTemplate, with a list of values or an association.

    >>> {TemplateApply["`` + ``", {1, 2}], TemplateApply[StringTemplate["`a`"], <|"a" -> 3|>]}
    {"1 + 2", "3"}
    """
    inner: tuple[Value, ...]
    if template.__class__ is Expression and template.head is S.StringTemplate:
        inner = template.args
    elif template.__class__ is String:
        inner = (template,)
    else:
        return template
    return _apply_template(inner, () if args is None else (args,))


functions.symbol("TemplateSlot", "TemplateSlot[n] or TemplateSlot[name] stands for a slot of a template.")
functions.symbol("TemplateExpression", "TemplateExpression[code] stands for code in a template.")
functions.symbol(
    "StringForm",
    'StringForm["a `` b `1`", x] prints as its text with the values put in; ``` `` ``` takes the next one.',
    attributes=_PLAIN,
)


# ---- numbers as strings

functions.symbol("DecimalForm", "DecimalForm[x, n] prints a number with n digits, never with an exponent.")
functions.symbol("PercentForm", "PercentForm[x] prints a number as a percentage.")
for _name, _doc in {
    "DigitBlock": "how many digits stand in a block",
    "ExponentFunction": "whether there is an exponent (`Null &`: never)",
    "ExponentStep": "the step of exponents",
    "NumberFormat": "how mantissa and exponent are put together",
    "NumberMultiplier": "what stands between mantissa and exponent",
    "NumberPadding": "what fills the digits that are not there, on the left and on the right",
    "NumberPoint": "what stands for the decimal point",
    "NumberSeparator": "what stands between blocks of digits",
    "NumberSigns": "what stands before negative and positive numbers",
    "SignPadding": "whether padding stands behind the sign",
}.items():
    functions.option(_name, f"An option of NumberForm and its kin: {_doc}.")


@functions.function(
    attributes={"Listable", "Protected"},
    checked=False,
    messages={
        "basf": "Requested base `1` in `2` should be an integer between 2 and 36.",
        "int": "Integer expected at position `2` in `1`.",
    },
)
def IntegerString(n: Integer, base: Integer | String = 10, length: Integer | None = None) -> String | None:
    """Give the digits of an integer, without its sign, in a base from 2 to 36, with zeros or cut to a length.

    The base "Roman" gives Roman numerals.

    >>> {IntegerString[1234], IntegerString[255, 16], IntegerString[5, 2, 8], IntegerString[1999, "Roman"]}
    {"1234", "ff", "00000101", "MCMXCIX"}
    """
    from lyra_core.values.printing.number_form import base_digits

    if n.__class__ is not int:
        return None
    if base.__class__ is String:
        return String(_roman(abs(n))) if base.value == "Roman" and length is None else None
    if base.__class__ is not int or not 2 <= base <= 36:
        call = call_of("IntegerString", n, base)
        return refuse("IntegerString", "basf", base, call)
    digits = base_digits(abs(n), base)
    if length is None:
        return String(digits)
    if length.__class__ is not int or length < 0:
        return None
    return String(digits.rjust(length, "0")[-length:] if length else "")


_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def _roman(n: int) -> str:
    if not n:
        return "N"
    out = []
    for value, letters in _ROMAN:
        out.append(letters * (n // value))
        n %= value
    return "".join(out)


@functions.function(attributes=_PLAIN, checked=False)
def TextString(expr: Value) -> String:
    """Give an expression as text for people: strings without quotes, at every depth.

    >>> {TextString["a"], TextString[{1, "b", 2.5}], TextString[1/3]}
    {"a", "{1, b, 2.5}", "1/3"}
    """
    return String(text_of_value(expr))


@functions.function(attributes=_PLAIN, checked=False)
def StringQuote(expr: Value) -> String:
    r"""Give the InputForm of an expression as a string: of a string its literal, with quotes and escapes.

    >>> StringQuote["a\"b"]
    "\"a\\\"b\""
    """
    return String(to_text(expr, "InputForm"))


# ---- syntax


@functions.function(attributes=_PLAIN, checked=False)
def SyntaxQ(string: String | List) -> Boolean | List | None:
    """Give True when a string is a complete, correct input.

    >>> {SyntaxQ["1 + x"], SyntaxQ["f[1,"]}
    {True, False}
    """
    from lyra_core.values import FALSE, TRUE

    return over_strings(string, lambda text: FALSE if _errors(text) else TRUE, "SyntaxQ")


def _errors(text: str) -> list[Value]:
    from lyra_core.source import Source
    from lyra_core.syntax import parse_with_errors

    found: list[Value] = parse_with_errors(Source("<string>", text))[1]
    return found


@functions.function(attributes=_PLAIN, checked=False)
def SyntaxLength(string: String | List) -> Integer | List | None:
    """Give how many characters of a string can begin a correct input; more than it has when it only breaks off.

    >>> {SyntaxLength["1 + 2"], SyntaxLength["a + ]"]}
    {5, 4}
    """

    def length(text: str) -> int:
        from lyra_core.syntax import is_complete

        errors = _errors(text)
        if not errors:
            return len(text)
        if not is_complete(text):
            return len(text) + 1
        span = errors[0].span
        return span.start if span is not None else 0

    return over_strings(string, length, "SyntaxLength")


@functions.function(attributes=_PLAIN, checked=False)
def InsertLinebreaks(string: String | List, width: Integer = 78) -> String | List | None:
    r"""Give a string with its lines broken at blanks so that none is longer than n characters.

    >>> InsertLinebreaks["one two three", 7]
    "one two\nthree"
    """
    if width.__class__ is not int or width < 1:
        return None

    def wrap(text: str) -> String:
        import textwrap

        lines = []
        for line in text.split("\n"):
            lines += textwrap.wrap(line, width, break_on_hyphens=False) or [""]
        return String("\n".join(lines))

    return over_strings(string, wrap, "InsertLinebreaks")

"""Messages: `Power::infy: Infinite expression 1/0 encountered.`

The text of a message is looked up among the definitions of its symbol, then in the templates that
the symbol's plugin declares, then in the general table below.
"""

from __future__ import annotations

from lyra_core.evaluation.state import STATE
from lyra_core.values.symbol import S, Symbol, symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["GENERAL", "arity_message", "message", "template_of"]

#: Texts that any symbol may use; `1`, `2` … stand for the arguments.
GENERAL = {
    "argct": "`1` called with `2` arguments.",
    "argctu": "`1` called with 1 argument.",
    "argr": "`1` called with 1 argument; `2` arguments are expected.",
    "argrx": "`1` called with `2` arguments; `3` arguments are expected.",
    "argt": "`1` called with `2` arguments; `3` or `4` arguments are expected.",
    "argtu": "`1` called with 1 argument; `2` or `3` arguments are expected.",
    "argb": "`1` called with `2` arguments; between `3` and `4` arguments are expected.",
    "argbu": "`1` called with 1 argument; between `2` and `3` arguments are expected.",
    "argm": "`1` called with `2` arguments; `3` or more arguments are expected.",
    "argmu": "`1` called with 1 argument; `2` or more arguments are expected.",
    "argx": "`1` called with `2` arguments; 1 argument is expected.",
    "argse": "Fewer than `2` arguments or more than `3` arguments were given in `1`.",
    "attnf": "`1` is not a known attribute.",
    "base": "Requested base `1` in `2` should be an integer between 2 and `3`.",
    "clsn": "The expression `1` cannot be used here.",
    "dstlms": "The requested base `1` cannot be used.",
    "exact": "Argument `1` is not an exact number.",
    "fitem": "File item `1` was not found.",
    "heads": "Heads `1` and `2` at positions `3` and `4` are expected to be the same.",
    "intprm": "Parameter `1` at position `2` in `3` is expected to be an integer.",
    "nnintprm": "Parameter `1` at position `2` in `3` is expected to be a non-negative integer.",
    "ordered": "The elements of `1` cannot all be put in an order of sizes.",
    "posprm": "Parameter `1` at position `2` in `3` is expected to be positive.",
    "probprm": "Parameter `1` at position `2` in `3` is expected to be a probability between 0 and 1.",
    "realprm": "Parameter `1` at position `2` in `3` is expected to be real.",
    "indet": "Indeterminate expression `1` encountered.",
    "infy": "Infinite expression `1` encountered.",
    "innf": "Non-negative integer or Infinity expected at position `1` in `2`.",
    "int": "Integer expected at position `2` in `1`.",
    "intm": "Machine-sized integer expected at position `2` in `1`.",
    "intnm": "Non-negative machine-sized integer expected at position `1` in `2`.",
    "intp": "Positive integer expected at position `2` in `1`.",
    "intpm": "Positive machine-sized integer expected at position `2` in `1`.",
    "inv": "The argument `1` in `2` is not valid.",
    "invrl": "The argument `1` is not a valid Association or a list of rules.",
    "iterb": "Iterator `1` does not have appropriate bounds.",
    "itform": "`1` does not have the form of an iterator.",
    "itraw": "Raw object `1` cannot be used as an iterator.",
    "ivar": "`1` is not a valid variable.",
    "lsa": "List or association expected instead of `1`.",
    "level": "Level specification `1` is not of the form n, {n} or {m, n}.",
    "list": "List expected at position `2` in `1`.",
    "listc": "The first argument `1` is not a list or an association.",
    "locked": "Symbol `1` is locked.",
    "foreign": "Symbol `1` belongs to another package, which alone may define it.",
    "owned": "Symbol `1` is Protected, and it belongs to another package; its own package may Unprotect it.",
    "luc": "Result for `1` of badly conditioned matrix `2` may contain significant numerical errors.",
    "matrix": "Argument `1` at position `2` is not a matrix.",
    "matsq": "Argument `1` at position `2` is not a non-empty square matrix.",
    "munfl": "`1` is too small to represent as a normalized machine number; precision may be lost.",
    "nofirst": "`1` has zero length and no first element.",
    "nolast": "`1` has zero length and no last element.",
    "nomost": "Cannot take Most of expression `1` with length zero.",
    "norest": "Cannot take Rest of expression `1` with length zero.",
    "normal": "Nonatomic expression expected at position `1` in `2`.",
    "notfound": "Symbol `1` not found.",
    "nonopt": "Options expected (instead of `1`) beyond position `2` in `3`. An option must be a rule or a list of "
    "rules.",
    "nosym": "`1` does not contain a symbol to attach a rule to.",
    "nquan": "The quantile specification `1` should be a number or a list of numbers between 0 and 1.",
    "nvalid": "The integer `1` is not valid.",
    "off": "Message `1` is switched off.",
    "optx": "Unknown option `1` in `2`.",
    "optnf": "Option name `1` not found in defaults for `2`.",
    "ovfl": "Overflow occurred in computation.",
    "unfl": "Underflow occurred in computation.",
    "partd": "Part specification `1` is longer than depth of object.",
    "partw": "Part `1` of `2` does not exist.",
    "pkspec1": "The expression `1` cannot be used as a part specification.",
    "psl": "Position specification `1` in `2` is not a machine-sized integer or a list of machine-sized integers.",
    "pspec": "Part specification `1` is neither a machine-sized integer nor a list of machine-sized integers.",
    "precsm": "Requested precision `1` is smaller than $MinPrecision.",
    "realx": "The value `1` is not a real number.",
    "ibase": "Base `1` is not an integer greater than `2`.",
    "reps": "`1` is neither a list of replacement rules nor a valid dispatch table, and so cannot be used for "
    "replacing.",
    "rvalue": "`1` is not a variable with a value, so its value cannot be changed.",
    "seqs": "Sequence specification (+n, -n, {+n}, {-n}, {m, n} or {m, n, s}) expected at position `2` in `1`.",
    "setraw": "Cannot assign to raw object `1`.",
    "setps": "`1` in the part assignment is not a symbol.",
    "shape": "Lists `1` and `2` are not the same shape.",
    "sort": "Sorted collection expected at position `1` in `2`.",
    "span": "`1` is not a valid Span specification.",
    "ssym": "`1` is not a symbol or a string.",
    "sym": "Argument `1` at position `2` is expected to be a symbol.",
    "stream": "`1` is not string, InputStream[], or OutputStream[].",
    "string": "String expected at position `1` in `2`.",
    "strs": "String or a list of strings expected at position `1` in `2`.",
    "strse": "A string or list of strings is expected at position `1` in `2`.",
    "syms": "Argument `1` at position `2` is not a symbol or a list of symbols.",
    "symse": "Symbol, string or HoldPattern[symbol] expected at position `2` in `1`.",
    "tag": "Rule for `1` can only be attached to `2`.",
    "tagnf": "Tag `1` not found in `2`.",
    "tagpos": "Tag `1` in `2` is too deep for an assigned rule to be found.",
    "take": "Cannot take positions `1` through `2` in `3`.",
    "drop": "Cannot drop positions `1` through `2` in `3`.",
    "tdlen": "Objects of unequal length in `1` cannot be combined.",
    "timec": "Positive machine-sized number expected.",
    "usym": "`1` is not a symbol or a valid symbol name.",
    "value": "The argument `1` has no value.",
    "vecp": "A vector is expected at position `1`.",
    "write": "Tag `1` in `2` is Protected.",
    "wrsym": "Symbol `1` is Protected.",
    "aofil": "The arguments are not valid.",
    "ucdec": "An invalid character sequence was found.",
    "nffil": "File `1` was not found.",
    "noopen": "Cannot open `1`.",
    "privv": "The privacy setting does not allow `1`.",
    "fdup": "Duplicate value `1` found in `2`.",
    "fpct": "Too many parameters in `1` to be filled from `2`.",
    "slotn": "Slot number `1` in `2` cannot be filled.",
    "slota": "Named slot `1` in `2` cannot be filled: the first argument is no association with that key.",
    "flpar": "Parameter specification `1` in `2` should be a symbol or a list of symbols.",
    "lvset": "Local variable specification `1` contains `2`, which is an assignment to `3`; only assignments to "
    "symbols are allowed.",
    "lvsym": "Local variable specification `1` contains `2`, which is not a symbol or an assignment to a symbol.",
    "lvws": "Variable `1` in local variable specification `2` requires a value.",
    "lvlist": "Local variable specification `1` is not a List.",
    "dup": "Duplicate local variable `1` found in local variable specification `2`.",
    "nocatch": "Uncaught `1` returned to top level.",
    "itlim": "Iteration limit of `1` exceeded.",
    "reclim2": "Recursion depth of `1` exceeded during evaluation of `2`.",
    "memlim": "The memory limit of `1` bytes was exceeded.",
    "limset": "Cannot set `1` to `2`; value must be Infinity or an integer at least `3`.",
    "bigint": "A number of about `1` digits would exceed the limit of `2` digits.",
    "boxfmt": "`1` is not a format.",
    "brk": "Break[] or Continue[] occurred outside of a loop.",
    "stop": "Further output of `1` will be suppressed during this calculation.",
    "meprec": "Internal precision limit reached while evaluating `1`.",
    "ztest1": "Unable to decide whether numeric quantity `1` is equal to zero. Assuming it is.",
    "nord": "Invalid comparison with `1` attempted.",
    "nlim": "Limit specification `1` is not valid.",
    "permission": "`1` is not permitted here: it needs the capability `2`.",
    "divz": "The argument `1` in `2` should be nonzero.",
    "foreignobject": "`1` has no meaning for these objects: `2`",
    "ilsmp": "Single or list of positive-sized integers expected at position `2` of `1`.",
    "incomp": "Expressions `1` and `2` have incompatible shapes.",
    "insuff": "Cannot take `1` elements from a list of length `2`.",
    "intpp": "Positive integer argument expected in place of `1`.",
    "noneg": "An even root of a negative number is not defined.",
    "noval": "Symbol `1` in part assignment does not have an immediate value.",
    "rank": "The index `1` is not between 1 and `2`.",
    "rectt": "Rectangular array expected at position 1 in `1`.",
    "shlen": "The argument in `1` should have at least `2` elements.",
}


def template_of(symbol: Symbol, tag: str) -> str | None:
    """Return the text of `symbol::tag`, or None when there is none."""
    rules = symbol.rules
    if rules is not None:
        own = rules.messages.get(tag)
        if own is not None:
            return own.value if hasattr(own, "value") else None
    native = symbol.native
    declared = getattr(native, "messages", None)
    if declared is not None and tag in declared:
        return str(declared[tag])
    general = S.General.rules
    if general is not None and tag in general.messages and hasattr(general.messages[tag], "value"):
        return str(general.messages[tag].value)
    return GENERAL.get(tag)


def message(symbol: Symbol, tag: str, *args: Any) -> None:
    """Issue the message `symbol::tag` with *args* put into its text.

    Counted for Check and $MessageList even when Quiet hides it; not when it is switched off. After three
    of a kind in one input, `General::stop` says that further ones are not shown.
    """
    key = (symbol, tag)
    if key in STATE.off or (S.General, tag) in STATE.off:
        return
    for listener in STATE.message_filter:
        if listener(symbol, tag):
            return
    if STATE.quiet:
        return
    count = STATE.message_count.get(key, 0) + 1
    STATE.message_count[key] = count
    if count > 3:
        if count == 4:
            _write("General::stop: " + GENERAL["stop"].replace("`1`", f"{symbol.name}::{tag}"))
        return
    _write(f"{symbol.name}::{tag}: {fill(template_of(symbol, tag), args)}")


def fill(template: str | None, args: tuple[Any, ...]) -> str:
    """Return *template* with `` `1` ``, `` `2` `` … replaced by the printed arguments, `` `` `` by the next one."""
    if template is None:
        return "-- Message text not found --" + (f" ({', '.join(map(show, args))})" if args else "")
    if "`" not in template:
        return template
    out: list[str] = []
    pieces = template.split("`")
    following = 0
    for i, piece in enumerate(pieces):
        if i % 2 == 0:
            out.append(piece)
        elif piece == "":
            out.append(show(args[following]) if following < len(args) else "``")
            following += 1
        elif piece.isdigit() and 0 < int(piece) <= len(args):
            out.append(show(args[int(piece) - 1]))
        else:
            out.append(f"`{piece}`")
    return "".join(out)


def show(value: Any) -> str:
    """Return *value* as it stands in a message: short, strings without quotes."""
    if value.__class__ is str:
        return value
    if STATE.print_value is not None:
        text = STATE.print_value(value)
    else:
        text = repr(value)
    return text if len(text) <= 400 else text[:300] + " … " + text[-80:]


def _write(text: str) -> None:
    place = STATE.session.place() if STATE.session is not None else ""
    stream = STATE.err()
    try:
        stream.write(f"{text}{place}\n")
        stream.flush()
    except (OSError, ValueError):
        # A closed or full stream must not end the evaluation.
        return


def arity_message(h: Symbol, native: Any, args: tuple[Any, ...]) -> None:
    """Issue the message that tells how many arguments *h* expects."""
    n, least, most = len(args), native.least, native.most
    if least == most:
        if least == 1:
            message(h, "argx", h, n)
        elif n == 1:
            message(h, "argr", h, least)
        else:
            message(h, "argrx", h, n, least)
    elif most < 0:
        if n == 1:
            message(h, "argmu", h, least)
        else:
            message(h, "argm", h, n, least)
    elif most == least + 1:
        if n == 1:
            message(h, "argtu", h, least, most)
        else:
            message(h, "argt", h, n, least, most)
    elif n == 1:
        message(h, "argbu", h, least, most)
    else:
        message(h, "argb", h, n, least, most)


def all_symbols() -> list[Symbol]:
    """Return every symbol of the process (for Names and Off)."""
    return list(symbols)

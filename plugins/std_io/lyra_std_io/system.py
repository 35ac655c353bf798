"""The world around the program: environment variables and other processes."""

from __future__ import annotations

import os

from lyra_core.plugins import Association, Expression, Integer, List, String, Symbol, Value, module
from lyra_core.runtime.files import check_environment
from lyra_core.values import NULL, S, expression
from lyra_std_io.arguments import FAILED, option_of, problem

functions = module("std::io")

_PLAIN = {"Protected"}


@functions.function(attributes={"Listable", "Protected"}, capabilities={"env"}, checked=False)
def Environment(name: String) -> String | Symbol | None:
    """Give the value of an environment variable, $Failed when it is not set.

    >>> Environment["NO_SUCH_VARIABLE"]
    $Failed
    """
    if name.__class__ is not String:
        return None
    value = os.environ.get(name.value) if check_environment(name.value) else None
    return FAILED if value is None else String(value)


@functions.function(attributes=_PLAIN, capabilities={"env"}, checked=False)
def GetEnvironment(names: String | List | None = None) -> Expression | List | None:
    """Give `name -> value` for an environment variable, for each of a list, or for all; None where it is not set.

    >>> GetEnvironment["NO_SUCH_VARIABLE"]
    "NO_SUCH_VARIABLE" -> None
    """

    def rule(name: str) -> Expression:
        value = os.environ.get(name) if check_environment(name) else None
        shown: Value = getattr(S, "None") if value is None else String(value)
        return expression(S.Rule, (String(name), shown))

    if names is None:
        return List(tuple([rule(name) for name in sorted(os.environ) if check_environment(name)]))
    if names.__class__ is String:
        return rule(names.value)
    if names.__class__ is List and all(n.__class__ is String for n in names.args):
        return List(tuple([rule(n.value) for n in names.args]))
    return None


@functions.function(attributes=_PLAIN, capabilities={"env", "process"}, checked=False)
def SetEnvironment(settings: Expression | List) -> Symbol | None:
    """Set environment variables by `"name" -> "value"`, or a list of such rules; None takes a variable away.

    >>> SetEnvironment["LYRA_EXAMPLE" -> "1"]; {Environment["LYRA_EXAMPLE"], SetEnvironment["LYRA_EXAMPLE" -> None]}
    {"1", Null}
    """
    changes = [option_of(r) for r in (settings.args if settings.__class__ is List else (settings,))]
    if any(c is None or (c[1].__class__ is not String and c[1] is not getattr(S, "None")) for c in changes):
        return None
    for change in changes:
        assert change is not None
        name, value = change
        if value.__class__ is String:
            os.environ[name] = value.value
        else:
            os.environ.pop(name, None)
    return NULL


@functions.function(
    attributes=_PLAIN,
    capabilities={"process"},
    checked=False,
    messages={"pnfd": "Program `1` not found.", "prc": "`1` cannot be run: `2`."},
)
def RunProcess(command: String | List, part: String | Symbol | None = None, text: String | None = None) -> Value:
    """Run a program with its arguments and give its exit code, output and errors; or one of these by name.

    A third argument is what the program reads. The program is found on the path; no shell is involved.

    >>> RunProcess[{"echo", "hello"}, "StandardOutput"]
    "hello\\n"
    >>> RunProcess["true"]["ExitCode"]
    0
    """
    import subprocess

    words = command.args if command.__class__ is List else (command,)
    if not words or any(w.__class__ is not String for w in words):
        return None
    if part is not None and part.__class__ is not String and part is not S.All:
        return None
    given = text.value if text is not None and text.__class__ is String else ""
    try:
        done = subprocess.run(  # the user's own command, as a list of words
            [w.value for w in words], input=given.encode("utf-8"), capture_output=True, check=False
        )
    except FileNotFoundError:
        return problem("RunProcess", "pnfd", words[0])
    except OSError as error:
        return problem("RunProcess", "prc", words[0], String(error.strerror or str(error)))
    results = {
        "ExitCode": done.returncode,
        "StandardOutput": String(done.stdout.decode("utf-8", "replace")),
        "StandardError": String(done.stderr.decode("utf-8", "replace")),
    }
    if part is None or part is S.All:
        return Association.from_pairs([(String(k), v) for k, v in results.items()])
    return results.get(part.value) if part.__class__ is String else None


@functions.function(attributes=_PLAIN, capabilities={"process"}, checked=False)
def Run(*words: String) -> Integer | None:
    """Run a command of the system's shell and give its exit code; several strings are joined with blanks.

    >>> Run["exit 3"]
    3
    """
    import subprocess

    if not words or any(w.__class__ is not String for w in words):
        return None
    return subprocess.run(" ".join([w.value for w in words]), shell=True, check=False).returncode

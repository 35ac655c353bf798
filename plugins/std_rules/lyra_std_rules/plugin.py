"""The hooks of std::rules.

The symbols of rules and patterns live in std::core, whose evaluator they are; this namespace gathers them under one
name, for `import std::rules::*` and `rules::ReplaceAll[x, a -> b]`.
"""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

functions = module(
    "std::rules",
    description="rules, patterns as values, rewriting",
    parts=("lyra_std_rules.matching",),
)

RULES = ("Association", "Dispatch", "Normal", "Rule", "RuleDelayed")
REPLACING = ("Replace", "ReplaceAll", "ReplaceList", "ReplacePart", "ReplaceRepeated", "SequenceReplace")
MATCHING = ("Cases", "Count", "DeleteCases", "FirstCase", "FreeQ", "MatchQ", "MemberQ", "Position")
PATTERNS = (
    "Alternatives",
    "Blank",
    "BlankNullSequence",
    "BlankSequence",
    "Condition",
    "Default",
    "Except",
    "HoldPattern",
    "KeyValuePattern",
    "Longest",
    "Optional",
    "OptionsPattern",
    "OrderlessPatternSequence",
    "Pattern",
    "PatternSequence",
    "PatternTest",
    "Repeated",
    "RepeatedNull",
    "Shortest",
    "Verbatim",
)
DEFINING = ("DownValues", "OwnValues", "SubValues", "UpValues", "OptionValue")

functions.reexport(
    *[
        f"std::{'list' if name == 'SequenceReplace' else 'core'}::{name}"
        for name in (*RULES, *REPLACING, *MATCHING, *PATTERNS, *DEFINING)
    ]
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::rules."""
    return functions if namespace == functions.namespace else None

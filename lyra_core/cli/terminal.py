"""Lines typed at a terminal: edited, completed, remembered from one session to the next.

Python's `readline` (GNU readline or libedit) does the editing. Where Python was built without it, lines are
read as they come.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Terminal"]

_REMEMBERED = 5000


class Terminal:
    """Reads lines from the terminal of the process; *complete* gives what a word can go on as.

    *history* is the file in which inputs are kept; a file that cannot be read or written is no reason to stop.
    """

    def __init__(self, history: str, complete: Callable[[str], list[str]]) -> None:
        self._history = history
        self._complete = complete
        self._found: list[str] = []
        self._readline: Any = None
        try:
            import readline
        except ImportError:
            return
        self._readline = readline
        # Words end where neither a name, nor `::`, nor the dot of a method call goes on.
        readline.set_completer_delims(" \t\n\"'()[]{}<>,;|&!?@#%^*/+-=~`\\")
        readline.set_completer(self._completion)
        libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
        if not libedit:
            # Pasted text comes as it is: no completion at its tabs, no evaluation in its middle.
            readline.parse_and_bind("set enable-bracketed-paste on")
        if hasattr(readline, "set_auto_history"):
            readline.set_auto_history(False)
        try:
            readline.read_history_file(history)
        except OSError:
            pass
        readline.set_history_length(_REMEMBERED)

    def read(self, prompt: str) -> str:
        """Return one line without its end. Errors: EOFError at Ctrl-D, KeyboardInterrupt at Ctrl-C."""
        return input(prompt)

    def remember(self, text: str) -> None:
        """Keep an input for the arrow keys and for later sessions: one of several lines as one, where that is the same.

        An input that begins with a blank is not kept.
        """
        if self._readline is None or not text.strip() or text[0] == " ":
            return
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1 and '"' not in text and "#" not in text:
            lines = [" ".join([line.strip() for line in lines])]
        for line in lines:
            last = self._readline.get_current_history_length()
            if last and self._readline.get_history_item(last) == line:
                continue
            self._readline.add_history(line)
            self._append(line)

    def _append(self, line: str) -> None:
        """Write the line to the file at once: a session that is killed loses nothing."""
        try:
            os.makedirs(os.path.dirname(self._history), mode=0o700, exist_ok=True)
            if self._readline.get_current_history_length() >= 2 * _REMEMBERED or not os.path.exists(self._history):
                self._readline.write_history_file(self._history)
                os.chmod(self._history, 0o600)
            else:
                self._readline.append_history_file(1, self._history)
        except (AttributeError, OSError):
            return

    def _completion(self, word: str, state: int) -> str | None:
        """Return the completion number *state* of *word*, as readline asks for them: 0, 1, … until there is none."""
        if state == 0:
            try:
                self._found = self._complete(word) if word else []
            except Exception:  # what goes wrong while completing must not reach the line that is being typed
                self._found = []
        return self._found[state] if state < len(self._found) else None

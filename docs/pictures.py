"""Make the README's picture from a real run: ``companion quiz --text`` at a terminal, an answer typed into it."""

from __future__ import annotations

import io
import os
import pty
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

DOCS = Path(__file__).parent
COLUMNS, ROWS = 88, 50
COMMAND = ("companion", "quiz", "--case", "inferior-stemi", "--text", "--limit", "1")
ANSWER = "Inferior MI. The depression is a mirror image. Left circumflex?"
PROMPT = b"Your answer> "

# Dark text colours on a light page, light ones on a dark page: this one is dark, and every contrast is above 7 to 1.
THEME = TerminalTheme(
    (22, 24, 29),
    (226, 228, 233),
    [(72, 76, 84), (255, 140, 135), (134, 214, 150), (236, 202, 116), (150, 190, 255)] + [(226, 228, 233)] * 3,
)


def recorded() -> str:
    """What the terminal showed, with a home of its own that shares the models."""
    from companion.home import Home

    models = Home.locate().models
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        (home / "models").symlink_to(models, target_is_directory=True)
        process, terminal = pty.fork()
        if process == 0:
            # COLUMNS speaks for the size of a terminal that has none.
            os.environ |= {"COMPANION_HOME": str(home), "COLUMNS": str(COLUMNS), "LINES": str(ROWS), "TERM": "xterm"}
            os.environ.pop("NO_COLOR", None)
            os.execv(sys.executable, [sys.executable, "-m", *COMMAND])
        shown, answered = b"", False
        while piece := _read(terminal):
            shown += piece
            if PROMPT in shown and not answered:
                os.write(terminal, ANSWER.encode() + b"\n")
                answered = True
        _, status = os.waitpid(process, 0)
    if status:
        sys.exit(f"{' '.join(COMMAND)} failed:\n{shown.decode()}")
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the program has ended.
        return b""


def main() -> None:
    """Write ``docs/quiz.svg``."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text("$ " + " ".join(COMMAND), style="bold"))
    console.print(Text.from_ansi(recorded().rstrip()))
    # The fonts of the person who looks, and nothing fetched from elsewhere.
    before, _, rest = CONSOLE_SVG_FORMAT.partition("@font-face")
    form = before + "." + rest.rpartition("@font-face")[2].partition("}}")[2].partition(".")[2]
    form = form.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace")
    form = form.replace("arial", "system-ui, sans-serif")
    svg = console.export_svg(title="Companion", theme=THEME, code_format=form, unique_id="quiz")
    (DOCS / "quiz.svg").write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Make the pins in this folder again from pyproject.toml, for every platform, without addresses."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
OURS = ("llama-cpp-python", "diskcache", "jinja2", "markupsafe")


def compile_pins(source: list[str], output: Path, *, upgrade: bool, constraint: Path | None = None) -> None:
    """Resolve requirements into ``output`` with hashes."""
    command = ["uv", "pip", "compile", *source, "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-header", "--no-annotate", "--quiet", "--output-file", str(output)]
    command += ["--upgrade"] if upgrade else []
    command += ["--constraint", str(constraint)] if constraint else []
    subprocess.run(command, check=True, cwd=HERE.parent)


def blocks(text: str) -> list[str]:
    """Each pin with its hashes."""
    return re.split(r"\n(?=[A-Za-z])", text.rstrip("\n"))


def main() -> None:
    """Write pip.txt, run.txt, dev.txt, llama.txt and build.txt."""
    upgrade = "--upgrade" in sys.argv
    run = HERE / "run.txt"
    compile_pins(["pyproject.toml", "--group", "build"], run, upgrade=upgrade)
    compile_pins(["pyproject.toml", "--group", "dev"], HERE / "dev.txt", upgrade=upgrade, constraint=run)
    (HERE / "pip.txt").write_text(next(b for b in blocks(run.read_text()) if b.startswith("pip==")) + "\n")

    everything = HERE / "llama.all"
    compile_pins(["pyproject.toml", "--extra", "llama"], everything, upgrade=upgrade, constraint=run)
    kept = [b for b in blocks(everything.read_text()) if b.split("==")[0] in OURS]
    everything.unlink()
    # Elsewhere these belong to MLX and are marked for Apple silicon; llama.cpp needs them everywhere.
    kept = [re.sub(r"^([^ ]+) ;[^\\]*\\", r"\1 \\", b) for b in kept]
    (HERE / "llama.txt").write_text("\n".join(kept) + "\n")

    wanted = HERE / "build.in"
    wanted.write_text("cmake\nninja\npackaging\npathspec\nscikit-build-core\nsetuptools\nwheel\n")
    compile_pins([str(wanted)], HERE / "build.txt", upgrade=upgrade)
    wanted.unlink()


if __name__ == "__main__":
    main()

"""Notebooks that are committed with what their cells gave, or with the error that they ended in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence

from mlci.errors import CannotRun, Where
from mlci.hooks import Found, Options, hook
from mlci.hooks.notebook import outputs_of

_FIX = "Clear it with `nbstripout {}`, or keep the outputs with `--keep-output`"


@hook("notebooks")
def notebooks(files: Sequence[str], options: Options) -> Iterator[Found]:
    """Notebooks with errors, or with anything that nbstripout would take out: outputs, counts, local metadata."""
    for name in files:
        errors = [output for output in outputs_of(options.folder / name, name) if output.kind == "error"]
        for output in errors:
            what = f"cell {output.cell} ends in {output.error}"
            yield Found(where=Where(path=name), what=what, fix="Mend it and run the notebook anew")
        if not options.keep_output and not errors and _would_strip(name, options):
            held = len({output.cell for output in outputs_of(options.folder / name, name)})
            what = (
                f"holds the outputs of {held} cell{'' if held == 1 else 's'}" if held else "holds counts of executions"
            )
            yield Found(where=Where(path=name), what=what, fix=_FIX.format(name))


def _would_strip(name: str, options: Options) -> bool:
    """Ask nbstripout whether it would change a notebook; cell ids are not what this hook is about."""
    command = [sys.executable, "-m", "nbstripout", "--verify", "--keep-id", name]
    done = subprocess.run(command, cwd=options.folder, capture_output=True, text=True, check=False)
    if "No module named nbstripout" in done.stderr:
        raise CannotRun("nbstripout is not installed", fix='Install it: pip install "mlci[hooks]".')
    if done.returncode not in (0, 1):
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise CannotRun(f"nbstripout cannot read it: {last}", where=Where(path=name))
    return done.returncode == 1

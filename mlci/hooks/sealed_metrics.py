"""Files of numbers that somebody edited after the run that wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlci.errors import Where
from mlci.git import Repository, find
from mlci.hooks import Found, Options, hook
from mlci.seals import SUFFIX, broken, seal_of

_FIX = "Run what writes it again, and seal it there with `mlci seal {}`"


@hook("sealed-metrics")
def sealed_metrics(files: Sequence[str], options: Options) -> Iterator[Found]:
    """Metrics files whose numbers are not those that `mlci seal` saw, or whose seal was taken away."""
    repository = find(options.folder)
    here = Repository(top=options.folder, environ=repository.environ) if repository else None
    for name in dict.fromkeys(name.removesuffix(SUFFIX) for name in files):
        path = options.folder / name
        if not path.is_file():
            continue
        seal = seal_of(path)
        if seal.is_file():
            why = broken(path, name)
            if why:
                yield Found(where=Where(path=name), what=why, fix=_FIX.format(name))
        elif here and here.ask("cat-file", "-e", f"HEAD:./{name}{SUFFIX}") is not None:
            yield Found(where=Where(path=name), what=f"its seal {name}{SUFFIX} was taken away", fix=_FIX.format(name))

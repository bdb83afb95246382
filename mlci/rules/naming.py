"""What a configuration calls otherwise than one before it."""

from __future__ import annotations

from mlci.config.common import rules_of
from mlci.config.load import Loaded
from mlci.errors import MlciError
from mlci.git import Repository
from mlci.places import dotted
from mlci.rules.kinds.parts import renamed, subjects
from mlci.rules.opening import sides_of
from mlci.rules.spots import Spot


def names_since(loaded: Loaded, repository: Repository, commit: str) -> dict[str, str]:
    """Return what each model, metrics file and asset of a commit is called now, with its section, as `model.a`.

    One that is gone under its name is known by where it comes from. Nothing where the commit is not there, or has no
    configuration that can be read.
    """
    if repository.commit(commit) is None:
        return {}
    try:
        sides = sides_of(loaded, repository, commit)
    except MlciError:
        return {}
    if sides is None:
        return {}
    before, after, spot = sides.base.config, sides.head.config, Spot(key=(), sides=sides)
    found = {}
    for section in (name for name, rule in rules_of(type(after)).items() if rule == subjects.__name__):
        then, now = getattr(before, section), getattr(after, section)
        names = renamed(then, now, spot.inside(section))
        found.update({dotted((section, old)): dotted((section, names.get(old, old))) for old in then})
    return found

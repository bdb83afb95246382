"""Credentials in what the cells of notebooks gave: nobody looks there, and everybody can read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlci.errors import CannotRun, Where
from mlci.hooks import Found, Options, hook
from mlci.hooks.notebook import outputs_of

_GUESSES = frozenset({"Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector", "IPPublicDetector"})
"""Detectors that go by what looks random or by a word beside it: outputs are full of hashes, ids and addresses."""
_LONGEST = 10_000


@hook("notebook-secrets")
def notebook_secrets(files: Sequence[str], options: Options) -> Iterator[Found]:
    """Outputs of notebooks with keys and tokens of known services, private keys, or passwords in URLs."""
    try:
        from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
        from detect_secrets.core.scan import scan_line
        from detect_secrets.settings import transient_settings
    except ImportError as error:
        raise CannotRun("detect-secrets is not installed", fix='Install it: pip install "mlci[hooks]".') from error
    known: dict[str, type] = get_mapping_from_secret_type_to_class()
    detectors = sorted(each.__name__ for each in known.values())
    settings: dict[str, Any] = {"plugins_used": [{"name": name} for name in detectors if name not in _GUESSES]}
    with transient_settings(settings):
        for name in files:
            for output in outputs_of(options.folder / name, name):
                lines = (line[:_LONGEST] for text in output.texts for line in text.splitlines())
                kinds = sorted({secret.type for line in lines for secret in scan_line(line)})
                if kinds:
                    what = f"the output of cell {output.cell} holds a secret ({', '.join(kinds)})"
                    fix = f"Revoke it, then clear the output: `nbstripout {name}`"
                    yield Found(where=Where(path=name), what=what, fix=fix)

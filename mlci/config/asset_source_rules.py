"""What the keys that say where an asset's data lies must keep to."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from urllib.parse import parse_qsl, urlsplit

from mlci.config.data import READ_WITH, DataAsset
from mlci.config.diff import Diff
from mlci.config.sources import Loader, Spark, Sql
from mlci.locations import is_url, secret_in
from mlci.places import Key
from mlci.sizes import bytes_of

Problem = tuple[Key, str, str]
_KEYS = ("path", "sql", "spark", "loader")
_TARGET = re.compile(r"[^:]+:[A-Za-z_][\w.]*")
_FROM_ENVIRONMENT = re.compile(r"\$\{[A-Za-z_]\w*\}")
_SECRET = re.compile(r"pass|pwd|token|secret|key|credential", re.IGNORECASE)


def of_source(key: Key, asset: DataAsset) -> Iterator[Problem]:
    """Give what is wrong with where an asset's data lies."""
    named = [name for name in _KEYS if getattr(asset, name)]
    if not named:
        yield (*key, "path"), "is empty", "Name the file, or say `sql`, `spark` or `loader` instead."
    if len(named) > 1:
        yield (*key, named[1]), f"stands beside `{named[0]}`", "An asset has one source: leave one of them out."
    yield from _file(key, asset)
    yield from _of_another_source(key, asset)
    if asset.sql:
        yield from _sql((*key, "sql"), asset.sql)
    if asset.spark:
        yield from _spark((*key, "spark"), asset.spark)
    if isinstance(asset.elsewhere, Loader):
        yield from _loader((*key, "loader"), asset.elsewhere)


def _file(key: Key, asset: DataAsset) -> Iterator[Problem]:
    if not all(asset.paths):
        yield (*key, "path"), "holds an empty name", "Name each file."
    yield from problems_of_urls((*key, "path"), asset.paths)
    if len(asset.quote.encode()) > 1 or asset.quote in {"\r", "\n"}:
        yield (*key, "quote"), "must be one plain character, or empty", ""
    for part in ("delimiter", "escape", "comment"):
        character = getattr(asset, part)
        if character is not None and (len(character.encode()) != 1 or character in "\r\n"):
            yield (*key, part), "must be one plain character", ""
    if not _is_encoding(asset.encoding):
        yield (*key, "encoding"), f'there is no encoding "{asset.encoding}"', "Write it as `utf-8` or `cp1252`."
    if asset.skip_rows < 0:
        yield (*key, "skip-rows"), "must not be negative", ""
    if len(set(asset.names)) < len(asset.names):
        yield (*key, "names"), "holds a name twice", ""


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def _of_another_source(key: Key, asset: DataAsset) -> Iterator[Problem]:
    """Give the keys that say nothing of a source such as the asset's."""
    if asset.order_by and not (asset.sql or asset.spark):
        yield (*key, "order-by"), "is for `sql` and `spark`", "Rows of other data have the order that they are in."
    limits = asset.diff.limits if isinstance(asset.diff, Diff) else ()
    if limits and (asset.elsewhere or asset.format == "images" or any(map(is_url, asset.paths))):
        yield (*key, "diff", limits[0]), "is for files with rows that git or DVC keeps", "Other data is not compared."
    for each in fields(asset) if asset.elsewhere else ():
        default = each.default_factory() if each.default_factory is not MISSING else each.default
        if each.name in READ_WITH and getattr(asset, each.name) != default:
            yield (*key, each.name.replace("_", "-")), "is for files", "Leave it out."


def problems_of_urls(key: Key, paths: tuple[str, ...]) -> Iterator[Problem]:
    """Give what URLs hold that must not stand in a configuration."""
    for path in paths:
        secret = secret_in(path) if is_url(path) else None
        if secret:
            yield key, f"the URL holds {secret}", "Take it out: credentials come from the environment alone."


def _sql(key: Key, sql: Sql) -> Iterator[Problem]:
    if (sql.table is None) == (sql.query is None):
        yield key, "needs one of `table` and `query`", ""
    if sql.timeout <= 0:
        yield (*key, "timeout"), "must be above 0", ""
    if not re.match(r"[a-z][a-z0-9+]*://", sql.url):
        yield (*key, "url"), "is no URL of a database", "Write it as postgresql://user@host/name."
    elif _holds_secret(sql.url):
        yield (
            (*key, "url"),
            "holds a password",
            "Leave it out and set the variable of the driver (PGPASSWORD), or write ${NAME} in its place.",
        )


def _holds_secret(url: str) -> bool:
    """Whether a URL holds a password, or an option that is named as one, other than by the name of a variable."""
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return True
    options = [value for name, value in parse_qsl(parts.query) if _SECRET.search(name)]
    return any(value and not _FROM_ENVIRONMENT.fullmatch(value) for value in (password, *options))


def _spark(key: Key, spark: Spark) -> Iterator[Problem]:
    if sum(each is not None for each in (spark.table, spark.path, spark.query)) != 1:
        yield key, "needs one of `table`, `path` and `query`", ""


def _loader(key: Key, loader: Loader) -> Iterator[Problem]:
    if not _TARGET.fullmatch(loader.function):
        yield key, "must be module:function", ""
    if loader.timeout <= 0:
        yield (*key, "timeout"), "must be above 0", ""
    if loader.memory is not None and bytes_of(loader.memory) is None:
        yield (*key, "memory"), f'must be a size such as "4GB", not "{loader.memory}"', ""

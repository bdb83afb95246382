"""What went wrong with a file behind a URL, in the user's terms and without its secrets."""

from __future__ import annotations

from collections.abc import Iterator

from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun, MlciError
from mlci.locations import redacted, without_secrets

_VARIABLES = {"s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "gs": "GOOGLE_APPLICATION_CREDENTIALS"}
_AZURE = "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY"
_DENIED = frozenset({401, 403})
_MISSING = frozenset({404, 410})


def explained(error: BaseException, url: str, reading: Reading) -> MlciError:
    """Return what `error`, raised by a library while it asked for `url`, means to the user."""
    if isinstance(error, MlciError):
        return error
    chain = tuple(_chain(error))
    names = {kind.__name__ for each in chain for kind in type(each).__mro__}
    statuses = (getattr(each, "status", None) for each in chain)
    status = next((each for each in statuses if isinstance(each, int)), None)
    if "Must provide either a connection_string or account_name" in str(error):
        names.add("NoCredentialsError")
    what, fix = _meaning(names, status, url)
    if not what:
        said = str(error).splitlines()[0] if str(error) else ""
        what = f"cannot be fetched: {type(error).__name__}" + (f": {without_secrets(said, url)}" if said else "")
    shown = redacted(url)
    return CannotRun(what if reading.name == shown else f"{shown} {what}", where=reading.where(), fix=fix)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _meaning(names: set[str], status: int | None, url: str) -> tuple[str, str]:
    if names & {"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError", "TokenRetrievalError"}:
        return "cannot be fetched: the environment holds no credentials", _credentials(url)
    if "PermissionError" in names or status in _DENIED:
        return "cannot be fetched: access is denied", _credentials(url)
    if "FileNotFoundError" in names or status in _MISSING:
        return "cannot be fetched: there is no such file, or no such bucket", "Correct the URL, or publish the file."
    if names & {"TimeoutError", "FSTimeoutError", "ReadTimeoutError", "ConnectTimeoutError"}:
        return "cannot be fetched: the server does not answer in time", "Try again, or see whether it is up."
    if names & {"ConnectionError", "ClientConnectionError", "EndpointConnectionError", "ConnectionRefusedError"}:
        return "cannot be fetched: the server cannot be reached", "See whether the host is right and up."
    if status is not None:
        return f"cannot be fetched: the server answers {status}", "Try again, or see whether it is up."
    return "", ""


def _credentials(url: str) -> str:
    scheme = url.partition("://")[0].lower()
    if scheme.startswith("http"):
        return "Give the file to those without an account, or put it into an object store."
    variables = _VARIABLES.get(scheme[:2], _AZURE)
    return f"Set credentials with the right to read it in the environment, as {variables}."

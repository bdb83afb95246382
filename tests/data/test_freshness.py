"""`freshness:` of assets, on real files."""

import datetime as dt

import pytest

from mlci.config.load import load
from mlci.errors import UsageError
from mlci.gates import Context
from mlci.gates.data import run

NOW = dt.datetime(2024, 3, 10, 12, tzinfo=dt.UTC)


@pytest.fixture
def checks(tmp_path):
    def found(settings, rows, *, more="", name="a.csv", now=NOW):
        (tmp_path / "mlci.yaml").write_text(f"version: 1\ndata:\n  a: {{path: {name}, freshness: {settings}{more}}}\n")
        if isinstance(rows, str):
            (tmp_path / name).write_text(rows)
        loaded = load(tmp_path / "mlci.yaml", start=tmp_path, use_cache=False)
        context = Context(
            root=tmp_path,
            config=loaded.config,
            where=loaded.where,
            find_python=lambda: None,
            out=tmp_path / "out",
            now=now,
        )
        return {check.id: check for check in run(context).gate.checks}

    return found


def column(*values):
    return "".join(f"{value}\n" for value in ("at", *values))


def status(found, part=""):
    return found[f"data.a.freshness.at{part}"].status


@pytest.mark.parametrize(
    ("newest", "status_"),
    [
        ("2024-03-09", "passed"),  # a date lasts until its midnight: 12 h old
        ("2024-03-08", "failed"),
        ("2024-03-09 13:00:00", "passed"),
        ("2024-03-09 11:00:00", "failed"),
        ("2024-03-09T11:00:00-02:00", "passed"),
        ("2024-03-09T13:00:00+02:00", "failed"),
    ],
)
def test_newest_row_is_no_older_than(checks, newest, status_):
    old = newest.replace("2024-03-0", "2024-02-0")
    found = checks("{column: at, max-age: 1d}", column(old, newest, old))
    assert status(found) == status_


def test_reason_says_the_age_and_what_is_allowed(checks):
    found = checks("{column: at, max-age: 36h, severity: warning}", column("2024-03-01", "2024-03-02"))
    check = found["data.a.freshness.at"]
    assert check.status == "warned"
    assert check.reason == "`at`: the newest row is of 2024-03-02, 7 d 12 h old; at most 36h allowed"
    assert check.where.line == 3


def test_times_without_a_zone_are_those_of_the_zone(checks):
    rows = column("2024-03-10 00:30:00")
    assert status(checks("{column: at, max-age: 12h}", rows)) == "passed"
    assert status(checks("{column: at, max-age: 12h, zone: Europe/Berlin}", rows)) == "failed"


def test_row_from_the_future_fails_and_hides_no_stale_data(checks):
    found = checks("{column: at, max-age: 7d}", column("2024-01-01", "2034-01-01"))
    assert status(found) == "failed"
    assert status(found, ".future") == "failed"
    assert "1 row lies more than 1d ahead of now, of 2" in found["data.a.freshness.at.future"].reason
    assert status(checks("{column: at, max-age: 7d}", column("2024-03-11")), ".future") == "passed"
    assert status(checks("{column: at, max-age: 7d}", column("2034-01-01"))) == "failed"


@pytest.mark.parametrize(
    ("form", "values", "status_"),
    [
        ("%d.%m.%Y", ("01.02.2024", "09.03.2024"), "passed"),
        ("%d.%m.%Y", ("09.01.2024", "01.02.2024"), "failed"),
        ("%d.%m.%Y", ("2024-03-09", "01.02.2024"), "failed"),
        ("%d/%m/%Y %H:%M", ("10/03/2024 11:30", "01/02/2024 00:00"), "passed"),
        ("epoch", (int(NOW.timestamp()) - 3600, 0), "passed"),
        ("epoch", (int(NOW.timestamp()) - 90_000, 0), "failed"),
        ("epoch-ms", (int(NOW.timestamp() * 1000) - 3_600_000, 0), "passed"),
    ],
)
def test_dates_that_are_written_otherwise(checks, form, values, status_):
    assert status(checks(f'{{column: at, max-age: 1d, format: "{form}"}}', column(*values))) == status_


def test_text_without_a_format_is_told(checks):
    found = checks("{column: at, max-age: 1d}", column("09.03.2024", "2024-03-10"))
    assert found["data.a.freshness.at"].reason == (
        '`at`: 1 text is no date by ISO 8601; `format: "%d.%m.%Y"` says how they are written'
    )


def test_mixed_iso_texts_are_read(checks):
    found = checks("{column: at, max-age: 1d}", column("2024-03-01", "2024-03-10T10:00:00Z", "2024-03-09T10:00"))
    assert status(found) == "passed"
    assert "2024-03-10 10:00 UTC" in found["data.a.freshness.at"].summary


@pytest.mark.slow
def test_nothing_is_vacuously_fresh(checks):
    assert status(checks("{column: at, max-age: 1d}", "at,b\n,1\n,2\n")) == "failed"
    missing = checks("{column: att, max-age: 1d}", column("2024-03-10"))
    assert missing["data.a.freshness.att"].status == "failed"
    assert 'did you mean "at"?' in missing["data.a.freshness.att"].reason
    numbers = checks("{column: at, max-age: 1d}", column(1, 2))
    assert numbers["data.a.freshness"].status == "errored"
    assert "format: epoch" in numbers["data.a.freshness"].reason


@pytest.mark.slow
def test_gaps_in_a_series(checks):
    rows = column("2024-03-01", "2024-03-02", "2024-03-02", "2024-03-05", "2024-03-06", "2024-03-09")
    found = checks("{column: at, max-gap: 2d}", rows)
    assert status(found, ".gaps") == "failed"
    assert found["data.a.freshness.at.gaps"].reason == "`at`: 2 gaps are longer than 2d; the longest is 3 d"
    assert status(checks("{column: at, max-gap: 3d}", rows), ".gaps") == "passed"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["", ', format: "%Y-%m-%d %H:%M"'])
def test_gaps_in_each_series_by_itself(checks, form):
    times = [f"2024-03-0{day} 00:00" for day in (1, 2, 3, 4)]
    whole = "at,who\n" + "".join(f"{at},{who}\n" for at in times for who in "xy")
    assert status(checks(f"{{column: at, max-gap: 1d, by: [who]{form}}}", whole), ".gaps") == "passed"
    holed = whole.replace("2024-03-02 00:00,y\n", "").replace("2024-03-03 00:00,y\n", "")
    assert status(checks(f"{{column: at, max-gap: 1d{form}}}", holed), ".gaps") == "passed"
    found = checks(f"{{column: at, max-gap: 1d, by: [who]{form}}}", holed)
    assert "1 gap is longer than 1d of a series by `who`; the longest is 3 d" in (
        found["data.a.freshness.at.gaps"].reason
    )


@pytest.mark.slow
def test_dates_of_a_parquet_file(checks, tmp_path):
    pd = pytest.importorskip("pandas")
    times = pd.to_datetime(["2024-03-10 11:00", "2024-03-01 00:00"])
    for name, values in (("naive", times), ("aware", times.tz_localize("Europe/Berlin")), ("text", times.astype(str))):
        pd.DataFrame({"at": values}).to_parquet(tmp_path / f"{name}.parquet")
        found = checks("{column: at, max-age: 3h}", None, name=f"{name}.parquet")
        assert status(found) == "passed", name
        assert status(checks("{column: at, max-age: 30m}", None, name=f"{name}.parquet")) == "failed", name


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("{column: at}", "needs `max-age` or `max-gap`"),
        ("{column: at, max-age: 7 days}", 'must be a time span such as "90m"'),
        ("{column: at, max-age: 7d, by: [x]}", "needs `max-gap`"),
        ("{column: at, max-age: 7d, zone: Europe/Berlim}", "there is no time zone"),
    ],
)
def test_mistakes_in_the_settings(checks, settings, said):
    with pytest.raises(UsageError, match=said):
        checks(settings, column("2024-03-10"))

"""Bundles in a bucket of a real S3 server on this machine."""

import concurrent.futures

import pytest

from mlci.baselines.ladder import Search, climb
from mlci.baselines.stores import opened
from mlci.errors import CannotRun

pytestmark = pytest.mark.slow


def test_what_was_saved_is_found_again(project, make_bundle, bucket):
    setup = project.setup(store="bucket", bucket=bucket)
    ((rung, found),) = opened("bucket", setup).look()
    assert (found, rung.broken) == (None, False)
    where = opened("bucket", setup).save(make_bundle(project.commits[1]), project.commits[1])
    assert where == f"{bucket.url}/p/{project.commits[1]}.zip"
    found = climb(Search(setup=setup, recompute=None))
    assert found.stored.commit == project.commits[1]
    assert found.receipt.source == f"bucket {bucket.url}, commit {project.commits[1][:10]}"
    assert found.receipt.commits_behind == 1
    assert found.predicted["m"].columns["prediction"] == ["a"] * 4


def test_a_truncated_object_is_refused_and_the_one_before_it_taken(project, make_bundle, bucket):
    setup = project.setup(store="bucket", bucket=bucket)
    store = opened("bucket", setup)
    store.save(make_bundle(project.commits[0])[:-50], project.commits[0])
    store.save(make_bundle(project.commits[1]), project.commits[1])
    found = climb(Search(setup=setup, recompute=None))
    assert found.stored.commit == project.commits[1]
    assert "refused: it is no zip file" in found.receipt.rungs[0].note


def test_writers_at_once_lose_nothing_and_the_oldest_go(project, bucket):
    setup = project.setup(store="bucket", bucket=bucket, keep=100)
    commits = [f"{at:040x}" for at in range(12)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda commit: opened("bucket", setup).save(commit.encode(), commit), commits))
    store = opened("bucket", setup)
    assert set(store.commits()) == set(commits)
    assert [store.read(commit).decode() for commit in commits] == commits
    last = "f" * 40
    opened("bucket", project.setup(store="bucket", bucket=bucket, keep=5)).save(b"", last)
    assert len(store.commits()) == 5
    assert last in store.commits()


def test_a_bucket_that_is_not_there_or_does_not_answer_is_an_error(project, bucket, monkeypatch):
    from dataclasses import replace

    gone = project.setup(store="bucket", bucket=replace(bucket, url="s3://no-such-bucket/x"))
    with pytest.raises(CannotRun, match="the baseline cannot be written"):
        opened("bucket", gone).save(b"", "a" * 40)
    silent = replace(
        bucket, options={"endpoint_url": "http://127.0.0.1:9", "config_kwargs": {"retries": {"max_attempts": 1}}}
    )
    found = climb(Search(setup=project.setup(store="bucket", bucket=silent), recompute=None))
    assert "cannot be listed" in found.error
    assert "s3cret" not in found.error


def test_any_other_protocol_of_fsspec_will_do(project, make_bundle, tmp_path):
    setup = project.setup(store="bucket", bucket=f"file://{tmp_path}/kept")
    opened("bucket", setup).save(make_bundle(project.commits[0]), project.commits[0])
    assert climb(Search(setup=setup, recompute=None)).stored.commit == project.commits[0]
    assert [path.name for path in (tmp_path / "kept" / "p").iterdir()] == [f"{project.commits[0]}.zip"]


def test_an_unknown_protocol_is_one_line(project):
    found = climb(Search(setup=project.setup(store="bucket", bucket="nonsense://x"), recompute=None))
    assert "nonsense://x cannot be opened: ValueError: Protocol not known" in found.error

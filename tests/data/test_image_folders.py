"""Folders of images: real files, good and broken, through the data gate."""

import random
import shutil

import pytest

pytest.importorskip("PIL")

from PIL import Image

from mlci.config.load import load
from mlci.data.sources.images import files_below, others_below
from mlci.gates import Context
from mlci.gates.data import run

pytestmark = pytest.mark.slow


def picture(seed, size=(48, 40)):
    rng = random.Random(seed)
    return Image.frombytes("RGB", (6, 6), rng.randbytes(108)).resize(size, Image.Resampling.BICUBIC)


def save(path, seed, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, **options).save(path)
    return path


@pytest.fixture
def gate(tmp_path):
    def checks(config, files=None):
        (tmp_path / "mlci.yaml").write_text(f"version: 1\ndata:\n{config}")
        loaded = load(tmp_path / "mlci.yaml", start=tmp_path, use_cache=False)
        only = None if files is None else frozenset((tmp_path / file).resolve() for file in files)
        out = tmp_path / "mlci-report"
        context = Context(
            root=tmp_path, config=loaded.config, where=loaded.where, find_python=lambda: None, out=out, files=only
        )
        return {check.id.removeprefix("data."): check for check in run(context).gate.checks}

    return checks


@pytest.fixture
def train(tmp_path):
    for seed in range(6):
        save(tmp_path / "train" / ("cat" if seed % 2 else "dog") / f"{seed}.png", seed)
    return tmp_path / "train"


def test_a_bad_file_is_named(gate, train):
    (train / "cat" / "1.png").write_bytes(b"")
    found = gate("  train: {path: train, format: images}\n")["train.images.readable"]
    assert (found.status, found.reason[-17:]) == ("failed", "(train/cat/1.png)")


def test_a_healthy_folder_passes_and_takes_expectations(gate, train):
    (train / "labels.csv").write_text("a,b\n")
    expect = "expect: [expect_column_values_to_be_between: {column: width, min_value: 40}]"
    checks = gate(f"  train: {{path: train, format: images, {expect}}}\n")
    assert {name: check.status for name, check in checks.items()} == {
        "train.expect_column_values_to_be_between.width": "passed",
        "train.images.readable": "passed",
        "train.images.duplicates": "passed",
    }
    assert checks["train.images.readable"].details["left_out"] == "1 file that by name are no images"


def test_files_that_cannot_be_read_are_found_by_their_kind(gate, train, tmp_path):
    whole = save(tmp_path / "whole.jpg", 9, size=(200, 200)).read_bytes()
    (train / "cut.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (train / "cut.png").write_bytes((train / "dog" / "0.png").read_bytes()[:-400])
    (train / "empty.png").touch()
    (train / "text.png").write_text("no image")
    (train / "gone.png").symlink_to("nowhere")
    (train / "endless.png").symlink_to("/dev/zero")
    Image.new("1", (20_000, 20_000)).save(train / "bomb.png")
    checks = gate("  train: {path: train, format: images}\n")
    found = checks["train.images.readable"]
    assert found.status == "failed"
    assert found.details["values"]["files"] == [
        "bomb.png has too many pixels to decode",
        "cut.jpg is truncated",
        "cut.png is truncated",
        "empty.png is empty: 0 bytes",
        "endless.png is no regular file",
        "gone.png is a broken link",
        "text.png is no image that can be read",
    ]
    headers = gate("  train: {path: train, format: images, images: {verify: false}}\n")["train.images.readable"]
    assert not any("truncated" in file for file in headers.details["values"]["files"])


def test_links_hidden_files_and_nested_folders(train):
    save(train / "cat" / "deep" / "er" / "7.png", 7)
    save(train / ".cache" / "8.png", 8)
    (train / "cat" / "up").symlink_to(train)
    (train / "again").symlink_to(train / "cat")
    names = [file.as_posix() for file in files_below(train)]
    assert len(names) == len(set(names)) == 7
    assert "cat/deep/er/7.png" in names
    assert others_below(train) == 0


def test_the_same_file_and_the_same_picture(gate, train, tmp_path):
    shutil.copy(train / "cat" / "1.png", train / "dog" / "copy.png")
    Image.open(train / "cat" / "3.png").resize((100, 80)).save(train / "dog" / "scaled.jpg")
    Image.new("RGB", (30, 30)).save(train / "black.png")
    Image.new("RGB", (30, 30), (2, 2, 2)).save(train / "blacker.png")
    checks = gate("  train: {path: train, format: images, images: {near: true}}\n")
    assert checks["train.images.duplicates"].details["count"] == 2
    near = checks["train.images.near"]
    assert near.details["count"] == 4
    assert near.summary == "4 of 10 images (40%) have a copy or near copy in the folder"
    allowed = gate("  train: {path: train, format: images, images: {duplicates: true}}\n")
    assert list(allowed) == ["train.images.readable"]


def test_sizes_modes_and_classes(gate, train):
    save(train / "bird" / "large.png", 11, size=(64, 64))
    Image.open(train / "cat" / "1.png").convert("L").save(train / "cat" / "grey.png")
    asked = "{sizes: [48x*], min-size: 48x48, modes: [RGB], min-per-class: 2, max-imbalance: 1.5}"
    checks = gate(f"  train: {{path: train, format: images, images: {asked}}}\n")
    said = {
        name.removeprefix("train.images."): check.summary for name, check in checks.items() if check.status == "failed"
    }
    assert said == {
        "sizes": "1 of 8 images are not 48x*; row 1",
        "min-size": "7 of 8 images are not at least 48x48; rows 2, 3, 4, 5, 6, …",
        "modes": "1 of 8 images are not RGB; row 5",
        "min-per-class": "1 of 3 classes have fewer than 2 images: `bird` (1)",
        "max-imbalance": "the largest class, `cat`, has 4 times the images of the smallest, `bird`; at most 1.5 times asked for",
    }
    fine = gate(
        "  train: {path: train, format: images, images: {min-per-class: 1, max-imbalance: 4, modes: [RGB, L]}}\n"
    )
    assert {check.status for check in fine.values()} == {"passed"}


def test_splits_that_share_files_or_pictures(gate, train, tmp_path):
    save(tmp_path / "hold" / "cat" / "other.png", 99)
    config = (
        "  hold: {path: hold, format: images}\n  train:\n    path: train\n    format: images\n    no-overlap-with: "
    )
    near = config + "{asset: hold, near: true}\n"
    assert gate(near)["train.no-overlap-with.hold"].status == "passed"
    shutil.copy(train / "dog" / "0.png", tmp_path / "hold" / "x.png")
    Image.open(train / "dog" / "2.png").save(tmp_path / "hold" / "y.jpg", quality=70)
    exact = gate(config + "{asset: hold}\n")["train.no-overlap-with.hold"]
    assert (exact.status, exact.details["count"]) == ("failed", 1)
    assert gate(near, ["hold/x.png"])["train.no-overlap-with.hold"].details["count"] == 2


def test_wrong_paths_and_empty_folders(gate, train, tmp_path):
    (tmp_path / "empty").mkdir()
    lost = gate("  a: {path: nowhere, format: images}\n  b: {path: mlci.yaml, format: images}\n")
    assert "there is no such folder" in lost["a.file"].reason
    assert "is a file, not a folder of images" in lost["b.file"].reason
    assert gate("  a: {path: empty, format: images}\n")["a.rows"].status == "failed"

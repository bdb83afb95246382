from random import Random

import pytest
from PIL import Image

from mlci.errors import CannotRun
from mlci.model.behaviour.images import Images
from mlci.perturbations import PERTURBATIONS, find

ROWS = [{"area": at, "city": "ab"[at % 2], "sex": "male"} for at in range(1, 9)]


def test_a_number_is_shifted_and_noise_always_changes_it():
    assert find("shift")({"area": 5}, Random(0), column="area", by=2) == {"area": 7}
    noise = find("noise")
    settings = noise.learn(ROWS, {"column": "area"})
    assert settings["sd"] == pytest.approx(0.2291, abs=1e-4)
    for seed in range(50):
        value = noise({"area": 5}, Random(seed), **settings)["area"]
        assert isinstance(value, int)
        assert abs(value - 5) == 1
    assert not noise.applies({"area": None}, **settings)


def test_a_value_is_taken_from_another_row_or_left_out():
    permute = find("permute")
    settings = permute.learn(ROWS, {"column": "city"})
    assert permute(ROWS[0], Random(0), **settings)["city"] == "a"
    assert not permute.applies(ROWS[0], **permute.learn(ROWS, {"column": "sex"}))
    assert find("missing")(ROWS[0], Random(0), column="sex")["sex"] is None
    assert not find("missing").applies({"sex": None}, column="sex")


def test_columns_come_in_another_order_with_the_same_values():
    changed = find("column-order")(ROWS[0], Random(0))
    assert changed == ROWS[0]
    assert list(changed) != list(ROWS[0])


def test_a_protected_attribute_is_swapped_both_ways():
    swap, settings = find("swap-attribute"), {"column": "sex", "pairs": {"male": "female"}}
    assert swap({"sex": "male"}, Random(0), **settings) == {"sex": "female"}
    assert swap({"sex": "female"}, Random(0), **settings) == {"sex": "male"}
    assert not swap.applies({"sex": "other"}, **settings)


@pytest.fixture
def picture(tmp_path):
    image = Image.new("RGB", (24, 16))
    image.putdata([(x * 10, y * 15, (x * y) % 256) for y in range(16) for x in range(24)])
    image.save(tmp_path / "a.png")
    return Images(root=tmp_path, folder=tmp_path / "out")


SETTINGS = {"translate": {"x": 2}, "occlude": {"share": 0.5}}


@pytest.mark.parametrize("name", [name for name in PERTURBATIONS if PERTURBATIONS[name].of == "image"])
def test_an_image_is_changed_into_a_new_file_alike_for_one_seed(picture, name):
    def change(seed):
        return picture.changed("a.png", lambda image: find(name)(image, Random(seed), **SETTINGS.get(name, {})))

    path = change(1)
    assert path != "a.png"
    with Image.open(path) as image:
        assert image.size == ((12, 8) if name == "resize" else (24, 16))
    assert change(1) == path


def test_what_changes_no_pixel_is_the_same_file(picture):
    Image.new("L", (8, 8)).save(picture.root / "black.png")
    assert picture.changed("black.png", lambda image: find("flip")(image, Random(0))) == "black.png"
    assert picture.changed("a.png", lambda image: find("brightness")(image, Random(0), by=1)) == "a.png"


def test_what_is_no_image_is_said(picture):
    (picture.root / "b.png").write_text("no image")
    with pytest.raises(CannotRun, match=r"b.png cannot be read as an image"):
        picture.changed("b.png", lambda image: image)


def test_an_input_that_is_no_path_is_not_shown(picture):
    for text in ("a secret of someone", "secret " * 1000):
        with pytest.raises(CannotRun) as caught:
            picture.changed(text, lambda image: image)
        assert "secret" not in str(caught.value)

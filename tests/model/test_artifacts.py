"""Saved models of each kind, made here by their own frameworks, asked in a worker."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from mlci.config.model import Config
from mlci.config.models import Evaluate, Model
from mlci.config.serving import Artifact, ImageInput
from mlci.errors import CannotRun, Where
from mlci.gates import Context
from mlci.gates.model import run
from mlci.interpreter import Interpreter
from mlci.model.predictor import Predictor
from mlci.model.serving.adapters import adapters

pytestmark = pytest.mark.slow

ROWS = [{"a": 1.0, "b": 0.5, "c": 0.0}, {"a": -1.0, "b": 2.0, "c": 1.0}, {"a": 2.0, "b": -1.0, "c": 0.0}]
TEXTS = ["good film", "bad film", "film"]


def needs(*modules):
    for module in modules:
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed: pip install --group frameworks")


def context(root, **settings):
    return Context(
        root=root,
        config=Config(version=1, **settings),
        where=lambda *key: Where(path="mlci.yaml"),
        find_python=lambda: Interpreter(path=Path(sys.executable), why="the tests'"),
        out=root / "out",
    )


def ask(root, inputs, artifact, **model):
    with Predictor(Model(artifact=artifact, **model), context(root)) as predictor:
        return predictor.ask(inputs, lambda at: f"the prediction for row {at + 1}")


def fitted():
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    drawn = np.random.default_rng(0).normal(size=(200, 3))
    return drawn, LogisticRegression().fit(drawn, (drawn[:, 0] > 0).astype(int))


def expected(model, names=(0, 1)):
    shares = model.predict_proba([[row[name] for name in "abc"] for row in ROWS])
    return [(names[row.argmax()], pytest.approx(dict(zip(names, row, strict=True)), abs=1e-5)) for row in shares]


def said(predictions):
    return [(one.label, one.probabilities) for one in predictions]


def test_every_module_is_an_adapter_with_what_it_needs():
    for name, adapter in adapters().items():
        assert adapter.__doc__.strip(), name
        assert (callable(adapter.fits), callable(adapter.load), bool(adapter.PACKAGES)) == (True, True, True), name


@pytest.mark.parametrize("kind", ["joblib", "pkl"])
def test_a_pickled_model_takes_rows_and_gives_probabilities(tmp_path, kind):
    import pickle

    import joblib

    model = fitted()[1]
    path = tmp_path / f"model.{kind}"
    joblib.dump(model, path) if kind == "joblib" else path.write_bytes(pickle.dumps(model))
    assert said(ask(tmp_path, ROWS, path.name)) == expected(model)
    named = Artifact(path=path.name, labels=("no", "yes"))
    assert said(ask(tmp_path, ROWS, named)) == expected(model, ("no", "yes"))


def test_columns_are_given_in_the_order_that_the_model_was_fitted_in(tmp_path):
    import joblib
    import pandas as pd
    from sklearn.linear_model import LinearRegression

    frame = pd.DataFrame({"b": [0.0, 1.0, 2.0, 5.0], "a": [1.0, 0.0, 3.0, 1.0]})
    joblib.dump(LinearRegression().fit(frame, 10 * frame.b + frame.a), tmp_path / "named.joblib")
    joblib.dump(LinearRegression().fit(frame.to_numpy(), 10 * frame.b + frame.a), tmp_path / "plain.joblib")
    rows = [{"a": 3.0, "b": 7.0, "c": 9.0}]
    assert ask(tmp_path, rows, "named.joblib")[0].label == pytest.approx(73)
    ordered = Artifact(path="plain.joblib", columns=("b", "a"))
    assert ask(tmp_path, rows, ordered)[0].label == pytest.approx(73)
    with pytest.raises(CannotRun, match="takes the column 'b', and the row has a"):
        ask(tmp_path, [{"a": 1.0}], "named.joblib")


def test_a_pickled_pipeline_takes_texts(tmp_path):
    import joblib
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(CountVectorizer(), LogisticRegression())
    joblib.dump(model.fit(TEXTS[:2] * 5, ["pos", "neg"] * 5), tmp_path / "text.joblib")
    assert [one.label for one in ask(tmp_path, TEXTS[:2], "text.joblib")] == ["pos", "neg"]


def test_images_are_read_as_they_are_configured(tmp_path):
    import joblib
    import numpy as np
    from PIL import Image
    from sklearn.linear_model import LogisticRegression

    for name, level in (("light", 255), ("dark", 0)):
        Image.new("L", (8, 8), level).save(tmp_path / f"{name}.png")
    model = LogisticRegression().fit(np.array([[0.0] * 16, [1.0] * 16]), ["dark", "light"])
    joblib.dump(model, tmp_path / "image.joblib")
    artifact = Artifact(path="image.joblib", image=ImageInput(size=(4, 4), mode="L"))
    answers = ask(tmp_path, ["light.png", str(tmp_path / "dark.png")], artifact)
    assert [one.label for one in answers] == ["light", "dark"]


def test_onnx_models_as_scikit_learn_exports_them(tmp_path):
    needs("onnxruntime", "skl2onnx")
    from skl2onnx import to_onnx

    drawn, model = fitted()
    sample = drawn[:1].astype("float32")
    (tmp_path / "maps.onnx").write_bytes(to_onnx(model, sample).SerializeToString())
    tensors = to_onnx(model, sample, options={"zipmap": False}).SerializeToString()
    (tmp_path / "tensors.onnx").write_bytes(tensors)
    for name in ("maps.onnx", "tensors.onnx"):
        assert said(ask(tmp_path, ROWS, name)) == expected(model)
        named = Artifact(path=name, labels=("no", "yes"))
        assert said(ask(tmp_path, ROWS, named)) == expected(model, ("no", "yes"))
    with pytest.raises(CannotRun, match="has 2 classes, and `labels` names 3"):
        ask(tmp_path, ROWS, Artifact(path="maps.onnx", labels=("a", "b", "c")))


def test_onnx_models_of_texts_of_columns_and_of_batches_of_one(tmp_path):
    needs("onnxruntime", "onnx")
    from onnx import TensorProto, helper

    def save(name, nodes, inputs, outputs):
        graph = helper.make_graph(nodes, "g", inputs, outputs)
        made = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
        )
        made.ir_version = 9
        (tmp_path / name).write_bytes(made.SerializeToString())

    encode = helper.make_node(
        "LabelEncoder", ["text"], ["class"], domain="ai.onnx.ml",
        keys_strings=TEXTS[:2], values_int64s=[1, 0], default_int64=0,
    )  # fmt: skip
    text = helper.make_tensor_value_info("text", TensorProto.STRING, [None])
    save("text.onnx", [encode], [text], [helper.make_tensor_value_info("class", TensorProto.INT64, [None])])
    named = Artifact(path="text.onnx", labels=("neg", "pos"))
    assert [one.label for one in ask(tmp_path, TEXTS, named)] == ["pos", "neg", "neg"]
    with pytest.raises(CannotRun, match=r"the model text.onnx: its input text takes texts, not a float"):
        ask(tmp_path, [1.5], "text.onnx")

    columns = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in "ab"]
    total = helper.make_tensor_value_info("sum", TensorProto.FLOAT, [None, 1])
    save("columns.onnx", [helper.make_node("Add", ["a", "b"], ["sum"])], columns, [total])
    assert [one.label for one in ask(tmp_path, ROWS, "columns.onnx")] == [1.5, 1.0, 1.0]

    alone = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3])
    scores = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])
    save("alone.onnx", [helper.make_node("Softmax", ["x"], ["y"])], [alone], [scores])
    assert [one.label for one in ask(tmp_path, ROWS, "alone.onnx")] == [0, 1, 0]


def test_mlflow_folders_of_two_flavours(tmp_path):
    needs("mlflow")
    made = """
import mlflow.pyfunc, mlflow.sklearn, numpy as np, pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression

class Sign(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return pd.DataFrame({"label": ["pos" if a > 0 else "neg" for a in model_input["a"]],
                             "pos": [float(a > 0) for a in model_input["a"]],
                             "neg": [float(a <= 0) for a in model_input["a"]]})

frame = pd.DataFrame({"a": [1.0, -1.0], "b": [0.0, 1.0], "c": [0.0, 0.5]})
mlflow.pyfunc.save_model("own", python_model=Sign(), signature=infer_signature(frame, Sign().predict(None, frame)))
mlflow.sklearn.save_model(LinearRegression().fit(frame, frame.a * 3), "linear", signature=infer_signature(frame),
                          serialization_format="cloudpickle")
"""
    subprocess.run([sys.executable, "-c", made], cwd=tmp_path, check=True, capture_output=True)
    labels = [(one.label, one.probabilities) for one in ask(tmp_path, ROWS, "own")]
    assert labels[:2] == [("pos", {"pos": 1.0, "neg": 0.0}), ("neg", {"pos": 0.0, "neg": 1.0})]
    whole = [{"a": 1, "b": 0, "c": 0}]  # a CSV file's column of whole numbers where the signature says double
    assert ask(tmp_path, whole, "linear")[0].label == pytest.approx(
        ask(tmp_path, [{"a": 1.0, "b": 0.0, "c": 0.0}], "linear")[0].label
    )


def test_pytorch_programs_both_scripted_and_exported(tmp_path):
    needs("torch")
    import torch

    torch.manual_seed(0)
    net = torch.nn.Linear(3, 2).eval()
    torch.jit.save(torch.jit.script(net), tmp_path / "net.pt")
    sizes = ({0: torch.export.Dim("rows")},)
    torch.export.save(torch.export.export(net, (torch.zeros(2, 3),), dynamic_shapes=sizes), tmp_path / "net.pt2")
    torch.save(net.state_dict(), tmp_path / "weights.pth")
    given = torch.tensor([[row[name] for name in "abc"] for row in ROWS])
    wanted = torch.softmax(net(given), dim=1).tolist()
    for name in ("net.pt", "net.pt2"):
        answers = ask(tmp_path, ROWS, Artifact(path=name, scores="logits", labels=("no", "yes")))
        assert [list(one.probabilities.values()) for one in answers] == [pytest.approx(row, abs=1e-5) for row in wanted]
    with pytest.raises(CannotRun, match="do not sum to one: say `scores: logits`"):
        ask(tmp_path, ROWS, "net.pt")
    with pytest.raises(CannotRun, match="weights.pth: it is no TorchScript program"):
        ask(tmp_path, ROWS, "weights.pth")


def test_keras_models_on_the_backend_that_is_there(tmp_path):
    needs("keras", "torch")
    made = """
import keras, numpy as np
keras.utils.set_random_seed(0)
net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
net.save("net.keras")
np.save("said.npy", np.asarray(net.predict_on_batch(np.array([[1, .5, 0], [-1, 2, 1], [2, -1, 0]], dtype="float32"))))
"""
    env = {**os.environ, "KERAS_BACKEND": "torch"}
    subprocess.run([sys.executable, "-c", made], cwd=tmp_path, check=True, capture_output=True, env=env)
    import numpy as np

    wanted = np.load(tmp_path / "said.npy").tolist()
    answers = ask(tmp_path, ROWS, "net.keras")
    assert [list(one.probabilities.values()) for one in answers] == [pytest.approx(row, abs=1e-5) for row in wanted]


def test_a_folder_of_a_hugging_face_pipeline(tmp_path):
    needs("transformers", "torch")
    made = """
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast
import os, torch
torch.manual_seed(0)
os.makedirs("hf")
open("hf/vocab.txt", "w").write("\\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film"]))
tokenizer = BertTokenizerFast("hf/vocab.txt", model_max_length=16)
config = BertConfig(vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
                    max_position_embeddings=16, id2label={0: "neg", 1: "pos"}, label2id={"neg": 0, "pos": 1})
BertForSequenceClassification(config).save_pretrained("hf")
tokenizer.save_pretrained("hf")
"""
    subprocess.run([sys.executable, "-c", made], cwd=tmp_path, check=True, capture_output=True)
    answers = ask(tmp_path, [*TEXTS, "", "film " * 500], "hf")
    assert {one.label for one in answers} <= {"neg", "pos"}
    assert all(sum(one.probabilities.values()) == pytest.approx(1) for one in answers)
    (tmp_path / "hf" / "config.json").write_text('{"architectures": ["BertModel"], "model_type": "bert"}')
    with pytest.raises(CannotRun, match="names BertModel, which is no classifier"):
        ask(tmp_path, TEXTS, "hf")


FAULTY = """
import os, signal, sys, time
import numpy as np

class Model:
    def __init__(self, fault):
        self.fault = fault
    def predict(self, inputs):
        return getattr(self, self.fault)(list(inputs))
    def hang(self, inputs):
        time.sleep(60)
    def leak(self, inputs):
        kept = []
        while True:
            kept.append(bytearray(10_000_000))
    def chatter(self, inputs):
        for _ in range(100):
            print("x" * 1_000_000)
        return ["a"] * len(inputs)
    def nan(self, inputs):
        return np.full(len(inputs), np.nan)
    def short(self, inputs):
        return ["a"] * (len(inputs) - 1)
    def wrong(self, inputs):
        return [object()] * len(inputs)
    def die(self, inputs):
        os.kill(os.getpid(), signal.SIGSEGV)
    def fine(self, inputs):
        return ["a"] * len(inputs)
"""


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("hang", "did not answer within 3 s"),
        ("leak", "memory"),
        ("chatter", "printed more than 64 MiB"),
        ("nan", "the prediction for row 1 is NaN"),
        ("short", "the model model.pkl returned 1 predictions for 2 inputs"),
        ("wrong", "which JSON cannot hold"),
        ("die", "crashed with SIGSEGV"),
    ],
)
def test_a_saved_model_that_misbehaves_is_errored_and_another_model_still_runs(tmp_path, fault, reason):
    (tmp_path / "faulty.py").write_text(FAULTY)
    made = "import pickle, sys; from faulty import Model; pickle.dump(Model(sys.argv[1]), open(sys.argv[2], 'wb'))"
    for kind, name in ((fault, "model.pkl"), ("fine", "fine.pkl")):
        subprocess.run([sys.executable, "-c", made, kind, name], cwd=tmp_path, check=True)
    (tmp_path / "data.csv").write_text("text,label\nx,a\ny,a\n")
    both = {
        "bad": Model(artifact="model.pkl", evaluate=Evaluate(data="data.csv", input="text"), metrics={}, slices={"all": "true"}, timeout=3 if fault == "hang" else 60, memory="600MB"),
        "good": Model(artifact="fine.pkl", evaluate=Evaluate(data="data.csv", input="text"), slices={"all": "true"}, min_slice_size=1),
    }  # fmt: skip
    checks = {check.id: check for check in run(context(tmp_path, model=both)).gate.checks}
    assert checks["model.bad.predict"].status == "errored"
    assert reason in checks["model.bad.predict"].reason
    assert "\n" not in checks["model.bad.predict"].reason
    assert checks["model.good.predict"].status == "passed"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not a pickle", "raised"),
        (b"cposix\nabort\n(tR.", "SIGABRT"),
        (b"cnowhere_at_all\nModel\n(tR.", "needs the module nowhere_at_all, which is not there"),
    ],
)
def test_a_pickle_that_cannot_be_loaded_harms_the_worker_alone(tmp_path, content, reason):
    (tmp_path / "model.pkl").write_bytes(content)
    with pytest.raises(CannotRun, match=reason):
        ask(tmp_path, ["x"], "model.pkl")


def test_a_missing_framework_is_named_with_what_to_install(tmp_path):
    import venv

    venv.create(tmp_path / "bare", with_pip=False)
    bare = Interpreter(path=tmp_path / "bare" / "bin" / "python", why="a bare one")
    for name, package in (
        ("m.onnx", "onnxruntime"), ("m.joblib", "joblib"), ("m.pt", "torch"), ("hf", "torch"), ("flow", "mlflow-skinny"),
    ):  # fmt: skip
        (tmp_path / name).mkdir() if "." not in name else (tmp_path / name).write_bytes(b"")
        if name == "hf":
            (tmp_path / name / "config.json").write_text('{"architectures": ["BertForSequenceClassification"]}')
        if name == "flow":
            (tmp_path / name / "MLmodel").write_text("")
        there = Context(**{**vars(context(tmp_path)), "find_python": lambda: bare})
        with Predictor(Model(artifact=name), there) as predictor, pytest.raises(CannotRun) as caught:
            predictor.ask(["x"], str)
        assert f"pip install {package}" in str(caught.value)
    (tmp_path / "m.keras").write_bytes(b"")
    with (
        Predictor(Model(artifact="m.keras"), there) as predictor,
        pytest.raises(CannotRun, match="needs one of tensorflow, torch, jax"),
    ):
        predictor.ask(["x"], str)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("none.onnx", "there is no such file or folder"), ("model.bin", "of no kind that is known by its name")],
)
def test_an_artifact_that_is_not_there_or_of_no_known_kind(tmp_path, name, reason):
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(CannotRun, match=reason):
        ask(tmp_path, ["x"], name)

"""Train the model on data/train.csv: writes model.joblib, and reports/training.json for mlci's metrics gate."""

import json
from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cancer.features import table

FOLDER = Path(__file__).resolve().parent.parent
MODEL = FOLDER / "model.joblib"


def train(frame: pd.DataFrame) -> tuple[object, dict[str, float]]:
    """Return the fitted pipeline, and its cross-validated accuracy on the training data."""
    frame = frame[(frame["mean_area"] > 0) & frame["diagnosis"].notna()]
    inputs, labels = table(frame.to_dict("records")), frame["diagnosis"]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000))
    scores = cross_val_score(model, inputs, labels, cv=5)
    model.fit(inputs, labels)
    return model, {"cv_accuracy": round(float(scores.mean()), 4), "rows": len(frame)}


def main() -> None:
    """Train on the file, write the model and the report."""
    model, report = train(pd.read_csv(FOLDER / "data" / "train.csv"))
    joblib.dump(model, MODEL)
    reports = FOLDER / "reports"
    reports.mkdir(exist_ok=True)
    (reports / "training.json").write_text(json.dumps({"training": report}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

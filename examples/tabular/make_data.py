"""Write data/train.csv and data/holdout.csv from the breast-cancer data that scikit-learn bundles.

Wolberg, Street and Mangasarian: Breast Cancer Wisconsin (Diagnostic), UCI Machine Learning Repository, CC BY 4.0.
"""

from pathlib import Path

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

FOLDER = Path(__file__).parent / "data"


def main() -> None:
    """Split the 569 examples three to one, by diagnosis, always the same way."""
    bunch = load_breast_cancer(as_frame=True)
    frame = bunch.data[[name for name in bunch.data if name.startswith("mean ")]].round(5)
    frame.columns = [name.replace(" ", "_") for name in frame.columns]
    frame.insert(0, "id", [f"P{number:04d}" for number in range(1, len(frame) + 1)])
    frame["diagnosis"] = bunch.target.map({0: "malignant", 1: "benign"})
    train, holdout = train_test_split(frame, test_size=0.25, random_state=0, stratify=frame["diagnosis"])
    FOLDER.mkdir(exist_ok=True)
    train.sort_index().to_csv(FOLDER / "train.csv", index=False)
    holdout.sort_index().to_csv(FOLDER / "holdout.csv", index=False)


if __name__ == "__main__":
    main()

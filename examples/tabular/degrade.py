"""Make this example worse, as a careless change does: a new export of the training data, and a change to the model.

One radius in twenty of the export is negative, some diagnoses are missing and many are wrong; the model is held
back far too much. The tests still pass and the hold-out data stay as they are.
"""

import csv
from pathlib import Path

FOLDER = Path(__file__).parent


def spoil_data(path: Path) -> None:
    """Write the bad export over `path`."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        if number % 20 == 3:
            row["mean_radius"] = f"-{row['mean_radius']}"
        if number % 15 == 4:
            row["diagnosis"] = ""
        elif number % 5 == 0:
            row["diagnosis"] = "benign"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def spoil_model(path: Path) -> None:
    """Regularise a hundred times as hard."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("LogisticRegression(C=1.0", "LogisticRegression(C=0.01"), encoding="utf-8")


if __name__ == "__main__":
    spoil_data(FOLDER / "data" / "train.csv")
    spoil_model(FOLDER / "cancer" / "train.py")

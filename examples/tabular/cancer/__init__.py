"""Tell malignant from benign samples by ten measurements of their cell nuclei."""

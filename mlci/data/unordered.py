"""What is said of the numbers of rows where the data has no order of its own."""

UNORDERED = "the table has no order: rows are numbered in the order of all their values (name columns in order-by)"

"""The expectations, a function each, under the names of Great Expectations."""

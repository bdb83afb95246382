"""Finding slices: conditions on features, the search over them, and the test that confirms one."""

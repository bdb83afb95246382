"""Reading `mlci.yaml`."""

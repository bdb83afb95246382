"""Behaviour suites: what a model must do, must not change and must move by, case by case (Ribeiro et al. 2020)."""

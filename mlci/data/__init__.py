"""Checking data files and frames against expectations."""

"""Where the numbers to compare with are kept."""

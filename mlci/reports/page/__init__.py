"""What the HTML report shows, as plain values: every text in it is untrusted until a template has escaped it."""

"""GitHub's side: events, the API, the comment."""

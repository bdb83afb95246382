"""What a change changes: its files, for `when:`, and the lines of files."""

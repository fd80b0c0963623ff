"""What several tests need: this checkout, commands, trees of files, the combinations."""

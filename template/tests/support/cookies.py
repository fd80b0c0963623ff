"""A pytest plugin: people carry their sessions as cookies."""

"""Ask one prompt about many values: each value once, many at a time, without losing a reply."""

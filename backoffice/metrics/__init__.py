"""`/metrics` for Prometheus: how sending, codes and our own machinery fare. See docs/operating.md.

Every figure is read at the moment of the question from what all processes share, so it is the same
whichever of them answers, on whatever host. Counters kept by a process would be of that process.
"""

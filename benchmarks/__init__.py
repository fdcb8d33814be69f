"""gradwalk beside its peers, on the same work, in one run: ``python -m benchmarks``.

Each library runs in an environment of its own and stays alive there; the rounds are interleaved (A B, B A, A B, ...),
so that what else the machine does meets both sides alike, and the two sides' results are compared in the same run.
"""

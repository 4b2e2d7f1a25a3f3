"""The command line, one file a group of commands."""

import os

# numpy's BLAS keeps its threads spinning for tens of milliseconds after each product: two of our searches would
# occupy a core for nothing. Searches run side by side already. Set here because numpy reads it when imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

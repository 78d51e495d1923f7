"""Set before any module is collected: Keras runs on PyTorch here, the one backend installed."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

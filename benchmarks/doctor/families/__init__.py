"""The families of the four populations; importing this enters them all."""

import importlib
import os
import pkgutil

# All models are made from configurations; nothing is asked of any server.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from transformers.utils import logging

logging.set_verbosity_error()
for _found in pkgutil.walk_packages(__path__, f"{__name__}."):
    importlib.import_module(_found.name)

"""How a model is measured: passes that are watched and leave nothing behind."""

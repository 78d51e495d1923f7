"""Mean-field theory beside real networks: what is predicted, and what they do."""

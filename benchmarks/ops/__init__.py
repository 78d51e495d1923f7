"""How long PyTorch's activations and nonlin's operators take, side by side."""

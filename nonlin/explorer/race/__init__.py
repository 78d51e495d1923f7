"""Small networks that train side by side, in PyTorch, while one watches."""

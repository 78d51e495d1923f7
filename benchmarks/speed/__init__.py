"""How fast the functions are, beside what a user would pick instead."""

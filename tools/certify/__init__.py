"""The accuracy of every function, measured over all inputs: ``make certify``."""
